package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

const (
	oldestServer = 150000 // server_version_num: PostgreSQL 15
	clocksApart  = 5 * time.Second
	shortToken   = 20 // characters
)

// settings are the environment's.
func settings(_ context.Context, o *Options) []Check {
	if o.ConfigErr != nil {
		lines := []Check{}
		for problem := range strings.SplitSeq(o.ConfigErr.Error(), "\n") {
			lines = append(lines, fail("config", problem+".", "Correct it in the environment. `henk config` shows what is in force."))
		}
		return lines
	}
	switch c := o.Config; {
	case c.WebUsername == "" || c.WebPassword == "":
		return one(warn("config", "No login is set: `henk serve` listens on this machine only, and `henk web` does not start.", "Set HENK_WEB_USERNAME and HENK_WEB_PASSWORD."))
	case c.APIToken != "" && len(c.APIToken) < shortToken:
		return one(warn("config", "HENK_API_TOKEN is so short that it can be guessed, and it may do everything.", "Make one with `openssl rand -hex 32`."))
	case c.APIToken == "" && c.SupabaseServiceRoleKey == "":
		return one(ok("config", "Settings can be used. Programs cannot call the API: HENK_API_TOKEN is not set."))
	}
	return one(ok("config", "Settings can be used."))
}

func database(ctx context.Context, o *Options) []Check {
	if o.DB == nil {
		if o.DBErr == nil {
			return one(fail("database", "DATABASE_URL is not set.", "Set it to your Postgres, such as postgres://user:password@host:5432/database."))
		}
		return one(fail("database", sentence(o.DBErr.Error()), "Check DATABASE_URL, the network, and whether the server takes more connections."))
	}
	if err := o.DB.Ping(ctx); err != nil { // what follows has a connection
		return one(fail("database", "It does not answer: "+sentence(err.Error()), "Check the server and the network to it."))
	}
	before := time.Now()
	row, err := dbsqlc.New().DoctorServer(ctx, o.DB)
	took := time.Since(before)
	if err != nil {
		return one(fail("database", "It does not answer: "+sentence(err.Error()), "Check the server and the network to it."))
	}
	name := fmt.Sprintf("PostgreSQL %d.%d", row.Version/10000, row.Version%10000)
	apart := row.Now.Sub(before.Add(took / 2)).Abs()
	switch {
	case row.ReadOnly:
		return one(fail("database", name+" lets nothing be written: it is a replica, or set to read only.", "Point DATABASE_URL to the primary server."))
	case row.Version < oldestServer:
		return one(fail("database", name+" is too old.", "Use PostgreSQL 15 or newer."))
	case apart > clocksApart:
		return one(warn("database", fmt.Sprintf("%s answers. Its clock and this machine's are %s apart.", name, apart.Round(time.Second)), "Set this machine's clock (NTP): webhooks' signatures are judged by it."))
	case took > o.within/5: // a second
		return one(warn("database", fmt.Sprintf("%s answers, but only after %s.", name, took.Round(100*time.Millisecond)), "Bring workers and database closer together; each call waits for several answers."))
	}
	return one(ok("database", fmt.Sprintf("%s answers in %s.", name, took.Round(100*time.Microsecond))))
}

// pooler tells the mode that was found. Both work.
func pooler(_ context.Context, o *Options) []Check {
	switch {
	case o.DB == nil:
		return nil
	case o.DB.Pooled:
		return one(ok("pooler", "A pooler stands before the database: workers look for new jobs once a second instead of being told. A direct connection (port 5432) starts jobs sooner."))
	}
	return one(ok("pooler", "Connected directly: workers are told of new jobs."))
}

// schema checks our migrations and River's.
func schema(ctx context.Context, o *Options) []Check {
	if o.DB == nil {
		return nil
	}
	st, err := store.MigrationStatus(ctx, o.DB, o.Log)
	if err != nil {
		return unread("schema", err)
	}
	var ours, river int
	for _, name := range st.Pending {
		if strings.HasPrefix(name, "river/") {
			river++
		} else {
			ours++
		}
	}
	const mend = "Run `henk migrate` as the tables' owner."
	lines := one(ok("schema", fmt.Sprintf("Henk's schema is this program's (%s).", last(st.Applied, false))))
	if ours > 0 {
		lines = one(fail("schema", fmt.Sprintf("%d of henk's migrations are missing; the first is %s.", ours, st.Pending[0]), mend))
	}
	if river > 0 {
		return append(lines, fail("schema", fmt.Sprintf("%d of River's migrations are missing.", river), mend))
	}
	return append(lines, ok("river", fmt.Sprintf("River's schema is this program's (%s).", last(st.Applied, true))))
}

// last is the newest migration that was applied, of River's or of ours.
func last(applied []string, river bool) string {
	newest := "none"
	for _, name := range applied {
		if strings.HasPrefix(name, "river/") == river {
			newest = strings.TrimSuffix(name, ".sql")
		}
	}
	return newest
}

// cron looks for the old functions' schedule: beside it no worker starts.
func cron(ctx context.Context, o *Options) []Check {
	left, err := store.CronLeftovers(ctx, o.DB)
	switch {
	case err != nil:
		return one(fail("cron", "Whether pg_cron still runs the old functions is not known, and workers do not start: "+sentence(err.Error()), "Let the role in DATABASE_URL read cron.job."))
	case len(left) > 0:
		return one(fail("cron", "pg_cron still runs what the worker replaces ("+strings.Join(left, ", ")+"), and people would be called twice. Workers do not start.",
			"Remove each: select cron.unschedule('NAME'), or its number without quotes."))
	}
	return one(ok("cron", "pg_cron runs none of the old functions."))
}

// sentence ends a text of another package with a full stop.
func sentence(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}
