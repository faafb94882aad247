package leadfile

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/store"
)

// ExportOptions say what to write.
type ExportOptions struct {
	What       string // calls, conversations or leads
	CampaignID uuid.UUID
	Format     string                  // csv (default) or jsonl
	Progress   func(done, total int64) // may be nil
}

// ErrNoCampaign is returned for an id that no campaign has.
var ErrNoCampaign = errors.New("there is no campaign with this id")

// exports are one query each: rows of one column q, in a steady order. The queries are not in store/queries because sqlc's
// code collects all rows before it returns them.
var exports = map[string]string{
	"leads": `select cl.lead_id, l.source, l.source_id, l.first_name, l.last_name, l.email, l.phone, l.mobile_phone, l.street, l.city, l.state,
		l.postal_code, l.country, l.company, l.title, l.department, l.timezone, l.preferred_language, l.tags, l.do_not_call, l.dnc,
		l.status as lead_status, l.lead_score, l.quality_rating, cl.status, cl.outcome, cl.attempts, cl.last_attempt_at, cl.next_attempt_at,
		cl.pledged_amount, cl.donated_amount, cl.total_talk_time, cl.notes, cl.added_at, cl.contacted_at, cl.converted_at
		from public.campaign_leads cl join public.leads l on l.id = cl.lead_id where cl.campaign_id = $1 order by cl.added_at, cl.id`,
	// Attempts, and calls from before adoption that have a log and no attempt.
	"calls": `select a.id as attempt_id, coalesce(a.lead_id, g.lead_id) as lead_id, l.first_name, l.last_name, a.attempt_number,
		coalesce(a.phone_number, g.to_number) as phone_number, a.state, a.reason, a.result, a.error_code, a.error_message,
		coalesce(a.created_at, g.created_at) as created_at, a.dialing_at, coalesce(a.ended_at, g.ended_at) as ended_at,
		coalesce(a.conversation_id, g.conversation_id) as conversation_id, a.provider_conversation_id,
		g.call_sid, g.from_number, g.status, g.outcome, g.answered_at, g.duration_seconds, g.call_cost, g.pledged_amount, g.donated_amount
		from (select * from public.call_attempts where campaign_id = $1) a
		full join (select * from public.call_logs where campaign_id = $1) g on g.id = a.call_log_id
		left join public.leads l on l.id = coalesce(a.lead_id, g.lead_id)
		order by coalesce(a.created_at, g.created_at), coalesce(a.id, g.id)`,
	"conversations": `select v.id as conversation_id, v.conversation_id as provider_conversation_id, v.lead_id, l.first_name, l.last_name, v.status, v.outcome,
		o.confidence as outcome_confidence, o.needs_review, o.opt_out, v.started_at, v.ended_at, v.duration_seconds, v.sentiment_score, v.key_points,
		v.recording_url, v.notes, v.transcript
		from public.conversations v left join public.leads l on l.id = v.lead_id left join henk.conversation_outcomes o on o.conversation_id = v.id
		where v.campaign_id = $1 order by v.started_at, v.id`,
}

var exportTables = map[string]string{"leads": "public.campaign_leads", "calls": "public.call_attempts", "conversations": "public.conversations"}

// Export writes one line for each lead, call attempt or conversation of a campaign, as they were at one moment, and
// returns how many. Rows pass through one at a time. Cells of CSV that a spreadsheet would run are defused.
func Export(ctx context.Context, db *store.DB, w io.Writer, o ExportOptions) (n int64, err error) {
	query, ok := exports[o.What]
	if !ok || (o.Format != "" && o.Format != "csv" && o.Format != "jsonl") {
		return 0, errors.New("an export is of calls, conversations or leads, as csv or jsonl")
	}
	err = pgx.BeginTxFunc(ctx, db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		total, err := exportTotal(ctx, tx, o)
		if err != nil {
			return err
		}
		columns, err := exportColumns(ctx, tx, query, o.CampaignID)
		if err != nil {
			return err
		}
		rows, err := tx.Query(ctx, "select row_to_json(q)::text from ("+query+") q", o.CampaignID)
		if err != nil {
			return fmt.Errorf("reading %s: %w", o.What, err)
		}
		defer rows.Close()
		out := newExportWriter(w, o.Format, columns)
		for rows.Next() {
			if err := out.write(rows.RawValues()[0]); err != nil {
				return fmt.Errorf("writing the export: %w", err)
			}
			if n++; o.Progress != nil && n%1000 == 0 {
				o.Progress(n, total)
			}
		}
		if err := rows.Err(); err != nil {
			return fmt.Errorf("reading %s: %w", o.What, err)
		}
		if err := out.close(); err != nil {
			return fmt.Errorf("writing the export: %w", err)
		}
		return nil
	})
	return n, err
}

