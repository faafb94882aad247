package crm

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/salesforcesim"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

type f = storetest.Fields

// bundle is a business with one integration and a simulated org.
type bundle struct {
	t           *testing.T
	db          *store.DB
	w           storetest.World
	sim         *salesforcesim.Sim
	server      *httptest.Server
	integration uuid.UUID
	cfg         Config
	clock       atomic.Int64 // nanoseconds that the org's clock is ahead
}

// setup makes an empty mirror of an org. The org's clock moves when the test says so.
func setup(t *testing.T, opt salesforcesim.Options) *bundle {
	t.Helper()
	db := storetest.New(t)
	return around(t, db, storetest.NewWorld(t, db, nil), opt)
}

func around(t *testing.T, db *store.DB, w storetest.World, opt salesforcesim.Options) *bundle {
	t.Helper()
	b := &bundle{t: t, db: db, w: w}
	opt.ClientID, opt.ClientSecret, opt.RefreshToken = "client", "secret", "refresh-0"
	opt.Clock = b.now
	if opt.Seed == 0 {
		opt.Seed = 1
	}
	b.sim = salesforcesim.New(opt)
	b.server = httptest.NewServer(b.sim)
	t.Cleanup(b.server.Close)
	b.cfg = Config{LoginURL: b.server.URL, Client: salesforce.Config{Timeout: 5 * time.Second, TokenTimeout: 5 * time.Second,
		RetryDelays: []time.Duration{10 * time.Millisecond, 20 * time.Millisecond, 40 * time.Millisecond}}}
	b.integration = b.connect(w.Business, nil)
	return b
}

func (b *bundle) now() time.Time { return time.Now().Add(time.Duration(b.clock.Load())) }

// pass moves the org's clock on.
func (b *bundle) pass(d time.Duration) { b.clock.Add(int64(d)) }

// connect inserts an integration whose config has these keys beside the usual ones.
func (b *bundle) connect(business uuid.UUID, config map[string]any) uuid.UUID {
	b.t.Helper()
	all := map[string]any{"env": "production", "syncEnabled": true}
	for k, v := range config {
		all[k] = v
	}
	raw, err := json.Marshal(all)
	require.NoError(b.t, err)
	return storetest.Insert(b.t, b.db, "integrations", f{"name": "Salesforce", "type": "crm", "status": "active", "business_id": business,
		"config": string(raw), "credentials": `{"clientId": "client", "clientSecret": "secret", "refreshToken": "refresh-0", "kept": {"by": "us"}}`})
}

// configure replaces the integration's config.
func (b *bundle) configure(config map[string]any) {
	b.t.Helper()
	raw, err := json.Marshal(config)
	require.NoError(b.t, err)
	b.exec("update integrations set config = $2, status = 'active' where id = $1", b.integration, string(raw))
}

// sync runs until nothing is left.
func (b *bundle) sync() Result {
	b.t.Helper()
	total := Result{}
	for range 10_000 {
		res, err := Sync(b.t.Context(), b.db, b.cfg, Request{IntegrationID: b.integration})
		require.NoError(b.t, err)
		total.Processed += res.Processed
		total.Created += res.Created
		total.Updated += res.Updated
		total.Failed += res.Failed
		total.Contacts += res.Contacts
		total.Leads += res.Leads
		total.Warnings = res.Warnings
		if !res.More {
			return total
		}
	}
	b.t.Fatal("the sync does not come to an end")
	return total
}

func (b *bundle) exec(sql string, args ...any) {
	b.t.Helper()
	_, err := b.db.Exec(b.t.Context(), sql, args...)
	require.NoError(b.t, err)
}

func (b *bundle) text(sql string, args ...any) string {
	b.t.Helper()
	var s *string
	require.NoError(b.t, b.db.QueryRow(b.t.Context(), "select ("+sql+")::text", args...).Scan(&s), sql)
	if s == nil {
		return "<null>"
	}
	return *s
}

func (b *bundle) count(sql string, args ...any) int {
	b.t.Helper()
	var n int
	require.NoError(b.t, b.db.QueryRow(b.t.Context(), sql, args...).Scan(&n), sql)
	return n
}

// mirrored is what is compared of a lead.
type mirrored struct {
	First, Last, Email, Phone, Mobile, Company, Street string
	State, Status                                      string
	NoCall, Member                                     bool
}

