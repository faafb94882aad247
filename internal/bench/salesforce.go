package bench

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/crm"
	"github.com/callhenk/henk-worker/internal/salesforcesim"
	"github.com/callhenk/henk-worker/internal/store"
)

const salesforceRecords = 1_000_000

// Salesforce syncs an org for the first time: HTTP, parse, stage, merge, lists. The reference copies rows of the same
// content into a staging table and merges them into leads with one statement, without lists. The simulator runs in this
// process and makes its records as it answers, so memory is that of both.
func Salesforce(ctx context.Context, o Options) (*Result, error) {
	n := salesforceRecords
	if o.N > 0 {
		n = o.N
	}
	db, remove, err := database(ctx, o)
	if err != nil {
		return nil, err
	}
	defer remove()
	small, r := &Result{N: max(n/10, 1)}, &Result{Name: "salesforce", N: n, Unit: "records/s", Extra: map[string]any{}}
	o.step("syncing %d records", small.N)
	warm, err := firstSync(ctx, db, small)
	if err != nil {
		return nil, err
	}
	warm.close()
	rows, err := rowsLikeSynced(ctx, db, n)
	if err != nil {
		return nil, err
	}
	defer rows.close()
	o.step("the same by turns with the web app's triggers and without")
	if err := compareTriggered(ctx, db, small.N, r); err != nil {
		return nil, err
	}
	o.step("reference: copy and merge")
	before, err := rows.copyMerge(ctx, db)
	if err != nil {
		return nil, err
	}
	o.step("syncing %d records", n)
	org, err := firstSync(ctx, db, r)
	if err != nil {
		return nil, err
	}
	r.Extra["rss_ratio_1m_100k"] = float64(r.PeakRSSBytes) / float64(max(small.PeakRSSBytes, 1))
	o.step("syncing what has not changed")
	if err := org.again(ctx, db, r); err != nil {
		return nil, err
	}
	o.step("reference again")
	after, err := rows.copyMerge(ctx, db)
	if err != nil {
		return nil, err
	}
	r.Reference = Reference{"copy_merge", max(before, after), "records/s"}
	r.Ratio = r.Rate / r.Reference.Rate
	return r, nil
}

// org is a simulated org and the integration that mirrors it.
type org struct {
	server      *http.Server
	integration uuid.UUID
	cfg         crm.Config
}

// connect empties the mirror and puts an org of n records beside it.
func connect(ctx context.Context, db *store.DB, n int) (*org, error) {
	options := salesforcesim.Options{Seed: 1, ClientID: "bench", ClientSecret: "bench", RefreshToken: "bench", PlainBodies: true, DailyLimit: 100_000_000, Clock: time.Now}
	options.Contacts, options.Leads = salesforcesim.SampleOrg(n)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for the simulated org: %w", err)
	}
	g := &org{server: &http.Server{Handler: salesforcesim.New(options), ReadHeaderTimeout: 5 * time.Second}, integration: uuid.New(),
		cfg: crm.Config{LoginURL: "http://" + listener.Addr().String(), BulkThreshold: 1000}}
	go func() { _ = g.server.Serve(listener) }()
	for _, step := range []string{
		"truncate public.leads, public.lead_lists, public.integrations cascade",
		"insert into accounts (id, name) values ($1, 'bench')",
		"insert into businesses (id, name, account_id) values ($1, 'bench', $1)",
		`insert into integrations (id, business_id, name, type, status, config, credentials) values ($1, $1, 'Salesforce', 'crm', 'active', '{}',
			'{"clientId": "bench", "clientSecret": "bench", "refreshToken": "bench"}')`,
	} {
		var args []any
		if step[0] == 'i' {
			args = []any{g.integration}
		}
		if _, err := db.Exec(ctx, step, args...); err != nil {
			g.close()
			return nil, fmt.Errorf("preparing the mirror: %w", err)
		}
	}
	return g, nil
}

func (g *org) close() { _ = g.server.Close() }

// sync runs until nothing is left and returns how many records were read.
func (g *org) sync(ctx context.Context, db *store.DB, full string) (processed int, err error) {
	for {
		res, err := crm.Sync(ctx, db, g.cfg, crm.Request{IntegrationID: g.integration, Full: full})
		processed += res.Processed
		if err != nil || !res.More {
			return processed, err
		}
	}
}

// firstSync measures a first sync of r.N records, in time and in the process's own memory.
func firstSync(ctx context.Context, db *store.DB, r *Result) (*org, error) {
	g, err := connect(ctx, db, r.N)
	if err != nil {
		return nil, err
	}
	resetPeakRSS()
	u, err := startUsage(ctx, db)
	if err != nil {
		return nil, err
	}
	read, err := g.sync(ctx, db, "")
	if err != nil {
		return nil, fmt.Errorf("syncing: %w", err)
	}
	if err := u.stop(ctx, db, r); err != nil {
		return nil, err
	}
	if read != r.N {
		return nil, fmt.Errorf("%d records were read of an org of %d", read, r.N)
	}
	return g, nil
}

// again syncs what has not changed: as the next tick does, and everything anew.
func (g *org) again(ctx context.Context, db *store.DB, r *Result) error {
	defer g.close()
	for _, c := range []struct{ name, full string }{{"resync", ""}, {"full_resync", "again"}} {
		var xid int64
		if err := db.QueryRow(ctx, "select pg_current_xact_id()::text::bigint").Scan(&xid); err != nil {
			return fmt.Errorf("reading the transaction's id: %w", err)
		}
		began := time.Now()
		read, err := g.sync(ctx, db, c.full)
		if err != nil {
			return fmt.Errorf("syncing again: %w", err)
		}
		r.Extra[c.name+"_time_ratio"] = time.Since(began).Seconds() / r.Seconds
		r.Extra[c.name+"_records"] = read
		var written int
		if err := db.QueryRow(ctx, "select count(*) from public.leads where xmin::text::bigint >= $1 or xmax::text::bigint >= $1", xid).Scan(&written); err != nil {
			return fmt.Errorf("counting rewritten leads: %w", err)
		}
		r.Extra[c.name+"_rows_written"] = written
	}
	began := time.Now()
	res, err := crm.Reconcile(ctx, db, g.cfg, crm.Request{IntegrationID: g.integration})
	if err != nil {
		return fmt.Errorf("comparing: %w", err)
	}
	if res.Missing+res.Created+res.Updated > 0 {
		return fmt.Errorf("a comparison of equals found differences: %+v", res)
	}
	r.Extra["reconcile_time_ratio"] = time.Since(began).Seconds() / r.Seconds
	return nil
}

// resetPeakRSS begins a new measurement of the process's largest resident size, where the system can.
func resetPeakRSS() {
	debug.FreeOSMemory()
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // elsewhere the peak is that of the whole run, which flatters nobody
}
