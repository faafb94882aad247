package jobs_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
	"github.com/callhenk/henk-worker/jobs"
)

// jobRow is all of a job that an insert decides.
type jobRow struct {
	Kind, Queue, State, Args, Metadata string
	Priority, MaxAttempts              int
	UniqueKey                          []byte
	UniqueStates                       *string
	Tags                               []string
	ScheduledAt                        time.Time
}

const readJob = `select kind, queue, state::text, args::text, metadata::text, priority, max_attempts, unique_key, unique_states::text, tags, scheduled_at
	from river.river_job where id = $1`

// argsOf are two different arguments for a kind, as somebody would write them.
func argsOf(t *testing.T, kind string) []string {
	t.Helper()
	rows := map[string][]string{
		"plan-campaign":               {`{"campaign_id": "ID"}`, `{"wake": true, "campaign_id": "ID"}`, `{"campaign_id": "ID", "wake": false}`},
		"conversation-orchestrator":   {`{}`, `{"lookback_hours": 4, "batch_limit": 7}`, `{"batch_limit": 7}`, `{"lookback_hours": 0}`},
		"sync-conversation":           {`{"conversation_id": "ID"}`, `{"conversation_id": "ID", "new": true}`},
		"sync-salesforce-integration": {`{"integration_id": "ID"}`, `{"integration_id": "ID", "mode": "full"}`, `{"mode": "incremental", "integration_id": "ID"}`, `{"integration_id": "ID", "mode": ""}`},
		"write-back-salesforce":       {`{"conversation_id": "ID"}`, `{"retry": true, "integration_id": "ID"}`},
	}[kind]
	if rows != nil {
		return rows
	}
	for _, name := range []string{"attempt_id", "conversation_id", "webhook_event_id", "audio_generation_id", "integration_id", "campaign_id"} {
		args := `{"` + name + `": "ID"}`
		if _, err := jobs.ParseArgs(kind, []byte(strings.ReplaceAll(args, "ID", uuid.NewString()))); err == nil {
			return []string{args, args}
		}
	}
	return []string{`{}`}
}

func TestEnqueueInSQLIsRiversInsert(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	client, err := jobs.NewInserter(db, storetest.Log(t))
	require.NoError(t, err)
	var known []string
	require.NoError(t, db.QueryRow(t.Context(), "select array_agg(kind order by kind) from henk.job_kinds").Scan(&known))
	require.Equal(t, jobs.Kinds(), known, "a new kind needs its rows in henk.job_kinds and henk.job_args")
	read := func(tx pgx.Tx, id int64) jobRow {
		rows, err := tx.Query(t.Context(), readJob, id)
		require.NoError(t, err)
		row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[jobRow])
		require.NoError(t, err)
		return row
	}
	// inTx works in a transaction that never was.
	inTx := func(fn func(tx pgx.Tx)) {
		tx, err := db.Begin(t.Context())
		require.NoError(t, err)
		defer func() { _ = tx.Rollback(t.Context()) }()
		fn(tx)
	}
	for _, kind := range jobs.Kinds() {
		for _, text := range argsOf(t, kind) {
			raw := strings.ReplaceAll(text, "ID", uuid.NewString())
			args, err := jobs.ParseArgs(kind, []byte(raw))
			require.NoError(t, err, "%s %s", kind, raw)
			at := time.Now().Add(time.Hour).UTC().Truncate(time.Millisecond)
			for _, opts := range []*river.InsertOpts{{}, {ScheduledAt: at}} {
				var want, got jobRow
				inTx(func(tx pgx.Tx) {
					res, err := client.InsertTx(t.Context(), tx, args, opts)
					require.NoError(t, err)
					want = read(tx, res.Job.ID)
					if want.UniqueKey == nil {
						return
					}
					var id int64
					require.NoError(t, tx.QueryRow(t.Context(), "select henk.enqueue($1, $2)", kind, raw).Scan(&id))
					require.Equal(t, res.Job.ID, id, "%s: SQL finds what River has inserted", kind)
				})
				inTx(func(tx pgx.Tx) {
					var id int64
					var runAt any
					if !opts.ScheduledAt.IsZero() {
						runAt = at
					}
					require.NoError(t, tx.QueryRow(t.Context(), "select henk.enqueue($1, $2, $3)", kind, raw, runAt).Scan(&id), "%s %s", kind, raw)
					got = read(tx, id)
					if got.UniqueKey == nil {
						return
					}
					res, err := client.InsertTx(t.Context(), tx, args, nil)
					require.NoError(t, err)
					require.True(t, res.UniqueSkippedAsDuplicate, "%s: River finds what SQL has inserted", kind)
					require.Equal(t, id, res.Job.ID)
				})
				require.WithinDuration(t, want.ScheduledAt, got.ScheduledAt, time.Minute)
				want.ScheduledAt, got.ScheduledAt = time.Time{}, time.Time{}
				require.Equal(t, want, got, "%s %s", kind, raw)
			}
		}
	}
}

