package outcome

import (
	"math"
	"strings"
)

// valence holds the words that colour what is said, from -3 to 3.
var valence = map[wordID]float64{}

func init() {
	for w, words := range map[float64]string{
		3:    "love loved wonderful amazing fantastic awesome excellent incredible thrilled delighted honored beautiful perfect blessed bless",
		2:    "great happy glad appreciate gladly pleasure support proud excited encanta excelente impressive generous kind",
		1:    "good nice thanks thank like help helpful interested interesting welcome worthy important cool fine gracias bueno bien merci",
		-1:   "busy unfortunately sorry afraid tight doubt later problem bad disculpe",
		-2:   "annoying annoyed upset waste broke terrible rude wrong stop sick bothering scam scammer scammers fraud tired molesta ridiculous enough",
		-3:   "hell damn harassment harassing stupid idiot idiots fuck fucking shit hate crap bastards asshole sue lawyer",
		-1.5: "never nope",
	} {
		for word := range strings.FieldsSeq(words) {
			id := intern(word)
			if v, ok := valence[id]; ok && v != w {
				panic("outcome: two valences for " + word)
			}
			valence[id] = w
		}
	}
}

// tone sums the valence of the donor's words.
type tone struct {
	sum   float64
	words int
}

// hear adds a sentence. A negator up to three words before turns a word around
// and halves it: "not happy" is less bad than "terrible".
func (t *tone) hear(s sentence) {
	for i, tok := range s.tok {
		v, ok := valence[tok.id]
		if !ok {
			continue
		}
		if negated(s.tok, i, 3) {
			v /= -2
		}
		t.sum += v
		t.words++
	}
}

// score is the sentiment from -1 to 1 with two decimals: how the donor's words
// sound, x/sqrt(x²+15) as VADER normalises its sum, with x capped per word so
// that long calls do not saturate; shifted by a quarter toward what was decided.
// Words weigh more than the decision, so that a friendly refusal stays above an
// angry one. 0 when the donor said nothing that has a colour.
func (t *tone) score(o Outcome) float64 {
	if t.words == 0 && o == Unknown {
		return 0
	}
	x := 0.0
	if t.words > 0 {
		x = t.sum / math.Sqrt(float64(t.words)) * 1.5
	}
	v := x / math.Sqrt(x*x+15)
	v = 0.75*v + 0.25*lean[o]
	return math.Round(max(-1, min(1, v))*100) / 100
}

var lean = map[Outcome]float64{Donated: 1, Pledged: 0.8, Interested: 0.4, NotInterested: -0.4, DoNotCall: -1}
