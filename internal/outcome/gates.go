package outcome

// What takes an opt-out back: that somebody else is meant, that it is denied, or
// that it is about the hour and not about the calls. In doubt it stands.

var (
	contactVerbs = wordSet("@contact")
	contactings  = wordSet("@calling|calls")
	doWords      = wordSet("do|does|did")
	talkers      = wordSet("i|we|they|he|she|who|people")
	naming       = wordSet("that|it|myself|yourself|themselves|him|her|names|a|an")
	hours        = wordSet("tomorrow|today|tonight|now|yet|@day|@part|early|late|before|until|during|while|when|between|past|manana|hoy|ahora|first|instead|hasta|antes")
	places       = wordSet("work|office|night|dinner|lunch|breakfast|supper|school|church|noon|midnight|this|that|job|trabajo")
	forGood      = wordSet("again|ever|any|anymore|never|mas|plus|jamais|nunca|list|stop|period")
	invites      = wordSet("call|phone|ring|dial|telephone|try|reach|llame|llameme")
	invitees     = wordSet("me|us|back|@day|@part|at|after|in|later|my|tomorrow|instead|then|on|around|manana|again|next")
	stopWords    = wordSet("stop|quit|cease|discontinue")
)

// optOutStands judges one opt-out phrase. rest are the words of the message
// that follow the phrase, at most a few dozen.
func optOutStands(s sentence, m mark, rest []token) bool {
	ts, i := s.tok, m.from
	switch {
	case deniedBefore(ts, i, m):
		return false
	case m.name == "do_not_call" && m.from > 0 && has(doWords, ts[i].id) && has(talkers, ts[i-1].id) && m.from+2 < len(ts) && has(contactVerbs, ts[i+2].id):
		return false // "they don't call me", said of others
	case m.name == "do_not_call" && m.to < len(ts) && has(contactVerbs, ts[m.to-1].id) && has(naming, ts[m.to].id) && !ts[m.to].brk &&
		!(m.to+1 < len(ts) && has(forGood, ts[m.to+1].id)) && ts[m.to].id != vocabulary["him"] && ts[m.to].id != vocabulary["her"]:
		return false // "I don't call that charity"
	case (m.name == "stop_calling" || m.name == "stop") && m.to+1 < len(ts) && ts[m.to].id == vocabulary["right"] && ts[m.to+1].id == vocabulary["there"]:
		return false // "stop right there"
	case has(stopWords, ts[m.to-1].id) && m.to+1 < len(ts) && !ts[m.to].brk && has(visits, ts[m.to].id) && ts[m.to+1].id != idOnce:
		return false // "stop by the house"
	case has(stopWords, ts[m.to-1].id) && m.to < len(ts) && !ts[m.to].brk && ts[m.to].id == idMe:
		return false // "I told my son to stop me"
	case m.name != "stop_calling" && donorContacts(ts, m):
		return false
	case callRather(ts, m):
		return false
	case m.name == "stop" && stopsOther(ts, m):
		return false
	case m.name == "off_the_list" && (staysOn(ts, m) || m.to-m.from > 2 && has(severals, ts[m.to-2].id)):
		return false
	case m.to < len(ts) && !ts[m.to].brk && has(later, ts[m.to].id):
		return false // "no puedo hablar, llame más tarde"
	case m.name == "do_not_call" && m.from > 0 && ts[m.from].id == idNever && ts[m.from-1].id == idYou && (m.from == 1 || ts[m.from-1].brk) && !has(again, ts[min(m.to, len(ts)-1)].id) && !has(again, ts[m.to-1].id):
		return false // "you never call anymore", said with a laugh
	case m.name == "do_not_call" && has(bother, ts[m.to-1].id) && m.to < len(ts) && !ts[m.to].brk && !has(meantHere, ts[m.to].id) && !has(contactOther, ts[m.to].id) && ts[m.to].id != idTo,
		m.name == "do_not_call" && m.to > 1 && has(bother, ts[m.to-2].id) && has(errands, ts[m.to-1].id):
		return false // "don't bother sending the envelope"
	case (has(botherWords, ts[m.to-1].id) || m.to > 1 && has(botherWords, ts[m.to-2].id)) && saidOfThing(ts, m.from):
		return false // "that would not bother me"
	case calledBy(ts, m):
		return false
	case m.name == "do_not_call" || m.name == "stop_calling" || m.name == "opt_out_es":
		return !scheduling(ts, m, rest)
	}
	return true
}

// saidOfThing reports that the subject before token from is a thing and not the
// caller: "that really would not bother me".
func saidOfThing(ts []token, from int) bool {
	i := from - 1
	for i > 0 && !ts[i].brk && (has(auxWords, ts[i].id) || has(adverbWords, ts[i].id)) {
		i--
	}
	return i >= 0 && has(things, ts[i].id)
}

