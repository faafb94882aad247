package salesforcesim

import (
	"math"
	"strconv"
	"time"
)

type kind uint8

const (
	kindNull   kind = iota
	kindText        // b
	kindBool        // n is 0 or 1
	kindTime        // n counts seconds since 1970
	kindDate        // n counts days since 1970
	kindNumber      // n holds the bits of a float64
	kindObject      // b is JSON, of compound fields such as addresses
)

// value is one field of one record. Text may point into the buffer of the row that it belongs to.
type value struct {
	b []byte
	n int64
	k kind
}

var null value

func text(s string) value       { return value{k: kindText, b: []byte(s)} }
func bytesOf(b []byte) value    { return value{k: kindText, b: b} }
func timeOf(unix int64) value   { return value{k: kindTime, n: unix} }
func number(f float64) value    { return value{k: kindNumber, n: int64(math.Float64bits(f))} }
func (v *value) float() float64 { return math.Float64frombits(uint64(v.n)) }

func boolean(on bool) value {
	v := value{k: kindBool}
	if on {
		v.n = 1
	}
	return v
}

// plain is the value for Go callers: nil, string, bool, float64 or time.Time.
func (v *value) plain() any {
	switch v.k {
	case kindText, kindObject:
		return string(v.b)
	case kindBool:
		return v.n != 0
	case kindTime:
		return time.Unix(v.n, 0).UTC()
	case kindDate:
		return time.Unix(v.n*86400, 0).UTC().Format(time.DateOnly)
	case kindNumber:
		return v.float()
	}
	return nil
}

// civil is the calendar date of a day since 1970, by the algorithm of Howard Hinnant; time.Time would cost a tenth of a page.
func civil(day int64) (year, month, dayOfMonth int) {
	z := day + 719468
	era := z / 146097
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	year, month, dayOfMonth = int(yoe+era*400), int(mp)+3, int(doy-(153*mp+2)/5)+1
	if month > 12 {
		year, month = year+1, month-12
	}
	return year, month, dayOfMonth
}

func two(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }

func appendDate(b []byte, day int64) []byte {
	y, m, d := civil(day)
	b = two(two(b, y/100), y%100)
	return two(append(two(append(b, '-'), m), '-'), d)
}

// appendTime writes a time with the zone as REST ("+0000") or Bulk ("Z") has it; milliseconds are always zero, as the org stores seconds.
func appendTime(b []byte, unix int64, zone string) []byte {
	day, sec := unix/86400, int(unix%86400)
	b = append(appendDate(b, day), 'T')
	b = two(append(two(append(two(b, sec/3600), ':'), sec/60%60), ':'), sec%60)
	return append(append(b, ".000"...), zone...)
}

const (
	zoneREST = "+0000"
	zoneBulk = "Z"
)

func appendNumber(b []byte, f float64, whole bool) []byte {
	if whole {
		return strconv.AppendInt(b, int64(f), 10)
	}
	n := len(b)
	b = strconv.AppendFloat(b, f, 'f', -1, 64)
	for _, c := range b[n:] {
		if c == '.' {
			return b
		}
	}
	return append(b, ".0"...)
}

const hexDigits = "0123456789abcdef"

// appendQuoted writes JSON text. Bytes that are not UTF-8 do not occur: what comes in is checked.
func appendQuoted(b, s []byte) []byte {
	b = append(b, '"')
	from := 0
	for i, c := range s {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(b, s[from:]...), '"')
}

func (v *value) appendJSON(b []byte, whole bool) []byte {
	switch v.k {
	case kindText:
		return appendQuoted(b, v.b)
	case kindBool:
		if v.n != 0 {
			return append(b, "true"...)
		}
		return append(b, "false"...)
	case kindTime:
		return append(appendTime(append(b, '"'), v.n, zoneREST), '"')
	case kindDate:
		return append(appendDate(append(b, '"'), v.n), '"')
	case kindNumber:
		return appendNumber(b, v.float(), whole)
	case kindObject:
		return append(b, v.b...)
	}
	return append(b, "null"...)
}

// appendCSV writes a quoted column; null and the empty text look the same, as in the Bulk API.
func (v *value) appendCSV(b []byte, whole bool) []byte {
	b = append(b, '"')
	switch v.k {
	case kindText:
		from := 0
		for i, c := range v.b {
			if c == '"' {
				b = append(b, v.b[from:i+1]...)
				from = i
			}
		}
		b = append(b, v.b[from:]...)
	case kindBool:
		if v.n != 0 {
			b = append(b, "true"...)
		} else {
			b = append(b, "false"...)
		}
	case kindTime:
		b = appendTime(b, v.n, zoneBulk)
	case kindDate:
		b = appendDate(b, v.n)
	case kindNumber:
		b = appendNumber(b, v.float(), whole)
	}
	return append(b, '"')
}
