package crm

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// maxTurns: once, again for the survivor of a merge or the Contact of a converted Lead, and once more for what those
// became meanwhile.
const maxTurns = 4

// batch is what was claimed of one action. A row is open until it has its verdict.
type batch struct {
	*session
	open     []*dbsqlc.WriteBackReadRow
	verdicts []verdict
}

// end takes the row that the verdict is on out of the batch.
func (b *batch) end(v verdict) {
	b.verdicts = append(b.verdicts, v)
	b.open = slices.DeleteFunc(slices.Clone(b.open), func(row *dbsqlc.WriteBackReadRow) bool { return row.ID == v.ID })
}

// whole ends rows with the failure of a request that was about all of them. Where nothing else can succeed either, the
// session stops.
func (b *batch) whole(rows []*dbsqlc.WriteBackReadRow, err error) {
	for _, row := range rows {
		b.end(b.judge(row, err, true, time.Now()))
	}
	switch kind := salesforce.KindOf(err); {
	case kind == salesforce.KindField, kind == salesforce.KindType, kind == salesforce.KindQuery, kind == salesforce.KindRejected,
		kind == salesforce.KindTooLarge, kind == salesforce.KindInput, kind == salesforce.KindNotFound:
		return // of this request alone
	case kind == salesforce.KindReauthorize, kind == salesforce.KindCredentials:
		b.dead = err
	}
	b.stopped = true
}

// sent is a row and the record that was made of it.
type sent struct {
	row    *dbsqlc.WriteBackReadRow
	record salesforce.Record
}

// write sends records in one request and gives what became of each; nil when the request failed and the rows have their
// verdicts. Records of one object stand together: Salesforce takes ten changes of the object.
func (b *batch) write(ctx context.Context, list []sent, send func(context.Context, []salesforce.Record) ([]salesforce.Result, error)) []salesforce.Result {
	if len(list) == 0 {
		return nil
	}
	slices.SortStableFunc(list, func(x, y sent) int { return compareText(x.record.Type, y.record.Type) })
	records, rows := make([]salesforce.Record, len(list)), make([]*dbsqlc.WriteBackReadRow, len(list))
	for i, s := range list {
		records[i], rows[i] = s.record, s.row
	}
	results, err := send(ctx, records)
	if err != nil {
		b.whole(rows, err)
		return nil
	}
	return results
}

// update writes records by id, each id once: Salesforce refuses one that stands there twice. Further rows of the same
// record share its result. It returns rows whose record is gone or cannot be written under this id.
func (b *batch) update(ctx context.Context, list []sent) (lost []*dbsqlc.WriteBackReadRow) {
	var once []sent
	same := map[string][]sent{}
	for _, s := range list {
		if len(same[s.record.ID]) == 0 {
			once = append(once, s)
		}
		same[s.record.ID] = append(same[s.record.ID], s)
	}
	results := b.write(ctx, once, b.conn.Client.UpdateRecords)
	if results == nil && len(once) > 0 { // the request failed: so did the rows that shared its records
		for _, s := range list {
			if slices.Contains(b.open, s.row) {
				b.end(b.shared(s.row))
			}
		}
		return nil
	}
	for i, result := range results {
		for _, s := range same[once[i].record.ID] {
			switch err := result.Err(); {
			case err == nil:
				b.end(done(s.row, once[i].record.ID, s.record.Fields))
			case elsewhere(err):
				lost = append(lost, s.row)
			default:
				b.end(b.judge(s.row, err, false, time.Now()))
			}
		}
	}
	return lost
}

// shared is the verdict on a row whose record went with another row's: that one's verdict.
func (b *batch) shared(row *dbsqlc.WriteBackReadRow) verdict {
	v := b.verdicts[len(b.verdicts)-1]
	v.ID = row.ID
	return v
}

// elsewhere is true where the record may go on under another id.
func elsewhere(err error) bool {
	e := salesforce.AsError(err)
	return e != nil && (e.Kind == salesforce.KindNotFound || e.Code == "CANNOT_UPDATE_CONVERTED_LEAD" || isShadow(e))
}

// isShadow: the Contact is the shadow of a person account, which is edited on the Account.
func isShadow(e *salesforce.Error) bool {
	return e.Code == "INVALID_FIELD_FOR_INSERT_UPDATE" && len(e.Fields) == 0
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// encodeVerdicts gives the rows for WriteBackSettle, and the statuses of Leads as they stand in Salesforce now.
func encodeVerdicts(verdicts []verdict) (rows [][]byte, ids []int64, statuses []string, err error) {
	for _, v := range verdicts {
		row, err := json.Marshal(v)
		if err != nil {
			return nil, nil, nil, fmt.Errorf("encoding what was written: %w", err)
		}
		rows = append(rows, row)
		if v.leadStatus != "" {
			ids, statuses = append(ids, v.ID), append(statuses, v.leadStatus)
		}
	}
	return rows, ids, statuses, nil
}