func TestEnqueueInSQLRefuses(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	id := uuid.NewString()
	for name, c := range map[string]struct{ kind, args, runAt, says, hint string }{
		"kind":           {"dial", `{}`, "now", `there is no job kind "dial"`, "Kinds are apply-webhook, "},
		"array":          {"housekeeping", `[]`, "now", "must be a JSON object", "no arguments"},
		"null":           {"housekeeping", `null`, "now", "must be a JSON object", ""},
		"extra":          {"plan-campaign", `{"campaign_id": "` + id + `", "phone": "+1"}`, "now", "one that it does not take", "campaign_id (uuid, required), wake (flag)"},
		"id missing":     {"dial-lead", `{}`, "now", "attempt_id is missing", ""},
		"id null":        {"dial-lead", `{"attempt_id": null}`, "now", "attempt_id is missing", ""},
		"id malformed":   {"dial-lead", `{"attempt_id": "7"}`, "now", "attempt_id must be an id", ""},
		"id a number":    {"dial-lead", `{"attempt_id": 7}`, "now", "attempt_id must be an id", ""},
		"id of zeros":    {"dial-lead", `{"attempt_id": "` + uuid.Nil.String() + `"}`, "now", "attempt_id must be an id", ""},
		"hours negative": {"conversation-orchestrator", `{"lookback_hours": -1}`, "now", "from 0 to 8760", ""},
		"hours absurd":   {"conversation-orchestrator", `{"lookback_hours": 1e30}`, "now", "from 0 to 8760", ""},
		"hours in part":  {"conversation-orchestrator", `{"lookback_hours": 1.5}`, "now", "whole number", ""},
		"hours as text":  {"conversation-orchestrator", `{"lookback_hours": "4"}`, "now", "whole number", ""},
		"no such word":   {"sync-salesforce-integration", `{"integration_id": "` + id + `", "mode": "all"}`, "now", "mode must be one of", ""},
		"neither":        {"write-back-salesforce", `{"retry": true}`, "now", "exactly one of its ids", "conversation_id (uuid, exactly one of these), integration_id"},
		"both":           {"write-back-salesforce", `{"conversation_id": "` + id + `", "integration_id": "` + id + `"}`, "now", "exactly one of its ids", ""},
		"flag as text":   {"plan-campaign", `{"campaign_id": "` + id + `", "wake": "yes"}`, "now", "true or false", ""},
		"never":          {"housekeeping", `{}`, "infinity", "within the next ten years", ""},
		"long ago":       {"housekeeping", `{}`, "-infinity", "within the next ten years", ""},
	} {
		_, err := db.Exec(t.Context(), "select henk.enqueue($1, $2::text::jsonb, $3::text::timestamptz)", c.kind, c.args, c.runAt)
		var failure *pgconn.PgError
		require.ErrorAs(t, err, &failure, name)
		require.Equal(t, "22023", failure.Code, "%s: %v", name, err)
		require.Contains(t, failure.Message, c.says, name)
		require.Contains(t, failure.Hint, c.hint, name)
		_, err = jobs.ParseArgs(c.kind, []byte(c.args))
		if c.runAt == "now" {
			require.Error(t, err, "%s: Go and SQL refuse the same", name)
		}
	}
	var n int
	require.NoError(t, db.QueryRow(t.Context(), "select count(*) from river.river_job").Scan(&n))
	require.Zero(t, n)
}

func TestEnqueueIsForTheOwnerAndServiceRole(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.NewAdoptedURL(t))
	_, err := store.Migrate(t.Context(), db, storetest.Log(t))
	require.NoError(t, err)
	for role, may := range map[string]bool{"service_role": true, "authenticated": false} {
		err := pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), "set local role "+role); err != nil {
				return err
			}
			_, err := tx.Exec(t.Context(), "select henk.enqueue('campaign-orchestrator', '{}')")
			return err
		})
		if may {
			require.NoError(t, err, role)
		} else {
			require.ErrorContains(t, err, "permission denied", role)
		}
	}
	// Also where somebody opens the schema to browsers, the function stays shut.
	err = pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), "grant usage on schema henk to authenticated; set local role authenticated; select henk.enqueue('campaign-orchestrator', '{}')")
		return err
	})
	require.ErrorContains(t, err, "permission denied for function enqueue")
}

// A worker that looks at its queues once an hour only is woken by the commit, and not by what is rolled back.
func TestEnqueueInSQLWakesAWorkerAtCommit(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, 0)
	b.config.PollJobs, b.config.NoTicks = time.Hour, true
	b.start()
	tx, err := b.db.Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "select henk.enqueue('campaign-orchestrator', '{}')")
	require.NoError(t, err)
	require.NoError(t, tx.Rollback(t.Context()))
	tx, err = b.db.Begin(t.Context())
	require.NoError(t, err)
	var id int64
	require.NoError(t, tx.QueryRow(t.Context(), "select henk.enqueue('plan-campaign', jsonb_build_object('campaign_id', $1::uuid))", b.w.Campaign).Scan(&id))
	require.NoError(t, tx.Commit(t.Context()))
	require.Eventually(t, func() bool {
		var state string
		require.NoError(t, b.db.QueryRow(t.Context(), "select state::text from river.river_job where id = $1", id).Scan(&state))
		return state == "completed"
	}, 30*time.Second, 20*time.Millisecond)
	var output json.RawMessage
	require.NoError(t, b.db.QueryRow(t.Context(), "select metadata -> 'output' from river.river_job where id = $1", id).Scan(&output))
	require.Contains(t, string(output), "reserved")
	var ticks int
	require.NoError(t, b.db.QueryRow(t.Context(), "select count(*) from river.river_job where kind = 'campaign-orchestrator'").Scan(&ticks))
	require.Zero(t, ticks, "the rolled back one never was")
}
