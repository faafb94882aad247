package outcome

import (
	"strconv"
	"strings"
)

// maxCents bounds what is believed to be an amount: ten million dollars.
const maxCents = 1_000_000_000

// startsNumber reports whether s, which starts with '$' or '.', is a number.
func startsNumber(s string) bool {
	s = strings.TrimPrefix(s, "$")
	s = strings.TrimLeft(s[:min(2, len(s))], " ") + s[min(2, len(s)):]
	s = strings.TrimPrefix(s, ".")
	return s != "" && isDigit(rune(s[0]))
}

// number reads "$1,250.50", ".25", "20", "5k", "5$", "5:30", "5pm", "3rd" at i.
func (s *scanner) number(i int) int {
	start, t := i, s.text
	dollar := t[i] == '$'
	if dollar {
		i++
		if i < len(t) && t[i] == ' ' {
			i++
		}
	}
	from, point := i, false
	for i < len(t) {
		c := t[i]
		inner := i+1 < len(t) && isDigit(rune(t[i+1]))
		if c == '.' && inner && !point {
			point = true
		} else if !isDigit(rune(c)) && !(c == ',' && inner && i > from) {
			break
		}
		i++
	}
	id, cents := idNumber, parseCents(strings.ReplaceAll(t[from:i], ",", ""))
	end := i
	for end < len(t) && t[end]|0x20 >= 'a' && t[end]|0x20 <= 'z' {
		end++
	}
	switch suffix := strings.ToLower(t[i:end]); {
	case suffix == "k":
		cents *= 1000
	case suffix == "c":
		id, cents = idMoney, cents/100
	case suffix != "", i+1 < len(t) && t[i] == ':' && isDigit(rune(t[i+1])):
		id = idCount // 5pm, 3rd, 5:30
	case dollar, i < len(t) && t[i] == '$':
		id = idMoney
		if i < len(t) && t[i] == '$' {
			end++
		}
	case point && i-strings.IndexByte(t[from:i], '.')-from == 3: // .25 and 0.05 are prices
		id = idMoney
	}
	if t[i:end] != "" && id == idCount {
		i = end
		for i < len(t) && (t[i] == ':' || isDigit(rune(t[i]))) {
			i++
		}
	} else if id == idCount {
		for i < len(t) && (t[i] == ':' || isDigit(rune(t[i]))) {
			i++
		}
	} else {
		i = end
	}
	if cents < 0 || cents > maxCents {
		id, cents = idCount, 0 // a phone or card number
	}
	s.add(id, start, i, false)
	s.toks[len(s.toks)-1].val = cents
	return i
}

// parseCents reads "25", "25.5", ".50" as dollars; -1 when it is none.
func parseCents(s string) int64 {
	whole, frac, _ := strings.Cut(s, ".")
	if len(whole) > 9 {
		return -1
	}
	n, _ := strconv.ParseInt("0"+whole, 10, 64)
	frac = (frac + "00")[:2]
	c, _ := strconv.ParseInt(frac, 10, 64)
	return n*100 + c
}

// currency handles a currency sign that stands after or before its number.
func (s *scanner) currency(f rune, next int) {
	n := len(s.toks)
	if n == s.from || s.toks[n-1].id != idNumber || next-int(s.toks[n-1].end) > 4 {
		return
	}
	s.toks[n-1].id = idMoney
	if f == '¢' {
		s.toks[n-1].val /= 100
	}
}

// mergeMoney rewrites number words and currency words in place into single
// tokens and returns the shorter slice.
func mergeMoney(in []token) []token {
	out := in[:0]
	for i := 0; i < len(in); {
		if !has(amountStarts, in[i].id) {
			out = append(out, in[i])
			i++
			continue
		}
		if n, t, ok := readAmount(in[i:]); ok {
			t.brk, t.caps = in[i].brk, false
			t.start, t.end = in[i].start, in[i+n-1].end
			out = append(out, t)
			i += n
			continue
		}
		out = append(out, in[i])
		i++
	}
	return out
}

// readAmount reads an amount at the start of ts: how many tokens it takes, and
// the token that stands for it.
func readAmount(ts []token) (int, token, bool) {
	if len(ts) > 2 && ts[0].id == idHalf && ts[1].id == idA && moneyWords[ts[2].id] == 100 {
		return 3, token{id: idMoney, val: 50}, true
	}
	n, cents, id := readNumber(ts)
	if n == 0 {
		return 0, token{}, false
	}
	if id == idNumber {
		n, cents = andAHalf(ts, n, cents)
	}
	if id == idCount {
		return n, token{id: idCount, val: cents}, true
	}
	if n < len(ts) && !ts[n].brk {
		if unit, ok := moneyWords[ts[n].id]; ok && !(unit == 25 && cents != 100) {
			if unit < 100 && cents >= 100 { // "0.30 cents" means thirty
				cents = cents / 100 * unit
			}
			n, id = n+1, idMoney
			if unit == 100 {
				n, cents = barePennies(ts, n, cents)
			}
			if m, more := centsAfter(ts[n:], cents); m > 0 {
				n, cents = n+m, more
			}
		} else if id == idNumber && otherUnits[ts[n].id] {
			id = idCount
		}
	}
	if id == idNumber && n == 1 && (ts[0].id == idOne || ts[0].id == idUno) {
		return 0, token{}, false // "no one", "one of us"
	}
	return n, token{id: id, val: cents}, true
}

// andAHalf reads "two and a half", and "a hundred and a half" as people mean it.
func andAHalf(ts []token, n int, cents int64) (int, int64) {
	if n+2 >= len(ts) || ts[n].id != idAnd || ts[n+1].id != idA || ts[n+2].id != idHalf {
		return n, cents
	}
	if cents >= 100_00 && cents%100_00 == 0 {
		return n + 3, cents + 50_00
	}
	return n + 3, cents + 50
}

// barePennies reads "a dollar fifty".
func barePennies(ts []token, n int, cents int64) (int, int64) {
	if n >= len(ts) || ts[n].brk || cents%100 != 0 {
		return n, cents
	}
	v, ok := small[ts[n].id]
	if !ok || v < 10 || v > 99 || n+1 < len(ts) && (moneyWords[ts[n+1].id] > 0 || otherUnits[ts[n+1].id]) {
		return n, cents
	}
	return n + 1, cents + v
}

// centsAfter reads "and fifty cents" after whole dollars.
func centsAfter(ts []token, dollars int64) (int, int64) {
	i := 0
	if i < len(ts) && ts[i].id == idAnd {
		i++
	}
	n, cents, id := readNumber(ts[i:])
	if n == 0 || id != idNumber || i+n >= len(ts) || moneyWords[ts[i+n].id] != 1 || cents >= 100*100 {
		return 0, 0
	}
	return i + n + 1, dollars + cents/100
}
