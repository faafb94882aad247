package dashboard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/storetest"
)

func (b *bundle) plainOrg(w storetest.World, fields storetest.Fields) uuid.UUID {
	b.t.Helper()
	all := storetest.Fields{"name": "Salesforce", "type": "crm", "status": "active", "business_id": w.Business, "config": `{"env": "production", "instanceUrl": "https://charity.my.salesforce.com"}`}
	for k, v := range fields {
		all[k] = v
	}
	return storetest.Insert(b.t, b.db, "integrations", all)
}

func TestASyncIsAskedForOnceWithItsAudit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	id := b.plainOrg(w, nil)
	page := "/salesforce/" + id.String()
	act := func(action string) string {
		rec := b.post(page+"/action", "action", action)
		require.Equal(t, http.StatusSeeOther, rec.Code, text(rec.Body.String()))
		return strings.TrimPrefix(rec.Header().Get("Location"), page+"?done=")
	}
	jobs := func() string {
		return value[string](b, "select coalesce(string_agg(kind || coalesce(':' || (args ->> 'mode'), ''), ' ' order by id), '') from river.river_job where args ->> 'integration_id' = $1", id.String())
	}
	require.Equal(t, "sync", act("sync"))
	require.Equal(t, "waiting", act("sync"))
	require.Equal(t, "reconcile", act("reconcile"))
	require.Equal(t, "waiting", act("reconcile"))
	require.Equal(t, "retried", act("retry"))
	require.Equal(t, "same", act("resume"), "it is active")
	require.Equal(t, "sync-salesforce-integration:manual reconcile-salesforce-integration write-back-salesforce", jobs())
	require.Equal(t, "olga salesforce.sync request-1|olga salesforce.reconcile request-1|olga salesforce.retried request-1",
		value[string](b, "select string_agg(concat_ws(' ', actor, action, request_id), '|' order by id) from henk.audit"))
	require.Equal(t, http.StatusBadRequest, b.post(page+"/action", "action", "drop").Code)
	shown := text(b.get(page + "?done=sync"))
	require.Contains(t, shown, "A sync is asked for.")
	require.Contains(t, shown, "olga asked for a full reconcile")
	require.Contains(t, shown, "write-back available, reconcile available, sync available")

	for _, off := range []string{"status = 'inactive'", `status = 'active', config = '{"syncEnabled": false}'`, `status = 'active', config = '{"syncEnabled": "false"}'`} {
		b.exec("update integrations set " + off)
		rec := b.post(page+"/action", "action", "sync")
		require.Equal(t, http.StatusBadRequest, rec.Code, off)
		require.Contains(t, rec.Body.String(), "the job would do nothing")
		require.NotContains(t, b.get(page), "Sync now", off)
	}
}

func TestABrokenIntegrationSaysWhatToDo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	id := b.plainOrg(w, storetest.Fields{"status": "error", "config": `{"doNotCallPolicy": "strict", "syncEnabled": true,
		"syncHealth": {"error": "expired access/refresh token", "mend": "authorise the Salesforce connection again", "warnings": ["DoNotCall of Contact cannot be seen"]}}`})
	page := "/salesforce/" + id.String()
	for _, target := range []string{"/", "/salesforce", page} {
		require.Contains(t, strings.ToLower(b.get(target)), "expired access/refresh token", target)
	}
	shown := text(b.get(page))
	for _, says := range []string{"The sync has stopped.", "Mend: Authorise the Salesforce connection again.", "Connect Salesforce again in the web app", "DoNotCall of Contact cannot be seen", "strict policy"} {
		require.Contains(t, shown, says)
	}
	require.NotContains(t, shown, "Sync now")
	require.Equal(t, http.StatusBadRequest, b.post(page+"/action", "action", "sync").Code)
	require.Equal(t, page+"?done=restarted", b.post(page+"/action", "action", "resume").Header().Get("Location"))
	require.Equal(t, "active <null> strict", value[string](b, "select concat_ws(' ', status, coalesce(config ->> 'syncHealth', '<null>'), config ->> 'doNotCallPolicy') from integrations"))
	require.Equal(t, int64(1), value[int64](b, "select count(*) from river.river_job where kind = 'sync-salesforce-integration'"))
	require.NotContains(t, b.get("/"), "Needs a person</h2><ul><li class=\"bad\"><span>Salesforce")
}

// What the web app writes into config is not ours to trust.
func TestConfigsOfAnyShape(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	for _, config := range []string{`null`, `[]`, `"text"`, `7`, `{"env": 5, "syncHealth": "x"}`, `{"syncHealth": {"warnings": "x", "error": 5}}`, `{"doNotCallPolicy": {}, "syncEnabled": {}}`, `{"writeBack": []}`} {
		for _, status := range []string{"active", "error"} {
			id := b.plainOrg(w, storetest.Fields{"config": config, "status": status})
			b.get("/salesforce/" + id.String())
			if status == "error" {
				require.Equal(t, http.StatusSeeOther, b.post("/salesforce/"+id.String()+"/action", "action", "resume").Code, config)
				require.JSONEq(t, value[string](b, "select (case when jsonb_typeof($1::jsonb) = 'object' then $1::jsonb - 'syncHealth' else $1::jsonb end)::text", config),
					value[string](b, "select config::text from integrations where id = $1", id))
			}
		}
	}
	b.get("/salesforce")
	b.get("/")
}

