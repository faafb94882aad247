package dashboard

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/leadfile"
)

const (
	// mapColumnsMost is how many columns can be mapped by hand: no list of people has more.
	mapColumnsMost = 200
	previewRows    = 10
	sampleRunes    = 40
)

// importView is what upload.html shows.
type importView struct {
	Notice   *notice
	ID       uuid.UUID
	File     string
	Size     string
	What     string
	Leads    bool
	Business string
	List     string
	Run      runState
	Problem  string
	Columns  []columnView
	Fields   []string
	Heads    []string
	Rows     [][]string
	Numbers  []string
	Problems []leadfile.Problem
	Notes    []leadfile.Problem
	Force    bool // the form offers to let a list shrink
}

// columnView is one column of the file and what becomes of it.
type columnView struct {
	Place   int
	Name    string
	Field   string
	Samples []string
}

// preview reads the first rows of the file. What is wrong with the file is the view's problem; an error is the disk's.
func (u *upload) preview(v *importView) error {
	in, err := u.open()
	if err != nil {
		return err
	}
	if u.kind != kindLeads {
		v.Force = true
		p, err := leadfile.PreviewSuppressions(in, previewRows)
		if p != nil {
			v.Numbers, v.Problems = p.Numbers, p.Problems
		}
		if err != nil {
			v.Problem = sentence(err)
		}
		return nil
	}
	p, err := leadfile.PreviewLeads(in, u.mapped(), previewRows)
	switch {
	case errors.Is(err, leadfile.ErrNoContactColumn):
		v.Problem = "No column is known to hold a phone, a mobile phone or an email. Say below which does."
	case err != nil:
		v.Problem = sentence(err)
	}
	if p != nil {
		v.Fields = leadfile.FieldNames()
		v.fill(p)
	}
	return nil
}

func (v *importView) fill(p *leadfile.LeadPreview) {
	if len(p.Columns) > mapColumnsMost {
		v.Problem = fmt.Sprintf("The first line names %d columns; at most %d can be mapped. Take out what is not needed.", len(p.Columns), mapColumnsMost)
		return
	}
	v.Problems, v.Notes = p.Problems, p.Notes
	for i, c := range p.Columns {
		column := columnView{Place: i + 1, Name: short(c.Name), Field: c.Field}
		for _, row := range p.Samples {
			if i < len(row) && strings.TrimSpace(row[i]) != "" {
				column.Samples = append(column.Samples, short(row[i]))
			}
		}
		v.Columns = append(v.Columns, column)
		if c.Field == "name" {
			v.Heads = append(v.Heads, "first_name", "last_name")
		} else if c.Field != "" {
			v.Heads = append(v.Heads, c.Field)
		}
	}
	for _, row := range p.Rows {
		line := make([]string, len(v.Heads))
		for i, head := range v.Heads {
			line[i] = short(row[head])
		}
		v.Rows = append(v.Rows, line)
	}
}

// short is the beginning of a cell, in one line.
func short(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " ")
	for i := range text {
		if i >= sampleRunes {
			return text[:i] + "…"
		}
	}
	return text
}

// sentence begins an error with a capital and ends it with a stop.
func sentence(err error) string {
	return stopped(err.Error())
}

// stopped is a text of somebody else's as a sentence: a capital first, and a stop at its end.
func stopped(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	text = string(unicode.ToUpper(first)) + text[size:]
	if !strings.ContainsAny(text[len(text)-1:], ".!?") {
		text += "."
	}
	return text
}
