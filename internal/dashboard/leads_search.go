package dashboard

import (
	"context"
	"strings"

	"github.com/callhenk/henk-worker/internal/phone"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// last is above every text in collation "C".
const last = "\U0010FFFF"

// from is where a list begins or goes on: Postgres takes the key for the place in the index where it begins to read, not
// the bound of what is looked for.
func from(after cursor, low string) string { return max(after.Key1, low) }

// searchLists chooses the indexes that find a text.
func (d *Dashboard) searchLists(text string) []list {
	if len([]rune(text)) < 2 {
		return nil // a tenth of all people begins with the same letter
	}
	if strings.Contains(text, "@") {
		return []list{d.byEmail(text)}
	}
	if digits, ok := phonePrefix(text); ok {
		// As stored: in international form, and as it was typed.
		lists := []list{d.byDigits(digits), d.byPhone("+1"+digits, digits)}
		if !strings.HasPrefix(text, "+1"+digits) && !strings.HasPrefix("+1"+digits, text) {
			lists = append(lists, d.byPhone(text, digits))
		}
		return lists
	}
	words := strings.Fields(text)
	if len(words) == 1 {
		return []list{d.byLastName(text, text+last, ""), d.byFirstName(text, text+last, "", text, "")}
	}
	first, rest := words[0], strings.Join(words[1:], " ")
	return []list{ // "ada love", then "love, ada", then one part with a space in it
		d.byLastName(rest, rest+last, first),
		d.byLastName(words[0], words[0]+last, rest),
		d.byFirstName(text, text+last, "", "", ""),
	}
}

// phonePrefix reads what may be the beginning of a number: its last ten digits are what is compared, so that a country
// code in front of a North American number falls away.
func phonePrefix(text string) (digits string, ok bool) {
	for _, c := range text {
		switch {
		case c >= '0' && c <= '9':
			digits += string(c)
		case !strings.ContainsRune("+-(). /", c):
			return "", false
		}
	}
	if strings.HasPrefix(text, "+1") || len(digits) == 11 && digits[0] == '1' {
		digits = digits[1:]
	}
	if tail := phone.Tail(digits); tail != "" {
		digits = tail
	}
	return digits, digits != ""
}

func (d *Dashboard) byLastName(low, high, other string) list {
	if high == "" {
		high = last
	}
	return func(ctx context.Context, after cursor, limit int32) ([]leadRow, error) {
		rows, err := dbsqlc.New().DashboardLeadsByLastName(ctx, d.DB, dbsqlc.DashboardLeadsByLastNameParams{Low: low, High: high, Key1: from(after, low),
			Key2: after.Key2, ID: after.ID, Other: other, MaxRows: limit})
		return leadRows(rows, func(r dbsqlc.DashboardLeadsByLastNameRow) dbsqlc.DashboardLeadsByLastNameRow { return r }), err
	}
}

// byFirstName leaves out those that byLastName(shownLast, .., shownFirst) has found; both empty leaves out nobody.
func (d *Dashboard) byFirstName(low, high, other, shownLast, shownFirst string) list {
	if shownLast == "" && shownFirst == "" {
		shownLast = last // nobody's
	}
	return func(ctx context.Context, after cursor, limit int32) ([]leadRow, error) {
		rows, err := dbsqlc.New().DashboardLeadsByFirstName(ctx, d.DB, dbsqlc.DashboardLeadsByFirstNameParams{Low: low, High: high, Key1: from(after, low),
			Key2: after.Key2, ID: after.ID, Other: other, ShownLast: shownLast, ShownFirst: shownFirst, MaxRows: limit})
		return leadRows(rows, func(r dbsqlc.DashboardLeadsByFirstNameRow) dbsqlc.DashboardLeadsByLastNameRow {
			return dbsqlc.DashboardLeadsByLastNameRow(r)
		}), err
	}
}

func (d *Dashboard) byEmail(text string) list {
	return func(ctx context.Context, after cursor, limit int32) ([]leadRow, error) {
		rows, err := dbsqlc.New().DashboardLeadsByEmail(ctx, d.DB, dbsqlc.DashboardLeadsByEmailParams{Low: text, High: text + last, Key1: from(after, text), ID: after.ID, MaxRows: limit})
		return leadRows(rows, func(r dbsqlc.DashboardLeadsByEmailRow) dbsqlc.DashboardLeadsByLastNameRow {
			return dbsqlc.DashboardLeadsByLastNameRow(r)
		}), err
	}
}

func (d *Dashboard) byDigits(digits string) list {
	return func(ctx context.Context, after cursor, limit int32) ([]leadRow, error) {
		rows, err := dbsqlc.New().DashboardLeadsByDigits(ctx, d.DB, dbsqlc.DashboardLeadsByDigitsParams{Low: digits, High: above(digits), Key1: from(after, digits), ID: after.ID, MaxRows: limit})
		return leadRows(rows, func(r dbsqlc.DashboardLeadsByDigitsRow) dbsqlc.DashboardLeadsByLastNameRow {
			return dbsqlc.DashboardLeadsByLastNameRow(r)
		}), err
	}
}

// above is the first text of digits after all that begin with these.
func above(digits string) string {
	for i := len(digits) - 1; i >= 0; i-- {
		if digits[i] < '9' {
			return digits[:i] + string(digits[i]+1)
		}
	}
	return strings.Repeat("9", 11) // longer than any
}

// byPhone finds numbers that are stored as text, but not those that byDigits(digits) has found.
func (d *Dashboard) byPhone(text, digits string) list {
	return func(ctx context.Context, after cursor, limit int32) ([]leadRow, error) {
		rows, err := dbsqlc.New().DashboardLeadsByPhone(ctx, d.DB, dbsqlc.DashboardLeadsByPhoneParams{Low: text, High: text + last, Key1: from(after, text), ID: after.ID, Digits: digits, MaxRows: limit})
		return leadRows(rows, func(r dbsqlc.DashboardLeadsByPhoneRow) dbsqlc.DashboardLeadsByLastNameRow {
			return dbsqlc.DashboardLeadsByLastNameRow(r)
		}), err
	}
}

func (d *Dashboard) flaggedLeads(ctx context.Context, after cursor, limit int32) ([]leadRow, error) {
	rows, err := dbsqlc.New().DashboardLeadsFlagged(ctx, d.DB, dbsqlc.DashboardLeadsFlaggedParams{Key1: after.Key1, Key2: after.Key2, ID: after.ID, MaxRows: limit})
	return leadRows(rows, func(r dbsqlc.DashboardLeadsFlaggedRow) dbsqlc.DashboardLeadsByLastNameRow {
		return dbsqlc.DashboardLeadsByLastNameRow(r)
	}), err
}
