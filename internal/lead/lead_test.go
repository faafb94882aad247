package lead

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

func TestOptOutIsOneTransaction(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	id := storetest.NewLead(t, db, w, storetest.Fields{"phone": "+13125550100"})
	attempt := storetest.NewAttempt(t, db, w, id, nil)
	stop := Stop{BusinessID: w.Business, LeadID: id, Phone: "+13125550100", Reason: "Asked.", Evidence: json.RawMessage(`{"x": 1}`), At: time.Now()}

	tx, err := db.Begin(t.Context())
	require.NoError(t, err)
	_, err = OptOut(t.Context(), tx, stop)
	require.NoError(t, err)
	require.NoError(t, tx.Rollback(t.Context()))
	require.Equal(t, []any{false, false, int64(0), "reserved"}, look(t, db, id, attempt))

	require.NoError(t, store.InTx(t.Context(), db, func(tx pgx.Tx) error {
		campaigns, err := OptOut(t.Context(), tx, stop)
		require.Equal(t, []uuid.UUID{w.Campaign}, campaigns)
		return err
	}))
	require.Equal(t, []any{true, true, int64(1), "skipped"}, look(t, db, id, attempt))

	// A suppression that would have expired does not any more, and a repeat changes nothing else.
	_, err = db.Exec(t.Context(), "update henk.suppressions set expires_at = now() + interval '1 day'")
	require.NoError(t, err)
	require.NoError(t, store.InTx(t.Context(), db, func(tx pgx.Tx) error {
		campaigns, err := OptOut(t.Context(), tx, stop)
		require.Empty(t, campaigns)
		return err
	}))
	var forGood bool
	require.NoError(t, db.QueryRow(t.Context(), "select expires_at is null from henk.suppressions").Scan(&forGood))
	require.True(t, forGood)
}

func TestWhatIsNoNumberIsNotSuppressed(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	id := storetest.NewLead(t, db, w, nil)
	for _, phone := range []string{"", "312 555 0100", "+1", "+1312555010x", "+12345678901234567"} {
		require.NoError(t, store.InTx(t.Context(), db, func(tx pgx.Tx) error {
			_, err := OptOut(t.Context(), tx, Stop{BusinessID: w.Business, LeadID: id, Phone: phone, At: time.Now()})
			return err
		}), phone)
	}
	attempt := storetest.NewAttempt(t, db, w, id, storetest.Fields{"state": "skipped"})
	require.Equal(t, []any{true, true, int64(0), "skipped"}, look(t, db, id, attempt))
}

func TestWrongNumberLeavesThePersonAlone(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	id := storetest.NewLead(t, db, w, storetest.Fields{"phone": "+13125550101", "mobile_phone": "+13125550102"})
	attempt := storetest.NewAttempt(t, db, w, id, storetest.Fields{"phone_number": "+13125550102"})
	require.NoError(t, store.InTx(t.Context(), db, func(tx pgx.Tx) error {
		_, err := WrongNumber(t.Context(), tx, Stop{BusinessID: w.Business, LeadID: id, Phone: "+13125550101", At: time.Now()})
		return err
	}))
	require.Equal(t, []any{false, false, int64(1), "reserved"}, look(t, db, id, attempt))
}

// look returns do_not_call, dnc, the number of suppressions and the attempt's state.
func look(t *testing.T, db *store.DB, id, attempt uuid.UUID) []any {
	t.Helper()
	rows, err := db.Query(t.Context(), `select l.do_not_call, l.dnc, (select count(*) from henk.suppressions), a.state
		from leads l, call_attempts a where l.id = $1 and a.id = $2`, id, attempt)
	require.NoError(t, err)
	values, err := pgx.CollectExactlyOneRow(rows, func(r pgx.CollectableRow) ([]any, error) { return r.Values() })
	require.NoError(t, err)
	return values
}