// equal checks that the mirror is the org: every record that can be a lead is one, with the same content; what is gone is
// not dialed; the lists and their counts are right; and whoever opted out there is flagged here.
func (b *bundle) equal() {
	b.t.Helper()
	have := b.mirror()
	for _, name := range Objects() {
		require.NoError(b.t, b.sim.Each(name, func(rec salesforcesim.Record) bool {
			b.compare(rec, have)
			delete(have, rec.ID)
			return !b.t.Failed()
		}))
	}
	for id, lead := range have {
		require.Contains(b.t, []string{StateNotVisible, StateDeleted, StateMerged}, lead.State, "%s is not in the org any more", id)
		require.Equal(b.t, "unreachable", lead.Status)
		require.False(b.t, lead.Member)
	}
	b.listsAreRight()
}

func (b *bundle) listsAreRight() {
	b.t.Helper()
	require.Zero(b.t, b.count(`select count(*) from lead_lists l where lead_count <> (select count(*) from lead_list_members m where m.lead_list_id = l.id)`), "lead_count")
	require.Zero(b.t, b.count(`select count(*) from henk.crm_holds h full join (select * from leads where source = 'salesforce') l on l.id = h.lead_id
		where (h.lead_id is null) <> (l.sync_status = 'active')`), "holds and states differ")
}

func (b *bundle) mirror() map[string]mirrored {
	b.t.Helper()
	rows, err := b.db.Query(b.t.Context(), `select l.source_id, coalesce(first_name, ''), coalesce(last_name, ''), coalesce(email, ''), coalesce(phone, ''),
		coalesce(mobile_phone, ''), coalesce(company, ''), coalesce(street, ''), sync_status, status, do_not_call,
		exists (select from lead_list_members m join lead_lists y on y.id = m.lead_list_id where m.lead_id = l.id
			and y.name = case left(l.source_id, 3) when '003' then 'Salesforce Contacts' else 'Salesforce Leads' end)
		from leads l where l.source = 'salesforce' and l.business_id = $1`, b.w.Business)
	require.NoError(b.t, err)
	have := map[string]mirrored{}
	var id string
	var m mirrored
	_, err = pgx.ForEachRow(rows, []any{&id, &m.First, &m.Last, &m.Email, &m.Phone, &m.Mobile, &m.Company, &m.Street, &m.State, &m.Status, &m.NoCall, &m.Member},
		func() error { have[id] = m; return nil })
	require.NoError(b.t, err)
	return have
}

func (b *bundle) compare(rec salesforcesim.Record, have map[string]mirrored) {
	b.t.Helper()
	text := func(field string) string {
		s, _ := rec.Fields[field].(string)
		return strings.TrimSpace(strings.ReplaceAll(s, "\x00", ""))
	}
	lead, ok := have[rec.ID]
	if rec.Deleted {
		if ok {
			require.Contains(b.t, []string{StateDeleted, StateMerged, StateNotVisible}, lead.State, rec.ID)
			require.False(b.t, lead.Member, rec.ID)
			require.Equal(b.t, "unreachable", lead.Status)
		}
		return
	}
	if text("Phone")+text("MobilePhone")+text("Email") == "" {
		require.True(b.t, !ok || lead.State == StateRejected, rec.ID)
		return
	}
	require.True(b.t, ok, "%s %s is not here", rec.Object, rec.ID)
	want := mirrored{First: text("FirstName"), Last: text("LastName"), Email: text("Email"), Phone: text("Phone"), Mobile: text("MobilePhone"),
		Company: lead.Company, Street: text("MailingStreet"), State: StateActive, Status: lead.Status, NoCall: lead.NoCall, Member: true}
	if rec.Object == "Lead" {
		want.Company, want.Street = text("Company"), text("Street")
		if rec.Fields["IsConverted"] == true {
			want.State, want.Status, want.Member = StateConverted, "converted", false
		}
	}
	if rec.Fields["DoNotCall"] == true {
		want.NoCall = true
	}
	require.Equal(b.t, want, lead, rec.ID)
}

// fails runs once and returns the error.
func (b *bundle) fails() error {
	b.t.Helper()
	_, err := Sync(b.t.Context(), b.db, b.cfg, Request{IntegrationID: b.integration})
	require.Error(b.t, err)
	return err
}

func (b *bundle) faults(spec string) {
	b.t.Helper()
	faults, err := salesforcesim.ParseFaults(spec)
	require.NoError(b.t, err)
	b.sim.SetFaults(faults)
}

// lead reads columns of the lead of a record, as text.
func (b *bundle) lead(id, columns string) string {
	b.t.Helper()
	return b.text("select concat_ws('|', "+columns+") from leads where source = 'salesforce' and source_id = $1", id)
}

// transport lets a test step into requests.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
