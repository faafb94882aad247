package salesforcesim

import (
	"math/bits"
	"sort"
	"strconv"
)

// generator makes the records that an org had before anybody touched it. Record i of n is a pure function of the seed; its index order
// is the order of (SystemModstamp, Id).
//
// Ids are not in the order of the stamps, as in a grown org: the later half of the records has the lower numbers. Within one stamp they are.
type generator struct {
	o           *object
	seed        int64
	n           int
	oldest      int64 // seconds since 1970
	span        int64
	tieFrom     int // records [tieFrom, tieTo) have one stamp
	tieTo       int
	tied        int64
	half        int // where the numbering starts over; no stamp has records on both sides
	deletedFrom int // every deletedEvery-th from here is deleted
	contacts    *generator
	accounts    *generator
	people      bool // person accounts
	phones      uint64
}

const (
	deletedEvery   = 37
	mergedEvery    = 3 // of the deleted
	convertedEvery = 29
	personEvery    = 11
	loneEvery      = 8 // without an Account
)

func newGenerator(o *object, opt *Options, n int) *generator {
	g := &generator{o: o, seed: opt.Seed, n: n, oldest: opt.Oldest.Unix(), span: opt.Newest.Unix() - opt.Oldest.Unix(), people: opt.PersonAccounts}
	g.deletedFrom = int(draw(opt.Seed, o.code) % deletedEvery)
	if o == accountObject {
		g.deletedFrom = n // Accounts are deleted by hand only
	}
	if opt.Ties > 0 && (o == contactObject || o == leadObject) {
		g.tieFrom = n / 3
		g.tieTo = min(n, g.tieFrom+opt.Ties)
		g.tied = g.stampBySpan(g.tieFrom)
	}
	if g.half = g.firstAt(g.stamp(n/2) + 1); g.half >= n {
		g.half = 0
	}
	return g
}

func (g *generator) stampBySpan(i int) int64 { return g.oldest + int64(i)*g.span/int64(max(g.n, 1)) }

// stamp is the SystemModstamp of record i; it never falls.
func (g *generator) stamp(i int) int64 {
	if i >= g.tieFrom && i < g.tieTo {
		return g.tied
	}
	return g.stampBySpan(i)
}

// firstAt is the first record whose stamp is at or after t.
func (g *generator) firstAt(t int64) int {
	return sort.Search(g.n, func(i int) bool { return g.stamp(i) >= t })
}

// number and index turn an index into the number of its id and back.
func (g *generator) number(i int) uint64 {
	if i >= g.half {
		return uint64(i - g.half)
	}
	return uint64(i + g.n - g.half)
}

func (g *generator) index(number uint64) (int, bool) {
	if number >= uint64(g.n) {
		return 0, false
	}
	if i := int(number) + g.half; i < g.n {
		return i, true
	}
	return int(number) - (g.n - g.half), true
}

func (g *generator) deleted(i int) bool {
	return i >= g.deletedFrom && (i-g.deletedFrom)%deletedEvery == 0
}

// deletedIn counts the deleted among [lo, hi).
func (g *generator) deletedIn(lo, hi int) int {
	below := func(i int) int {
		if i <= g.deletedFrom {
			return 0
		}
		return (i-g.deletedFrom-1)/deletedEvery + 1
	}
	return max(below(hi)-below(lo), 0)
}

func (g *generator) merged(i int) bool {
	return g.deleted(i) && i > 0 && ((i-g.deletedFrom)/deletedEvery)%mergedEvery == 0
}

// row is a record's fields for the length of one look at them. Text in it is valid until the next fill.
type row struct {
	vals  [64]value
	arena []byte
}

// made keeps what fn appends in the row's buffer.
func (r *row) made(fn func(b []byte) []byte) value {
	from := len(r.arena)
	r.arena = fn(r.arena)
	return value{k: kindText, b: r.arena[from:len(r.arena):len(r.arena)]}
}

