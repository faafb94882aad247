package salesforcesim

import (
	"compress/gzip"
	"encoding/csv"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type jobInfo struct {
	ID, State, JobType     string
	NumberRecordsProcessed int
	APIVersion             float64
}

func (b *bundle) job(operation, soql string) jobInfo {
	b.t.Helper()
	r := b.api("POST", "/jobs/query", `{"operation":"`+operation+`","query":"`+soql+`"}`, "Content-Type", "application/json; charset=utf-8")
	require.Equal(b.t, http.StatusOK, r.status, r.body)
	var j jobInfo
	b.decode(r, &j)
	require.Equal(b.t, "UploadComplete", j.State)
	return j
}

func TestBulkQuery(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Contacts, o.BulkDelay = 1000, 10*time.Second })
	j := b.job("queryAll", "SELECT Id, Description, Account.Name, SystemModstamp, DoNotCall FROM Contact")
	require.Equal(t, "UploadComplete", j.State)
	require.InDelta(t, 66, j.APIVersion, 0)
	path := "/jobs/query/" + j.ID
	b.refused(b.api("GET", path+"/results", ""), http.StatusBadRequest, "INVALIDJOBSTATE")
	b.clock.pass(6 * time.Second)
	b.decode(b.api("GET", path, ""), &j)
	require.Equal(t, "InProgress", j.State)
	b.clock.pass(4 * time.Second)
	b.decode(b.api("GET", path, ""), &j)
	require.Equal(t, jobInfo{j.ID, "JobComplete", "V2Query", 1000, 66}, j)
	_, err := b.sim.Create("Contact", map[string]any{"LastName": "After the job"})
	require.NoError(t, err)

	var ids, stamps []string
	locator := ""
	for page := 0; ; page++ {
		r := b.api("GET", path+"/results?maxRecords=300"+locator, "", "Accept", "text/csv")
		require.Equal(t, http.StatusOK, r.status)
		rows, err := csv.NewReader(strings.NewReader(r.body)).ReadAll()
		require.NoError(t, err)
		require.Equal(t, []string{"Id", "Description", "Account.Name", "SystemModstamp", "DoNotCall"}, rows[0], "a header on every page")
		require.Equal(t, strconv.Itoa(len(rows)-1), r.header.Get("Sforce-NumberOfRecords"))
		for _, row := range rows[1:] {
			ids, stamps = append(ids, row[0]), append(stamps, row[3])
			require.True(t, strings.HasSuffix(row[3], ".000Z"))
		}
		next := r.header.Get("Sforce-Locator")
		require.NotEmpty(t, next)
		if next == "null" {
			require.Equal(t, 3, page)
			break
		}
		locator = "&locator=" + next
	}
	require.False(t, slices.IsSorted(stamps), "a Bulk result is in no order")
	slices.Sort(ids)
	require.Len(t, slices.Compact(ids), 1000)
	require.Equal(t, http.StatusConflict, b.do("GET", "/services/data/v65.0"+path+"/results", "").status)
	var pages struct {
		ResultPages []struct{ ResultURL string }
		Done        bool
	}
	b.decode(b.api("GET", path+"/resultPages?maxRecords=300", ""), &pages)
	require.Len(t, pages.ResultPages, 4)
	require.True(t, pages.Done)
	require.Equal(t, 100, strings.Count(b.do("GET", pages.ResultPages[3].ResultURL, "").body, "Z\""), "the last page: 100 rows")
	require.Equal(t, http.StatusNoContent, b.api("DELETE", path, "").status)
	require.Equal(t, http.StatusNotFound, b.api("GET", path, "").status)
}

func TestBulkEmptyAborted(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.BulkDelay = time.Minute })
	empty := b.job("query", "SELECT Id FROM Contact WHERE LastName = 'nobody'")
	doomed := b.job("query", "SELECT Id FROM Contact")
	require.Equal(t, http.StatusOK, b.api("PATCH", "/jobs/query/"+doomed.ID, `{"state":"Aborted"}`).status)
	b.clock.pass(time.Minute)
	r := b.api("GET", "/jobs/query/"+empty.ID+"/results", "")
	require.Equal(t, "\"Id\"\n", r.body)
	require.Equal(t, "null", r.header.Get("Sforce-Locator"))
	b.decode(b.api("GET", "/jobs/query/"+doomed.ID, ""), &doomed)
	require.Equal(t, "Aborted", doomed.State)
}

func TestBulkRefusals(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	for body, code := range map[string]string{
		`{"operation":"query","query":"SELECT Nope FROM Contact"}`:           "INVALID_FIELD",
		`{"operation":"query","query":"SELECT MailingAddress FROM Contact"}`: "API_ERROR",
		`{"operation":"query","query":"SELECT COUNT() FROM Contact"}`:        "API_ERROR",
		`{"operation":"steal","query":"SELECT Id FROM Contact"}`:             "API_ERROR",
		`{`: "JSON_PARSER_ERROR",
	} {
		b.refused(b.api("POST", "/jobs/query", body), http.StatusBadRequest, code)
	}
	for fault, want := range map[string]struct {
		status int
		code   string
	}{"bulk_403": {403, "FUNCTIONALITY_NOT_ENABLED"}, "bulk_limit": {400, "LIMIT_EXCEEDED"}, "bulk_identity": {400, "INVALIDENTITY"}} {
		spec, err := ParseFaults(fault + "=first:1")
		require.NoError(t, err)
		b.sim.SetFaults(spec)
		b.refused(b.api("POST", "/jobs/query", `{"operation":"query","query":"SELECT Id FROM Contact"}`), want.status, want.code)
	}
	spec, err := ParseFaults("bulk_failed=first:1")
	require.NoError(t, err)
	b.sim.SetFaults(spec)
	j := b.job("query", "SELECT Id FROM Contact")
	b.decode(b.api("GET", "/jobs/query/"+j.ID, ""), &j)
	require.Equal(t, "Failed", j.State)
}

func TestGzip(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	j := b.job("query", "SELECT Id, LastName FROM Contact")
	for _, path := range []string{"/jobs/query/" + j.ID + "/results", strings.TrimPrefix(queryURL("query", "SELECT Id, LastName FROM Contact"), "/services/data/v66.0")} {
		plain := b.api("GET", path, "")
		zipped := b.api("GET", path, "", "Accept-Encoding", "gzip")
		require.Equal(t, "gzip", zipped.header.Get("Content-Encoding"))
		z, err := gzip.NewReader(strings.NewReader(zipped.body))
		require.NoError(t, err)
		var out strings.Builder
		_, err = io.Copy(&out, z)
		require.NoError(t, err)
		require.Equal(t, plain.body, out.String())
	}
}
