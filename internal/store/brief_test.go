package store_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// TestBriefEndsWithTheTransaction: what bounds a transaction must not stay with a connection that others use next.
func TestBriefEndsWithTheTransaction(t *testing.T) {
	t.Parallel()
	direct := storetest.New(t)
	for name, db := range map[string]*store.DB{"direct": direct, "pooled": {Pool: direct.Pool, Pooled: true}} {
		conn, err := db.Acquire(t.Context())
		require.NoError(t, err)
		idle := func(q interface {
			QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
		}) (v string) {
			require.NoError(t, q.QueryRow(t.Context(), "show idle_in_transaction_session_timeout").Scan(&v))
			return v
		}
		require.NoError(t, pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
			require.NoError(t, db.Brief(t.Context(), tx))
			require.Equal(t, "10s", idle(tx), name)
			return nil
		}))
		require.Equal(t, "0", idle(conn), name)
		require.NoError(t, store.InTx(t.Context(), db.Briefly(), func(tx pgx.Tx) error {
			require.Equal(t, "10s", idle(tx), name)
			return nil
		}))
		require.NoError(t, pgx.BeginTxFunc(t.Context(), conn, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
			require.NoError(t, db.Brief(t.Context(), tx))
			require.Equal(t, "0", idle(tx), "%s: nobody waits for a reader", name)
			return nil
		}))
		conn.Release()
	}
}

// TestUnavailable: after these the same statement may succeed.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{
		"25P03": true, // the server ended the transaction of a process that stood still
		"57P01": true, "57P03": true, "53300": true, "08006": true,
		"57014": false, "25P02": false, "23505": false, "40001": false,
	} {
		require.Equal(t, want, store.Unavailable(fmt.Errorf("x: %w", &pgconn.PgError{Code: code})), code)
	}
	require.False(t, store.Unavailable(pgx.ErrNoRows))
	require.True(t, store.Unavailable(fmt.Errorf("unexpected EOF")))
}
