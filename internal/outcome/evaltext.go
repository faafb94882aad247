package outcome

import (
	"fmt"
	"io"
	"slices"
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
		fmt.Fprintf(tw, "recall\t%s\nprecision\t%s\nspecificity\t%s\n", percent(m.CommitmentRecall), percent(m.CommitmentPrecision), percent(m.Specificity))
		fmt.Fprintf(tw, "refusals called commitment\t%d of %d\n", m.RefusalsCommitment, m.Refusals)
		if m.OptOuts > 0 {
			fmt.Fprintf(tw, "opt-outs missed\t%d of %d\n", m.OptOutsMissed, m.OptOuts)
		}
		if m.Amounts > 0 {
			fmt.Fprintf(tw, "amounts\t%d found, %d equal, of %d\n", m.AmountsFound, m.AmountsEqual, m.Amounts)
		}
		writeClasses(tw, m)
		writeConfusion(tw, m)
		writeDisagreements(tw, m)
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

func writeConfusion(w io.Writer, m Metrics) {
	var labels []string
	for l := range m.Confusion {
		labels = append(labels, l)
	}
	slices.Sort(labels)
	var cols []Outcome
	for _, o := range All {
		for _, l := range labels {
			if m.Confusion[l][string(o)] > 0 {
				cols = append(cols, o)
				break
			}
		}
	}
	fmt.Fprintf(w, "\nlabel \\ read as")
	for _, o := range cols {
		fmt.Fprintf(w, "\t%s", o)
	}
	fmt.Fprintln(w)
	for _, l := range labels {
		fmt.Fprint(w, l)
		for _, o := range cols {
			fmt.Fprintf(w, "\t%d", m.Confusion[l][string(o)])
		}
		fmt.Fprintln(w)
	}
}

func writeDisagreements(w io.Writer, m Metrics) {
	if len(m.Disagreements) == 0 {
		return
	}
	fmt.Fprintf(w, "\ndisagreements\tlabel\tread as\tby\tquote\n")
	for _, d := range m.Disagreements {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", d.ID, d.Label, d.Outcome, d.Evidence.Cue, d.Evidence.Quote)
	}
}

func percent(v *float64) string {
	if v == nil {
		return "-"
	}
	return fmt.Sprintf("%.1f%%", *v*100)
}
