// Package bench measures henk under load, each figure beside a reference taken in the same run on the same database,
// before and after, of which the better counts. It may import everything below cmd.
package bench

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/pglocal"
	"github.com/callhenk/henk-worker/internal/store"
)

// Result is one benchmark's figures; its JSON is what `henk bench NAME --json` prints and others rely on.
type Result struct {
	Name         string         `json:"name"`
	N            int            `json:"n"`
	Seconds      float64        `json:"seconds"`
	Rate         float64        `json:"rate"`
	Unit         string         `json:"unit"`
	Reference    Reference      `json:"reference"`
	Ratio        float64        `json:"ratio"`
	CPUSeconds   float64        `json:"cpu_seconds"`
	PeakRSSBytes int64          `json:"peak_rss_bytes"`
	WALBytes     int64          `json:"wal_bytes"`
	Extra        map[string]any `json:"extra"`
}

// Reference is what the figure is held against.
type Reference struct {
	Name string  `json:"name"`
	Rate float64 `json:"rate"`
	Unit string  `json:"unit"`
}

// Options are common to all benchmarks.
type Options struct {
	DatabaseURL string // a server on which a scratch database may be created; "" = a private, durable cluster
	N           int    // 0 = the benchmark's own default
	Log         *slog.Logger
	Progress    func(step string) // called as the benchmark moves on

	settings map[string]string // of a private Postgres, beside those of all benchmarks
}

// database opens a fresh, migrated scratch database and returns how to remove it.
func database(ctx context.Context, o Options) (db *store.DB, remove func(), err error) {
	admin, stop := o.DatabaseURL, func() {}
	if admin == "" {
		settings := map[string]string{"shared_buffers": sharedBuffers(), "max_wal_size": "4GB", "checkpoint_timeout": "30min"}
		maps.Copy(settings, o.settings)
		cluster, err := pglocal.Start(ctx, pglocal.Options{Log: o.Log, Durable: true, Settings: settings})
		if err != nil {
			return nil, nil, fmt.Errorf("starting a private Postgres: %w", err)
		}
		admin, stop = cluster.URL("postgres"), func() {
			if err := cluster.Stop(); err != nil {
				o.Log.Warn("Could not stop the private Postgres", "err", err)
			}
		}
	}
	name := "henk_bench_" + strings.ToLower(rand.Text()[:10])
	if err := execOn(ctx, admin, "create database "+name); err != nil {
		stop()
		return nil, nil, fmt.Errorf("creating a scratch database: %w", err)
	}
	remove = func() {
		if db != nil {
			db.Close()
		}
		if err := execOn(context.WithoutCancel(ctx), admin, "drop database if exists "+name+" with (force)"); err != nil {
			o.Log.Warn("Could not drop the scratch database", "err", err)
		}
		stop()
	}
	u, err := url.Parse(admin)
	if err != nil {
		remove()
		return nil, nil, fmt.Errorf("DATABASE_URL is not a URL: %w", err)
	}
	u.Path = "/" + name
	if db, err = store.Open(ctx, u.String(), 0); err == nil {
		_, err = store.Migrate(ctx, db, o.Log)
	}
	if err != nil {
		remove()
		return nil, nil, err
	}
	return db, remove, nil
}

func execOn(ctx context.Context, databaseURL, sql string) error {
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}

// usage measures what a stretch of the run costs this process and the database.
type usage struct {
	began time.Time
	cpu   float64
	wal   int64
}

func startUsage(ctx context.Context, db *store.DB) (usage, error) {
	wal, err := walPosition(ctx, db)
	return usage{time.Now(), cpuSeconds(), wal}, err
}

func (u usage) stop(ctx context.Context, db *store.DB, r *Result) error {
	r.Seconds = time.Since(u.began).Seconds()
	r.CPUSeconds = cpuSeconds() - u.cpu
	wal, err := walPosition(ctx, db)
	r.WALBytes = wal - u.wal
	r.PeakRSSBytes = peakRSS()
	r.Rate = float64(r.N) / r.Seconds
	return err
}

func walPosition(ctx context.Context, db *store.DB) (n int64, err error) {
	if err := db.QueryRow(ctx, "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint").Scan(&n); err != nil {
		return 0, fmt.Errorf("reading the WAL position: %w", err)
	}
	return n, nil
}

func cpuSeconds() float64 {
	var ru syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &ru); err != nil {
		return 0
	}
	return float64(ru.Utime.Sec+ru.Stime.Sec) + float64(ru.Utime.Usec+ru.Stime.Usec)/1e6
}

// peakRSS is this process's largest resident size so far, from /proc where there is one.
func peakRSS() int64 {
	if kb := procKB("/proc/self/status", "VmHWM:"); kb > 0 {
		return kb * 1024
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys)
}

// sharedBuffers is what Postgres's manual starts from: a quarter of the memory; 1 GB where that cannot be told.
func sharedBuffers() string {
	if kb := procKB("/proc/meminfo", "MemTotal:"); kb > 0 {
		return strconv.FormatInt(max(kb/4/1024, 128), 10) + "MB"
	}
	return "1GB"
}

// procKB is a figure out of a file of /proc, in kB; 0 where it is not to be had.
func procKB(file, key string) int64 {
	data, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, key); ok {
			kb, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return kb
		}
	}
	return 0
}

func (o Options) step(format string, args ...any) {
	if o.Progress != nil {
		o.Progress(fmt.Sprintf(format, args...))
	}
}
