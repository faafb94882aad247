package metrics

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

const (
	// fresh is how long what was read is shown to others who ask, optOutsFresh the same for the dearest query.
	fresh        = 5 * time.Second
	optOutsFresh = 30 * time.Second
	readWithin   = 5 * time.Second
	// countUpTo bounds what is counted of one queue and state.
	countUpTo = 100_000
)

// openStates are the states of jobs that are not over.
var openStates = []string{"available", "running", "retryable", "scheduled"}

// database collects the gauges that only the database knows. All processes show the same.
type database struct {
	Options
	gauges map[string]*prometheus.Desc
	up     *prometheus.Desc

	mu              sync.Mutex
	read, readOpts  time.Time
	shown           []prometheus.Metric
	optOuts         dbsqlc.MetricsOptOutsRow
	connections     *prometheus.Desc
	errShownAlready bool
}

func newDatabase(o Options) *database {
	d := &database{Options: o, gauges: map[string]*prometheus.Desc{}}
	gauge := func(name, help string, labels ...string) *prometheus.Desc {
		desc := prometheus.NewDesc(name, help, labels, nil)
		d.gauges[name] = desc
		return desc
	}
	d.up = gauge("henk_database_up", "Whether the gauges of the database could be read; without, they are left out.")
	d.connections = gauge("henk_database_connections", "Connections of this process's pool.", "state")
	gauge("henk_queue_jobs", fmt.Sprintf("Jobs that are not over, up to %d of a queue and state.", countUpTo), "queue", "state")
	gauge("henk_queue_oldest_seconds", "How long the oldest job that could run has waited.", "queue")
	gauge("henk_attempts_in_progress", "Attempts that are not over, by state.", "state")
	gauge("henk_conversations_unsettled", "Calls of the last two days whose conversation is not brought in for good.")
	gauge("henk_conversation_sync_lag_seconds", "Longest time since the end of such a call; 0 for none.")
	gauge("henk_webhooks_recent", "Webhooks of the last hour, by state.", "state")
	gauge("henk_webhook_oldest_seconds", "Age of the oldest webhook that is not taken in; 0 for none.")
	gauge("henk_provider_breaker_open", "1 while nothing is dialed because the account does not work.", "provider")
	gauge("henk_workers_live", "Worker processes that have beaten within 30 s.")
	gauge("henk_campaigns_active", "Campaigns with status active.")
	gauge("henk_salesforce_integrations_active", "Salesforce integrations with status active.")
	gauge("henk_salesforce_sync_lag_seconds", "Age of the oldest watermark of all active integrations; 0 for none.")
	gauge("henk_salesforce_scans_open", "Objects whose scan is not finished: more records are to come.")
	gauge("henk_salesforce_rejected_records", "Records that cannot be leads.")
	gauge("henk_salesforce_write_back_records", "Results of calls that wait to be written to Salesforce.")
	gauge("henk_opt_outs_recent", "People who asked on a call of the last 30 minutes not to be called again.")
	gauge("henk_opt_out_seconds", "Longest time from the end of such a call to its being on record, after which no call to the number passes the fence.")
	return d
}

// Describe is prometheus.Collector's.
func (d *database) Describe(ch chan<- *prometheus.Desc) {
	for _, desc := range d.gauges {
		ch <- desc
	}
}

// Collect shows what was read at most a few seconds ago.
func (d *database) Collect(ch chan<- prometheus.Metric) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.read.IsZero() || time.Since(d.read) >= fresh {
		d.load()
	}
	for _, metric := range d.shown {
		ch <- metric
	}
	stat := d.DB.Stat()
	for state, n := range map[string]int32{"used": stat.AcquiredConns(), "idle": stat.IdleConns(), "max": stat.MaxConns()} {
		ch <- prometheus.MustNewConstMetric(d.connections, prometheus.GaugeValue, float64(n), state)
	}
}

func (d *database) load() {
	ctx, cancel := context.WithTimeout(context.Background(), readWithin)
	defer cancel()
	d.read, d.shown = time.Now(), nil
	err := store.InTx(ctx, d.DB, func(tx pgx.Tx) error {
		d.shown = nil
		if err := d.DB.Brief(ctx, tx); err != nil {
			return err
		}
		if err := d.queues(ctx, tx); err != nil {
			return err
		}
		return d.now(ctx, tx)
	})
	up := 1.0
	if err != nil {
		d.shown, up = nil, 0
		if !d.errShownAlready {
			d.Log.Warn("Metrics of the database not read", "err", err)
		}
	}
	d.errShownAlready = err != nil
	d.set("henk_database_up", up)
}

