package salesforce

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const twoRecords = `{"totalSize":3,"done":false,"nextRecordsUrl":"/services/data/v66.0/query/0r8xx2NTJ8FNWNIAC8-2000","records":[

 {"attributes":{"type":"Contact","url":"/services/data/v66.0/sobjects/Contact/003RO0000035WQgYAM"},
  "Id":"003RO0000035WQgYAM","LastName":"Sm\u00efth \"x\" \ud83d\ude00","DoNotCall":false,"SystemModstamp":"2026-01-02T03:04:05.000+0000",
  "Account":{"attributes":{"type":"Account","url":"..."},"Name":"Acme","Owner":{"Name":"O"}},"MailingAddress":{"city":"Ulm, \"DE\""},"Rank__c":-1.5e3},
 {"attributes":{"type":"Contact"},"Id":"003RO0000035WQhYAM","LastName":null,"DoNotCall":true,"SystemModstamp":"2026-01-02T03:04:06.000+0000","Account":null,"MailingAddress":null,"Extra":[1,{"a":"]"}]}]}`

func TestQueryPages(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(n int, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", "Sun, 22 Nov 2026 10:00:00 GMT")
		switch r.URL.Path {
		case "/services/data/v66.0/queryAll":
			if r.URL.Query().Get("q") != "SELECT Id FROM Contact WHERE LastName = 'a+b & c'" || r.Header.Get("Sforce-Query-Options") != "batchSize=200" {
				fail(w, 400, "MALFORMED_QUERY", "no")
				return
			}
			fmt.Fprint(w, twoRecords)
		case "/services/data/v66.0/query/0r8xx2NTJ8FNWNIAC8-2000":
			fmt.Fprint(w, `{"records":[{"Id":"003RO0000035WQiYAM"}],"done":true,"totalSize":3}`)
		}
	})
	c := o.client(nil, func(cfg *Config) { cfg.BatchSize = 200 })
	fields := mustFields(t, "Id", "lastname", "DoNotCall", "SystemModstamp", "Account.Name", "Account.Owner.Name", "MailingAddress", "Rank__c")
	var rows []string
	page, err := c.QueryAll(t.Context(), "SELECT Id FROM Contact WHERE LastName = 'a+b & c'", fields, collect(&rows))
	require.NoError(t, err)
	require.Equal(t, Page{Total: 3, Records: 2, Next: "/services/data/v66.0/query/0r8xx2NTJ8FNWNIAC8-2000", ServerTime: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}, page)
	last, err := c.QueryMore(t.Context(), page.Next, fields, collect(&rows))
	require.NoError(t, err)
	require.True(t, last.Done)
	require.Empty(t, last.Next)
	require.Equal(t, []string{
		`003RO0000035WQgYAM|Smïth "x" 😀|false|2026-01-02T03:04:05.000+0000|Acme|O|{"city":"Ulm, \"DE\""}|-1.5e3`,
		`003RO0000035WQhYAM|<null>|true|2026-01-02T03:04:06.000+0000|<null>|<null>|<null>|<null>`,
		`003RO0000035WQiYAM|<null>|<null>|<null>|<null>|<null>|<null>|<null>`,
	}, rows)
	at, ok := c.ServerTime()
	require.True(t, ok)
	require.Equal(t, page.ServerTime, at)
}

func TestQueryMoreTakesNoForeignAddress(t *testing.T) {
	t.Parallel()
	o := newOrg(t, answerLimits)
	c := o.client(nil)
	for _, next := range []string{"", "https://evil.example/services/data/v66.0/query/x", "//evil.example/services/data/v66.0/query/x",
		"/services/data/v66.0/query/../sobjects", "/services/data/v66.0/query/a/b", "/services/data/v66.0/query/x?q=SELECT", "/services/data/v66.0/query/", "/services/data/v66.0/query/..", "/services/data/v66.0/query/%2e%2e"} {
		_, err := c.QueryMore(t.Context(), next, mustFields(t, "Id"), nothing)
		require.Equal(t, KindInput, KindOf(err), next)
	}
	_, requests := o.counts()
	require.Zero(t, requests)
}

