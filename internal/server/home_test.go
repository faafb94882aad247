package server

import (
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// text is a page without its markup, with single spaces.
func text(html string) string {
	bare := regexp.MustCompile(`<[^>]*>`).ReplaceAllString(html, " ")
	return strings.Join(strings.Fields(bare), " ")
}

func (b *bundle) exec(sql string, args ...any) {
	b.t.Helper()
	_, err := b.db.Exec(b.t.Context(), sql, args...)
	require.NoError(b.t, err)
}

func (b *bundle) home(cookie header) string {
	b.t.Helper()
	rec := b.do("GET", "/", nil, asHTML, cookie)
	require.Equal(b.t, http.StatusOK, rec.Code)
	return rec.Body.String()
}

func TestHomeOnAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	b := setup(t)
	page := text(b.home(b.cookie()))
	require.Contains(t, page, "There are no campaigns yet.")
	require.Contains(t, page, "No worker is running")
	require.Contains(t, page, "v1.2.3")
}

func TestHomeShowsWhatGoesOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cookie := b.cookie()
	w := storetest.NewWorld(t, b.db, storetest.Fields{"name": `Spring <script>alert("x")</script> & co`, "daily_call_cap": 100})
	storetest.NewCampaign(t, b.db, w, storetest.Fields{"name": "Waiting", "status": "paused"})
	day := time.Now().UTC()
	for _, state := range []string{"reserved", "placed", "placed", "unknown", "refused", "skipped"} {
		f := storetest.Fields{"state": state, "business_day": day}
		if state != "reserved" && state != "unknown" {
			f["ended_at"] = day
		}
		storetest.NewAttempt(t, b.db, w, storetest.NewLead(t, b.db, w, nil), f)
	}
	storetest.NewAttempt(t, b.db, w, storetest.NewLead(t, b.db, w, nil), storetest.Fields{"state": "placed", "ended_at": day, "business_day": day.AddDate(0, 0, -1)})
	b.exec(`insert into henk.workers (client_id, beat_at, queues, version) values
		('henk-alive', clock_timestamp() - interval '3 seconds', '{dial,sync}', 'v1.2.3'),
		('henk-dead', clock_timestamp() - interval '5 minutes', '{dial}', 'v1.2.2')`)

	html := b.home(cookie)
	require.NotContains(t, html, "<script")
	require.Contains(t, html, "Spring &lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; &amp; co")
	page := text(html)
	require.Contains(t, page, "co Charity active 1 0 2 1 100 nothing", "reserved, dialing, placed, unclear, cap")
	require.Contains(t, page, "Waiting Charity paused 0 0 0 0 1000000 The campaign is paused.")
	require.Contains(t, page, "Reserved 1 about to be dialed Dialing 0 asked the provider Placed 2 the provider took the call Unclear 1")
	require.Contains(t, page, "henk-alive alive 3 s ago dial, sync v1.2.3")
	require.Contains(t, page, "henk-dead silent 5 min ago dial v1.2.2")
	require.NotContains(t, page, "Needs a look")
	require.Contains(t, html, `href="/riverui/"`)
}

func TestHomeSaysWhatHoldsCalls(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cookie := b.cookie()
	w := storetest.NewWorld(t, b.db, storetest.Fields{"name": "Blocked one", "daily_call_cap": 1})
	held := storetest.NewCampaign(t, b.db, w, storetest.Fields{"name": "Held one"})
	full := storetest.NewCampaign(t, b.db, w, storetest.Fields{"name": "Full one", "daily_call_cap": 0})
	require.NotEqual(t, held, full)
	b.exec(`insert into henk.campaign_state (campaign_id, blocked_at, blocked_until, blocked_by, blocked_reason) values
		($1, now(), 'infinity', 'account', 'quota exceeded')`, w.Campaign)
	b.exec(`insert into henk.campaign_state (campaign_id, planned_at, plan) values
		($1, now() - interval '10 minutes', '{"held": {"rule": "budget", "reason": "The budget is used up."}}')`, held)
	b.exec(`update henk.provider_state set breaker = 'open', reason = 'The key was refused.'`)

	page := text(b.home(cookie))
	require.Contains(t, page, "Needs a look No calls are placed: the ElevenLabs account refuses them. The key was refused.")
	require.Contains(t, page, "Campaign Blocked one is blocked by its account. quota exceeded")
	require.Contains(t, page, "Blocked: quota exceeded")
	require.Contains(t, page, "The budget is used up. planned 10 min ago")
	require.Contains(t, page, "Full one Charity active 0 0 0 0 0 The daily cap is reached.")

	b.exec(`update henk.provider_state set breaker = 'closed', reason = 'Too many requests.', paused_until = now() + interval '90 seconds'`)
	require.Regexp(t, `Dialing pauses for (8|9)\d s`, text(b.home(cookie)))
	b.exec(`update henk.provider_state set paused_until = now() - interval '1 second'`)
	b.exec(`update henk.campaign_state set blocked_until = now() - interval '1 second'`)
	page = text(b.home(cookie))
	require.NotContains(t, page, "Dialing pauses")
	require.NotContains(t, page, "is blocked by")
}

