package lead

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// suppressed asks as the fence does.
func suppressed(t *testing.T, db *store.DB, business uuid.UUID, phone string) bool {
	t.Helper()
	var is bool
	require.NoError(t, db.QueryRow(t.Context(), `select exists (select from henk.suppressions s where s.phone = $2
		and (s.business_id is null or s.business_id = $1) and (s.expires_at is null or s.expires_at > now()))`, business, phone).Scan(&is))
	return is
}

func entries(phones ...string) []Entry {
	var list []Entry
	for _, p := range phones {
		list = append(list, Entry{Phone: p})
	}
	return list
}

func begin(t *testing.T, db *store.DB, n NewList) *Version {
	t.Helper()
	n.Source, n.By = "a file", "a test"
	v, err := BeginList(t.Context(), db, n)
	require.NoError(t, err)
	return v
}

func TestAListIsReplacedAsAWhole(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w, other := storetest.NewWorld(t, db, nil), storetest.NewWorld(t, db, nil)

	v := begin(t, db, NewList{Name: "dnc"})
	require.NoError(t, v.Add(t.Context(), entries("+13125550100", "+13125550101")))
	require.False(t, suppressed(t, db, w.Business, "+13125550100"), "not before all of it is there")
	require.NoError(t, v.PutInForce(t.Context(), 0))
	require.True(t, suppressed(t, db, w.Business, "+13125550100"))
	require.True(t, suppressed(t, db, other.Business, "+13125550100"), "a list without a business holds for all")

	next := begin(t, db, NewList{Name: "dnc"})
	require.NoError(t, next.Add(t.Context(), entries("+13125550101", "+13125550102")))
	require.True(t, suppressed(t, db, w.Business, "+13125550100"), "the old version stays in force meanwhile")
	require.NoError(t, next.PutInForce(t.Context(), 3))
	require.False(t, suppressed(t, db, w.Business, "+13125550100"))
	require.True(t, suppressed(t, db, w.Business, "+13125550101"))
	require.True(t, suppressed(t, db, w.Business, "+13125550102"))

	own := begin(t, db, NewList{Name: "dnc", BusinessID: &w.Business})
	require.NoError(t, own.Add(t.Context(), entries("+13125550103")))
	require.NoError(t, own.PutInForce(t.Context(), 0))
	require.True(t, suppressed(t, db, w.Business, "+13125550103"))
	require.False(t, suppressed(t, db, other.Business, "+13125550103"))
	require.True(t, suppressed(t, db, w.Business, "+13125550102"), "another list of the same name")

	removed, err := RemoveReplaced(t.Context(), db, nil)
	require.NoError(t, err)
	require.EqualValues(t, 2, removed)
	lists, err := Lists(t.Context(), db, &w.Business)
	require.NoError(t, err)
	require.Len(t, lists, 2)
	require.Nil(t, lists[0].BusinessID)
	require.Equal(t, []any{"dnc", next.ID(), "a file", "a test", int64(2), int64(3)},
		[]any{lists[0].Name, *lists[0].Version, *lists[0].Source, *lists[0].ImportedBy, *lists[0].Entries, *lists[0].Rejected})
	_, err = BeginList(t.Context(), db, NewList{Name: "x", BusinessID: &uuid.UUID{1}})
	require.ErrorIs(t, err, ErrNoBusiness)
}

// What a process that died left behind never binds, and goes with the next import.
func TestACrashLeavesTheOldVersionInForce(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	v := begin(t, db, NewList{Name: "dnc"})
	require.NoError(t, v.Add(t.Context(), entries("+13125550100")))
	require.NoError(t, v.PutInForce(t.Context(), 0))
	dead := begin(t, db, NewList{Name: "dnc"})
	require.NoError(t, dead.Add(t.Context(), entries("+13125550101")))

	removed, err := RemoveReplaced(t.Context(), db, nil)
	require.NoError(t, err)
	require.Zero(t, removed, "it may be alive")
	_, err = db.Exec(t.Context(), "update henk.suppression_versions set beat_at = now() - interval '11 minutes' where id = $1", dead.ID())
	require.NoError(t, err)
	removed, err = RemoveReplaced(t.Context(), db, nil)
	require.NoError(t, err)
	require.EqualValues(t, 1, removed)
	require.True(t, suppressed(t, db, w.Business, "+13125550100"))
	require.False(t, suppressed(t, db, w.Business, "+13125550101"))
	require.ErrorIs(t, dead.Add(t.Context(), entries("+13125550102")), ErrAbandoned, "it was not dead after all, and must not bind half")
	require.ErrorIs(t, dead.PutInForce(t.Context(), 0), ErrAbandoned)
}

