package campaign_test

import (
	"testing"
	"time"
	"context"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
	"github.com/callhenk/henk-worker/internal/storetest"
)

type tr struct{ t *testing.T }
func (tr) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context { return context.WithValue(ctx, "q", [2]any{time.Now(), d.SQL}) }
func (x tr) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryEndData) { v := ctx.Value("q").([2]any); x.t.Log(time.Since(v[0].(time.Time)), v[1].(string)[:min(60, len(v[1].(string)))]) }

func TestZZ(t *testing.T) {
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, f{"dedupe_by_phone": true})
	exec(t, db, `insert into leads (business_id, source_id, phone) select $1, 'b'||n, '+1312' || (200+n/10000)::text || lpad((n%10000)::text,4,'0') from generate_series(1,60000) n`, w.Business)
	exec(t, db, `insert into campaign_leads (campaign_id, lead_id) select $1, id from leads where business_id = $2`, w.Campaign, w.Business)
	var id uuid.UUID
	require.NoError(t, db.QueryRow(t.Context(), "select lead_id from campaign_leads limit 1").Scan(&id))
	_ = dbsqlc.New
	for range 6 {
		began := time.Now()
		_, err := campaign.Explain(t.Context(), db, w.Campaign, id, noon, campaign.Limits{AccountConcurrent: 5})
		require.NoError(t, err)
		t.Log("explain", time.Since(began))
	}
	cfg := db.Config().ConnConfig.Copy()
	cfg.Tracer = tr{t}
	conn, err := pgx.ConnectConfig(t.Context(), cfg)
	require.NoError(t, err)
	conn.Exec(t.Context(), "set enable_seqscan=off; set enable_hashjoin=off; set enable_mergejoin=off")
	for _, q := range []string{"set enable_bitmapscan=off", `select indexdef from pg_indexes where tablename = 'leads' and $1::uuid is not null`, `explain analyze SELECT l.id FROM public.leads l
        WHERE l.business_id = $1 AND l.phone IS NOT NULL AND henk.phone_tail(l.phone) = '3122000001'`, `explain analyze SELECT l.id FROM public.leads l
        WHERE l.business_id = $1 AND henk.phone_tail(l.phone) = any(array['3122000001'])`, `explain analyze SELECT l.id FROM (select '3122000001' as tail where $1::uuid is not null) t cross join lateral (select id from public.leads l
        WHERE l.business_id = $1 AND l.mobile_phone is not null and henk.phone_tail(l.mobile_phone) = t.tail) l`, `explain analyze SELECT cl.lead_id FROM (select id from leads limit 1) same
JOIN public.campaign_leads cl ON cl.lead_id = same.id AND cl.campaign_id = (select campaign_id from campaign_leads where $1::uuid is not null limit 1)`} {
		if q[:3] == "set" { conn.Exec(t.Context(), q); continue }
		rows, err := conn.Query(t.Context(), q, w.Business)
		require.NoError(t, err)
		for rows.Next() { v, _ := rows.Values(); t.Log(v[0]) }
		require.NoError(t, rows.Err())
	}
}
