// Package store is the way to Postgres: the pool, the migrations and the schema check, transactions, and the
// queries (queries/*.sql, one file per table, generated into dbsqlc). It knows nothing of River's client and
// nothing of the rules. It imports migrations only.
package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	pgxuuid "github.com/vgarvardt/pgx-google-uuid/v5"
)

// RiverSchema holds River's tables. It is not public: PostgREST serves that to browsers.
const RiverSchema = "river"

const (
	defaultMaxConns    = 20
	supabasePoolerPort = 6543
)

// DB is a connection pool that knows whether a transaction pooler stands between it and the server.
type DB struct {
	*pgxpool.Pool
	// Pooled is true behind a transaction pooler (Supabase port 6543, pgbouncer): no LISTEN, no named prepared
	// statements, no session locks.
	Pooled bool
}

// Open connects to databaseURL and finds out what it is connected to. maxConns 0 means the URL's pool_max_conns or 20.
func Open(ctx context.Context, databaseURL string, maxConns int32) (*DB, error) {
	return OpenTraced(ctx, databaseURL, maxConns, nil)
}

// OpenTraced is Open with a tracer that sees each query; nil = none.
func OpenTraced(ctx context.Context, databaseURL string, maxConns int32, tracer pgx.QueryTracer) (*DB, error) {
	cfg, err := pgxpool.ParseConfig(databaseURL)
	if err != nil {
		// pgx repeats the URL in its error, and the URL holds the password.
		return nil, errors.New("DATABASE_URL is not a valid Postgres URL; it should look like postgres://user:password@host:5432/database")
	}
	if maxConns > 0 {
		cfg.MaxConns = maxConns
	} else if !hasPoolSize(databaseURL) {
		cfg.MaxConns = defaultMaxConns
	}
	if cfg.ConnConfig.RuntimeParams["application_name"] == "" {
		cfg.ConnConfig.RuntimeParams["application_name"] = "henk"
	}
	if cfg.ConnConfig.ConnectTimeout == 0 {
		cfg.ConnConfig.ConnectTimeout = 10 * time.Second
	}
	pooled, err := behindPooler(ctx, cfg.ConnConfig)
	if err != nil {
		return nil, err
	}
	if pooled {
		cfg.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	cfg.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		pgxuuid.Register(conn.TypeMap()) // as 16 bytes; without it every id goes through its text form
		if pooled {
			return nil
		}
		_, err := conn.Exec(ctx, "set jit = off")
		return err
	}
	cfg.ConnConfig.Tracer = tracer
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("opening the database pool: %w", err)
	}
	return &DB{Pool: pool, Pooled: pooled}, nil
}

// behindPooler reports whether a pooler answers instead of the server. A pooler invents the process id that it
// greets a client with, a server tells its own; so the two differ exactly when something stands in between. A
// session pooler is taken for a transaction pooler too: that costs a little latency and breaks nothing.
func behindPooler(ctx context.Context, cfg *pgx.ConnConfig) (bool, error) {
	if cfg.Port == supabasePoolerPort {
		return true, nil
	}
	probe := cfg.Copy()
	probe.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	conn, err := pgx.ConnectConfig(ctx, probe)
	if err != nil {
		return false, fmt.Errorf("connecting to Postgres at %s:%d, database %q: %w", cfg.Host, cfg.Port, cfg.Database, withoutSecrets(err, cfg.Password))
	}
	defer conn.Close(ctx)
	var pid uint32
	if err := conn.QueryRow(ctx, "select pg_backend_pid()").Scan(&pid); err != nil {
		return false, fmt.Errorf("asking Postgres for its process id: %w", err)
	}
	return pid != conn.PgConn().PID(), nil
}

// withoutSecrets keeps the message of a connection error and drops the wrapped error, whose details carry the config.
func withoutSecrets(err error, password string) error {
	msg := err.Error()
	if password != "" {
		msg = strings.ReplaceAll(msg, password, "***")
	}
	return errors.New(msg)
}

func hasPoolSize(databaseURL string) bool {
	if u, err := url.Parse(databaseURL); err == nil && u.Query().Has("pool_max_conns") {
		return true
	}
	return strings.Contains(databaseURL, "pool_max_conns=")
}

// briefIdle is how long a transaction that writes may wait for its own process.
const briefIdle = "'10s'"

// briefSQL leaves out transactions that only read: they hold no locks that others wait for, and may think for longer
// between two statements.
const briefSQL = "select set_config('idle_in_transaction_session_timeout', " + briefIdle + `, true)
	where current_setting('transaction_read_only') = 'off'`

// Brief prepares a transaction that is over in milliseconds and holds locks that others wait for. Its process may be
// stopped or cut off from the network in the middle; the server then ends it and frees the locks, which it would
// otherwise keep for as long as the connection seems to live. Query compilation is off: our queries are over in
// milliseconds and compiling takes a second. A direct connection has it off from its start; behind a pooler a
// transaction says so itself.
func (db *DB) Brief(ctx context.Context, tx pgx.Tx) error {
	sql := briefSQL
	if db.Pooled {
		sql += "; set local jit = off"
	}
	if _, err := tx.Exec(ctx, sql); err != nil {
		return fmt.Errorf("bounding the transaction: %w", err)
	}
	return nil
}

// Briefly begins transactions that are as Brief makes them, and spares its round trip where calls are dialed.
func (db *DB) Briefly() Beginner { return briefly{db} }

type briefly struct{ db *DB }

func (b briefly) Begin(ctx context.Context) (pgx.Tx, error) {
	sql := "begin; set local idle_in_transaction_session_timeout = " + briefIdle
	if b.db.Pooled {
		sql += "; set local jit = off"
	}
	return b.db.BeginTx(ctx, pgx.TxOptions{BeginQuery: sql})
}

// txAttempts bounds how often InTx starts over after a deadlock or serialization failure.
const txAttempts = 5

// Beginner is a pool or a connection.
type Beginner interface {
	Begin(ctx context.Context) (pgx.Tx, error)
}

// InTx runs fn in a transaction and commits it. fn may run several times: a deadlock or serialization failure starts
// it over, so it must have no effects outside the transaction.
func InTx(ctx context.Context, db Beginner, fn func(pgx.Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := pgx.BeginFunc(ctx, db, fn)
		if err == nil || attempt == txAttempts || !Retryable(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(attempt*attempt) * 5 * time.Millisecond):
		}
	}
}

// Retryable reports whether the transaction lost against another one and would succeed when run again.
func Retryable(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// Unavailable reports whether the error came from the way to the server, or from a server that is starting, stopping
// or out of connections, rather than from the statement: the same statement may succeed later.
func Unavailable(err error) bool {
	if err == nil {
		return false
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return !errors.Is(err, pgx.ErrNoRows) && !errors.Is(err, pgx.ErrTooManyRows)
	}
	switch class := pg.Code[:2]; class {
	case "08", "53", "57", "58":
		return pg.Code != "57014" // a cancelled statement was cancelled on purpose
	}
	return pg.Code == "25P03" // ended because this process stood still
}

// Quiet keeps warnings and errors of a logger. River tells of every start and migration at level info.
func Quiet(log *slog.Logger) *slog.Logger { return slog.New(quiet{log.Handler()}) }

type quiet struct{ slog.Handler }

func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }

func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