func TestWhatMustNotReplaceAList(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	many := make([]Entry, 2*shrinkFloor)
	for i := range many {
		many[i].Phone = fmt.Sprintf("+1312555%04d", i)
	}
	early := begin(t, db, NewList{Name: "dnc"})
	v := begin(t, db, NewList{Name: "dnc"})
	require.NoError(t, v.Add(t.Context(), many))
	require.NoError(t, v.PutInForce(t.Context(), 0))

	require.NoError(t, early.Add(t.Context(), many))
	require.ErrorIs(t, early.PutInForce(t.Context(), 0), ErrSuperseded, "it began before the one in force")
	require.ErrorIs(t, begin(t, db, NewList{Name: "dnc"}).PutInForce(t.Context(), 0), ErrNoNumbers)
	short := begin(t, db, NewList{Name: "dnc"})
	require.NoError(t, short.Add(t.Context(), many[:10]))
	var shrunk *ShrunkError
	require.ErrorAs(t, short.PutInForce(t.Context(), 0), &shrunk)
	require.Equal(t, ShrunkError{Was: 2 * shrinkFloor, Is: 10}, *shrunk)
	require.True(t, suppressed(t, db, w.Business, "+13125551999"))
	forced := begin(t, db, NewList{Name: "dnc", Force: true})
	require.NoError(t, forced.Add(t.Context(), many[:10]))
	require.NoError(t, forced.PutInForce(t.Context(), 0))
	require.False(t, suppressed(t, db, w.Business, "+13125551999"))
}

func TestTwoImportsAtOnceEndInOneVersion(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	versions := make([]*Version, 8)
	for i := range versions {
		versions[i] = begin(t, db, NewList{Name: "dnc"})
		require.NoError(t, versions[i].Add(t.Context(), entries(fmt.Sprintf("+1312555010%d", i))))
	}
	var wg sync.WaitGroup
	errs := make([]error, len(versions))
	for i, v := range versions {
		wg.Go(func() { errs[i] = v.PutInForce(t.Context(), 0) })
	}
	wg.Wait()
	last := len(versions) - 1
	require.NoError(t, errs[last], "the one that began last is never refused")
	for _, err := range errs[:last] {
		if err != nil {
			require.ErrorIs(t, err, ErrSuperseded)
		}
	}
	var inForce int32
	require.NoError(t, db.QueryRow(t.Context(), "select id from henk.suppression_versions where state = 'in_force'").Scan(&inForce))
	require.Equal(t, versions[last].ID(), inForce)
}

func TestSuppressAndLift(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	id := storetest.NewLead(t, db, w, storetest.Fields{"phone": "+13125550100"})
	attempt := storetest.NewAttempt(t, db, w, id, nil)
	v := begin(t, db, NewList{Name: "own", BusinessID: &w.Business})
	require.NoError(t, v.Add(t.Context(), entries("+13125550100")))
	require.NoError(t, v.PutInForce(t.Context(), 0))
	do := func(fn func(tx pgx.Tx) error) { require.NoError(t, store.InTx(t.Context(), db, fn)) }
	said := Suppression{BusinessID: &w.Business, Phone: "+13125550100", Reason: "Wrote a letter.", By: "ada", At: time.Now()}
	do(func(tx pgx.Tx) error {
		campaigns, err := Suppress(t.Context(), tx, said)
		require.Equal(t, []uuid.UUID{w.Campaign}, campaigns)
		return err
	})
	require.Equal(t, []any{false, false, int64(2), "skipped"}, look(t, db, id, attempt))
	said.Reason = "Wrote again."
	do(func(tx pgx.Tx) error { _, err := Suppress(t.Context(), tx, said); return err })

	lift := Suppression{BusinessID: &w.Business, Phone: "+13125550100", Reason: "Asked to be called.", By: "grace", At: time.Now()}
	do(func(tx pgx.Tx) error {
		n, err := Lift(t.Context(), tx, lift)
		require.EqualValues(t, 2, n, "the person's and the list's")
		return err
	})
	require.False(t, suppressed(t, db, w.Business, "+13125550100"))
	do(func(tx pgx.Tx) error {
		n, err := Lift(t.Context(), tx, lift)
		require.Zero(t, n)
		return err
	})
	rows, err := Suppressions(t.Context(), db, w.Business, "+13125550100", 0, 10)
	require.NoError(t, err)
	require.Len(t, rows, 1)
	require.Equal(t, []string{"Wrote again.", "ada", "grace", "Asked to be called."}, []string{*rows[0].Reason, *rows[0].CreatedBy, *rows[0].LiftedBy, *rows[0].LiftReason})

	// An opt-out on a call brings it back, and what was is still known.
	do(func(tx pgx.Tx) error {
		_, err := OptOut(t.Context(), tx, Stop{BusinessID: w.Business, LeadID: id, Phone: "+13125550100", Reason: "Asked.", At: time.Now()})
		return err
	})
	require.True(t, suppressed(t, db, w.Business, "+13125550100"))
	var history string
	require.NoError(t, db.QueryRow(t.Context(), "select string_agg(was::text, ' ' order by id) from henk.suppression_history").Scan(&history))
	for _, kept := range []string{"Wrote a letter.", "Wrote again.", "lift_reason"} {
		require.Contains(t, history, kept)
	}
	for name, bad := range map[string]Suppression{"no number": {Phone: "312", Reason: "r", By: "b"}, "no reason": {Phone: "+13125550100", By: "b"}} {
		require.Error(t, store.InTx(t.Context(), db, func(tx pgx.Tx) error { _, err := Suppress(t.Context(), tx, bad); return err }), name)
		require.Error(t, store.InTx(t.Context(), db, func(tx pgx.Tx) error { _, err := Lift(t.Context(), tx, bad); return err }), name)
	}
}