// Today is the business's day by the rules' clock, not this machine's.
func TestHomeCountsTheBusinessesDay(t *testing.T) {
	t.Parallel()
	noon := time.Date(2031, 5, 14, 2, 0, 0, 0, time.UTC) // the evening of the 13th in Chicago
	b := setup(t, func(o *Options) { o.Clock = clock.At(noon) })
	w := storetest.NewWorld(t, b.db, storetest.Fields{"name": "Chicago"})
	b.exec(`update businesses set settings = jsonb_set(settings, '{calling,timezone}', '"America/Chicago"')`)
	for date, n := range map[string]int{"2031-05-12": 1, "2031-05-13": 2, "2031-05-14": 4} {
		for range n {
			storetest.NewAttempt(t, b.db, w, storetest.NewLead(t, b.db, w, nil), storetest.Fields{"business_day": date})
		}
	}
	cookie := b.cookie()
	page := text(b.home(cookie))
	require.Contains(t, page, "Chicago Charity active 2 0 0 0")
	require.Contains(t, page, "14 May 02:0")
	b.exec(`update businesses set settings = jsonb_set(settings, '{calling,timezone}', '"Nowhere/Land"')`)
	require.Contains(t, text(b.home(cookie)), "Chicago Charity active 4 0 0 0", "UTC where the zone cannot be read")
}

func TestHomeShowsABoundedNumberOfCampaigns(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, storetest.Fields{"name": "The active one"})
	b.exec(`insert into campaigns (name, status, script, business_id) select 'Draft ' || n, 'draft', 's', $1 from generate_series(1, 150) n`, w.Business)
	page := text(b.home(b.cookie()))
	require.Equal(t, maxCampaigns-1, strings.Count(page, "Charity draft"))
	require.Contains(t, page, "The active one")
	require.Contains(t, page, "Only the first 100 are shown")
}

// The page is asked for all day: each of its queries must find its rows by an index.
func TestTodaysCallsAreCountedByIndex(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	lead := storetest.NewLead(t, b.db, w, nil)
	b.exec(`insert into call_attempts (campaign_id, lead_id, attempt_number, scheduled_at, phone_number, state, business_day, ended_at)
		select $1, $2, n, now(), '+13125550100', 'placed', date '2020-01-01' + n / 50, now() from generate_series(1, 20000) n`, w.Campaign, lead)
	b.exec("analyze call_attempts")
	file, err := os.ReadFile("../store/queries/overview.sql")
	require.NoError(t, err)
	_, sql, found := strings.Cut(string(file), "-- name: OverviewAttemptCount :many\n")
	require.True(t, found)
	sql, _, _ = strings.Cut(sql, ";")
	sql = strings.NewReplacer("sqlc.arg(campaign_ids)", "$1", "sqlc.arg(days)", "$2").Replace(sql)
	rows, err := b.db.Query(t.Context(), "explain "+sql, []any{w.Campaign}, []any{"2020-06-01"})
	require.NoError(t, err)
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var line string
		require.NoError(t, rows.Scan(&line))
		plan.WriteString(line + "\n")
	}
	require.NoError(t, rows.Err())
	require.Contains(t, plan.String(), "henk_call_attempts_day_idx")
	require.NotContains(t, plan.String(), "Seq Scan")
}

func TestDatabaseGone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	cookie := b.cookie()
	b.db.Close()
	rec := b.do("GET", "/", nil, asHTML, cookie)
	require.Equal(t, http.StatusServiceUnavailable, rec.Code)
	require.Contains(t, rec.Body.String(), "The database does not answer")
	require.Contains(t, rec.Body.String(), rec.Header().Get("X-Request-Id"))
	require.Equal(t, http.StatusOK, b.do("GET", "/healthz", nil).Code, "restarting would not mend it")
	rec = b.do("GET", "/readyz", nil)
	require.Equal(t, http.StatusServiceUnavailable, rec.Code)
	require.Equal(t, "the database does not answer\n", rec.Body.String())
	require.Equal(t, http.StatusServiceUnavailable, b.do("GET", "/readyz", nil).Code)
	require.Equal(t, 1, strings.Count(b.log.String(), `"Not ready"`), "said once, not at each probe")
}

