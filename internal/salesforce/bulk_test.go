package salesforce

import (
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBulkQuery(t *testing.T) {
	t.Parallel()
	polls := 0
	o := newOrg(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		switch r.Method + " " + r.URL.RequestURI() {
		case "POST /services/data/v66.0/jobs/query":
			body, _ := io.ReadAll(r.Body)
			if string(body) != `{"operation":"queryAll","query":"SELECT Id FROM Lead","contentType":"CSV","columnDelimiter":"COMMA","lineEnding":"LF"}` {
				fail(w, 400, "INVALIDJOB", string(body))
				return
			}
			fmt.Fprintf(w, `{"id":%q,"operation":"queryAll","object":"Lead","state":"UploadComplete","apiVersion":66.0}`, jobID)
		case "GET /services/data/v66.0/jobs/query/" + jobID:
			if polls++; polls < 2 {
				fmt.Fprintf(w, `{"id":%q,"state":"InProgress"}`, jobID)
				return
			}
			fmt.Fprintf(w, `{"id":%q,"state":"JobComplete","numberRecordsProcessed":3}`, jobID)
		case "GET /services/data/v66.0/jobs/query/" + jobID + "/results?maxRecords=2":
			w.Header().Set("Sforce-Locator", "MTAwMDA=")
			w.Header().Set("Sforce-NumberOfRecords", "2")
			fmt.Fprint(w, "\"Id\",\"Account.Name\",\"Name\"\n\"1\",\"\",\"a \"\"b\"\"\nc\"\n\"2\",\"Acme\",\"\"\n")
		case "GET /services/data/v66.0/jobs/query/" + jobID + "/results?locator=MTAwMDA%3D&maxRecords=2":
			w.Header().Set("Sforce-Locator", "null")
			w.Header().Set("Sforce-NumberOfRecords", "1")
			fmt.Fprint(w, "\"Id\",\"Account.Name\",\"Name\"\n\"3\",\"\",\"c\"\n")
		case "DELETE /services/data/v66.0/jobs/query/" + jobID:
			w.WriteHeader(http.StatusNoContent)
		case "PATCH /services/data/v66.0/jobs/query/" + jobID:
			fmt.Fprintf(w, `{"id":%q,"state":"Aborted"}`, jobID)
		default:
			fail(w, 404, "NOT_FOUND", r.Method+" "+r.URL.RequestURI())
		}
	})
	c := o.client(nil)
	job, err := c.CreateBulkQuery(t.Context(), "SELECT Id FROM Lead", true)
	require.NoError(t, err)
	require.False(t, job.Ended())
	job, err = c.WaitBulkJob(t.Context(), job.ID)
	require.NoError(t, err)
	require.Equal(t, 3, job.Processed)
	fields := mustFields(t, "Name", "Id", "Account.Name")
	var rows []string
	page, err := c.BulkResults(t.Context(), job.ID, "", 2, fields, collect(&rows))
	require.NoError(t, err)
	require.Equal(t, BulkPage{Records: 2, Locator: "MTAwMDA="}, page)
	page, err = c.BulkResults(t.Context(), job.ID, page.Locator, 2, fields, collect(&rows))
	require.NoError(t, err)
	require.Equal(t, BulkPage{Records: 1}, page)
	require.Equal(t, []string{"a \"b\"\nc|1|<null>", "<null>|2|Acme", "c|3|<null>"}, rows)
	aborted, err := c.AbortBulkJob(t.Context(), job.ID)
	require.NoError(t, err)
	require.Equal(t, BulkAborted, aborted.State)
	require.NoError(t, c.DeleteBulkJob(t.Context(), job.ID))
	require.NoError(t, c.DeleteBulkJob(t.Context(), "750R0000000zlh8IAA"), "gone already")
	_, err = c.BulkJob(t.Context(), "../limits")
	require.Equal(t, KindInput, KindOf(err))
	_, err = c.BulkResults(t.Context(), job.ID, "a&b=c", 0, fields, nothing)
	require.Equal(t, KindInput, KindOf(err))
}

func TestBulkRefusalsAndFailures(t *testing.T) {
	t.Parallel()
	for code, status := range map[string]int{"API_ERROR": 400, "LIMIT_EXCEEDED": 400, "INVALIDENTITY": 400, "INSUFFICIENT_ACCESS": 403, "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": 500} {
		o := newOrg(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
			fail(w, status, code, "Max bulk v2 query jobs (10000) per 24 hrs has been reached")
		})
		_, err := o.client(nil).CreateBulkQuery(t.Context(), "SELECT Id FROM Lead", false)
		require.Equal(t, KindBulkRefused, KindOf(err), code)
		_, requests := o.counts()
		require.Equal(t, 1, requests)
	}
	for code, kind := range map[string]Kind{"INVALID_FIELD": KindField, "REQUEST_LIMIT_EXCEEDED": KindQuota, "MALFORMED_QUERY": KindQuery} {
		o := newOrg(t, func(_ int, w http.ResponseWriter, _ *http.Request) { fail(w, 400, code, "TotalRequests") })
		_, err := o.client(nil).CreateBulkQuery(t.Context(), "SELECT Id FROM Lead", false)
		require.Equal(t, kind, KindOf(err), code)
	}
	o := newOrg(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"id":%q,"state":"Failed","errorMessage":"Retried more than fifteen times"}`, jobID)
	})
	_, err := o.client(nil).WaitBulkJob(t.Context(), jobID)
	require.Equal(t, KindBulkFailed, KindOf(err))
	require.ErrorContains(t, err, "fifteen")
}

func TestBulkResultsThatAreNot(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status  int
		body    string
		headers map[string]string
		kind    Kind
	}{
		"empty":              {200, "", nil, -1},
		"header only":        {200, "\"Id\",\"Name\"\n", map[string]string{"Sforce-Locator": "null", "Sforce-NumberOfRecords": "0"}, -1},
		"not ready":          {204, "", nil, KindUnavailable},
		"too few":            {200, "Id,Name\n1,2\n", map[string]string{"Sforce-NumberOfRecords": "2"}, KindProtocol},
		"column missing":     {200, "Id\n1\n", nil, KindProtocol},
		"short record":       {200, "Id,Name\n1\n", nil, KindProtocol},
		"long record":        {200, "Id,Name\n1,2,3\n", nil, KindProtocol},
		"open quote":         {200, "Id,Name\n1,\"2", nil, KindNoAnswer},
		"junk after a quote": {200, "Id,Name\n1,\"2\"3\n", nil, KindProtocol},
		"page":               {200, "<html>maintenance</html>", nil, KindUnavailable},
		"same locator":       {200, "Id,Name\n", map[string]string{"Sforce-Locator": "abc"}, KindProtocol},
		"bad locator":        {200, "Id,Name\n", map[string]string{"Sforce-Locator": "a b"}, KindProtocol},
		"version":            {409, `[{"errorCode":"API_ERROR","message":"version"}]`, nil, KindVersion},
		"gone":               {404, `[{"errorCode":"NOT_FOUND","message":"gone"}]`, nil, KindNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/csv")
				for k, v := range test.headers {
					w.Header().Set(k, v)
				}
				w.WriteHeader(test.status)
				fmt.Fprint(w, test.body)
			})
			_, err := o.client(nil).BulkResults(t.Context(), jobID, "abc", 0, mustFields(t, "Id", "Name"), nothing)
			if test.kind < 0 {
				require.NoError(t, err)
				return
			}
			require.Equal(t, test.kind.String(), KindOf(err).String(), "%v", err)
		})
	}
}