func (r *row) id(prefix string, number uint64) value {
	from := len(r.arena)
	r.arena = appendID(r.arena, prefix, number)
	return value{k: kindText, b: r.arena[from:len(r.arena):len(r.arena)]}
}

// fill sets the fields in m of generated record i. Compound fields are not its business.
func (g *generator) fill(i int, m mask, r *row) {
	h := g.record(i)
	for rest := uint64(m); rest != 0; rest &= rest - 1 {
		f := bits.TrailingZeros64(rest)
		switch {
		case f < fOwn:
			r.vals[f] = g.system(i, f, h, r)
		case g.o == contactObject:
			r.vals[f] = g.contact(i, f, h, r)
		case g.o == leadObject:
			r.vals[f] = g.lead(i, f, h, r)
		default:
			r.vals[f] = g.account(i, f, h, r)
		}
	}
}

func (g *generator) system(i, f int, h uint64, r *row) value {
	switch f {
	case fID:
		return r.id(g.o.prefix, g.number(i))
	case fDeleted:
		return boolean(g.deleted(i))
	case fCreated:
		return timeOf(g.stamp(i) - int64(h>>40%(400*86400)))
	case fModified:
		if h>>9&15 == 0 { // the system touched it later
			return timeOf(g.stamp(i) - 3600)
		}
		return timeOf(g.stamp(i))
	case fCreatedBy, fModifiedBy:
		return systemUser
	}
	return timeOf(g.stamp(i))
}

// systemUser is the user that owns and wrote everything.
var systemUser = bytesOf(appendID(nil, userObject.prefix, 0))

// home is the area code of a person: spread over the states.
func (g *generator) home(i int) *areaCode {
	return &areaCodes[(g.phones+uint64(i))%uint64(len(areaCodes))]
}

// phone is the which-th number of person i, in one of the ways people write them. No two persons share one until the 100 numbers of
// an area code are used up.
func (g *generator) phone(i int, which, h uint64, r *row) value {
	k := g.phones + uint64(i)
	area := areaCodes[k%uint64(len(areaCodes))].digits
	line := (k/uint64(len(areaCodes))*5 + which) % 100
	return r.made(func(b []byte) []byte {
		sep, open, end := "-", "", ""
		switch h % 16 {
		case 0, 1, 2, 3, 4, 5, 6:
			open, sep = "(", ") "
		case 7:
			sep = "."
		case 8:
			open, sep = "+1 ", " "
		case 9:
			sep = ""
		case 10:
			open = "1-"
		case 11:
			end = " x12"
		case 12:
			end = " (after 5pm please)"
		case 13:
			open, sep = "+1", ""
		}
		b = append(append(append(b, open...), area...), sep...)
		b = append(b, "555"...)
		if h%16 < 7 {
			sep = "-"
		}
		return append(two(append(append(b, sep...), '0', '1'), int(line)), end...)
	})
}

func street(h uint64, r *row) value {
	return r.made(func(b []byte) []byte {
		b = strconv.AppendUint(b, 1+h%4200, 10)
		b = append(append(b, ' '), streetNames[h>>13%uint64(len(streetNames))]...)
		b = append(append(b, ' '), streetKinds[h>>17%uint64(len(streetKinds))]...)
		if h>>20%9 == 0 {
			b = append(b, "\nApt "...)
			b = strconv.AppendUint(b, 1+h>>24%40, 10)
		}
		return b
	})
}

func postal(p *place, h uint64, r *row) value {
	return r.made(func(b []byte) []byte { return two(append(b, p.zips[h%uint64(len(p.zips))]...), int(h>>8%100)) })
}

func email(first, last value, i int, r *row) value {
	return r.made(func(b []byte) []byte {
		for _, part := range [][]byte{first.b, {'.'}, last.b} {
			for _, c := range part {
				switch {
				case c >= 'A' && c <= 'Z':
					b = append(b, c+32)
				case c >= 'a' && c <= 'z' || c == '.':
					b = append(b, c)
				}
			}
		}
		return append(strconv.AppendInt(b, int64(i), 10), "@example.org"...)
	})
}