func (d *database) set(name string, value float64, labels ...string) {
	d.shown = append(d.shown, prometheus.MustNewConstMetric(d.gauges[name], prometheus.GaugeValue, value, labels...))
}

// queues probes River's index of queue, state and priority for each pair. River's own clock is the database's.
func (d *database) queues(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `
		select q.queue, s.state,
			(select count(*) from (select from `+store.RiverSchema+`.river_job j where j.state = s.state::`+store.RiverSchema+`.river_job_state and j.queue = q.queue limit $3) c) as n,
			case when s.state = 'available' then greatest(coalesce(extract(epoch from clock_timestamp() - (select min(m.at) from generate_series(1, 4) p
				cross join lateral (select j.scheduled_at as at from `+store.RiverSchema+`.river_job j
					where j.state = 'available' and j.queue = q.queue and j.priority = p order by j.scheduled_at, j.id limit 1) m)), 0), 0) else 0 end::float8 as oldest
		from unnest($1::text[]) q (queue) cross join unnest($2::text[]) s (state)`, d.Queues, openStates, countUpTo)
	if err != nil {
		return fmt.Errorf("reading the queues: %w", err)
	}
	var queue, state string
	var n int64
	var oldest float64
	_, err = pgx.ForEachRow(rows, []any{&queue, &state, &n, &oldest}, func() error {
		d.set("henk_queue_jobs", float64(n), queue, state)
		if state == "available" {
			d.set("henk_queue_oldest_seconds", oldest, queue)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the queues: %w", err)
	}
	return nil
}

// reading is what MetricsNow returns.
type reading struct {
	Attempts, Webhooks map[string]float64
	Breaker            map[string]string
	WebhookOldest      *float64 `json:"webhook_oldest"`
	Workers            float64
	Campaigns          float64
	Integrations       float64
	Conversations      struct{ N, Lag float64 }
	SyncLag            *float64 `json:"sync_lag"`
	ScansOpen          float64  `json:"scans_open"`
	SyncRejects        float64  `json:"sync_rejects"`
	WriteBacks         float64  `json:"write_backs"`
}

func (d *database) now(ctx context.Context, tx pgx.Tx) error {
	q := dbsqlc.New()
	now, err := d.Clock.Now(ctx, tx)
	if err != nil {
		return err
	}
	data, err := q.MetricsNow(ctx, tx, now)
	if err != nil {
		return fmt.Errorf("reading the gauges: %w", err)
	}
	var r reading
	if err := json.Unmarshal(data, &r); err != nil {
		return fmt.Errorf("reading the gauges: %w", err)
	}
	if time.Since(d.readOpts) >= optOutsFresh {
		if d.optOuts, err = q.MetricsOptOuts(ctx, tx, now); err != nil {
			return fmt.Errorf("reading the opt-outs: %w", err)
		}
		d.readOpts = time.Now()
	}
	for _, state := range []string{"reserved", "dialing", "placed", "unknown"} {
		d.set("henk_attempts_in_progress", r.Attempts[state], state)
	}
	for _, state := range []string{"pending", "unmatched", "applied", "ignored", "failed"} {
		d.set("henk_webhooks_recent", r.Webhooks[state], state)
	}
	for provider, breaker := range r.Breaker {
		open := 0.0
		if breaker != "closed" {
			open = 1
		}
		d.set("henk_provider_breaker_open", open, provider)
	}
	for name, value := range map[string]float64{
		"henk_conversations_unsettled": r.Conversations.N, "henk_conversation_sync_lag_seconds": max(0, r.Conversations.Lag),
		"henk_webhook_oldest_seconds": orZero(r.WebhookOldest), "henk_workers_live": r.Workers, "henk_campaigns_active": r.Campaigns,
		"henk_salesforce_integrations_active": r.Integrations, "henk_salesforce_sync_lag_seconds": orZero(r.SyncLag),
		"henk_salesforce_scans_open": r.ScansOpen, "henk_salesforce_rejected_records": r.SyncRejects,
		"henk_salesforce_write_back_records": r.WriteBacks, "henk_opt_outs_recent": float64(d.optOuts.N), "henk_opt_out_seconds": d.optOuts.Longest,
	} {
		d.set(name, value)
	}
	return nil
}

func orZero(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}
