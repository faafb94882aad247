package leadfile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/callhenk/henk-worker/internal/phone"
)

// row is one person as a file has them. The JSON names are those of the import's queries.
type row struct {
	N          int    `json:"n"`
	ID         string `json:"id,omitempty"`
	Own        bool   `json:"own,omitempty"`
	Tail       string `json:"tail,omitempty"`
	MobileTail string `json:"mobile_tail,omitempty"`
	EmailKey   string `json:"email_key,omitempty"`

	SourceID          string   `json:"source_id,omitempty"`
	FirstName         string   `json:"first_name,omitempty"`
	LastName          string   `json:"last_name,omitempty"`
	Email             string   `json:"email,omitempty"`
	Phone             string   `json:"phone,omitempty"`
	MobilePhone       string   `json:"mobile_phone,omitempty"`
	Street            string   `json:"street,omitempty"`
	City              string   `json:"city,omitempty"`
	State             string   `json:"state,omitempty"`
	PostalCode        string   `json:"postal_code,omitempty"`
	Country           string   `json:"country,omitempty"`
	Company           string   `json:"company,omitempty"`
	Title             string   `json:"title,omitempty"`
	Department        string   `json:"department,omitempty"`
	LeadSource        string   `json:"lead_source,omitempty"`
	Description       string   `json:"description,omitempty"`
	Notes             string   `json:"notes,omitempty"`
	Timezone          string   `json:"timezone,omitempty"`
	PreferredLanguage string   `json:"preferred_language,omitempty"`
	Tags              []string `json:"tags,omitempty"`
	DoNotCall         bool     `json:"do_not_call,omitempty"`
	DoNotEmail        bool     `json:"do_not_email,omitempty"`
	EmailOptOut       bool     `json:"email_opt_out,omitempty"`
	LeadScore         *int32   `json:"lead_score,omitempty"`
	QualityRating     string   `json:"quality_rating,omitempty"`

	line   int64
	fields []string
	notes  []string // what was cut or left out
}

// newRow reads a record; problem says why it cannot be a lead.
func newRow(rec record, m mapping) (r row, problem string) {
	r = row{line: rec.line, fields: rec.fields}
	if rec.problem != "" {
		r.fields = []string{rec.raw}
		return r, rec.problem
	}
	for _, extra := range rec.fields[min(len(rec.fields), len(m.header)):] {
		if strings.TrimSpace(extra) != "" {
			return r, fmt.Sprintf("the row has %d fields and the header %d: is a separator or a quote missing?", len(rec.fields), len(m.header))
		}
	}
	for i, text := range rec.fields[:min(len(rec.fields), len(m.header))] {
		if m.at[i] < 0 {
			continue
		}
		if problem := r.set(fields[m.at[i]], text); problem != "" {
			return r, problem
		}
	}
	if r.Phone == "" && r.MobilePhone == "" && r.Email == "" {
		return r, "there is no phone, mobile phone or email"
	}
	r.Tail, r.MobileTail = tails(&r)
	r.EmailKey = strings.ToLower(r.Email)
	return r, ""
}

func (r *row) set(f field, text string) (problem string) {
	if f.lines {
		text = tidyLines(text)
	} else {
		text = tidy(text)
	}
	text = undefuse(text)
	if text == "" {
		return ""
	}
	if f.max > 0 {
		if cut, was := fit(text, f.max); was && f.must {
			return fmt.Sprintf("%s is longer than %d characters", f.name, f.max)
		} else if was {
			text = cut
			r.note("%s was cut to %d characters", f.name, f.max)
		}
	}
	switch f.name {
	case "name":
		r.setName(text)
	case "email":
		if at := strings.IndexByte(text, '@'); at < 1 || at == len(text)-1 || strings.ContainsAny(text, " ,;") {
			r.note("email was left out: it is not one address")
			return ""
		}
		r.Email = text
	case "tags":
		for tag := range strings.FieldsFuncSeq(text, func(c rune) bool { return c == ',' || c == ';' || c == '|' }) {
			if tag = strings.TrimSpace(tag); tag != "" && !slices.Contains(r.Tags, tag) {
				r.Tags = append(r.Tags, tag)
			}
		}
	case "do_not_call":
		r.DoNotCall = isYes(text)
	case "do_not_email":
		r.DoNotEmail = isYes(text)
	case "email_opt_out":
		r.EmailOptOut = isYes(text)
	case "lead_score":
		score, err := strconv.ParseInt(text, 10, 32)
		if err != nil {
			r.note("lead_score was left out: it is not a whole number")
			return ""
		}
		n := int32(score)
		r.LeadScore = &n
	case "quality_rating":
		if text = strings.ToLower(text); !slices.Contains([]string{"hot", "warm", "cold", "unrated"}, text) {
			r.note("quality_rating was left out: it is not hot, warm, cold or unrated")
			return ""
		}
		r.QualityRating = text
	default:
		*r.text(f.name) = text
	}
	return ""
}

// text is where a plain field is kept.
func (r *row) text(name string) *string {
	switch name {
	case "source_id":
		return &r.SourceID
	case "first_name":
		return &r.FirstName
	case "last_name":
		return &r.LastName
	case "phone":
		return &r.Phone
	case "mobile_phone":
		return &r.MobilePhone
	case "street":
		return &r.Street
	case "city":
		return &r.City
	case "state":
		return &r.State
	case "postal_code":
		return &r.PostalCode
	case "country":
		return &r.Country
	case "company":
		return &r.Company
	case "title":
		return &r.Title
	case "department":
		return &r.Department
	case "lead_source":
		return &r.LeadSource
	case "description":
		return &r.Description
	case "notes":
		return &r.Notes
	case "timezone":
		return &r.Timezone
	case "preferred_language":
		return &r.PreferredLanguage
	}
	panic("a field without a place: " + name)
}

// setName splits a full name, unless the file has its parts too.
func (r *row) setName(text string) {
	first, last := "", ""
	if family, given, ok := strings.Cut(text, ","); ok {
		first, last = strings.TrimSpace(given), strings.TrimSpace(family)
	} else if i := strings.LastIndexByte(text, ' '); i >= 0 {
		first, last = strings.TrimSpace(text[:i]), text[i+1:]
	} else {
		last = text
	}
	first, _ = fit(first, 255)
	last, _ = fit(last, 255)
	if r.FirstName == "" {
		r.FirstName = first
	}
	if r.LastName == "" {
		r.LastName = last
	}
}

func (r *row) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
}

// isYes reads a flag that forbids something: whatever is not clearly a no is a yes.
func isYes(text string) bool {
	switch strings.ToLower(text) {
	case "", "0", "n", "no", "f", "false", "off", "none", "null", "nein", "non", "unchecked":
		return false
	}
	return true
}

// dialable tells whether a number of the row could be called at all.
func (r *row) dialable() bool {
	_, err := phone.Choose(&r.Phone, &r.MobilePhone, everywhere)
	return err == nil
}

func tails(r *row) (phoneTail, mobileTail string) {
	return phone.Tail(r.Phone), phone.Tail(r.MobilePhone)
}
