package salesforce

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDescribe(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-Modified-Since") == "Sun, 22 Nov 2026 10:00:00 GMT" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		if r.URL.Path != "/services/data/v66.0/sobjects/Contact/describe" {
			fail(w, 404, "NOT_FOUND", "The requested resource does not exist")
			return
		}
		w.Header().Set("Last-Modified", "Sun, 22 Nov 2026 10:00:00 GMT")
		fmt.Fprint(w, `{"name":"Contact","queryable":true,"updateable":true,"keyPrefix":"003","childRelationships":[{}],"fields":[
			{"name":"DoNotCall","type":"boolean","length":0,"nillable":false,"updateable":true,"filterable":true},
			{"name":"Phone","type":"phone","length":40,"nillable":true,"updateable":false},
			{"name":"Rating","type":"picklist","picklistValues":[{"value":"Hot","label":"Hot","active":true}],"externalId":false}]}`)
	})
	c := o.client(nil)
	contact, changed, err := c.DescribeChanged(t.Context(), "Contact", "")
	require.NoError(t, err)
	require.True(t, changed)
	f, ok := contact.Field("donotcall")
	require.True(t, ok)
	require.Equal(t, "boolean", f.Type)
	require.True(t, f.Updateable)
	f, _ = contact.Field("Phone")
	require.Equal(t, 40, f.Length)
	require.True(t, f.Nillable)
	_, ok = contact.Field("MobilePhone")
	require.False(t, ok, "hidden fields are absent")
	same, changed, err := c.DescribeChanged(t.Context(), "Contact", contact.LastModified)
	require.NoError(t, err)
	require.False(t, changed)
	require.Nil(t, same)
	_, err = c.Describe(t.Context(), "Leed")
	require.Equal(t, KindNotFound, KindOf(err))
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]Usage{
		"api-usage=10018/100000": {Used: 10018, Allowed: 100000},
		"api-usage=25/5000; per-app-api-usage=17/250(appName=my; app)": {Used: 25, Allowed: 5000},
		"per-app-api-usage=17/250(appName=x); api-usage=25/5000":       {Used: 25, Allowed: 5000, AppUsed: 17, AppAllowed: 250, App: "x"},
		" something=new , api-usage=6000/5000 ":                        {Used: 6000, Allowed: 5000},
	} {
		got, ok := ParseUsage(header)
		require.True(t, ok, header)
		require.Equal(t, want, got, header)
	}
	for _, header := range []string{"", "api-usage", "api-usage=1", "api-usage=-1/5", "api-usage=1/99999999999999999999", "per-app-api-usage=17/250(appName=x)"} {
		_, ok := ParseUsage(header)
		require.False(t, ok, header)
	}
}

func TestQuotaGuard(t *testing.T) {
	t.Parallel()
	used := 4000
	o := newOrg(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Sforce-Limit-Info", fmt.Sprintf("api-usage=%d/5000", used))
		if r.Method == http.MethodPost {
			fmt.Fprint(w, `[{"id":"00T000000000001AAA","success":true,"errors":[]}]`)
			return
		}
		fmt.Fprint(w, `{"totalSize":1,"done":true,"records":[],"DailyApiRequests":{"Max":5000,"Remaining":1}}`)
	})
	c := o.client(nil)
	now := time.Now()
	c.now = func() time.Time { return now }
	count := func() error {
		_, err := c.Count(t.Context(), "SELECT COUNT() FROM Lead")
		return err
	}
	require.NoError(t, count(), "nothing is known yet")
	e := AsError(count())
	require.Equal(t, KindQuota, e.Kind)
	require.Equal(t, 10*time.Minute, e.RetryAfter)
	require.Zero(t, e.Status)
	_, err := c.CreateBulkQuery(t.Context(), "SELECT Id FROM Lead", false)
	require.Equal(t, KindQuota, KindOf(err))
	_, requests := o.counts()
	require.Equal(t, 1, requests, "nothing was sent")
	_, err = c.CreateRecords(t.Context(), []Record{{Type: "Task"}})
	require.NoError(t, err, "an opt-out must go out")
	now = now.Add(11 * time.Minute)
	require.NoError(t, count(), "one looks again")
	require.Error(t, count())
	used = 3999
	now = now.Add(11 * time.Minute)
	require.NoError(t, count())
	require.NoError(t, count(), "it goes on when usage falls")
	u, ok := c.Usage()
	require.True(t, ok)
	require.InDelta(t, 0.7998, u.Share(), 1e-9)
}

