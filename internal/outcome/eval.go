package outcome

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// Labels that say less than an outcome does. A case labelled so counts for the
// commitment figures and not for the per-class ones.
const (
	LabelCommitment = "commitment"  // pledged or donated
	LabelRefusal    = "refusal"     // the last decision is no
	LabelNoDecision = "no_decision" // neither
)

// Case is one labelled, or unlabelled, transcript.
type Case struct {
	ID       string        `json:"id"`
	Messages []CaseMessage `json:"messages"`
	Label    *string       `json:"label,omitempty"`  // an outcome, or commitment, refusal, no_decision
	Amount   *float64      `json:"amount,omitempty"` // in dollars
}

// CaseMessage is one turn as transcript files write it.
type CaseMessage struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

// maxLine bounds one line of a case file.
const maxLine = 64 << 20

// ReadCases reads JSON lines. Blank lines are skipped; a line that is not a case
// is an error that names the line.
func ReadCases(r io.Reader) ([]Case, error) {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 64<<10), maxLine)
	var cases []Case
	line := 0
	for sc.Scan() {
		line++
		b := bytes.TrimSpace(bytes.TrimPrefix(sc.Bytes(), []byte("\ufeff")))
		if len(b) == 0 {
			continue
		}
		c, err := readCase(b)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		if c.ID == "" {
			c.ID = fmt.Sprintf("line-%d", line)
		}
		cases = append(cases, c)
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("line %d: reading cases: %w", line+1, err)
	}
	return cases, nil
}

func readCase(b []byte) (Case, error) {
	var raw struct {
		ID       json.RawMessage `json:"id"`
		Messages []*CaseMessage  `json:"messages"`
		Label    *string         `json:"label"`
		Amount   *float64        `json:"amount"`
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return Case{}, fmt.Errorf("not a case, want {\"id\",\"messages\":[{\"role\",\"content\"}],\"label\"?,\"amount\"?}: %w", err)
	}
	if raw.Messages == nil {
		return Case{}, errors.New(`no "messages": add the transcript as [{"role":"agent|user","content":".."}]`)
	}
	c := Case{ID: strings.Trim(string(raw.ID), `"`), Label: raw.Label, Amount: raw.Amount}
	var id string
	if json.Unmarshal(raw.ID, &id) == nil {
		c.ID = id
	}
	if c.ID == "null" {
		c.ID = ""
	}
	for _, m := range raw.Messages {
		if m == nil {
			m = &CaseMessage{} // null turns happen; positions must stay
		}
		c.Messages = append(c.Messages, *m)
	}
	if c.Label != nil && *c.Label == "" {
		c.Label = nil
	}
	if c.Label != nil && !knownLabel(*c.Label) {
		return Case{}, fmt.Errorf("unknown label %q: use an outcome (%s) or commitment, refusal, no_decision", cut(*c.Label), joinOutcomes())
	}
	return c, nil
}

func cut(s string) string {
	if utf8.RuneCountInString(s) > 40 {
		return string([]rune(s)[:40]) + "…"
	}
	return s
}

func knownLabel(l string) bool {
	return slices.Contains(All, Outcome(l)) || l == LabelCommitment || l == LabelRefusal || l == LabelNoDecision
}

func joinOutcomes() string {
	var b []string
	for _, o := range All {
		b = append(b, string(o))
	}
	return strings.Join(b, ", ")
}

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
	Label       string     `json:"label,omitempty"`
	OptOut      bool       `json:"opt_out,omitempty"`
	NeedsReview bool       `json:"needs_review,omitempty"`
}

// Metrics are the figures of a report. Ratios are 0..1 and nil where nothing
// was there to count.
type Metrics struct {
	Version  string `json:"version"`
	Cases    int    `json:"cases"`
	Labelled int    `json:"labelled"`

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
	Evidence Evidence `json:"evidence"` // the last piece
}

// Evaluate reads every case and compares with the labels.
func Evaluate(cases []Case) Report {
	rep := Report{Cases: make([]CaseResult, 0, len(cases))}
	t := tally{confusion: map[string]map[string]int{}}
	for _, c := range cases {
		res := Classify(c.Input())
		cr := CaseResult{
			ID: c.ID, Outcome: res.Outcome, Confidence: res.Confidence, AmountCents: res.AmountCents,
			Evidence: res.Evidence, OptOut: res.OptOut, NeedsReview: res.NeedsReview,
		}
		if cr.Evidence == nil {
			cr.Evidence = []Evidence{}
		}
		if c.Label != nil {
			cr.Label = *c.Label
			t.add(c, res)
		}
		rep.Cases = append(rep.Cases, cr)
	}
	rep.Metrics = t.metrics(len(cases))
	return rep
}

// Input is the case as Classify takes it.
func (c Case) Input() Input {
	in := Input{Messages: make([]Message, 0, len(c.Messages))}
	for _, m := range c.Messages {
		in.Messages = append(in.Messages, Message{Role: m.Role, Text: m.Content})
	}
	return in
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
		d := Disagreement{ID: c.ID, Label: label, Outcome: res.Outcome, Evidence: Evidence{Message: -1}}
		if n := len(res.Evidence); n > 0 {
			d.Evidence = res.Evidence[n-1]
		}
		t.m.Disagreements = append(t.m.Disagreements, d)
	}
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
