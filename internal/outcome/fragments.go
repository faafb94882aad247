package outcome

import "strings"

// Speech recognition cuts one breath into pieces: "don't" / "sorry?" / "call me
// again", or "Stop. Calling. Me." An opt-out must not get lost in the cut.

const (
	fragmentBytes = 60  // what may be the beginning of a sentence
	joinedBytes   = 160 // how much of the next words is read with it
)

// hearFragments looks for an opt-out across the pieces. It comes last in a
// message: it uses the reader's sentence buffers again.
func (r *reader) hearFragments(i int, text string) {
	held := r.fragment
	r.fragment = ""
	if open := strings.TrimRight(text, " "); len(open) <= fragmentBytes && unfinished(open) {
		r.fragment = open
	}
	if r.optOut {
		return
	}
	if held != "" {
		r.hearJoined(i, held, text[:min(len(text), joinedBytes)], text)
	}
	if !r.optOut && len(text) <= joinedBytes && r.choppy() {
		r.hearJoined(i, "", strings.NewReplacer(".", " ", "!", " ", "…", " ").Replace(text), text)
	}
}

// hearJoined reads both pieces as one and keeps the second as evidence.
func (r *reader) hearJoined(i int, held, piece, text string) {
	r.listen(strings.TrimRight(held, ".!…-, ") + " " + piece)
	for k, h := range r.heard {
		for _, m := range h.marks {
			if m.kind == optOut && m.name != "stop" && int(h.tok[m.to-1].end) > len(held) && optOutStands(h.sentence, m, r.following(k, m)) {
				r.optOut = true
				r.note(&r.gate, i, text, 0, len(text), m.name)
				return
			}
		}
	}
}

// unfinished reports that more must follow: the words end in "don't", "please
// stop", "take me".
func unfinished(said string) bool {
	var s scanner
	sents := s.scan(said)
	if len(sents) == 0 {
		return false
	}
	last := sents[len(sents)-1]
	return !last.question && has(hanging, last.tok[len(last.tok)-1].id)
}

// choppy reports a message of three or more sentences of at most two words.
func (r *reader) choppy() bool {
	for _, h := range r.heard {
		if len(h.tok) > 3 || h.question || has(greets, h.tok[0].id) {
			return false
		}
	}
	return len(r.heard) >= 3
}

var hanging = wordSet("not|never|stop|quit|stopping|to|you|me|us|my|our|this|your|the|off|from|take|remove|delete|put|want|be|calling|please|do|ever|call|and|more|no|any|list|want|number|guys|people")