const jobID = "750R0000000zlh9IAA"

func TestCollections(t *testing.T) {
	t.Parallel()
	var got struct {
		AllOrNone bool             `json:"allOrNone"`
		Records   []map[string]any `json:"records"`
	}
	var line string
	o := newOrg(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		line = r.Method + " " + r.URL.Path
		_ = json.NewDecoder(r.Body).Decode(&got)
		fmt.Fprint(w, `[{"id":"00T000000000001AAA","success":true,"created":true,"errors":[]},
			{"success":false,"errors":[{"statusCode":"UNABLE_TO_LOCK_ROW","message":"unable to obtain exclusive access","fields":[]}]},
			{"success":false,"errors":[{"statusCode":"STRING_TOO_LONG","message":"Description: data value too large: Ada Lovelace +1 415 555 0123","fields":["Description"]},{"statusCode":"ODD","message":"Call ada@example.org or 415-555-0123"}]}]`)
	})
	c := o.client(nil)
	three := []Record{{Type: "Task", Fields: map[string]any{"Subject": "Call", "WhatId": nil, "CallDurationInSeconds": 73}}, {Type: "Task"}, {Type: "Task"}}
	results, err := c.CreateRecords(t.Context(), three)
	require.NoError(t, err)
	require.Equal(t, "POST /services/data/v66.0/composite/sobjects", line)
	require.False(t, got.AllOrNone)
	require.Equal(t, map[string]any{"attributes": map[string]any{"type": "Task"}, "Subject": "Call", "WhatId": nil, "CallDurationInSeconds": 73.0}, got.Records[0])
	require.NoError(t, results[0].Err())
	require.True(t, results[0].Created)
	require.Equal(t, KindRowLock, KindOf(results[1].Err()))
	require.Equal(t, KindRejected, KindOf(results[2].Err()))
	require.Equal(t, []string{"Description"}, results[2].Errors[0].Fields)
	for _, e := range results[2].Errors {
		require.NotRegexp(t, "Ada|555|example", e.Error())
	}
	for i := range three {
		three[i].ID = "003RO0000035WQgYAM"
	}
	_, err = c.UpdateRecords(t.Context(), three)
	require.NoError(t, err)
	require.Equal(t, "PATCH /services/data/v66.0/composite/sobjects", line)
	require.Equal(t, "003RO0000035WQgYAM", got.Records[1]["id"])
	for i := range three {
		three[i] = Record{Type: "Task", Fields: map[string]any{"Call_Id__c": fmt.Sprint(i)}}
	}
	_, err = c.UpsertRecords(t.Context(), "Task", "Call_Id__c", three)
	require.NoError(t, err)
	require.Equal(t, "PATCH /services/data/v66.0/composite/sobjects/Task/Call_Id__c", line)
	_, requests := o.counts()

	for name, call := range map[string]func() ([]Result, error){
		"too many": func() ([]Result, error) { return c.CreateRecords(t.Context(), make([]Record, 201)) },
		"no id":    func() ([]Result, error) { return c.UpdateRecords(t.Context(), []Record{{Type: "Task"}}) },
		"an id": func() ([]Result, error) {
			return c.CreateRecords(t.Context(), []Record{{Type: "Task", ID: "003RO0000035WQgYAM"}})
		},
		"no key": func() ([]Result, error) {
			return c.UpsertRecords(t.Context(), "Task", "K__c", []Record{{Type: "Task"}})
		},
		"id as field": func() ([]Result, error) {
			return c.CreateRecords(t.Context(), []Record{{Type: "Task", Fields: map[string]any{"ID": 1}}})
		},
		"a channel": func() ([]Result, error) {
			return c.CreateRecords(t.Context(), []Record{{Type: "Task", Fields: map[string]any{"A": make(chan int)}}})
		},
		"chunks": func() ([]Result, error) {
			var list []Record
			for i := range 12 {
				list = append(list, Record{Type: []string{"Task", "Lead"}[i%2]})
			}
			return c.CreateRecords(t.Context(), list)
		},
	} {
		_, err := call()
		require.Equal(t, KindInput, KindOf(err), name)
	}
	_, after := o.counts()
	require.Equal(t, requests, after)
}

func TestWritesWithUnknownFateAreSentOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer func(http.ResponseWriter)
		unsure bool
	}{
		"lost":          {func(http.ResponseWriter) { panic(http.ErrAbortHandler) }, true},
		"503":           {func(w http.ResponseWriter) { fail(w, 503, "SERVER_UNAVAILABLE", "Server too busy") }, true},
		"half":          {func(w http.ResponseWriter) { w.Header().Set("Content-Length", "99"); fmt.Fprint(w, `[{"id"`) }, true},
		"no JSON":       {func(w http.ResponseWriter) { fmt.Fprint(w, `created`) }, true},
		"wrong number":  {func(w http.ResponseWriter) { fmt.Fprint(w, `[]`) }, true},
		"refused whole": {func(w http.ResponseWriter) { fail(w, 400, "JSON_PARSER_ERROR", "Ada") }, false},
		"read-only":     {func(w http.ResponseWriter) { fail(w, 500, "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE", "") }, false},
		"concurrency":   {func(w http.ResponseWriter) { fail(w, 403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests") }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, func(_ int, w http.ResponseWriter, _ *http.Request) { test.answer(w) })
			_, err := o.client(nil).CreateRecords(t.Context(), []Record{{Type: "Task"}})
			require.Error(t, err)
			require.Equal(t, test.unsure, AsError(err).Unsure, "%v", err)
			require.NotContains(t, err.Error(), "Ada")
			_, requests := o.counts()
			if name == "concurrency" { // turned away at the door
				require.Equal(t, 4, requests)
				return
			}
			require.Equal(t, 1, requests)
		})
	}
}

func TestReplication(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Query().Get("start") != "2026-11-01T00:00:00+00:00" || r.URL.Query().Get("end") != "2026-11-02T00:00:00+00:00":
			fail(w, 400, "INVALID_REPLICATION_DATE", "startDate before org creation")
		case r.URL.Path == "/services/data/v66.0/sobjects/Contact/deleted/":
			fmt.Fprint(w, `{"deletedRecords":[{"id":"003RO0000035WQgYAM","deletedDate":"2026-11-01T10:00:00.000+0000"}],"earliestDateAvailable":"2026-10-20T00:00:00.000+0000","latestDateCovered":"2026-11-01T23:59:00.000+0000"}`)
		default:
			fmt.Fprint(w, `{"ids":["003RO0000035WQgYAM"],"latestDateCovered":"2026-11-01T23:59:00.000+0000"}`)
		}
	})
	c := o.client(nil)
	start := time.Date(2026, 11, 1, 0, 0, 0, 5, time.UTC)
	deleted, err := c.GetDeleted(t.Context(), "Contact", start, start.AddDate(0, 0, 1))
	require.NoError(t, err)
	require.Equal(t, []DeletedRecord{{ID: "003RO0000035WQgYAM", DeletedAt: time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)}}, deleted.Records)
	updated, err := c.GetUpdated(t.Context(), "Contact", start, start.AddDate(0, 0, 1))
	require.NoError(t, err)
	require.Len(t, updated.IDs, 1)
	require.Equal(t, 23, updated.LatestCovered.Hour())
	_, err = c.GetDeleted(t.Context(), "Contact", start.AddDate(0, 0, -30), start)
	require.Equal(t, KindReplication, KindOf(err))
	_, err = c.GetUpdated(t.Context(), "Contact", start, start)
	require.Equal(t, KindInput, KindOf(err))
}
