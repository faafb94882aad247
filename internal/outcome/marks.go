package outcome

import "slices"

// mark is one phrase found in a sentence of the donor, after it was judged.
type mark struct {
	cue
	from, to int // tokens of the sentence
	later    bool
	moreOnly bool // refuses more than what was promised, if something was
}

// priority breaks ties between marks that cover the same words.
var priority = map[kind]int{
	refuse: 9, refuseSoft: 8, paid: 8, undecided: 7, deferred: 6, refuseWeak: 6, commit: 5, refuseAsk: 5, commitWeak: 4,
	assent: 3, interest: 3, bareNo: 2, ack: 1, amountOnly: 1,
}

// read returns the judged marks of a sentence in order. Gate marks (opt-out,
// wrong number, call-back, machine) stand by themselves; of decision marks that
// overlap, the longer one wins.
func read(s sentence, buf []mark) (all []mark) {
	all = buf[:0]
	for i := range s.tok {
		donorCues.at(s.tok, i, func(c cue, end int) {
			m := mark{cue: c, from: i, to: end}
			if judge(s, &m) {
				all = append(all, m)
			}
		})
	}
	return resolve(all)
}

// resolve drops decision marks that a better one covers. all is in order of from.
func resolve(all []mark) []mark {
	out := all[:0]
	for _, m := range all {
		if priority[m.kind] == 0 {
			out = append(out, m)
			continue
		}
		keep := true
		// Marks are at most a dozen words long: looking back a few is enough.
		for j := len(out) - 1; j >= 0 && j >= len(out)-12 && keep; j-- {
			o := out[j]
			if priority[o.kind] == 0 || o.to <= m.from {
				continue
			}
			switch {
			case better(o, m):
				keep = false
			default:
				out = slices.Delete(out, j, j+1)
			}
		}
		if keep {
			out = append(out, m)
		}
	}
	return out
}

// better reports whether a, which starts no later than b, wins over it.
func better(a, b mark) bool {
	contains := a.from <= b.from && a.to >= b.to
	within := b.from <= a.from && b.to >= a.to
	if contains && within || !contains && !within {
		return priority[a.kind] >= priority[b.kind]
	}
	return contains
}

// judge applies what stands around a phrase: negation, question, condition,
// another recipient. It may change the mark's kind, and reports whether it stays.
func judge(s sentence, m *mark) bool {
	switch m.kind {
	case commit, commitWeak, assent:
		return judgeCommit(s, m)
	case refuse, refuseSoft, refuseAsk, refuseWeak:
		return judgeRefuse(s, m)
	case paid:
		return judgePaid(s, m)
	case callback, callbackWeak:
		return !negated(s.tok, m.from, 3) && !(m.kind == callback && donorCalls(s.tok, m.from))
	case wrong, wrongIfAsked:
		if m.to < len(s.tok) && has(relations, s.tok[m.to].id) {
			return false // "no, this is the daughter"
		}
		return !asked(s, m) && !negated(s.tok, m.from, 3)
	case interest:
		return !negated(s.tok, m.from, 2)
	case machine:
		return !s.question
	case ack:
		return !ackOfOther(s.tok, m.to)
	case amountOnly:
		return !zero(s.tok, m, bareAmount) && !counts(s.tok, m.to)
	}
	return true
}

func judgeCommit(s sentence, m *mark) bool {
	if refused(s.tok, m.from) {
		return false
	}
	if zero(s.tok, m, inCommit) {
		return true
	}
	if relative(s.tok, m.from) {
		return false
	}
	if elsewhere(s.tok, m) {
		m.cue = cue{refuseWeak, "gives_elsewhere"}
		return true
	}
	if asked(s, m) && !hasAmount(s.tok[m.from:m.to]) && m.kind != assent {
		m.cue = cue{interest, "ask_how"}
		return true
	}
	if hypothetical(s.tok, m) {
		m.cue = cue{interest, "would_if"}
		return true
	}
	switch vague, later := postponed(s.tok, m); {
	case vague:
		m.cue = cue{deferred, "some_day"}
	case later:
		m.later = true
	}
	return true
}

func judgeRefuse(s sentence, m *mark) bool {
	if asked(s, m) && m.kind != refuse || asked(s, m) && asksByOrder(s.tok) {
		return false
	}
	if takenBack(s.tok, m.from) || m.name != "not_interested" && othersSpeak(s.tok, m.from) {
		return false
	}
	m.moreOnly = onlyMore(s.tok, m)
	return true
}

