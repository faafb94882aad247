// Package outcome reads what came of a fundraising call out of its transcript:
// the outcome, the amount, the call-back time, whether the person opted out,
// the sentiment and the key points, each with the words it rests on.
//
// It is rules over tables, with no model and no network, so that the same
// transcript always gives the same answer and every answer can be explained.
//
//   - Text is cut into sentences of folded, interned words (text.go, token.go).
//   - Money in digits and words becomes one token (money.go).
//   - Phrases (pattern.go) from the cue tables (cues*.go) mark each sentence of
//     the donor as commit, refuse, defer, interest, paid, ...; negation, questions,
//     conditions and other recipients are judged around each mark (marks.go,
//     judge.go, scope.go, recipient.go).
//   - The agent's words never decide; the agent's last question only says what a
//     bare "yes", "no" or "twenty" answers (ask.go, readask.go, reply.go).
//   - The last decision wins (decide.go), after the ordered gates for opt-out,
//     machine, wrong number and call-back (gates.go, classify.go, conclude.go).
//
// The work is linear in the length of the transcript: each word tries only the
// phrases that begin with it, and every phrase has a bounded reach.
//
// It imports nothing of ours; of others only github.com/olebedev/when, for dates.
package outcome
