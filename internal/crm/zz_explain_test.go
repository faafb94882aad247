package crm

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/salesforcesim"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

func TestZZExplain(t *testing.T) {
	if os.Getenv("ZZ") == "" {
		return
	}
	b := setup(t, salesforcesim.Options{Contacts: 75000, Leads: 25000, PlainBodies: true, DailyLimit: 1000000})
	b.cfg.BulkThreshold = 1000
	b.sync()
	ctx := context.Background()
	conn, err := Open(ctx, b.db, b.integration, b.cfg)
	require.NoError(t, err)
	r := &run{db: b.db, cfg: b.cfg, conn: conn, id: [16]byte{1}}
	o := &objectRun{object: objects["Contact"]}
	require.NoError(t, r.prepare(ctx, o))
	w := &writer{plan: o.plan, seen: map[[18]byte]struct{}{}}
	st, err := r.load(ctx, w, func(func(salesforce.Row) error) error {
		soql, _ := salesforce.Select{Object: "Contact", Fields: o.plan.fields, OrderBy: []string{"SystemModstamp", "Id"}}.SOQL()
		page, err := conn.Client.QueryAll(ctx, soql, o.plan.fields, w.write)
		for i := 0; i < 9; i++ {
			page, err = conn.Client.QueryMore(ctx, page.Next, o.plan.fields, w.write)
		}
		return err
	})
	require.NoError(t, err)
	ex := func(name, sql string, args ...any) {
		began := time.Now()
		rows, err := st.tx.Query(ctx, "explain (analyze, timing off) "+sql, append([]any{pgx.QueryExecModeExec}, args...)...)
		require.NoError(t, err)
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		fmt.Println("=====", name, time.Since(began), "\n"+strings.Join(lines, "\n"))
	}
	ex("link", linkSQL, b.integration.String())
	ex("touched", touchedSQL, b.integration.String())
	if os.Getenv("ZZ") == "3" {
		ex("merge", mergeSQL(o.plan), b.w.Business.String(), b.integration.String(), o.target.list.String(), "Contact")
	}
	_, err = b.db.Exec(ctx, "insert into henk.crm_reconcile select $1, 'Contact', source_id, crm_modstamp from leads where left(source_id,3)='003'", b.integration)
	require.NoError(t, err)
	ex("differ", differSQL, b.w.Business.String(), b.integration.String(), "Contact", "003", 20000)
}