func TestReadyzRefusesAnOldSchema(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.NewEmptyURL(t))
	b := setupOn(t, db)
	rec := b.do("GET", "/readyz", nil)
	require.Equal(t, http.StatusServiceUnavailable, rec.Code)
	require.Contains(t, rec.Body.String(), "henk migrate")
	require.Equal(t, 1, strings.Count(rec.Body.String(), "\n"))
	var tables int
	require.NoError(t, db.QueryRow(t.Context(), "select count(*) from pg_namespace where nspname in ('henk', 'river')").Scan(&tables))
	require.Zero(t, tables, "asking changes nothing")

	_, err := store.Migrate(t.Context(), db, storetest.Log(t))
	require.NoError(t, err)
	require.Eventually(t, func() bool { return b.do("GET", "/readyz", nil).Code == http.StatusOK }, 10*time.Second, 100*time.Millisecond)
}

type testArgs struct {
	Number int `json:"number"`
}

func (testArgs) Kind() string { return "server-test" }

var (
	scriptSrc = regexp.MustCompile(`<script type="module" src="([^"]+)"`)
	styleHref = regexp.MustCompile(`<link rel="stylesheet" href="([^"]+)"`)
)

// riverUIFiles are the script and the style sheet that River UI's page names.
func riverUIFiles(t *testing.T, b *bundle, cookie header) []string {
	t.Helper()
	rec := b.do("GET", "/riverui/", nil, asHTML, cookie)
	require.Equal(t, http.StatusOK, rec.Code)
	var files []string
	for _, re := range []*regexp.Regexp{scriptSrc, styleHref} {
		m := re.FindStringSubmatch(rec.Body.String())
		require.Len(t, m, 2, rec.Body.String())
		require.True(t, strings.HasPrefix(m[1], "/riverui/assets/"), m[1])
		files = append(files, m[1])
	}
	return files
}

func TestRiverUI(t *testing.T) {
	t.Parallel()
	b := setup(t)
	require.NoError(t, b.Start(t.Context()))
	defer b.Stop()
	cookie := b.cookie()
	inserted, err := b.opts.Client.Insert(t.Context(), testArgs{7}, nil)
	require.NoError(t, err)

	for _, target := range []string{"/riverui/", "/riverui/jobs", "/riverui/queues"} {
		rec := b.do("GET", target, nil, asHTML, cookie)
		require.Equal(t, http.StatusOK, rec.Code, target)
		require.Contains(t, rec.Body.String(), `"apiUrl":"/riverui/api"`, target)
	}
	for _, file := range riverUIFiles(t, b, cookie) {
		rec := b.do("GET", file, nil, cookie)
		require.Equal(t, http.StatusOK, rec.Code, file)
		require.Contains(t, rec.Header().Get("Cache-Control"), "immutable")
		require.Equal(t, http.StatusUnauthorized, b.do("GET", file, nil).Code, "files too are behind the login")
	}
	require.NotContains(t, b.do("GET", "/riverui/assets/main-gone.js", nil, asHTML, cookie).Header().Get("Cache-Control"), "immutable")

	rec := b.do("GET", "/riverui/api/jobs?state=available", nil, cookie)
	require.Equal(t, http.StatusOK, rec.Code)
	require.Contains(t, rec.Body.String(), `"server-test"`)
	require.NotContains(t, b.do("GET", "/riverui/api/jobs?state=available", nil).Body.String(), "server-test")

	cancel := func(h ...header) int {
		return b.do("POST", "/riverui/api/jobs/cancel", strings.NewReader(`{"ids":["`+strconv.FormatInt(inserted.Job.ID, 10)+`"]}`), h...).Code
	}
	state := func() (s string) {
		require.NoError(t, b.db.QueryRow(t.Context(), "select state from river.river_job where id = $1", inserted.Job.ID).Scan(&s))
		return s
	}
	require.Equal(t, http.StatusUnauthorized, cancel())
	require.Equal(t, http.StatusForbidden, cancel(cookie, header{"Sec-Fetch-Site": "cross-site"}))
	require.Equal(t, "available", state())
	require.Equal(t, http.StatusOK, cancel(cookie, header{"Sec-Fetch-Site": "same-origin"}))
	require.Equal(t, "cancelled", state())
	rec = b.do("POST", "/riverui/api/jobs/retry", strings.NewReader(`{"ids":["`+strconv.FormatInt(inserted.Job.ID, 10)+`"]}`), cookie)
	require.Equal(t, http.StatusOK, rec.Code)
	require.Equal(t, "available", state())
}