func judgePaid(s sentence, m *mark) bool {
	if m.from > 0 && has(wordSetCache.others, s.tok[m.from-1].id) && s.tok[m.from].id != idI && s.tok[m.from].id != idWe {
		return false
	}
	if asked(s, m) || negated(s.tok, m.from, 3) || has(wordSetCache.not, s.tok[m.to-1].id) {
		return false
	}
	for i := m.from; i < m.to; i++ {
		if s.tok[i].id == idNot {
			return false
		}
	}
	for i := m.to - 1; i < min(len(s.tok), m.to+3); i++ {
		if has(ownBills, s.tok[i].id) {
			m.cue = cue{refuseWeak, "own_needs"}
			return true
		}
	}
	if elsewhere(s.tok, m) {
		m.cue = cue{refuseWeak, "already_gives"}
	}
	return true
}

// wordSetCache are the sets that the checks below use.
var wordSetCache = struct {
	not, negators, others, think, redirect, redirectTo, ours, unsure, vague, later, much, voiders, saying, deliver, units []bool
}{
	not:        wordSet("not"),
	negators:   wordSet("not|never|no|nor|without|hardly|no"),
	others:     wordSet("you|they|people|who|everyone|everybody|children|kids|charities|organizations|companies|them"),
	think:      wordSet("think|believe|suppose|feel|see|know|guess|imagine|want|expect|say|saying|said|sure|promise|guarantee|certain|convinced|mean|thought|doubt|like|why"),
	redirect:   wordSet("time|blood|clothes|clothing|toys|books|food|thought|elsewhere|call|ring|buzz|try|locally|volunteer|volunteering|message|break|credit|newsletter|mailing|updates|somewhere"),
	redirectTo: wordSet("my|our|other|others|another|different|local|somewhere|someone|people|those|charities|places|homeless|family|church"),
	ours:       wordSet("you|your|this|the|it|help|save|children|kids|cause|charity|research|these"),
	unsure:     wordSet("maybe|might|perhaps|possibly|someday"),
	vague:      wordSet("someday|eventually|future|later|sometime"),
	later:      wordSet("when|once|after|soon|within|next|months|month|until|paycheck|payday|friday|monday|weeks|paid"),
	much:       wordSet("@much"),
	voiders:    wordSet("that|saying|said|say|because|like|mean"),
	saying:     wordSet("say|saying|said|mean|because|that|like|cause"),
	deliver:    wordSet("send|mail|email|e|text|give|show|can|possible|like|want|need|helps|okay|necessary|it|that"),
	units:      wordSet("minutes|minute|hours|hour|oclock|am|pm|percent|kids|years|year|days|times|children"),
}

// asked reports whether the mark stands in a question: in the last clause of a
// sentence with a question mark, or in a sentence ordered as a question.
func asked(s sentence, m *mark) bool {
	if asksByOrder(s.tok) {
		return true
	}
	if !s.question {
		return false
	}
	for i := m.to; i < min(len(s.tok), m.to+60); i++ {
		if s.tok[i].brk {
			return false // "I'll give ten, will that help?"
		}
	}
	return true
}

// refused reports a negation that reaches over a commitment: "I don't think I'll
// give", "never said I would give". A negation of its own clause does not reach
// over a new "I".
func refused(ts []token, from int) bool {
	for i := from - 1; i >= 0 && i >= from-6; i-- {
		if ts[i+1].brk && i+1 != from {
			return false
		}
		if ts[i+1].brk {
			return false
		}
		if !has(wordSetCache.negators, ts[i].id) && ts[i].id != idDoubt {
			continue
		}
		if ts[i].id == idDoubt || i == from-1 {
			return !(ts[i].id == idNo) // "no, I will" lost its comma
		}
		if has(wordSetCache.think, ts[i+1].id) && !(ts[i+1].id == idWhy) {
			return true
		}
		if i >= from-2 && ts[from].id != idI && ts[from].id != idWe {
			return true
		}
	}
	return false
}

var (
	idDoubt = intern("doubt")
	idNo    = intern("no")
	idWhy   = intern("why")
	idI     = intern("i")
	idWe    = intern("we")
	idIf    = intern("if")
	idTo    = intern("to")
	idWould = intern("would")
	idCould = intern("could")
	idThat  = intern("that")
	idNeed  = intern("need")
	idAt    = intern("at")
	idEnd   = intern("end")
)

// negated reports a negator within n words before i, in the same clause.
func negated(ts []token, i, n int) bool {
	if i < len(ts) && ts[i].brk {
		return false
	}
	for k := i - 1; k >= 0 && k >= i-n; k-- {
		if has(wordSetCache.negators, ts[k].id) && ts[k].id != idNo {
			return true
		}
		if ts[k].brk {
			return false
		}
	}
	return false
}

