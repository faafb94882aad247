package leadfile

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// LeadPreview is what an import would make of the first rows of a file.
type LeadPreview struct {
	Separator string              `json:"separator"`
	Columns   []Column            `json:"columns"`
	Samples   [][]string          `json:"samples"` // the first rows as they are, by column; maxSamples of them
	Rows      []map[string]string `json:"rows"`    // by field, as they would be stored
	Problems  []Problem           `json:"problems"`
	Notes     []Problem           `json:"notes"`
}

// maxSamples rows tell a person what is in a column.
const maxSamples = 3

// PreviewLeads reads up to n rows and changes nothing. given is LeadOptions.Map. On ErrNoContactColumn the preview still
// has the columns, so that somebody can map them.
func PreviewLeads(r io.Reader, given map[string]string, n int) (*LeadPreview, error) {
	records, m, err := openLeads(r, given)
	if records == nil {
		return nil, err
	}
	p := &LeadPreview{Separator: string(records.comma), Columns: m.columns()}
	unmapped := err
	for range n {
		rec, err := records.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return p, errors.Join(unmapped, err)
		}
		if rec.problem == "" && len(p.Samples) < maxSamples {
			p.Samples = append(p.Samples, rec.fields)
		}
		if unmapped != nil { // nothing can be said of rows, only shown what is in them
			continue
		}
		got, problem := newRow(rec, m)
		if problem != "" {
			p.Problems = append(p.Problems, Problem{rec.line, problem})
			continue
		}
		for _, note := range got.notes {
			p.Notes = append(p.Notes, Problem{rec.line, note})
		}
		p.Rows = append(p.Rows, got.shown())
	}
	return p, unmapped
}

// NumberPreview is what an import would make of the first lines of a list of numbers.
type NumberPreview struct {
	Numbers  []string  `json:"numbers"`
	Problems []Problem `json:"problems"`
}

// PreviewSuppressions reads up to n lines and changes nothing.
func PreviewSuppressions(r io.Reader, n int) (*NumberPreview, error) {
	numbers, err := newNumberReader(r)
	if err != nil {
		return nil, err
	}
	p := &NumberPreview{}
	for range n {
		line, err := numbers.next()
		switch {
		case errors.Is(err, io.EOF):
			return p, nil
		case err != nil:
			return p, err
		case line.problem != "":
			p.Problems = append(p.Problems, Problem{line.line, line.problem})
		default:
			p.Numbers = append(p.Numbers, line.entry.Phone)
		}
	}
	return p, nil
}

// shown is the row by field; what is empty is left out.
func (r *row) shown() map[string]string {
	shown := map[string]string{}
	for _, f := range fields {
		text := ""
		switch f.name {
		case "name":
		case "email":
			text = r.Email
		case "tags":
			text = strings.Join(r.Tags, ", ")
		case "do_not_call":
			text = yes(r.DoNotCall)
		case "do_not_email":
			text = yes(r.DoNotEmail)
		case "email_opt_out":
			text = yes(r.EmailOptOut)
		case "lead_score":
			if r.LeadScore != nil {
				text = fmt.Sprint(*r.LeadScore)
			}
		case "quality_rating":
			text = r.QualityRating
		default:
			text = *r.text(f.name)
		}
		if text != "" {
			shown[f.name] = text
		}
	}
	return shown
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}
