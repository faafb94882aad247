package crm

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
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

// writeWorld is a business with a Salesforce org of 40 Contacts and 20 Leads, which write-back is enabled for.
type writeWorld struct {
	*testing.T
	db          *store.DB
	world       storetest.World
	sim         *salesforcesim.Sim
	server      *httptest.Server
	integration uuid.UUID
	writer      *WriteBack
	answered    atomic.Int64
	before      func(r *http.Request) // called before each request reaches the org
}

type set map[string]any

func newWriteWorld(t *testing.T, settings set, change func(*salesforcesim.Options)) *writeWorld {
	t.Helper()
	f := &writeWorld{T: t, db: storetest.New(t)}
	f.world = storetest.NewWorld(t, f.db, nil)
	o := salesforcesim.Options{Seed: 3, Contacts: 600, Leads: 20, ClientID: "client", ClientSecret: "secret", RefreshToken: "refresh-0", Rotate: true}
	if change != nil {
		change(&o)
	}
	f.sim = salesforcesim.New(o)
	f.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.before != nil {
			f.before(r)
		}
		f.sim.ServeHTTP(w, r)
		f.answered.Add(1)
	}))
	t.Cleanup(f.server.Close)
	f.integration = storetest.Insert(t, f.db, "integrations", storetest.Fields{"business_id": f.world.Business, "name": "Salesforce", "type": "crm",
		"status": "active", "credentials": `{"clientId":"client","clientSecret":"secret","refreshToken":"refresh-0"}`})
	f.configure(settings)
	f.writer = f.newWriter()
	return f
}

func (f *writeWorld) newWriter() *WriteBack {
	return &WriteBack{DB: f.db, Grace: time.Millisecond, Config: Config{LoginURL: f.server.URL,
		Client: salesforce.Config{RetryDelays: []time.Duration{0, 0, 0}}}}
}

// configure sets config.writeBack; enabled unless the settings say otherwise.
func (f *writeWorld) configure(settings set) {
	f.Helper()
	if settings == nil {
		settings = set{}
	}
	if _, ok := settings["enabled"]; !ok {
		settings["enabled"] = true
	}
	raw, err := json.Marshal(set{"writeBack": settings})
	require.NoError(f, err)
	f.exec("update integrations set config = coalesce(config, '{}') || $2::jsonb where id = $1", f.integration, string(raw))
}

func (f *writeWorld) exec(sql string, args ...any) {
	f.Helper()
	_, err := f.db.Exec(f.Context(), sql, args...)
	require.NoError(f, err)
}

func (f *writeWorld) text(sql string, args ...any) (out string) {
	f.Helper()
	require.NoError(f, f.db.QueryRow(f.Context(), "select coalesce(("+sql+")::text, '')", args...).Scan(&out))
	return out
}

func (f *writeWorld) count(sql string, args ...any) (n int) {
	f.Helper()
	require.NoError(f, f.db.QueryRow(f.Context(), sql, args...).Scan(&n))
	return n
}

func (f *writeWorld) state(id uuid.UUID, action string) string {
	f.Helper()
	return f.text("select state from henk.write_backs where conversation_id = $1 and action = $2", id, action)
}

// lead is a lead that came from the record.
func (f *writeWorld) lead(record string, fields storetest.Fields) uuid.UUID {
	f.Helper()
	all := storetest.Fields{"source": "salesforce", "source_id": record, "crm_integration_id": f.integration}
	for k, v := range fields {
		all[k] = v
	}
	return storetest.NewLead(f, f.db, f.world, all)
}

func (f *writeWorld) contact(i int) string { return f.sim.RecordID("Contact", i) }
func (f *writeWorld) leadRecord(i int) string {
	return f.sim.RecordID("Lead", i)
}

// call is a call of the lead that is over and read.
func (f *writeWorld) call(lead uuid.UUID, outcome string, fields storetest.Fields) uuid.UUID {
	f.Helper()
	at := time.Now().Add(-time.Hour)
	all := storetest.Fields{"campaign_id": f.world.Campaign, "agent_id": f.world.Agent, "lead_id": lead, "status": "completed", "outcome": outcome,
		"started_at": at, "ended_at": at.Add(73 * time.Second), "duration_seconds": 73, "key_points": `["Gives each spring"]`}
	for k, v := range fields {
		all[k] = v
	}
	id := storetest.Insert(f, f.db, "conversations", all)
	f.exec("insert into henk.conversation_outcomes (conversation_id, outcome, written_outcome, opt_out, pledged) values ($1, $2, $2, $2 = 'do_not_call', case when $2 = 'pledged' then 25 end)", id, outcome)
	if outcome == "do_not_call" {
		f.exec("update leads set do_not_call = true, dnc = true where id = $1", lead)
	}
	return id
}

// add notes calls as the conversation's transaction does.
func (f *writeWorld) add(ids ...uuid.UUID) []AddedWriteBack {
	f.Helper()
	var added []AddedWriteBack
	require.NoError(f, pgx.BeginFunc(f.Context(), f.db, func(tx pgx.Tx) (err error) {
		added, err = AddWriteBacks(f.Context(), tx, ids)
		return err
	}))
	return added
}

// run writes all that is due of the integration; waits are over at once.
func (f *writeWorld) run() WriteBackResult {
	f.Helper()
	f.due()
	res, err := f.writer.Run(f.Context(), WriteBackScope{IntegrationID: f.integration})
	require.NoError(f, err)
	return res
}

func (f *writeWorld) due() {
	f.Helper()
	f.exec("update henk.write_backs set due_at = clock_timestamp() where state in ('pending', 'sending')")
}

func (f *writeWorld) walk() []uuid.UUID {
	f.Helper()
	var ids []uuid.UUID
	require.NoError(f, pgx.BeginFunc(f.Context(), f.db, func(tx pgx.Tx) (err error) {
		ids, err = WalkWriteBacks(f.Context(), tx)
		return err
	}))
	return ids
}

func (f *writeWorld) faults(spec string) {
	f.Helper()
	faults, err := salesforcesim.ParseFaults(spec)
	require.NoError(f, err)
	f.sim.SetFaults(faults)
}

// task is the one Task of a call.
func (f *writeWorld) task(id uuid.UUID) map[string]any {
	f.Helper()
	require.Equal(f, 1, f.sim.Stats().Tasks[id.String()], "one Task for the call")
	require.Zero(f, f.sim.Stats().Duplicates)
	rec, ok := f.sim.Get(f.text("select salesforce_id from henk.write_backs where conversation_id = $1 and action = 'task'", id))
	require.True(f, ok)
	return rec.Fields
}

func (f *writeWorld) field(id, name string) any {
	f.Helper()
	rec, ok := f.sim.Get(id)
	require.True(f, ok)
	return rec.Fields[name]
}