func TestTheBarMoves(t *testing.T) {
	t.Parallel()
	began := time.Date(2031, 5, 14, 12, 0, 0, 0, time.UTC)
	run := func(kind string) []runRow {
		return []runRow{{Run: "r", Kind: kind, Status: "running", StartedAt: began, SyncType: "incremental", Age: 10}}
	}
	const before, since = 12, 3 // transactions ago: an earlier run, this one
	members := int64(400)
	was := began.Add(-time.Hour)
	reading := func(share float64) objectRow {
		from := was.Add(-scanLookback)
		return objectRow{Watermark: was, UpperBound: began, AtStamp: from.Add(time.Duration(share * float64(began.Sub(from)))), Age: since}
	}
	for name, c := range map[string]struct {
		kind          string
		contact, lead objectRow
		share         float64
		exact         bool
		states        string
	}{
		"nothing yet":        {"sync", objectRow{Watermark: was, Age: before}, objectRow{Watermark: was, Age: before}, 0, true, "waiting waiting"},
		"right after a run":  {"sync", objectRow{Watermark: began.Add(-time.Second), Age: before}, objectRow{Watermark: began, Age: before}, 0, true, "waiting waiting"},
		"from the beginning": {"sync", objectRow{Age: since}, objectRow{Age: since}, 0, true, "waiting waiting"},
		"a first sync":       {"sync", objectRow{UpperBound: began, AtStamp: was, Age: since}, objectRow{Age: before}, 0, false, "reading waiting"},
		"a bulk job":         {"sync", objectRow{Watermark: began, Age: since}, objectRow{UpperBound: began, Bulk: true, Age: since}, 50, false, "done reading"},
		"half of the first":  {"sync", reading(0.5), objectRow{Watermark: was, Age: before}, 25, true, "reading waiting"},
		"the second begins":  {"sync", objectRow{Watermark: was, Age: before}, reading(0), 50, true, "done reading"},
		"the second is late": {"sync", objectRow{Watermark: began}, reading(1.5), 99.5, true, "done reading"},
		"through":            {"sync", objectRow{Watermark: began.Add(-2 * time.Second), Age: since}, objectRow{Watermark: began, Age: since}, 100, true, "done done"},
		"comparing":          {"reconcile", objectRow{Watermark: was, ReconcileFrom: began, ReconcileSeen: 100, Members: &members}, objectRow{Watermark: was}, 12.5, true, "comparing waiting"},
		"comparing nobody":   {"reconcile", objectRow{Watermark: was}, objectRow{Watermark: was, ReconcileFrom: began, ReconcileSeen: 7}, 50, false, "done comparing"},
		"a cursor from ever": {"sync", objectRow{Watermark: began, UpperBound: was, AtStamp: began}, objectRow{UpperBound: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), Watermark: time.Unix(0, 0), AtStamp: time.Unix(0, 0)}, 50, true, "done reading"},
	} {
		c.contact.Object, c.lead.Object = "Contact", "Lead"
		p := progressOf(&orgRow{Running: true, RunID: "r", Runs: run(c.kind), Objects: []objectRow{c.lead, c.contact}})
		require.InDelta(t, c.share, p.Share, 0.6, name)
		require.Equal(t, c.exact, p.Exact, name)
		require.Equal(t, c.states, p.Objects[0].State+" "+p.Objects[1].State, name)
	}
	idle := progressOf(&orgRow{Objects: []objectRow{{Object: "Contact", UpperBound: began}}})
	require.Equal(t, []string{"unfinished", "never"}, []string{idle.Objects[0].State, idle.Objects[1].State})
	require.False(t, idle.Running)
}

func TestARunningSyncIsLive(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	id, run := b.plainOrg(w, nil), uuid.New()
	b.exec("insert into henk.crm_cursors (integration_id, object, fingerprint, watermark) values ($1, 'Contact', 'f', now() - interval '1 hour'), ($1, 'Lead', 'f', now() - interval '1 hour')", id)
	reader, leave := b.hub.subscribe(topic{kindSalesforce, id})
	defer leave()
	await := func(says string) {
		t.Helper()
		deadline := time.After(20 * time.Second)
		for {
			select {
			case e, ok := <-reader.events:
				require.True(t, ok)
				if e.name == "org" && strings.Contains(text(string(e.data)), says) {
					return
				}
			case <-deadline:
				t.Fatalf("nobody says %q", says)
			}
		}
	}
	await("Nothing is running")
	b.exec("update henk.crm_cursors set watermark = now() where object = 'Lead'") // an earlier run has ended just now
	b.exec("insert into henk.crm_syncs (integration_id, run_id, lease_until) values ($1, $2, now() + interval '1 minute')", id, run)
	log := storetest.Insert(t, b.db, "sync_logs", storetest.Fields{"integration_id": id, "business_id": w.Business, "sync_type": "incremental", "sync_status": "running", "started_at": time.Now(),
		"metadata": fmt.Sprintf(`{"run": %q, "kind": "sync"}`, run)})
	await("Lead waiting")
	b.exec("update henk.crm_cursors set upper_bound = now(), at_stamp = watermark + (now() - watermark) / 2 where object = 'Contact'")
	await("Contact reading")
	page := b.get("/salesforce/" + id.String())
	require.Regexp(t, `role="progressbar"[^>]*aria-valuenow="2[5-9]"`, page)
	b.exec("update henk.crm_cursors set watermark = now(), upper_bound = null, at_stamp = null")
	await("100%")
	b.exec("update henk.crm_syncs set run_id = null, lease_until = null")
	b.exec("update sync_logs set sync_status = 'success', completed_at = now(), duration_ms = 1500, records_processed = 12 where id = $1", log)
	await("Nothing is running")

	b.exec("update sync_logs set sync_status = 'running', completed_at = null where id = $1", log)
	require.Contains(t, text(b.get("/salesforce/"+id.String())), "interrupted", "its worker is gone")
}

