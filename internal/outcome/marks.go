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
	assent: 3, agree: 4, interest: 3, bareNo: 2, ack: 1, amountOnly: 1,
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
		if from, name, ok := contactFrame(s.tok, i); ok {
			all = append(all, mark{cue: cue{optOut, name}, from: from, to: i + 1})
		}
		if from, ok := removalFrame(s.tok, i); ok {
			all = append(all, mark{cue: cue{optOut, "off_the_list"}, from: from, to: i + 1})
		}
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
