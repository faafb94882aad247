package outcome

import (
	"math"
)

// Report is what an evaluation found. Its JSON is that of henk eval outcomes.
type Report struct {
	Cases   []CaseResult `json:"cases"`
	Metrics Metrics      `json:"metrics"`
}

// CaseResult is the reading of one case.
type CaseResult struct {
	ID          string     `json:"id"`
	Outcome     Outcome    `json:"outcome"`
	Confidence  float64    `json:"confidence"`
	AmountCents *int64     `json:"amount_cents"`
	Evidence    []Evidence `json:"evidence"`
}

// Metrics are the figures of a report. Ratios are 0..1 and nil where nothing
// was there to count.
type Metrics struct {
	Version  string `json:"version"`
	Cases    int    `json:"cases"`
	Labelled int    `json:"labelled"`

	// Cases in which the donor said both yes and no: worth a person's look.
	NeedReview int `json:"need_review"`

	// Commitment (pledged or donated) against everything else, over all labels.
	BalancedAccuracy    *float64 `json:"balanced_accuracy"`
	CommitmentRecall    *float64 `json:"commitment_recall"`
	CommitmentPrecision *float64 `json:"commitment_precision"`
	CommitmentF1        *float64 `json:"commitment_f1"`
	Specificity         *float64 `json:"specificity"`

	// A refusal is a case labelled refusal, not_interested or do_not_call.
	Refusals              int      `json:"refusals"`
	RefusalsCommitment    int      `json:"refusals_called_commitment"`
	RefusalsCommitmentPct *float64 `json:"refusals_called_commitment_rate"`
	OptOuts               int      `json:"opt_outs"`
	OptOutsMissed         int      `json:"opt_outs_missed"`

	// Per class, over the cases whose label is an outcome; macro over the classes present.
	MacroF1     *float64                  `json:"macro_f1"`
	MacroRecall *float64                  `json:"macro_recall"`
	Classes     map[string]ClassMetrics   `json:"classes,omitempty"`
	Confusion   map[string]map[string]int `json:"confusion"` // label -> outcome -> cases

	// Amounts, over the cases labelled a commitment with an amount above zero.
	Amounts      int `json:"amounts"`
	AmountsFound int `json:"amounts_found"`
	AmountsEqual int `json:"amounts_equal"`

	Disagreements []Disagreement `json:"disagreements"`
}

// ClassMetrics are the figures of one outcome.
type ClassMetrics struct {
	Cases     int      `json:"cases"`
	Recall    *float64 `json:"recall"`
	Precision *float64 `json:"precision"`
	F1        *float64 `json:"f1"`
}

// Disagreement is a case that was read otherwise than labelled.
type Disagreement struct {
	ID       string   `json:"id"`
	Label    string   `json:"label"`
	Outcome  Outcome  `json:"outcome"`
	Evidence Evidence `json:"evidence"` // the piece that decided; message -1 when there is none
}

// Evaluate reads every case and compares with the labels.
func Evaluate(cases []Case) Report {
	return EvaluateEach(cases, func(int) error { return nil })
}

// EvaluateEach does the same and tells after each case how many are done. An
// error of each ends the reading; the report then covers what was read.
func EvaluateEach(cases []Case, each func(done int) error) Report {
	rep := Report{Cases: make([]CaseResult, 0, len(cases))}
	t := tally{confusion: map[string]map[string]int{}}
	for _, c := range cases {
		res := Classify(c.Input())
		cr := CaseResult{
			ID: c.ID, Outcome: res.Outcome, Confidence: res.Confidence, AmountCents: res.AmountCents,
			Evidence: res.Evidence,
		}
		if cr.Evidence == nil {
			cr.Evidence = []Evidence{}
		}
		if res.NeedsReview {
			t.m.NeedReview++
		}
		if c.Label != nil {
			t.add(c, res)
		}
		rep.Cases = append(rep.Cases, cr)
		if each(len(rep.Cases)) != nil {
			break
		}
	}
	rep.Metrics = t.metrics(len(rep.Cases))
	return rep
}

type tally struct {
	m              Metrics
	tp, fp, fn, tn int
	confusion      map[string]map[string]int
}

