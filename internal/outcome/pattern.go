package outcome

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A pattern is a phrase over words:
//
//	word      that word, spelled out ("do not", never "don't")
//	a|b|c     one of them
//	@set      one of a named set (sets below), also within a|@set
//	x?        x or nothing
//	x*2       up to two of x
//	..3       up to three words of any kind, not beyond a comma
//	~3        up to three words of any kind, also beyond commas
//	<amt>     an amount or a number that may be one
//	<money>   an amount with a currency
//	<num>     any number
//	<name>    a word written with a capital that no rule knows
//	$         a clause ends here; also as an alternative, "any|$"
//	^         a clause begins here (only first)
//
// Every pattern has a bounded reach, so matching costs a constant per word.
type pattern struct {
	elems    []element
	anchored bool // ^
}

type element struct {
	set  []bool // by wordID
	max  int
	min  int
	any  bool // .. or ~: words of any kind
	far  bool // ~: also beyond commas
	end  bool // $ is one of the alternatives
	name bool // <name> is one of the alternatives
}

// wordSet builds the set that an alternation names; the word classes are in sets.go.
func wordSet(spec string) []bool {
	set, _, _ := alternatives(spec)
	return set
}

func alternatives(spec string) (set []bool, name, end bool) {
	var ids []wordID
	for w := range strings.SplitSeq(spec, "|") {
		if name, ok := strings.CutPrefix(w, "@"); ok {
			words, ok := sets[name]
			if !ok {
				panic(fmt.Sprintf("outcome: no word set %q", name))
			}
			for sw := range strings.FieldsSeq(words) {
				ids = append(ids, intern(sw))
			}
			continue
		}
		switch w {
		case "<amt>":
			ids = append(ids, idMoney, idNumber)
		case "<money>":
			ids = append(ids, idMoney)
		case "<num>":
			ids = append(ids, idMoney, idNumber, idCount)
		case "<name>":
			name = true
		case "$":
			end = true
		default:
			if strings.ContainsAny(w, "<>$^*?") {
				panic("outcome: not a word: " + w)
			}
			ids = append(ids, intern(w))
		}
	}
	return idSet(ids...), name, end
}

func idSet(ids ...wordID) []bool {
	top := wordID(0)
	for _, id := range ids {
		top = max(top, id)
	}
	set := make([]bool, top+1)
	for _, id := range ids {
		set[id] = true
	}
	return set
}

func has(set []bool, id wordID) bool { return int(id) < len(set) && set[id] }

// compile reads a pattern. It panics on a malformed one: patterns are constants.
func compile(src string) pattern {
	var p pattern
	for f := range strings.FieldsSeq(src) {
		e := element{min: 1, max: 1}
		switch {
		case f == "^":
			p.anchored = true
			continue
		case strings.HasPrefix(f, "..") || strings.HasPrefix(f, "~"):
			n, err := strconv.Atoi(strings.TrimLeft(f, ".~"))
			if err != nil || n > 12 {
				panic("outcome: bad gap in pattern " + src)
			}
			e = element{max: n, any: true, far: f[0] == '~'}
		default:
			if w, n, ok := strings.Cut(f, "*"); ok {
				e.min, e.max, f = 0, int(n[0]-'0'), w
			} else if w, ok := strings.CutSuffix(f, "?"); ok {
				e.min, f = 0, w
			}
			e.set, e.name, e.end = alternatives(f)
		}
		p.elems = append(p.elems, e)
	}
	if len(p.elems) == 0 || p.elems[0].any || p.elems[0].end {
		panic("outcome: pattern must begin with a word: " + src)
	}
	return p
}

// matchAt returns the token after the longest-first match of elems at i, or -1.
func matchAt(ts []token, elems []element, i, start int) int {
	if len(elems) == 0 {
		return i
	}
	e := &elems[0]
	n := 0
	if e.any { // a gap: the shortest first
		for ; ; n++ {
			if r := matchAt(ts, elems[1:], i+n, start); r >= 0 {
				return r
			}
			if n == e.max || i+n >= len(ts) || ts[i+n].brk && !e.far && i+n > start {
				return -1
			}
		}
	}
	for n < e.max && i+n < len(ts) && e.accepts(ts[i+n]) {
		n++
	}
	for ; n >= e.min; n-- { // words: the longest first
		if r := matchAt(ts, elems[1:], i+n, start); r >= 0 {
			return r
		}
	}
	if e.end && (i >= len(ts) || ts[i].brk || has(clauseStart, ts[i].id)) {
		return matchAt(ts, elems[1:], i, start)
	}
	return -1
}

func (e *element) accepts(t token) bool {
	return has(e.set, t.id) || e.name && t.caps && t.id == idUnknown
}

// phrases is an indexed list of patterns.
type phrases[T any] struct {
	list  []phrase[T]
	first [][]int // by first word's id, in list order
	named []int   // those that begin with <name>
}

type phrase[T any] struct {
	pattern
	what T
}

// add compiles the patterns in src, one a line; "//" starts a remark.
func (ps *phrases[T]) add(what T, src string) {
	for line := range strings.Lines(src) {
		line, _, _ = strings.Cut(line, "//")
		if strings.TrimSpace(line) == "" {
			continue
		}
		p := compile(line)
		ps.list = append(ps.list, phrase[T]{p, what})
		n := len(ps.list) - 1
		for k, e := range p.elems { // every element that a match may begin with
			if e.name {
				ps.named = append(ps.named, n)
			}
			for id, in := range e.set {
				if !in {
					continue
				}
				for len(ps.first) <= id {
					ps.first = append(ps.first, nil)
				}
				if !slices.Contains(ps.first[id], n) {
					ps.first[id] = append(ps.first[id], n)
				}
			}
			if e.min > 0 {
				break
			}
			if k+1 < len(p.elems) && p.elems[k+1].any {
				panic("outcome: pattern may not begin with something optional and then a gap: " + line)
			}
		}
	}
}

// at calls found for every phrase that matches at token i.
func (ps *phrases[T]) at(ts []token, i int, found func(what T, end int)) {
	if int(ts[i].id) < len(ps.first) {
		ps.try(ps.first[ts[i].id], ts, i, found)
	}
	if ts[i].caps && ts[i].id == idUnknown {
		ps.try(ps.named, ts, i, found)
	}
}

func (ps *phrases[T]) try(which []int, ts []token, i int, found func(what T, end int)) {
	for _, n := range which {
		p := &ps.list[n]
		if p.anchored && !clauseBegins(ts, i) {
			continue
		}
		if end := matchAt(ts, p.elems, i, i); end >= 0 {
			found(p.what, end)
		}
	}
}

// any reports the first phrase found anywhere in ts.
func (ps *phrases[T]) any(ts []token) (what T, from, to int, ok bool) {
	for i := range ts {
		ps.at(ts, i, func(w T, end int) {
			if !ok {
				what, from, to, ok = w, i, end, true
			}
		})
		if ok {
			return what, from, to, true
		}
	}
	return what, 0, 0, false
}

// clauseBegins reports whether a clause may begin at token i: at the start, after
// a comma, or after words that open one ("well", "yes", "and").
func clauseBegins(ts []token, i int) bool {
	return i == 0 || ts[i].brk || has(openers, ts[i-1].id)
}