func TestPagesThatAreNot(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body string
		kind Kind
	}{
		"not last, no next":    {`{"totalSize":9,"done":false,"records":[{"Id":"a"}]}`, KindProtocol},
		"foreign next":         {`{"totalSize":9,"done":false,"records":[],"nextRecordsUrl":"https://evil.example/"}`, KindProtocol},
		"no done":              {`{"totalSize":0,"records":[]}`, KindProtocol},
		"no records":           {`{"totalSize":0,"done":true}`, KindProtocol},
		"an array":             {`[]`, KindProtocol},
		"records no array":     {`{"totalSize":0,"done":true,"records":{}}`, KindProtocol},
		"a record no object":   {`{"totalSize":1,"done":true,"records":[1]}`, KindProtocol},
		"done no boolean":      {`{"totalSize":1,"done":"true","records":[]}`, KindProtocol},
		"records twice":        {`{"totalSize":1,"done":true,"records":[],"records":[]}`, KindProtocol},
		"bad word":             {`{"totalSize":1,"done":true,"records":[{"Id":nil}]}`, KindProtocol},
		"deep":                 {`{"totalSize":1,"done":true,"records":[{"X":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}]}`, KindProtocol},
		"page of HTML":         {"<!DOCTYPE html><html><body>We are down for maintenance.</body></html>", KindUnavailable},
		"nothing":              {"", KindNoAnswer},
		"cut before a record":  {`{"totalSize":2,"done":true,"records":[`, KindNoAnswer},
		"cut inside a literal": {`{"totalSize":2,"done":tr`, KindNoAnswer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, func(_ int, w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, test.body) })
			_, err := o.client(nil).Query(t.Context(), "SELECT Id FROM Lead", mustFields(t, "Id"), nothing)
			require.Equal(t, test.kind.String(), KindOf(err).String(), "%v", err)
		})
	}
}

func TestBrokenPageIsNotHandedOnTwice(t *testing.T) {
	t.Parallel()
	body := `{"totalSize":2,"done":true,"records":[{"Id":"003000000000001AAA"},{"Id":"0030`
	o := newOrg(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "900")
		fmt.Fprint(w, body)
	})
	var rows []string
	_, err := o.client(nil).Query(t.Context(), "SELECT Id FROM Lead", mustFields(t, "Id"), collect(&rows))
	require.Equal(t, KindNoAnswer, KindOf(err))
	require.True(t, KindOf(err).Temporary())
	require.Len(t, rows, 1)
	_, requests := o.counts()
	require.Equal(t, 1, requests)
}

func TestReadsAreTriedAgain(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(n int, w http.ResponseWriter, _ *http.Request) {
		switch n {
		case 1:
			fail(w, 503, "SERVER_UNAVAILABLE", "Server too busy")
		case 2:
			panic(http.ErrAbortHandler)
		case 3:
			fail(w, 403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded.")
		default:
			fmt.Fprint(w, `{"totalSize":7,"done":true,"records":[]}`)
		}
	})
	n, err := o.client(nil).Count(t.Context(), "SELECT COUNT() FROM Lead")
	require.NoError(t, err)
	require.Equal(t, 7, n)
	_, requests := o.counts()
	require.Equal(t, 4, requests)
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	for header, requests := range map[string]int{"1": 2, "3600": 1} {
		o := newOrg(t, func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				w.Header().Set("Retry-After", header)
				fail(w, 503, "SERVER_UNAVAILABLE", "Server too busy")
				return
			}
			fmt.Fprint(w, `{"totalSize":7,"done":true,"records":[]}`)
		})
		began := time.Now()
		_, err := o.client(nil).Count(t.Context(), "SELECT COUNT() FROM Lead")
		_, got := o.counts()
		require.Equal(t, requests, got)
		if header == "1" {
			require.NoError(t, err)
			require.GreaterOrEqual(t, time.Since(began), time.Second)
		} else {
			require.Equal(t, time.Hour, AsError(err).RetryAfter)
		}
	}
}

func TestTokenExpiresInMidPagination(t *testing.T) {
	t.Parallel()
	var o *org
	o = newOrg(t, func(n int, w http.ResponseWriter, _ *http.Request) {
		if n == 1 {
			o.expire()
		}
		if n == 1 {
			fmt.Fprint(w, `{"totalSize":2,"done":false,"nextRecordsUrl":"/services/data/v66.0/query/01g-2000","records":[{"Id":"1"}]}`)
			return
		}
		fmt.Fprint(w, `{"totalSize":2,"done":true,"records":[{"Id":"2"}]}`)
	})
	c := o.client(nil)
	var rows []string
	page, err := c.Query(t.Context(), "SELECT Id FROM Lead", mustFields(t, "Id"), collect(&rows))
	require.NoError(t, err)
	page, err = c.QueryMore(t.Context(), page.Next, mustFields(t, "Id"), collect(&rows))
	require.NoError(t, err)
	require.True(t, page.Done)
	require.Equal(t, []string{"1", "2"}, rows)
}

// BenchmarkQuery is a page of 2,000 contacts over HTTP on this machine.
func BenchmarkQuery(b *testing.B) {
	doc, _ := benchPage(2000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(doc) }))
	defer server.Close()
	transport := newTransport()
	transport.Proxy = nil
	c, err := New(Config{Transport: transport}, NewMemoryStore(Credentials{}, Token{AccessToken: NewSecret("x"), InstanceURL: server.URL}))
	require.NoError(b, err)
	fields := mustFields(b, contactFields...)
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		page, err := c.Query(b.Context(), "SELECT Id FROM Contact", fields, nothing)
		require.NoError(b, err)
		rows += page.Records
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "records/s")
}