// Agrees reports whether an outcome is what a label says.
func Agrees(label string, o Outcome) bool {
	switch label {
	case LabelCommitment:
		return o.Commitment()
	case LabelRefusal:
		return o == NotInterested || o == DoNotCall
	case LabelNoDecision:
		return !o.Commitment() && o != NotInterested && o != DoNotCall
	}
	return label == string(o)
}

func (t *tally) add(c Case, res Result) {
	label := *c.Label
	t.m.Labelled++
	if t.confusion[label] == nil {
		t.confusion[label] = map[string]int{}
	}
	t.confusion[label][string(res.Outcome)]++
	isYes := label == LabelCommitment || Outcome(label).Commitment()
	switch yes := res.Outcome.Commitment(); {
	case isYes && yes:
		t.tp++
	case isYes:
		t.fn++
	case yes:
		t.fp++
	default:
		t.tn++
	}
	if label == LabelRefusal || label == string(NotInterested) || label == string(DoNotCall) {
		t.m.Refusals++
		if res.Outcome.Commitment() {
			t.m.RefusalsCommitment++
		}
	}
	if label == string(DoNotCall) {
		t.m.OptOuts++
		if !res.OptOut {
			t.m.OptOutsMissed++
		}
	}
	if isYes && c.Amount != nil && *c.Amount > 0 {
		t.m.Amounts++
		if res.AmountCents != nil {
			t.m.AmountsFound++
			if *res.AmountCents == int64(math.Round(*c.Amount*100)) {
				t.m.AmountsEqual++
			}
		}
	}
	if !Agrees(label, res.Outcome) {
		t.m.Disagreements = append(t.m.Disagreements, Disagreement{ID: c.ID, Label: label, Outcome: res.Outcome, Evidence: deciding(res)})
	}
}

// deciding is the piece of evidence to show for a result: of a gate its own, else
// the last that is more than liking or asking.
func deciding(res Result) Evidence {
	last := Evidence{Message: -1}
	gate := res.Outcome == DoNotCall || res.Outcome == WrongNumber
	for i := len(res.Evidence) - 1; i >= 0; i-- {
		e := res.Evidence[i]
		if gate && isGate(e.Cue) || !gate && !mild[e.Cue] && !isGate(e.Cue) {
			return e
		}
		if last.Cue == "" {
			last = e
		}
	}
	return last
}

func (t *tally) metrics(cases int) Metrics {
	m := t.m
	m.Version, m.Cases, m.Confusion = Version, cases, t.confusion
	m.CommitmentRecall = ratio(t.tp, t.tp+t.fn)
	m.CommitmentPrecision = ratio(t.tp, t.tp+t.fp)
	m.CommitmentF1 = ratio(2*t.tp, 2*t.tp+t.fp+t.fn)
	m.Specificity = ratio(t.tn, t.tn+t.fp)
	if m.CommitmentRecall != nil && m.Specificity != nil {
		b := (*m.CommitmentRecall + *m.Specificity) / 2
		m.BalancedAccuracy = &b
	}
	m.RefusalsCommitmentPct = ratio(m.RefusalsCommitment, m.Refusals)
	t.classes(&m)
	if m.Disagreements == nil {
		m.Disagreements = []Disagreement{}
	}
	return m
}

func (t *tally) classes(m *Metrics) {
	m.Classes = map[string]ClassMetrics{}
	var f1, recall float64
	present := 0
	for _, o := range All {
		name := string(o)
		right, labelled, called := t.confusion[name][name], 0, 0
		for _, n := range t.confusion[name] {
			labelled += n
		}
		for _, l := range All {
			called += t.confusion[string(l)][name]
		}
		if labelled+called == 0 {
			continue
		}
		c := ClassMetrics{Cases: labelled, Recall: ratio(right, labelled), Precision: ratio(right, called), F1: ratio(2*right, labelled+called)}
		m.Classes[name] = c
		if labelled > 0 {
			present++
			f1 += *c.F1
			recall += *c.Recall
		}
	}
	if present > 0 {
		f1, recall = f1/float64(present), recall/float64(present)
		m.MacroF1, m.MacroRecall = &f1, &recall
	}
}

func ratio(n, of int) *float64 {
	if of == 0 {
		return nil
	}
	v := float64(n) / float64(of)
	return &v
}
