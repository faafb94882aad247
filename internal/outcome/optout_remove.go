package outcome

// Taking off a list, as grammar: a verb of removing, whom or what, and where
// from. "Could you go and pull my husband's name out of that system."

var (
	removing   = wordSet("take|remove|delete|strike|scratch|cross|erase|drop|pull|wipe|purge|exclude|eliminate|scrub|clear|cut|withdraw|get|keep|leave|unlist|expunge|cancel|have|taking|removing|taken|removed|deleted")
	removed    = wordSet("me|us|him|her|them|my|our|this|@kin|number|name|info|information|phone|details|everyone|everybody|i|it")
	removeFrom = wordSet("@list|list|calls|calling|future|there|computer|program|robot|machine|app|software|calling|rotation|campaign|everything")
)

// removalFrame reports an opt-out whose "off", "from" or "out" is token j.
func removalFrame(ts []token, j int) (from int, ok bool) {
	if !has(awayWords, ts[j].id) || ts[j].brk {
		return 0, false
	}
	whom, verb := false, -1
	for k := j - 1; k >= 0 && k >= j-6; k-- {
		if whom && has(removing, ts[k].id) {
			verb = k
			break
		}
		whom = whom || has(removed, ts[k].id)
		if ts[k].brk {
			break
		}
	}
	if verb < 0 {
		return 0, false
	}
	for i := j + 1; i < len(ts) && i <= j+5 && !ts[i].brk; i++ {
		if has(removeFrom, ts[i].id) {
			return verb, true
		}
		if ts[i].id == idMy || ts[i].id == vocabulary["our"] {
			return 0, false // "take ten off my bill"
		}
	}
	return 0, false
}

var (
	awayWords = wordSet("off|from|out|of")
	idMy      = intern("my")
)
