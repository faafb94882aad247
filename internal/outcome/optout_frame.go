package outcome

// The tables of cues_optout.go hold the wordings; this file holds the grammar
// behind them: a word of contact ("call", "phoning", "solicitations") governed by
// a negation or by a word of ceasing, with whatever stands between. It finds "no
// need to ever, you know, ring this house again" without a row of its own. Every
// look is a few words wide, so the time stays linear.

var (
	contactBase  = wordSet("@contact|solicit|spam|hassle|badger|annoy|hound|robocall|reach|nag")
	contactOther = wordSet("@calling|soliciting|spamming|hassling|annoying|called|phoned|contacted|bothered|disturbed|texted|solicited|harassed|pestered|calls|solicitation|solicitations|robocalls|telemarketing|communications|texts")
	ceasing      = wordSet("stop|quit|cease|halt|discontinue|end|avoid|suspend|terminate|enough|refrain|stopping|desist")
	fillers      = wordSet("please|uh|um|ever|like|you|know|just|ever|again|kindly|oh|okay|any|more|sir|ma'am|man|dear|honey|hmm|er|i")
	wishes       = wordSet("want|wish|like|care|need|appreciate|accept|allow|permit|tolerate|consent|consented|agree|agreed|authorize|authorized|permission|expect|enjoy|asked|ask|request|requested|sign|signed|wanna|interested|desire|entertain|welcome|stand|taking|answering|accepting|receiving|entertaining|tolerating")
	courteous    = wordSet("hesitate|forget|fail|mind|remember|recall|afraid|shy|worry|miss|think|believe|hear|heard|mean|see|understand|many|missed|only|wait|care|realize|because|but|so|and|then|until|unless|if|bad|sorry|wrong")
	meantHere    = wordSet("@me|him|her|them|@kin|again|ever|back|any|mama|mommy|granny|grandma|grandpa|nana|phone|parents|people|house|home|cell|line|number|landline|mobile|anyone|anybody|family|kids|office|business|future|forward|donations|reason|money|about|for|please|on")
	determiners  = wordSet("my|our|the|a|an|your|his|her|their|this|that|one|phone|by|on")
	anotherOne   = wordSet("another|any|single|further|more|other|extra|additional")
	hopes        = wordSet("ask|asked|asking|beg|tell|told|telling|rather|prefer|like|love|glad|better|nice|great|happy|wish|thank|hope|hoped|want|expect|happier|appreciate|grateful|obliged|insist|demand|request|hoping|nicer")
	asksOf       = wordSet("you|it|if|they|people|guys|that|them|your|to|for|nobody|everyone|this")
	nouns        = wordSet("phone|text|ring|message|contact")
	speakers     = wordSet("i|we|he|she|they|who")
	auxiliaries  = wordSet("@aux|have|had|has|to|be|been|really|still|also|just|ever|never|@adv")
)

// contactFrame reports an opt-out whose word of contact is token j: where it
// begins and by which name the evidence goes.
func contactFrame(ts []token, j int) (from int, name string, ok bool) {
	base := has(contactBase, ts[j].id)
	twoWords, ing := outOrTouch(ts, j)
	base = base || twoWords && !ing
	if !base && !ing && !has(contactOther, ts[j].id) {
		return 0, "", false
	}
	noun := base && j > 0 && has(anotherOne, ts[j-1].id)
	if base && j > 0 && (has(determiners, ts[j-1].id) || ts[j-1].caps && ts[j-1].id == idUnknown) {
		return 0, "", false // "my phone", "Linda's phone"
	}
	if j > 0 && has(nouns, ts[j].id) && ts[j-1].id == idUnknown {
		return 0, "", false // the same in lower case
	}
	for k := j - 1; k >= 0 && k >= j-8; k-- {
		if ts[k+1].brk && !has(fillers, ts[k+1].id) {
			return 0, "", false
		}
		switch {
		case ts[k].id == idNot || ts[k].id == idNever || ts[k].id == idNo:
			return k, "do_not_call", (!ts[k+1].brk || ts[k].id == idNever) && forbids(ts, k, j, base && !noun)
		case has(weary, ts[k].id) && !base && k+1 < j && has(wearyOf, ts[k+1].id):
			return k, "stop_calling", k == 0 || ts[k-1].id != idNot
		case ts[k].id == idOff && k > 0 && k+1 == j && has(knock, ts[k-1].id):
			return k - 1, "stop_calling", !base
		case has(ceasing, ts[k].id) && j-k <= 6:
			return k, "stop_calling", (!base || k+2 == j && ts[k+1].id == idTo || k+1 == j && brokenly(ts, j)) && !speakerBefore(ts, k)
		case has(forbidden, ts[k].id):
			return k, "do_not_call", true
		case has(courteous, ts[k].id) || has(speakers, ts[k].id) && j-k <= 3 && ts[j-1].id != vocabulary["be"]:
			return 0, "", false
		}
	}
	return 0, "", false
}