// calledBy reports that the phrase is about a name and not about a call: "don't
// call me Bob", "stop calling it that".
func calledBy(ts []token, m mark) bool {
	i := m.to
	if i < len(ts) && !ts[i].brk && has(callAround, ts[i].id) {
		return true // "you can stop calling around"
	}
	if m.name != "do_not_call" && m.name != "stop_calling" || i >= len(ts) || ts[i].brk || !has(callWords, ts[i-1].id) && !(i > 1 && has(called, ts[i-1].id) && has(callWords, ts[i-2].id)) {
		return false
	}
	if has(called, ts[i].id) && i+1 < len(ts) && !ts[i+1].brk {
		i++ // "me", "it"
	}
	if i+1 < len(ts) && has(forGood, ts[i+1].id) {
		return false
	}
	if has(alias, ts[i-1].id) && !ts[i].brk && !has(lines, ts[i].id) && !has(clauseStart, ts[i].id) {
		return true // "stop calling it charity"
	}
	return has(calledNames, ts[i].id) || ts[i].id == idUnknown && ts[i].caps && has(called, ts[i-1].id)
}

var (
	botherWords = wordSet("bother|disturb|bug|pester|harass")
	things      = wordSet("it|that|this|which")
	adverbWords = wordSet("@adv")
	callWords   = wordSet("call|calling")
	called      = wordSet("me|us|him|her|it|them|that|this")
	calledNames = wordSet("that|names|honey|sweetie|sweetheart|darling|sir|madam|ma'am|mister|miss|missus|mrs|grandma|grandpa|granny|baby|buddy|pal|dude|bro|old|doctor|crazy|stupid|liar|cheap|by|a|an")
	alias       = wordSet("it|that|this|them|these")
	lines       = wordSet("number|phone|line|house|home|cell|mobile|again|any|please|at|or|ever|off|over|every|all|already|here|after|before|on|when|day|people|place|address|extension|landline|residence|family|business|office|up|for|from|of|with|to|is|was|will|in")
	visits      = wordSet("by|at|in|over|into|off")
	idOnce      = intern("once")
	idNow       = intern("now")
	idOn        = intern("on")
	idMe        = intern("me")
	severals    = wordSet("many|every|other|several|much")
	again       = wordSet("again|ever|@me")
	bother      = wordSet("bother")
	errands     = wordSet("sending|with|mailing|asking|trying|explaining|the|coming|emailing|writing")
	later       = wordSet("tarde|temprano|adelante|tard|tardi|tarda|spater|cedo")
	holdOn      = wordSet("hang|hold|wait|sorry|down|barking|jumping|running|hitting|fighting|crying|touching|eating|you|who|what|let|where|how")
	otherPlace  = wordSet("cell|mobile|office|other|home|house|work|landline|desk|his|her|wife|husband|daughter|son")
	callAround  = wordSet("around|others|everyone|everybody|strangers")
)

// deniedBefore reports "I didn't say stop calling", "you don't have to take me
// off", "please don't stop calling".
func deniedBefore(ts []token, i int, m mark) bool {
	if m.name == "off_the_list" { // the phrase may have been found at "off"
		for i > 0 && i > m.from-4 && !ts[i].brk && has(takeOff, ts[i-1].id) {
			i--
		}
	}
	at := func(k int) wordID {
		if k < 0 {
			return idUnknown
		}
		return ts[k].id
	}
	switch {
	case has(stopWords, ts[i].id) && (at(i-1) == idNot || at(i-1) == idNever) && !ts[i].brk:
		return true
	case at(i-1) == idTo && has(haveNeed, at(i-2)) && (at(i-3) == idNot || at(i-3) == idNo):
		return true
	case at(i-1) == idTo && at(i-2) == idNeed && at(i-3) == idNo:
		return true
	case at(i-1) == idTo && at(i-2) == idYou && at(i-3) == vocabulary["want"] && at(i-4) == idNot:
		return true
	}
	for k := i - 1; k >= 1 && k >= i-3; k-- {
		if has(wordsOfSaying, ts[k].id) && (ts[k-1].id == idNot || ts[k-1].id == idNever) {
			return true
		}
		if ts[k].brk {
			return false
		}
	}
	return false
}

var (
	takeOff       = wordSet("take|remove|delete|get|me|us|my|our|name|number|him|her|this|it")
	haveNeed      = wordSet("have|need|want|got")
	wordsOfSaying = wordSet("say|saying|said|asking|ask|asked|telling|tell|told")
)

// scheduling reports that only the hour or the place is refused: "don't call me
// tomorrow, call Friday", "never call before ten". "Stop calling" is that only
// with an invitation to call at another time.
func scheduling(ts []token, m mark, rest []token) bool {
	invited := invitation(rest)
	for i := m.from; i < m.to; i++ {
		if has(stopWords, ts[i].id) && !invited {
			return false
		}
	}
	verb := m.from
	for i := m.from; i < m.to; i++ {
		if has(contactVerbs, ts[i].id) || has(contactings, ts[i].id) {
			verb = i
		}
	}
	near, good := false, false
	for i := verb + 1; i < len(ts) && i < verb+10; i++ {
		if ts[i].brk && !near {
			break
		}
		near = near || i < verb+5 && hourAt(ts, i)
		good = good || has(forGood, ts[i].id)
		if ts[i].id == vocabulary["until"] && i < verb+5 {
			return true
		}
	}
	for i := max(0, m.from-6); i < m.from; i++ {
		good = good || has(wordsOfSaying, ts[i].id) // "I told you never to call me at work"
	}
	near = near || invited && otherLine(rest)
	for i := m.from; i < m.to; i++ {
		good = good || ts[i].id == vocabulary["again"] || ts[i].id == vocabulary["ever"] || ts[i].id == vocabulary["any"]
	}
	return near && (!good || invited)
}