// exportTotal tells an empty campaign from none. The rows are counted for the progress alone.
func exportTotal(ctx context.Context, tx pgx.Tx, o ExportOptions) (total int64, err error) {
	if _, err := tx.Exec(ctx, "set local timezone = 'UTC'"); err != nil {
		return 0, fmt.Errorf("setting the time zone: %w", err)
	}
	var exists bool
	if err := tx.QueryRow(ctx, "select exists (select from public.campaigns where id = $1)", o.CampaignID).Scan(&exists); err != nil {
		return 0, fmt.Errorf("looking for the campaign: %w", err)
	}
	switch {
	case !exists:
		return 0, ErrNoCampaign
	case o.Progress == nil:
		return 0, nil
	}
	if err := tx.QueryRow(ctx, "select count(*) from "+exportTables[o.What]+" where campaign_id = $1", o.CampaignID).Scan(&total); err != nil {
		return 0, fmt.Errorf("counting %s: %w", o.What, err)
	}
	return total, nil
}

func exportColumns(ctx context.Context, tx pgx.Tx, query string, campaign uuid.UUID) ([]string, error) {
	rows, err := tx.Query(ctx, "select * from ("+query+") q limit 0", campaign)
	if err != nil {
		return nil, fmt.Errorf("reading the columns: %w", err)
	}
	defer rows.Close()
	var columns []string
	for _, f := range rows.FieldDescriptions() {
		columns = append(columns, f.Name)
	}
	rows.Close()
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("reading the columns: %w", err)
	}
	return columns, nil
}

// exportWriter writes rows that come as JSON objects.
type exportWriter struct {
	buffer  *bufio.Writer
	csv     *csv.Writer // nil: JSON lines
	columns []string
	header  bool
	cells   []string
}

func newExportWriter(w io.Writer, format string, columns []string) *exportWriter {
	e := &exportWriter{buffer: bufio.NewWriterSize(w, 64<<10), columns: columns, cells: make([]string, len(columns))}
	if format != "jsonl" {
		e.csv = csv.NewWriter(e.buffer)
	}
	return e
}

func (e *exportWriter) write(object []byte) error {
	if e.csv == nil {
		if _, err := e.buffer.Write(object); err != nil {
			return err
		}
		return e.buffer.WriteByte('\n')
	}
	if err := e.writeHeader(); err != nil {
		return err
	}
	values := make(map[string]json.RawMessage, len(e.columns))
	if err := json.Unmarshal(object, &values); err != nil {
		return err
	}
	for i, name := range e.columns {
		text, err := cellText(values[name])
		if err != nil {
			return err
		}
		e.cells[i] = defuse(text)
	}
	return e.csv.Write(e.cells)
}

// writeHeader runs before the first row and, where there is none, at the end: an empty export still names its columns.
func (e *exportWriter) writeHeader() error {
	if e.header || e.csv == nil {
		return nil
	}
	e.header = true
	return e.csv.Write(e.columns)
}

// cellText is a JSON value as a cell: texts without their quotes, null empty, objects and lists as JSON.
func cellText(value json.RawMessage) (string, error) {
	value = bytes.TrimSpace(value)
	switch {
	case len(value) == 0 || string(value) == "null":
		return "", nil
	case value[0] == '"':
		var text string
		err := json.Unmarshal(value, &text)
		return text, err
	}
	return string(value), nil
}

func (e *exportWriter) close() error {
	if err := e.writeHeader(); err != nil {
		return err
	}
	if e.csv != nil {
		e.csv.Flush()
		if err := e.csv.Error(); err != nil {
			return err
		}
	}
	return e.buffer.Flush()
}
