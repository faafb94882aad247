package outcome

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// WriteText renders a report for a terminal.
func (r Report) WriteText(w io.Writer) error {
	m := r.Metrics
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "rules\t%s\ncases\t%d, %d labelled\n", m.Version, m.Cases, m.Labelled)
	if m.Labelled > 0 {
		fmt.Fprintf(tw, "\ncommitment against the rest\n")
		fmt.Fprintf(tw, "balanced accuracy\t%s\n", percent(m.BalancedAccuracy))
		fmt.Fprintf(tw, "recall\t%s\nprecision\t%s\nF1\t%s\nspecificity\t%s\n", percent(m.CommitmentRecall), percent(m.CommitmentPrecision), percent(m.CommitmentF1), percent(m.Specificity))
		fmt.Fprintf(tw, "refusals called commitment\t%d of %d (%s)\n", m.RefusalsCommitment, m.Refusals, percent(m.RefusalsCommitmentPct))
		if m.OptOuts > 0 {
			fmt.Fprintf(tw, "opt-outs missed\t%d of %d\n", m.OptOutsMissed, m.OptOuts)
		}
		if m.Amounts > 0 {
			fmt.Fprintf(tw, "amounts\t%d found, %d equal, of %d\n", m.AmountsFound, m.AmountsEqual, m.Amounts)
		}
		writeClasses(tw, m)
	} else {
		fmt.Fprintf(tw, "\noutcome\tcases\n")
		counts := map[Outcome]int{}
		for _, c := range r.Cases {
			counts[c.Outcome]++
		}
		for _, o := range All {
			fmt.Fprintf(tw, "%s\t%d\n", o, counts[o])
		}
	}
	if err := tw.Flush(); err != nil {
		return fmt.Errorf("writing report: %w", err)
	}
	if m.Labelled > 0 {
		writeConfusion(w, m)
		writeDisagreements(w, m)
	}
	return nil
}

func writeClasses(w io.Writer, m Metrics) {
	if m.MacroF1 == nil {
		return
	}
	fmt.Fprintf(w, "\nclass\tcases\trecall\tprecision\tF1\n")
	for _, o := range All {
		if c, ok := m.Classes[string(o)]; ok {
			fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s\n", o, c.Cases, percent(c.Recall), percent(c.Precision), percent(c.F1))
		}
	}
	fmt.Fprintf(w, "macro\t\t%s\t\t%s\n", percent(m.MacroRecall), percent(m.MacroF1))
}

// short are the outcomes as the matrix heads its columns.
var short = map[Outcome]string{
	Pledged: "pledged", Donated: "donated", Interested: "interest", NotInterested: "not_int", CallbackRequested: "callback",
	VoicemailLeft: "voicemail", WrongNumber: "wrong_no", DoNotCall: "dnc", Unknown: "unknown",
}

// writeConfusion draws the matrix: a row per label, a column per outcome, a dot
// for none. What was read as labelled is in brackets.
func writeConfusion(w io.Writer, m Metrics) {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(tw, "\nlabel \\ read as")
	for _, o := range All {
		fmt.Fprintf(tw, "\t%s", short[o])
	}
	fmt.Fprint(tw, "\tcases\t\n")
	for _, l := range orderedLabels(m.Confusion) {
		total := 0
		fmt.Fprint(tw, l)
		for _, o := range All {
			n := m.Confusion[l][string(o)]
			total += n
			switch {
			case n == 0:
				fmt.Fprint(tw, "\t.")
			case Agrees(l, o):
				fmt.Fprintf(tw, "\t[%d]", n)
			default:
				fmt.Fprintf(tw, "\t%d", n)
			}
		}
		fmt.Fprintf(tw, "\t%d\t\n", total)
	}
	_ = tw.Flush() // the writer under it reports its own error at the end
}

// orderedLabels lists the labels present, outcomes first and in their order.
func orderedLabels(confusion map[string]map[string]int) []string {
	var labels []string
	for _, o := range All {
		if confusion[string(o)] != nil {
			labels = append(labels, string(o))
		}
	}
	for _, l := range []string{LabelCommitment, LabelRefusal, LabelNoDecision} {
		if confusion[l] != nil {
			labels = append(labels, l)
		}
	}
	return labels
}

func writeDisagreements(w io.Writer, m Metrics) {
	if len(m.Disagreements) == 0 {
		fmt.Fprint(w, "\nno disagreements\n")
		return
	}
	fmt.Fprintf(w, "\n%d disagreements\n", len(m.Disagreements))
	for _, d := range m.Disagreements {
		fmt.Fprintf(w, "%s: labelled %s, read as %s", d.ID, d.Label, d.Outcome)
		if d.Evidence.Cue != "" {
			fmt.Fprintf(w, " by %s in message %d: “%s”", d.Evidence.Cue, d.Evidence.Message, d.Evidence.Quote)
		}
		fmt.Fprintln(w)
	}
}

func percent(v *float64) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprintf("%.1f%%", *v*100)
}