// An opt-out that was lifted counts again when it is heard again.
func TestALiftedOptOutIsHeardAgain(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	id := storetest.NewLead(t, db, w, storetest.Fields{"phone": "+13125550100"})
	stop := Stop{BusinessID: w.Business, LeadID: id, Phone: "+13125550100", At: time.Now()}
	for range 2 {
		require.NoError(t, store.InTx(t.Context(), db, func(tx pgx.Tx) error { _, err := OptOut(t.Context(), tx, stop); return err }))
		require.True(t, suppressed(t, db, w.Business, "+13125550100"))
		require.NoError(t, store.InTx(t.Context(), db, func(tx pgx.Tx) error {
			_, err := Lift(t.Context(), tx, Suppression{BusinessID: &w.Business, Phone: "+13125550100", Reason: "r", By: "b", At: time.Now()})
			return err
		}))
		require.False(t, suppressed(t, db, w.Business, "+13125550100"))
	}
}

func TestTheViewTakesRowsByHand(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	exec := func(sql string) error { _, err := db.Exec(t.Context(), sql); return err }
	require.NoError(t, exec("insert into henk.suppressions (business_id, phone, source, reason) values (null, '+13125550123', 'manual', 'Asked by letter.')"))
	require.True(t, suppressed(t, db, w.Business, "+13125550123"))
	require.NoError(t, exec("update henk.suppressions set expires_at = now() - interval '1 day'"))
	require.False(t, suppressed(t, db, w.Business, "+13125550123"))
	require.NoError(t, exec("delete from henk.suppressions"))
	v := begin(t, db, NewList{Name: "dnc"})
	require.NoError(t, v.Add(t.Context(), entries("+13125550100")))
	require.NoError(t, v.PutInForce(t.Context(), 0))
	require.ErrorContains(t, exec("delete from henk.suppressions"), "imported list")
	require.Error(t, exec("insert into henk.suppressions (phone, source) values ('312 555 0100', 'manual')"))
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	past, future := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	v := begin(t, db, NewList{Name: "dnc", ExpiresAt: &future})
	require.NoError(t, v.Add(t.Context(), []Entry{{Phone: "+13125550100"}, {Phone: "+13125550101", ExpiresAt: &past}}))
	require.NoError(t, v.PutInForce(t.Context(), 0))
	require.True(t, suppressed(t, db, w.Business, "+13125550100"))
	require.False(t, suppressed(t, db, w.Business, "+13125550101"))
	old := begin(t, db, NewList{Name: "old", ExpiresAt: &past})
	require.NoError(t, old.Add(t.Context(), entries("+13125550102")))
	require.NoError(t, old.PutInForce(t.Context(), 0))
	require.False(t, suppressed(t, db, w.Business, "+13125550102"))
}

// A lookup must not grow with the list: whatever query asks, it is a probe of the index and never a scan.
func TestALookupIsAnIndexProbe(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	_, err := db.Exec(t.Context(), `insert into henk.suppression_lists (name) values ('x');
		insert into henk.suppression_versions (list_id, source, imported_by, state, in_force_until) values (1, 's', 'b', 'in_force', 'infinity');
		insert into henk.suppression_entries select '+1' || 2010000000 + n * 397, 1 from generate_series(1, 200000) n;
		insert into henk.candidates (campaign_id, lead_id, campaign_lead_id, state, hold, phone)
			select '00000000-0000-0000-0000-000000000001', gen_random_uuid(), gen_random_uuid(), 'held', 'suppressed', '+1' || 2010000000 + n * 397 from generate_series(1, 500) n;
		analyze henk.suppression_entries; analyze henk.candidates`)
	require.NoError(t, err)
	const binds = "(s.business_id is null or s.business_id = '%[1]s') and (s.expires_at is null or s.expires_at > now())"
	for name, sql := range map[string]string{
		"one number":  "select exists (select from henk.suppressions s where s.phone = '+12010000397' and " + binds + ")",
		"a column":    "select exists (select from henk.suppressions s where s.phone = c.phone and " + binds + ") from henk.candidates c",
		"an array":    "select s.phone from henk.suppressions s where s.phone = any ('{+12010000397,+12010000794}') and " + binds,
		"a semi-join": "select from henk.candidates c where exists (select from henk.suppressions s where s.phone = c.phone and " + binds + ")",
		"no longer":   "select from henk.candidates c where not exists (select from henk.suppressions s where s.phone = c.phone and " + binds + ")",
	} {
		rows, err := db.Query(t.Context(), "explain "+fmt.Sprintf(sql, w.Business))
		require.NoError(t, err)
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		require.NoError(t, err)
		all := strings.Join(plan, "\n")
		require.Contains(t, all, "suppression_entries_phone_idx", name)
		require.NotContains(t, all, "Seq Scan on suppression_entries", name)
	}
}