// outOrTouch reports "reach out" and "get in touch", whose last word is token j,
// and whether in the form of "reaching".
func outOrTouch(ts []token, j int) (ok, ing bool) {
	verb := -1
	switch {
	case ts[j].id == idOut && j >= 1:
		verb = j - 1
	case ts[j].id == idTouch && j >= 2:
		verb = j - 2
	}
	if verb < 0 || ts[j].brk {
		return false, false
	}
	ing = has(reachings, ts[verb].id)
	return ing || has(reaches, ts[verb].id), ing
}

var (
	reaches   = wordSet("reach|reaches|reached|get|gets|be|keep|stay")
	weary     = wordSet("sick|tired|fed|enough|done|through|weary|annoyed|finished|had")
	wearyOf   = wordSet("of|with|up|by|it")
	knock     = wordSet("knock|lay|back|leave|ease")
	idOff     = intern("off")
	reachings = wordSet("reaching|getting|keeping|staying|being")
	forbidden = wordSet("forbid|prohibit|forbidden|prohibited|object|refuse")
	idOut     = intern("out")
	idTouch   = intern("touch")
)

// forbids judges the negation at k over the word of contact at j.
func forbids(ts []token, k, j int, base bool) bool {
	wished := false
	for i := k + 1; i < j; i++ {
		wished = wished || has(wishes, ts[i].id)
	}
	if base && j-k >= 3 && ts[j-1].id == idTo && has(wishes, ts[j-2].id) && ts[j-2].id != idNeed {
		return false // "I don't want to call you": the donor would be calling
	}
	for i := j + 1; i < len(ts) && i <= j+3 && needed(ts, k, j); i++ {
		if ts[i].id == idBack && !(i+1 < len(ts) && has(forGood, ts[i+1].id)) {
			return false // "no need to call me back"
		}
	}
	if hoped(ts, k) {
		return true // "I'd rather you didn't call"
	}
	if speakerBefore(ts, k) {
		return wished
	}
	if !base {
		return wished || ts[k].id == idNo && k > 0 && (has(wishes, ts[k-1].id) || has(hopes, ts[k-1].id))
	}
	if ts[k].id == idNo && !wished {
		return false // "no, call me": a comma was lost
	}
	for i := j + 1; i < len(ts) && i <= j+3 && !ts[i].brk; i++ {
		if has(meantHere, ts[i].id) {
			return true
		}
	}
	return wished && (j+1 == len(ts) || ts[j+1].brk)
}

// brokenly reports "stop call me", and not "stop, call me back" without its comma.
func brokenly(ts []token, j int) bool {
	if ts[j].brk || j+1 >= len(ts) || !has(meantHere, ts[j+1].id) || ts[j+1].id == idBack {
		return false
	}
	return j+2 >= len(ts) || ts[j+2].brk || !has(invitees, ts[j+2].id) || has(forGood, ts[j+2].id)
}

// needed reports that only the need of a call is denied.
func needed(ts []token, k, j int) bool {
	for i := k + 1; i < j; i++ {
		if has(forGood, ts[i].id) {
			return false
		}
		if ts[i].id == idNeed || ts[i].id == idHave {
			return true
		}
	}
	return false
}

var idBack = intern("back")

// hoped reports a wish before the negation at k.
func hoped(ts []token, k int) bool {
	for i := k - 1; i >= 0 && i >= k-6; i-- {
		if has(hopes, ts[i].id) {
			return i+1 < k && has(asksOf, ts[i+1].id) && (i == 0 || ts[i-1].id != idNot)
		}
		if ts[i].brk || has(speakers, ts[i].id) || has(clauseJoins, ts[i].id) {
			return false
		}
	}
	return false
}

// speakerBefore reports that the verb at k has the donor or a third person for
// its subject: "I never", "they don't", "we had to stop".
func speakerBefore(ts []token, k int) bool {
	for i := k - 1; i >= 0 && i >= k-4 && !ts[i+1].brk; i-- {
		if has(speakers, ts[i].id) {
			return true
		}
		if !has(auxiliaries, ts[i].id) {
			return false
		}
	}
	return false
}