// otherLine reports that another number is offered in the same breath: "don't
// call this line, call my cell".
func otherLine(rest []token) bool {
	for i := 0; i+2 < len(rest) && i < 12; i++ {
		if has(invites, rest[i].id) && (has(mine, rest[i+1].id) || has(otherPlace, rest[i+1].id) || rest[i+1].id == idThe) && has(otherPlace, rest[i+2].id) {
			return true
		}
	}
	return false
}

// stopsOther reports a "stop" that is for a dog, a child or a machine in the
// room, or that only asks to wait: "stop it, Max", "Alexa, stop", "stop, hang on".
func stopsOther(ts []token, m mark) bool {
	stranger := func(i int) bool { return i >= 0 && i < len(ts) && ts[i].caps && ts[i].id == idUnknown }
	i := m.to
	if i < len(ts) && has(alias, ts[i].id) {
		i++
	}
	if stranger(i) || stranger(m.from-1) {
		return true
	}
	return i < len(ts) && has(holdOn, ts[i].id)
}

// donorContacts reports that the donor would be the one to call or bother:
// "I don't want to bother my wife with this".
func donorContacts(ts []token, m mark) bool {
	for i := m.from + 2; i < m.to; i++ {
		if has(contactVerbs, ts[i].id) && ts[i-1].id == idTo && has(wishes, ts[i-2].id) && ts[i-2].id != idNeed && speakerBefore(ts, m.from) {
			return true
		}
	}
	return false
}

// callRather reports "call me, don't text me".
func callRather(ts []token, m mark) bool {
	texts := false
	for i := m.from; i < m.to; i++ {
		texts = texts || has(written, ts[i].id)
	}
	if !texts {
		return false
	}
	for i := max(0, m.from-7); i < m.from; i++ {
		if has(invites, ts[i].id) && has(invitees, ts[i+1].id) {
			return true
		}
	}
	return false
}

var written = wordSet("text|message|texting|texts")

// staysOn reports a wish to stay on the list: "don't take me off". A reproach
// ("you didn't take me off", "why don't you take me off") is none.
func staysOn(ts []token, m mark) bool {
	i := m.from
	for i > 0 && i > m.from-4 && !ts[i].brk && has(takeOff, ts[i-1].id) {
		i--
	}
	if i < 1 || ts[i-1].id != idNot && ts[i-1].id != idNever {
		return false
	}
	i--
	if ts[i].id == idNot && i > 0 && ts[i-1].id == idDo {
		i--
	}
	return i == 0 || ts[i].brk || ts[i-1].id == vocabulary["please"] || has(clauseJoins, ts[i-1].id)
}

func hourAt(ts []token, i int) bool {
	if has(hours, ts[i].id) {
		return ts[i].id != idNow || i+1 >= len(ts) || ts[i+1].id != idOn // "from now on"
	}
	if i+1 >= len(ts) {
		return false
	}
	next := ts[i+1].id
	switch ts[i].id {
	case idAt:
		if next == idThis || next == idThat {
			return i+2 < len(ts) && (ts[i+2].id == vocabulary["hour"] || ts[i+2].id == idTime)
		}
		return has(places, next) || next == idNumber || next == idCount
	case vocabulary["after"], vocabulary["past"]:
		return next != idThis && next != idThat
	case idSo, vocabulary["this"], vocabulary["next"], vocabulary["at"]:
		return has(hours, next) || next == vocabulary["week"] || next == vocabulary["month"]
	}
	return false
}

var idSo = intern("so")

// invitation reports a request to call later on in the same breath.
func invitation(rest []token) bool {
	for i := 0; i+1 < len(rest) && i < 40; i++ {
		if has(invites, rest[i].id) && has(invitees, rest[i+1].id) &&
			!(i > 0 && (rest[i-1].id == idNot || rest[i-1].id == idNever || rest[i-1].id == vocabulary["you"] && i > 1 && rest[i-2].id == idIf)) &&
			!(i > 0 && rest[i-1].id == idIf) {
			return true
		}
	}
	return false
}

// turn sums up one message of the called side for the machine gate.
type turn struct {
	machine, weak int
	human         bool // decides, asks, or greets as a person does
}

var greets = wordSet("hello|hi|hey|who|whos|what|speaking|sorry|alo|bueno|diga|si|yes|no|okay")

// machineTurn reports whether a turn belongs to a recorded greeting. Before one
// was heard it takes words only a machine says; after it, anything that no
// person would answer with.
func (t turn) machineTurn(heard bool) bool {
	if t.machine > 0 {
		return true
	}
	return heard && (!t.human || t.weak > 0)
}
