package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/callhenk/henk-worker/internal/store"
)

// leadColumns are what a sync writes of a lead.
const leadColumns = `id, business_id, source, source_id, first_name, last_name, email, phone, mobile_phone, street, city, state, postal_code, country, company,
	title, department, lead_source, description, owner_id, lead_score, quality_rating, source_metadata, do_not_call, email_opt_out, status, sync_status,
	sync_error, crm_integration_id, crm_modstamp, last_synced_at`

// copied is a file of rows in COPY's own format.
type copied struct {
	file *os.File
	n    int
}

func (c *copied) close() { _ = c.file.Close() }

// rowsLikeSynced writes n rows with the content of those just synced into a file, under ids of their own.
func rowsLikeSynced(ctx context.Context, db *store.DB, n int) (*copied, error) {
	file, err := os.CreateTemp("", "henk-bench-*.copy")
	if err != nil {
		return nil, fmt.Errorf("making a file for the reference: %w", err)
	}
	_ = os.Remove(file.Name()) // it goes with its last handle
	conn, err := db.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("preparing the reference: %w", err)
	}
	defer conn.Release()
	_, err = conn.Conn().PgConn().CopyTo(ctx, file, fmt.Sprintf(`copy (select (lpad(to_hex(row_number() over (order by g, source_id)), 12, '0') || '70008000000000000000')::uuid as id,
		business_id, source, left(source_id, 15) || lpad(g::text, 3, '0'), %s
		from public.leads, generate_series(1, 1 + %d / (select greatest(count(*), 1) from public.leads)) g limit %d) to stdout`,
		leadColumns[len("id, business_id, source, source_id, "):], n, n))
	if err != nil {
		return nil, fmt.Errorf("preparing the reference: %w", err)
	}
	return &copied{file, n}, nil
}

// copyMerge copies the rows into a staging table and merges them into leads with one statement, and takes them out again.
func (c *copied) copyMerge(ctx context.Context, db *store.DB) (rate float64, err error) {
	if _, err := c.file.Seek(0, io.SeekStart); err != nil {
		return 0, fmt.Errorf("reading the reference's rows: %w", err)
	}
	conn, err := db.Acquire(ctx)
	if err != nil {
		return 0, fmt.Errorf("connecting for the reference: %w", err)
	}
	defer conn.Release()
	for _, step := range []string{
		"truncate public.leads, public.lead_lists, public.integrations cascade",
		"drop table if exists pg_temp.bench_stage",
		"create temporary table bench_stage as select " + leadColumns + " from public.leads",
	} {
		if _, err := conn.Exec(ctx, step); err != nil {
			return 0, fmt.Errorf("preparing the reference: %w", err)
		}
	}
	began := time.Now()
	if _, err := conn.Conn().PgConn().CopyFrom(ctx, c.file, "copy bench_stage from stdin"); err != nil {
		return 0, fmt.Errorf("copying the reference: %w", err)
	}
	tag, err := conn.Exec(ctx, "insert into public.leads as l ("+leadColumns+") select "+leadColumns+` from bench_stage
		on conflict (business_id, source, source_id) do update set first_name = excluded.first_name, last_name = excluded.last_name, email = excluded.email,
		phone = excluded.phone, mobile_phone = excluded.mobile_phone, source_metadata = excluded.source_metadata, crm_modstamp = excluded.crm_modstamp
		where (l.first_name, l.last_name, l.email, l.phone, l.mobile_phone, l.crm_modstamp)
			is distinct from (excluded.first_name, excluded.last_name, excluded.email, excluded.phone, excluded.mobile_phone, excluded.crm_modstamp)`)
	if err != nil {
		return 0, fmt.Errorf("merging the reference: %w", err)
	}
	rate = float64(c.n) / time.Since(began).Seconds()
	if int(tag.RowsAffected()) != c.n {
		return 0, fmt.Errorf("the reference merged %d rows of %d", tag.RowsAffected(), c.n)
	}
	_, err = conn.Exec(ctx, "truncate public.leads cascade")
	return rate, err
}

// appTriggers are those of the web app's database that a sync sets off.
const appTriggers = `
create function public.bench_touch() returns trigger language plpgsql as $$ begin new.updated_at = now(); return new; end $$;
create function public.bench_count() returns trigger language plpgsql as $$
begin
    update public.lead_lists set lead_count = lead_count + case tg_op when 'INSERT' then 1 else -1 end, last_updated_at = now()
    where id = coalesce(new.lead_list_id, old.lead_list_id);
    return coalesce(new, old);
end $$;
create trigger bench_touch before update on public.leads for each row execute function public.bench_touch();
create trigger bench_touch before update on public.lead_lists for each row execute function public.bench_touch();
create trigger bench_count after insert or delete on public.lead_list_members for each row execute function public.bench_count();`

// compareTriggered syncs n records with the web app's triggers and without, by turns, and holds the better runs against
// each other.
func compareTriggered(ctx context.Context, db *store.DB, n int, r *Result) error {
	var with, without float64
	for range 2 {
		if _, err := db.Exec(ctx, appTriggers); err != nil {
			return fmt.Errorf("making the web app's triggers: %w", err)
		}
		rate, err := syncRate(ctx, db, n)
		if err != nil {
			return err
		}
		with = max(with, rate)
		if _, err := db.Exec(ctx, "drop function public.bench_touch, public.bench_count cascade"); err != nil {
			return fmt.Errorf("dropping the web app's triggers: %w", err)
		}
		if rate, err = syncRate(ctx, db, n); err != nil {
			return err
		}
		without = max(without, rate)
	}
	r.Extra["adopted_rate"], r.Extra["adopted_ratio"] = with, with/without
	return nil
}

func syncRate(ctx context.Context, db *store.DB, n int) (float64, error) {
	r := &Result{N: n}
	g, err := firstSync(ctx, db, r)
	if err != nil {
		return 0, err
	}
	g.close()
	return r.Rate, nil
}