func TestRunsAreLinkedToTheirJobs(t *testing.T) {
	t.Parallel()
	at := time.Date(2031, 5, 14, 12, 0, 0, 0, time.UTC)
	const syncs, compares = "sync-salesforce-integration", "reconcile-salesforce-integration"
	all := []orgJob{{Link: "4", kind: syncs, created: at.Add(time.Minute), live: true}, {Link: "3", kind: compares, created: at, live: true},
		{Link: "2", kind: syncs, created: at.Add(-time.Minute), finished: at.Add(10 * time.Second)}, {Link: "1", kind: syncs, created: at.Add(-time.Hour), finished: at.Add(-time.Minute)}}
	for _, c := range []struct {
		after time.Duration
		kind  string
		want  string
	}{{0, "sync", "2"}, {2 * time.Minute, "sync", "4"}, {-30 * time.Minute, "sync", "1"}, {20 * time.Second, "sync", ""}, {time.Second, "reconcile", "3"}, {-time.Second, "reconcile", ""}} {
		require.Equal(t, c.want, jobOf(runRow{StartedAt: at.Add(c.after), Kind: c.kind}, all), "%v %s", c.after, c.kind)
	}
}

func TestRejectedRecordsAreListedOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	id, other := b.plainOrg(w, nil), b.plainOrg(w, nil)
	b.exec("insert into henk.crm_rejects (integration_id, object, source_id, reason) select case when n % 4 = 0 then $1::uuid else $2::uuid end, 'Lead', '00Q' || lpad(n::text, 12, '0'), 'no name ' || n from generate_series(1, 480) n", other, id)
	seen := map[string]bool{}
	pages := 0
	for target := "/salesforce/" + id.String(); target != ""; pages++ {
		page := b.get(target)
		for _, line := range strings.Split(page, "<li><code>")[1:] {
			source, _, _ := strings.Cut(line, "<")
			require.False(t, seen[source], source)
			seen[source] = true
		}
		target = ""
		if m := nextLink.FindStringSubmatch(page); m != nil {
			target = m[1]
		}
		require.Less(t, pages, 20)
	}
	require.Len(t, seen, 360)
	require.Equal(t, 8, pages)
}

func TestListOfIntegrationsShowsEachOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	b.exec(`insert into integrations (name, type, status, business_id) select case when n % 5 = 0 then 'HubSpot' else 'Salesforce' end, 'crm',
		(array['active', 'inactive', 'error'])[1 + n % 3]::integration_status, $1 from generate_series(1, 150) n`, w.Business)
	b.once("/salesforce", 120)
}

func TestTheQuotaIsAskedForSparingly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	id := b.plainOrg(w, nil)
	require.Contains(t, text(b.get("/salesforce/"+id.String())), "Salesforce has not been asked")
	var asked atomic.Int32
	d := New(Options{DB: b.db, Client: b.Client, Log: storetest.Log(t), patience: 20 * time.Second, SalesforceQuota: func(_ context.Context, of uuid.UUID) (Quota, error) {
		asked.Add(1)
		require.Equal(t, id, of)
		return Quota{Used: 4321, Allowed: 15000}, nil
	}})
	t.Cleanup(d.Close)
	for range 3 {
		s, err := d.readOrg(t.Context(), id, d.patience)
		require.NoError(t, err)
		require.Equal(t, &Quota{4321, 15000}, s.Quota)
		d.quotas.stale(id)
	}
	require.EqualValues(t, 1, asked.Load())

	failing := newQuotaKeeper(func(context.Context, uuid.UUID) (Quota, error) {
		asked.Add(1)
		return Quota{}, errors.New("no answer")
	})
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() { _, _ = failing.ask(t.Context(), id) })
	}
	all.Wait()
	before := asked.Load()
	_, err := failing.ask(t.Context(), id)
	require.ErrorContains(t, err, "no answer")
	require.Equal(t, before, asked.Load(), "a silent org is not asked again at once either")
}
