package outcome

import (
	"strings"
)

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
	idHalf   = intern("half")
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
	small[intern("fiver")], small[intern("tenner")] = 5, 10
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
	starts := []wordID{idHalf, idMoney, idNumber, idCount, idA, idAn}
	for _, m := range []map[wordID]int64{small, hundreds, scales} {
		for id := range m {
			starts = append(starts, id)
		}
	}
	amountStarts = idSet(starts...)
}

// amountStarts are the tokens that an amount can begin with.
var amountStarts []bool

// readNumber reads digits, "fifty", "a hundred and twenty", "two fifty",
// "twenty five fifty", "a couple of" (before a currency) or "a" (the same).
func readNumber(ts []token) (n int, cents int64, id wordID) {
	switch t := headOf(ts); {
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

func headOf(ts []token) token {
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
