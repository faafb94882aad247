package server

import (
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

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

	// What a person did is on record; looking, and what was refused, is not.
	rows, err := b.db.Query(t.Context(), "select concat_ws(' ', actor, action, detail ->> 'ids') from henk.audit order by id")
	require.NoError(t, err)
	audit, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	id := strconv.FormatInt(inserted.Job.ID, 10)
	require.Equal(t, []string{"operator jobs.jobs/cancel " + id, "operator jobs.jobs/retry " + id}, audit)
}

// A live view lasts for minutes; a stop does not wait for it.
func TestStopEndsLiveViews(t *testing.T) {
	t.Parallel()
	b := setup(t)
	addr, stop := b.start()
	req, err := http.NewRequestWithContext(t.Context(), "GET", "http://"+addr+"/events", nil)
	require.NoError(t, err)
	cookie := b.cookie()
	req.Header.Set("Cookie", cookie["Cookie"])
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, "text/event-stream", res.Header.Get("Content-Type"))
	first := make([]byte, 5)
	_, err = io.ReadFull(res.Body, first)
	require.NoError(t, err)
	require.Equal(t, "retry", string(first))
	began := time.Now()
	require.NoError(t, stop())
	require.Less(t, time.Since(began), stopTimeout, "it was not waited for")
	_, err = io.Copy(io.Discard, res.Body)
	require.NoError(t, err, "the stream ended cleanly")
}
