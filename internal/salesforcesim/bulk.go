package salesforcesim

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// bulkJob is a Bulk 2.0 query job. It looks at the org as it was when it was created.
type bulkJob struct {
	id, op, query string
	version       string // that created it
	delimiter     string
	ending        string
	created       time.Time
	delay         time.Duration
	aborted       atomic.Bool
	failed        bool
	st            *statement
	scan          *scan
	format        csvFormat
	total         int
	mu            sync.Mutex
	at            []position
}

const defaultMaxRecords = 50_000

var (
	delimiters = map[string]byte{"": ',', "COMMA": ',', "SEMICOLON": ';', "TAB": '\t', "PIPE": '|', "CARET": '^', "BACKQUOTE": '`'}
	endings    = map[string]string{"": "\n", "LF": "\n", "CRLF": "\r\n"}
)

// state is where the job is at a time: half its delay it waits, half it runs.
func (j *bulkJob) state(now time.Time) string {
	age := now.Sub(j.created)
	switch {
	case j.aborted.Load():
		return "Aborted"
	case age*2 < j.delay:
		return "UploadComplete"
	case age < j.delay:
		return "InProgress"
	case j.failed:
		return "Failed"
	}
	return "JobComplete"
}

func (j *bulkJob) info(now time.Time, polled bool) map[string]any {
	version, _ := strconv.ParseFloat(j.version, 64) // it was parsed when the request was routed
	stamp := j.created.UTC().Format("2006-01-02T15:04:05.000") + zoneREST
	m := map[string]any{
		"id": j.id, "operation": j.op, "object": j.st.from.name, "createdById": userID(), "createdDate": stamp, "systemModstamp": stamp, "state": j.state(now),
		"concurrencyMode": "Parallel", "contentType": "CSV", "apiVersion": version, "lineEnding": j.ending, "columnDelimiter": j.delimiter,
	}
	if polled {
		m["jobType"], m["numberRecordsProcessed"], m["retries"], m["totalProcessingTime"], m["isPkChunkingSupported"] = "V2Query", 0, 0, 0, len(j.st.order) == 0 && j.st.limit < 0
		if m["state"] == "JobComplete" {
			m["numberRecordsProcessed"], m["totalProcessingTime"] = j.total, j.delay.Milliseconds()
		}
		if m["state"] == "Failed" {
			m["errorMessage"] = "InternalServerError : Retried more than fifteen times"
		}
	}
	return m
}

// bulk answers /jobs/query and below.
func (s *Sim) bulk(c *call, seg []string) *reply {
	if len(seg) == 0 {
		if c.method == http.MethodPost {
			return s.createJob(c)
		}
		return s.listJobs()
	}
	s.mu.Lock()
	j := s.jobs[seg[0]]
	s.mu.Unlock()
	if j == nil {
		return refuse(errNotFound)
	}
	now := s.opt.Clock()
	state := j.state(now)
	switch {
	case len(seg) == 2 && seg[1] == "results" && c.method == http.MethodGet:
		return s.results(c, j, state)
	case len(seg) == 2 && seg[1] == "resultPages" && c.method == http.MethodGet:
		return s.resultPages(c, j, state)
	case len(seg) > 1:
		return refuse(errNotFound)
	case c.method == http.MethodGet:
		return answer(http.StatusOK, j.info(now, true))
	case c.method == http.MethodPatch:
		if state != "UploadComplete" && state != "InProgress" {
			return refuse(badRequest("INVALIDJOBSTATE", "Aborting already completed Job not allowed"))
		}
		j.aborted.Store(true)
		return answer(http.StatusOK, j.info(now, false))
	case c.method == http.MethodDelete:
		if state == "UploadComplete" || state == "InProgress" {
			return refuse(badRequest("INVALIDJOBSTATE", "The job is still being processed"))
		}
		s.mu.Lock()
		delete(s.jobs, j.id)
		s.mu.Unlock()
		return &reply{status: http.StatusNoContent}
	}
	return refuse(errMethod)
}

func (s *Sim) listJobs() *reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []any{}
	for _, j := range s.jobs {
		list = append(list, j.info(s.opt.Clock(), true))
	}
	return answer(http.StatusOK, map[string]any{"done": true, "records": list, "nextRecordsUrl": nil})
}

func (s *Sim) createJob(c *call) *reply {
	if s.switches().ReadOnly {
		return refuse(errReadOnly)
	}
	switch mode, _ := s.fault(classBulk); mode {
	case "bulk_403":
		return refuse(failure(http.StatusForbidden, "FUNCTIONALITY_NOT_ENABLED", "The user does not have the permission to use the Bulk API"))
	case "bulk_limit":
		return refuse(badRequest("LIMIT_EXCEEDED", "Max bulk v2 query jobs (10000) per 24 hrs has been reached (10000)"))
	case "bulk_identity":
		return refuse(badRequest("INVALIDENTITY", "Entity is not supported by the Bulk API"))
	}
	var in struct{ Operation, Query, ContentType, ColumnDelimiter, LineEnding string }
	if json.Unmarshal(c.body, &in) != nil {
		return refuse(errJSON)
	}
	delimiter, ok1 := delimiters[in.ColumnDelimiter]
	end, ok2 := endings[in.LineEnding]
	if !ok1 || !ok2 || in.Operation != "query" && in.Operation != "queryAll" || in.ContentType != "" && in.ContentType != "CSV" {
		return refuse(badRequest("API_ERROR", "the job's operation, contentType, columnDelimiter or lineEnding is not one of the allowed values"))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st, refused := s.statement(c, in.Query)
	if refused != nil {
		s.counts.add("refused_query")
		return refuse(refused)
	}
	if refused := st.bulkable(); refused != nil {
		return refuse(refused)
	}
	mode, _ := s.fault(classJob)
	s.jobSeq++
	j := &bulkJob{id: makeID("750", s.jobSeq), op: in.Operation, query: in.Query, version: strings.TrimPrefix(c.base, dataPrefix+"/v"), created: s.opt.Clock(), delay: s.opt.BulkDelay,
		delimiter: or(in.ColumnDelimiter, "COMMA"), ending: or(in.LineEnding, "LF"), failed: mode == "bulk_failed", st: st, format: csvFormat{delimiter, end}, at: []position{{}}}
	s.share()
	j.scan = plan(s.now, st, in.Operation == "queryAll")
	if len(st.order) == 0 && !j.scan.listed {
		j.scan.desc = true // a Bulk result is in no order that a client may rely on
	}
	j.total = j.scan.count()
	s.jobs[j.id] = j
	m := j.info(j.created, false)
	m["state"] = "UploadComplete" // however quick it is
	return answer(http.StatusOK, m)
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// bulkable refuses what the Bulk API does not do.
func (st *statement) bulkable() *apiError {
	if st.count {
		return badRequest("API_ERROR", "Implementation restriction: aggregate queries are not supported by the Bulk API")
	}
	for i := range st.columns {
		if st.columns[i].fld().typ == typeAddress {
			return badRequest("API_ERROR", "Implementation restriction: "+st.columns[i].fld().name+" is a compound field, which the Bulk API does not support")
		}
	}
	return nil
}