// takenBack reports "not that", "I'm not saying" and the like before a refusal.
func takenBack(ts []token, from int) bool {
	for k := from - 1; k >= 1 && k >= from-4; k-- {
		if has(wordSetCache.saying, ts[k].id) && (ts[k-1].id == idNot || ts[k-1].id == idNever) {
			return true
		}
	}
	return false
}

var idNever = intern("never")

// othersSpeak reports that a refusal without a subject of its own is somebody
// else's: "most people wouldn't give anything".
func othersSpeak(ts []token, from int) bool {
	if ts[from].id == idI || ts[from].id == idWe {
		return false
	}
	for k := from - 1; k >= 0 && k >= from-5; k-- {
		if ts[k+1].brk || ts[k].id == idI || ts[k].id == idWe {
			return false
		}
		if has(wordSetCache.others, ts[k].id) {
			return true
		}
	}
	return false
}

// onlyMore reports that a refusal is of more, much or all: "can't give more".
func onlyMore(ts []token, m *mark) bool {
	for i := m.from; i < min(m.to+4, len(ts)); i++ {
		if i > m.to && ts[i].brk {
			return false
		}
		if has(wordSetCache.much, ts[i].id) && !(ts[i].id == idThat && i < m.to) && !(i > 0 && ts[i-1].id == idAt) {
			return true
		}
	}
	return false
}

// elsewhere reports another recipient, or a gift that is not money, right after
// the verb: "donate my time", "give to my church", "give you a call".
func elsewhere(ts []token, m *mark) bool {
	for i := max(0, m.from-6); i < m.from; i++ { // "other charities I would like to give to"
		if has(wordSetCache.redirectTo, ts[i].id) && has(recipients, ts[i+1].id) {
			return true
		}
	}
	for i := m.to - 1; i < min(m.to+5, len(ts)); i++ {
		if i >= m.to && ts[i].brk {
			return false
		}
		if has(homely, ts[i].id) && i > 0 && has(mine, ts[i-1].id) {
			return true // "in my town", "to our church"
		}
		if has(wordSetCache.redirect, ts[i].id) && !(i > 0 && ts[i-1].id == idA && ts[i].id != idCall && ts[i].id != idTry && ts[i].id != idRing) {
			return ts[i].id != idTime || !(i > 0 && (ts[i-1].id == idThis || ts[i-1].id == idAt))
		}
		if ts[i].id == idTo && i+1 < len(ts) && i >= m.to-1 {
			if has(wordSetCache.redirectTo, ts[i+1].id) && !(i+2 < len(ts) && has(wordSetCache.ours, ts[i+2].id)) {
				return true
			}
			if m.kind == paid && !has(wordSetCache.ours, ts[i+1].id) {
				return true
			}
			return false
		}
	}
	return false
}

var (
	ownBills   = wordSet("taxes|tax|rent|bill|bills|mortgage|tuition|insurance|loan|loans|debt")
	homely     = wordSet("town|community|area|city|state|neighborhood|county|church|parish|temple|mosque|country|own")
	mine       = wordSet("my|our")
	recipients = wordSet("charities|charity|organizations|organization|causes|cause|places|groups|things")

	idCall = intern("call")
	idTry  = intern("try")
	idRing = intern("ring")
	idTime = intern("time")
	idThis = intern("this")
)

// ackOfOther reports a yes that goes on about something else than the ask: "yes I
// donate to a few", "yeah it is sad".
func ackOfOther(ts []token, to int) bool {
	for to < len(ts) && has(ackMore, ts[to].id) {
		to++
	}
	if to+1 >= len(ts) {
		return false
	}
	if ts[to].id == idI || ts[to].id == idWe {
		return !has(ackVerbs, ts[to+1].id)
	}
	return !ts[to].brk && has(ackTopics, ts[to].id)
}

var (
	ackMore   = wordSet("@yes|yes|sir|ma'am|please|of|course|well|oh")
	ackVerbs  = wordSet("will|would|can|could|am|are|do|guess|think|want|may|might|shall|suppose|feel|agree|promise|definitely|certainly|absolutely|gladly|just|really|also|like|love|did|get|understand")
	ackTopics = wordSet("they|there|children|he|she|those|these|my|the|people|so")
)

var relations = wordSet("@kin|caregiver|nurse|roommate|secretary|assistant|receptionist|babysitter|aide|bad|good|wrong")

