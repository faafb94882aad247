package crm

import (
	"context"
	"time"

	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// optOuts raises DoNotCall. Who is flagged in Salesforce already is left alone: most flags came from there, and each
// write moves the record's SystemModstamp. Looking is a read, which the quota guard may hold back; then it is written
// unseen.
func (b *batch) optOuts(ctx context.Context) {
	if !b.settings.optOuts() {
		b.skipAll("opt-outs are not written: doNotCall is false in the integration's writeBack")
		return
	}
	b.dropStrangers()
	b.look(ctx)
	for range maxTurns {
		var list []sent
		for _, row := range b.open {
			field := "DoNotCall"
			if row.TargetID == "" && typeOf(row.PersonAccount) == typeAccount {
				row.TargetID = row.PersonAccount
			}
			if typeOf(whom(row)) == typeAccount {
				field = "PersonDoNotCall"
			}
			list = append(list, sent{row, salesforce.Record{Type: typeOf(whom(row)), ID: whom(row), Fields: map[string]any{field: true}}})
		}
		if len(list) == 0 || b.stopped {
			return
		}
		b.redirect(ctx, b.update(ctx, list))
	}
}

// look ends the rows whose flag stands in Salesforce, and points others to whoever goes on for them.
func (b *batch) look(ctx context.Context) {
	for range maxTurns {
		var ids []string
		for _, row := range b.open {
			ids = append(ids, whom(row))
		}
		found, err := b.people(ctx, ids)
		if err != nil {
			return // the write tells what is wrong
		}
		moved := false
		for _, row := range b.open {
			switch p, ok := found[whom(row)]; {
			case !ok:
			case p.next != "":
				row.TargetID, moved = p.next, true
			case p.noCallOK && p.noCall:
				b.end(done(row, whom(row), nil))
			case p.account != "":
				row.TargetID = p.account
			}
		}
		if !moved {
			return
		}
	}
}

// dropStrangers ends rows whose lead has no id of a Contact or Lead.
func (b *batch) dropStrangers() {
	for _, row := range b.open {
		if typeOf(whom(row)) == "" {
			b.end(failed(row, "MALFORMED_ID", "the lead's source_id is not the id of a Contact or Lead", "correct source_id, or sync the lead anew"))
		}
	}
}

func (b *batch) skipAll(why string) {
	for _, row := range b.open {
		b.end(skipped(row, why))
	}
}

// tasks logs calls: those that Salesforce may have already are looked up, those that it has are brought up to date, the
// rest is created.
func (b *batch) tasks(ctx context.Context) {
	b.dropStrangers()
	for _, row := range b.open {
		if row.SalesforceID == "" && !wantsTask(row, b.settings.Tasks) && !row.Unsure {
			b.end(skipped(row, "this kind of call does not become a Task"))
		}
	}
	for range maxTurns {
		if b.lookUp(ctx); b.stopped || len(b.open) == 0 {
			return
		}
		var updates, creates []sent
		for _, row := range b.open {
			record := salesforce.Record{Type: typeTask, ID: row.SalesforceID, Fields: taskFields(row, &b.settings, row.SalesforceID == "")}
			if row.SalesforceID != "" {
				updates = append(updates, sent{row, record})
			} else {
				creates = append(creates, sent{row, record})
			}
		}
		for _, row := range b.update(ctx, updates) { // somebody deleted the Task: so it stays
			b.end(done(row, row.SalesforceID, nil))
		}
		if b.stopped {
			return
		}
		b.create(ctx, creates)
	}
}

// create makes Tasks. A row whose person is gone stays open with who goes on for it; one that exists already by its key
// field stays open to be looked up.
func (b *batch) create(ctx context.Context, list []sent) {
	var lost []*dbsqlc.WriteBackReadRow
	for i, result := range b.write(ctx, list, b.conn.Client.CreateRecords) {
		row := list[i].row
		switch e := salesforce.AsError(result.Err()); {
		case e == nil && result.Success:
			b.end(done(row, result.ID, list[i].record.Fields))
		case e != nil && (e.Code == "DUPLICATE_VALUE" || e.Code == "DUPLICATE_EXTERNAL_ID") && !row.Unsure:
			row.Unsure = true
		case e != nil && elsewhere(e):
			lost = append(lost, row)
		default:
			b.end(b.judge(row, result.Err(), false, time.Now()))
		}
	}
	b.redirect(ctx, lost)
}

// lookUp asks Salesforce for the Tasks of calls whose create was left without an answer. Deleted ones count: they were
// written, and somebody did not want them.
func (b *batch) lookUp(ctx context.Context) {
	var unsure []*dbsqlc.WriteBackReadRow
	for _, row := range b.open {
		if row.Unsure && row.SalesforceID == "" {
			unsure = append(unsure, row)
		}
	}
	for len(unsure) > 0 && !b.stopped {
		n := min(len(unsure), 100) // the ids go into the URL, which Salesforce limits
		part := unsure[:n]
		unsure = unsure[n:]
		found, err := b.tasksOf(ctx, part)
		if err != nil {
			for _, row := range part {
				v := b.judge(row, err, true, time.Now())
				v.Untried, v.Unsure = true, true
				if v.State == writeFailed {
					v.waits(personWait)
				}
				b.end(v)
			}
			continue
		}
		for _, row := range part {
			row.SalesforceID, row.Unsure = found[row.ConversationID.String()], false
			if row.SalesforceID == "" && !wantsTask(row, b.settings.Tasks) {
				b.end(skipped(row, "this kind of call does not become a Task"))
			}
		}
	}
}

// tasksOf gives the ids of Tasks by our id of the call, the oldest where there are several.
func (b *batch) tasksOf(ctx context.Context, rows []*dbsqlc.WriteBackReadRow) (map[string]string, error) {
	ids := make([]salesforce.Literal, len(rows))
	for i, row := range rows {
		ids[i] = salesforce.Text(row.ConversationID.String())
	}
	fields, err := salesforce.NewFields("Id", "CallObject")
	if err != nil {
		return nil, err
	}
	soql, err := salesforce.Select{Object: typeTask, Fields: fields, Where: salesforce.In("CallObject", ids...), OrderBy: []string{"CreatedDate", "Id"}}.SOQL()
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	each := func(row salesforce.Row) error {
		if call := row.Text(1); found[call] == "" {
			found[call] = row.Text(0)
		}
		return nil
	}
	page, err := b.conn.Client.QueryAll(ctx, soql, fields, each)
	for err == nil && !page.Done {
		page, err = b.conn.Client.QueryMore(ctx, page.Next, fields, each)
	}
	return found, err
}
