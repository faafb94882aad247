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

// small holds the number words below a hundred, English and Spanish.
var small = map[wordID]int64{}

var (
	hundreds = map[wordID]int64{}
	scales   = map[wordID]int64{}
	idA      = intern("a")
	idAnd    = intern("and")
	idOne    = intern("one")
	idUno    = intern("uno")
	idY      = intern("y")
	idOf     = intern("of")
	idAn     = intern("an")
	idCouple = intern("couple")
)

// moneyWords give the worth of one in cents.
var moneyWords = map[wordID]int64{}

// otherUnits make the number before them a count and not an amount.
var otherUnits = map[wordID]bool{}

func init() {
	for i, w := range strings.Fields(`zero one two three four five six seven eight nine ten eleven twelve thirteen
		fourteen fifteen sixteen seventeen eighteen nineteen`) {
		small[intern(w)] = int64(i)
	}
	for i, w := range strings.Fields("twenty thirty forty fifty sixty seventy eighty ninety") {
		small[intern(w)] = int64(i+2) * 10
	}
	small[intern("fourty")] = 40
	for i, w := range strings.Fields(`cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce
		quince dieciseis diecisiete dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco`) {
		small[intern(w)] = int64(i)
	}
	// "once" is eleven in Spanish and an adverb in English: English calls are the rule.
	delete(small, intern("once"))
	for i, w := range strings.Fields("treinta cuarenta cincuenta sesenta setenta ochenta noventa") {
		small[intern(w)] = int64(i+3) * 10
	}
	small[intern("cien")], small[intern("ciento")] = 100, 100
	hundreds[intern("hundred")], hundreds[intern("hundreds")] = 100, 100
	scales[intern("thousand")], scales[intern("grand")], scales[intern("mil")] = 1000, 1000, 1000
	for i, w := range strings.Fields("doscientos trescientos cuatrocientos quinientos") {
		small[intern(w)] = int64(i+2) * 100
	}
	for _, w := range strings.Fields("dollar dollars dollares buck bucks usd dolar dolares dollor dollors pesos peso euro euros pound pounds quid") {
		moneyWords[intern(w)] = 100
	}
	for _, w := range strings.Fields("cent cents penny pennies centavos pence") {
		moneyWords[intern(w)] = 1
	}
	moneyWords[intern("nickel")], moneyWords[intern("dime")], moneyWords[intern("quarter")] = 5, 10, 25
	for _, w := range strings.Fields(`minute minutes hour hours day days week weeks month months year years oclock am pm
		percent kids children people times time grandkids grandchildren dogs cats thing things question questions reasons reason
		other others charities organizations calls call million billion degrees
		minuto minutos hora horas dia dias semana semanas mes meses anos veces ninos hijos`) {
		otherUnits[intern(w)] = true
	}
	starts := []wordID{idMoney, idNumber, idCount, idA, idAn}
	for _, m := range []map[wordID]int64{small, hundreds, scales} {
		for id := range m {
			starts = append(starts, id)
		}
	}
	amountStarts = idSet(starts...)
}

// amountStarts are the tokens that an amount can begin with.
var amountStarts []bool

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
	n, cents, id := readNumber(ts)
	if n == 0 {
		return 0, token{}, false
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

// readNumber reads digits, "fifty", "a hundred and twenty", "two fifty",
// "twenty five fifty", "a couple of" (before a currency) or "a" (the same).
func readNumber(ts []token) (n int, cents int64, id wordID) {
	switch t := ts0(ts); {
	case t.id == idMoney, t.id == idCount:
		return 1, t.val, t.id
	case t.id == idNumber:
		if len(ts) > 1 && !ts[1].brk {
			if f := hundreds[ts[1].id] + scales[ts[1].id]; f > 0 {
				return 2, min(t.val*f, maxCents), idNumber
			}
		}
		return 1, t.val, idNumber
	case t.id == idA || t.id == idAn:
		return readArticle(ts)
	}
	return readWords(ts)
}

func ts0(ts []token) token {
	if len(ts) == 0 {
		return token{}
	}
	return ts[0]
}

// readArticle reads "a dollar", "a hundred", "a couple of bucks", "a twenty".
func readArticle(ts []token) (int, int64, wordID) {
	if len(ts) < 2 || ts[1].brk {
		return 0, 0, 0
	}
	if _, ok := moneyWords[ts[1].id]; ok {
		return 1, 100, idNumber
	}
	if ts[1].id == idCouple {
		n := 2
		if n < len(ts) && ts[n].id == idOf {
			n++
		}
		if n < len(ts) && moneyWords[ts[n].id] > 0 {
			return n, 200, idNumber
		}
		if n < len(ts) && hundreds[ts[n].id] > 0 {
			return n + 1, 200_00, idNumber
		}
		return 0, 0, 0
	}
	if hundreds[ts[1].id] > 0 || scales[ts[1].id] > 0 {
		n, cents, id := readWords(ts[1:])
		return n + 1, cents, id
	}
	if v, ok := small[ts[1].id]; ok && (v == 5 || v == 10 || v == 20 || v == 50) {
		return 2, v * 100, idNumber // "a twenty"
	}
	return 0, 0, 0
}

// readWords reads a number in words. Groups that cannot be added to what stands
// before ("two" "fifty", "twenty five" "fifty") are read as people say prices.
func readWords(ts []token) (int, int64, wordID) {
	var total, group int64 // group is what is below a thousand
	n, last := 0, int64(0)
	for n < len(ts) && n < 12 {
		t := ts[n]
		if n > 0 && t.brk {
			break
		}
		v, isSmall := small[t.id]
		switch {
		case isSmall && n == 0:
			group, last = v, v
		case isSmall && fits(last, v):
			group, last = group+v, v
		case isSmall && group < 10 && group > 0 && v >= 10 && v < 100 && total == 0: // "two fifty"
			group, last = group*100+v, v
		case isSmall && group >= 10 && group < 100 && v >= 10 && v < 100 && total == 0: // "twenty five fifty"
			return n + 1, group*100 + v, idMoney
		case hundreds[t.id] > 0 && group < 100:
			group, last = max(group, 1)*100, 100
		case scales[t.id] > 0 && total == 0:
			total, group, last = max(group, 1)*1000, 0, 1000
		case (t.id == idAnd || t.id == idY) && n > 0 && n+1 < len(ts) && small[ts[n+1].id] > 0 && fits(last, small[ts[n+1].id]):
		default:
			return n, (total + group) * 100, numberOr0(n)
		}
		n++
	}
	return n, (total + group) * 100, numberOr0(n)
}

// fits reports whether v can follow a group that ended in last: "twenty" "five".
func fits(last, v int64) bool {
	return last >= 1000 && v < 1000 || last >= 100 && last < 1000 && v < 100 || last >= 20 && last < 100 && last%10 == 0 && v < 10 && v > 0
}

func numberOr0(n int) wordID {
	if n == 0 {
		return 0
	}
	return idNumber
}