// relative reports a relative clause: "the money that I can donate", "what I can
// give". "I said that I will" is none.
func relative(ts []token, from int) bool {
	if from == 0 || ts[from].brk || ts[from].id != idI && ts[from].id != idWe {
		return false
	}
	if ts[from-1].id == idThat {
		return from > 1 && !has(wordSetCache.saying, ts[from-2].id) && !has(wordSetCache.think, ts[from-2].id) && !ts[from-1].brk
	}
	return has(relatives, ts[from-1].id)
}

var relatives = wordSet("which|what|much|amount|most|money|anything|whatever|everything|where|why|how|charities|charity|ones|more")

// hypothetical reports a condition on one's own circumstances: "I would give if
// I had the money". "If you send me the form" is a condition we can meet.
func hypothetical(ts []token, m *mark) bool {
	would := m.kind != commit || has(conditional, ts[min(m.from+1, len(ts)-1)].id) || has(conditional, ts[min(m.from+2, len(ts)-1)].id)
	for i := max(0, m.from-12); i < min(len(ts), m.to+10); i++ {
		if ts[i].id != idIf || i+1 >= len(ts) || i >= m.from && i < m.to {
			continue
		}
		if i+2 < len(ts) && (ts[i+1].id == idI || ts[i+1].id == idWe) {
			if has(courtesy, ts[i+2].id) {
				continue // "if I can", "if I may"
			}
			return would || i < m.from
		}
		if would && i > m.from && !hasAmount(ts[m.from:m.to]) && !has(wordSetCache.deliver, ts[min(i+2, len(ts)-1)].id) && !has(wordSetCache.deliver, ts[i+1].id) {
			return true
		}
	}
	for i := m.from; i+1 < min(len(ts), m.to+1); i++ {
		if ts[i].id == idWould && ts[i+1].id == idHave {
			return true // "I would have given"
		}
	}
	return false
}

var (
	conditional = wordSet("would|could|might")
	courtesy    = wordSet("can|could|may|get|remember|must|recall|understand|recieve|receive")
	idHave      = intern("have")
)

// postponed tells a promise for no certain time ("maybe some day I'll give") from
// one for a later time ("when I get paid").
func postponed(ts []token, m *mark) (vague, later bool) {
	unsure := false
	for i := max(0, m.from-4); i < m.to; i++ {
		unsure = unsure || has(wordSetCache.unsure, ts[i].id)
	}
	amount := hasAmount(ts[m.from:m.to])
	for i := max(0, m.from-8); i < min(len(ts), m.to+12); i++ {
		if i >= m.from && i < m.to {
			continue
		}
		if has(wordSetCache.vague, ts[i].id) || ts[i].id == idPoint && i > 0 && ts[i-1].id == idSome {
			return !amount || unsure, true
		}
		later = later || has(wordSetCache.later, ts[i].id)
	}
	if unsure && !amount {
		return true, later
	}
	return false, later
}

var (
	idPoint = intern("point")
	idSome  = intern("some")
)

type amountPlace bool

const (
	inCommit   amountPlace = false
	bareAmount amountPlace = true
)

// zero turns a commitment of nothing into a refusal.
func zero(ts []token, m *mark, place amountPlace) bool {
	end := m.to
	if place == inCommit {
		end = min(m.to+3, len(ts))
	}
	seen := false
	for i := m.from; i < end; i++ {
		if i >= m.to && ts[i].brk {
			break
		}
		if ts[i].id == idMoney || ts[i].id == idNumber {
			if ts[i].val > 0 {
				return false
			}
			seen = true
		}
		if has(nothing, ts[i].id) {
			seen = true
		}
	}
	if seen && place == inCommit {
		m.cue = cue{refuse, "zero"}
	}
	if seen && place == bareAmount {
		m.cue = cue{refuseAsk, "zero"}
		return false
	}
	return seen
}

var nothing = wordSet("nothing|zero|none")

func hasAmount(ts []token) bool {
	for _, t := range ts {
		if t.id == idMoney || t.id == idNumber {
			return true
		}
	}
	return false
}

// counts reports that the number before i counts something other than money.
func counts(ts []token, i int) bool {
	return i < len(ts) && !ts[i].brk && has(wordSetCache.units, ts[i].id)
}

// donorCalls reports that it is the donor who will call: "I'll call you back".
func donorCalls(ts []token, from int) bool {
	for k := from - 1; k >= 0 && k >= from-3; k-- {
		if (ts[k].id == idI || ts[k].id == idWe) && !(k > 0 && has(thatYou, ts[k-1].id)) {
			return from+1 < len(ts) && ts[from+1].id == idYou || ts[min(from, len(ts)-1)].id == idCall && k == from-2
		}
	}
	return false
}

var (
	thatYou = wordSet("can|could|may|might")
	idYou   = intern("you")
)
