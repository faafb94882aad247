package crm

import (
	"context"
	"errors"
	"fmt"

	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// person is a Contact or Lead as it stands in Salesforce.
type person struct {
	id       string
	deleted  bool   // and nobody goes on for it
	next     string // who goes on for it: the survivor of a merge, the Contact of a converted Lead
	account  string // of the shadow Contact of a person account
	noCall   bool
	noCallOK bool // the flag is visible
}

// people reads records by id, deleted ones too. Ids that Salesforce does not show are missing from the answer.
func (s *session) people(ctx context.Context, ids []string) (map[string]person, error) {
	found := map[string]person{}
	byType := map[string][]salesforce.Literal{}
	for _, id := range ids {
		if kind := typeOf(id); kind == typeContact || kind == typeLead {
			byType[kind] = append(byType[kind], salesforce.ID(id))
		}
	}
	for _, kind := range []string{typeContact, typeLead} {
		if len(byType[kind]) == 0 {
			continue
		}
		if err := s.peopleOf(ctx, kind, byType[kind], found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// optional are the fields that a user may not see, or an org not have.
var optional = map[string][]string{
	typeContact: {"DoNotCall", "IsPersonAccount", "AccountId"},
	typeLead:    {"DoNotCall", "ConvertedContactId"},
}

func (s *session) peopleOf(ctx context.Context, kind string, ids []salesforce.Literal, found map[string]person) error {
	object, err := s.conn.Client.Describe(ctx, kind)
	if err != nil {
		return err
	}
	names := []string{"Id", "IsDeleted", "MasterRecordId"}
	for _, name := range optional[kind] {
		if _, ok := object.Field(name); ok {
			names = append(names, name)
		}
	}
	fields, err := salesforce.NewFields(names...)
	if err != nil {
		return fmt.Errorf("naming the fields: %w", err)
	}
	soql, err := salesforce.Select{Object: kind, Fields: fields, Where: salesforce.In("Id", ids...)}.SOQL()
	if err != nil {
		return fmt.Errorf("writing the query: %w", err)
	}
	text := func(row salesforce.Row, name string) string {
		if i := fields.Index(name); i >= 0 {
			return row.Text(i)
		}
		return ""
	}
	each := func(row salesforce.Row) error {
		p := person{id: text(row, "Id"), deleted: text(row, "IsDeleted") == "true", next: text(row, "MasterRecordId")}
		if next := text(row, "ConvertedContactId"); next != "" && p.next == "" {
			p.next = next
		}
		if text(row, "IsPersonAccount") == "true" {
			p.account = text(row, "AccountId")
		}
		if i := fields.Index("DoNotCall"); i >= 0 {
			p.noCall, p.noCallOK = row.Bool(i)
		}
		found[p.id] = p
		return nil
	}
	page, err := s.conn.Client.QueryAll(ctx, soql, fields, each)
	for err == nil && !page.Done {
		page, err = s.conn.Client.QueryMore(ctx, page.Next, fields, each)
	}
	return err
}

var errGone = errors.New("the record is not in Salesforce any more, or hidden from the integration's user")

// redirect points rows whose record is gone to whoever goes on for it, and ends those that nobody goes on for. A failed
// request ends them all.
func (b *batch) redirect(ctx context.Context, rows []*dbsqlc.WriteBackReadRow) {
	if len(rows) == 0 || b.stopped {
		return
	}
	ids := make([]string, 0, len(rows))
	for _, row := range rows {
		ids = append(ids, whom(row))
	}
	found, err := b.people(ctx, ids)
	if err != nil {
		b.whole(rows, err)
		return
	}
	for _, row := range rows {
		switch p, ok := found[whom(row)]; {
		case ok && p.next != "":
			row.TargetID = p.next
		case ok && !p.deleted && p.account != "" && row.Action == actionOptOut:
			row.TargetID = p.account
		case ok && p.deleted:
			b.end(failed(row, "ENTITY_IS_DELETED", "the record was deleted in Salesforce", "restore the record in Salesforce, then retry"))
		case ok:
			b.end(failed(row, "refused", "the record exists and cannot be written", "give the integration's user edit access to the record, then retry"))
		default:
			b.end(failed(row, "NOT_FOUND", errGone.Error(), "give the integration's user access to the record, then retry"))
		}
	}
}
