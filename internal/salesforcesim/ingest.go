package salesforcesim

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// ingestJob is a Bulk 2.0 ingest job. It is worked off when its upload is closed.
type ingestJob struct {
	id, op, external string
	o                *object
	state            string
	created          time.Time
	data             []byte
	done, failed     bytes.Buffer // CSV
	rows, bad        int
}

func (j *ingestJob) info(version string) map[string]any {
	v, _ := strconv.ParseFloat(strings.TrimPrefix(version, dataPrefix+"/v"), 64) // it was parsed when the request was routed
	stamp := j.created.UTC().Format(restTime)
	return map[string]any{"id": j.id, "operation": j.op, "object": j.o.name, "createdById": userID(), "createdDate": stamp, "systemModstamp": stamp, "state": j.state,
		"concurrencyMode": "Parallel", "contentType": "CSV", "apiVersion": v, "lineEnding": "LF", "columnDelimiter": "COMMA", "jobType": "V2Ingest",
		"contentUrl":             strings.TrimPrefix(version, "/") + "/jobs/ingest/" + j.id + "/batches",
		"numberRecordsProcessed": j.rows, "numberRecordsFailed": j.bad, "externalIdFieldName": j.external}
}

// ingest answers /jobs/ingest and below.
func (s *Sim) ingest(c *call, seg []string) *reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(seg) == 0 {
		if c.method != http.MethodPost {
			return refuse(errMethod)
		}
		return s.createIngest(c)
	}
	j := s.ingests[seg[0]]
	if j == nil {
		return refuse(errNotFound)
	}
	if len(seg) == 2 {
		return s.ingestData(c, j, strings.ToLower(seg[1]))
	}
	switch c.method {
	case http.MethodGet:
		return answer(http.StatusOK, j.info(c.base))
	case http.MethodDelete:
		delete(s.ingests, j.id)
		return &reply{status: http.StatusNoContent}
	case http.MethodPatch:
		var in struct{ State string }
		if json.Unmarshal(c.body, &in) != nil || in.State != "UploadComplete" && in.State != "Aborted" {
			return refuse(badRequest("INVALIDJOB", "state is UploadComplete or Aborted"))
		}
		if j.state != "Open" {
			return refuse(badRequest("INVALIDJOBSTATE", "the job is "+j.state))
		}
		if j.state = "Aborted"; in.State == "UploadComplete" {
			j.state = "JobComplete"
			if err := s.load(c, j); err != nil {
				j.state = "Failed"
			}
		}
		return answer(http.StatusOK, j.info(c.base))
	}
	return refuse(errMethod)
}

func (s *Sim) createIngest(c *call) *reply {
	var in struct{ Object, Operation, ExternalIDFieldName string }
	if json.Unmarshal(c.body, &in) != nil {
		return refuse(errJSON)
	}
	o := objectNamed(in.Object)
	switch {
	case o == nil:
		return refuse(badRequest("INVALIDENTITY", "Unable to find object: "+in.Object))
	case !strings.Contains(" insert update upsert delete ", " "+in.Operation+" "):
		return refuse(badRequest("API_ERROR", "operation is insert, update, upsert or delete"))
	}
	s.jobSeq++
	j := &ingestJob{id: makeID("750", s.jobSeq), op: in.Operation, external: in.ExternalIDFieldName, o: o, state: "Open", created: s.opt.Clock()}
	s.ingests[j.id] = j
	return answer(http.StatusOK, j.info(c.base))
}

func (s *Sim) ingestData(c *call, j *ingestJob, part string) *reply {
	out := []byte(nil)
	switch {
	case part == "batches" && c.method == http.MethodPut:
		if j.state != "Open" {
			return refuse(badRequest("INVALIDJOBSTATE", "the job is "+j.state))
		}
		j.data = c.body
		return &reply{status: http.StatusCreated}
	case part == "successfulresults":
		out = j.done.Bytes()
	case part == "failedresults":
		out = j.failed.Bytes()
	case part == "unprocessedrecords":
	default:
		return refuse(errNotFound)
	}
	return &reply{status: http.StatusOK, header: map[string]string{"Content-Type": "text/csv"}, body: out}
}

// load writes the rows of an upload. Rows fail one by one.
func (s *Sim) load(c *call, j *ingestJob) error {
	rows, err := csv.NewReader(bytes.NewReader(j.data)).ReadAll()
	if err != nil || len(rows) == 0 {
		return fmt.Errorf("reading the upload: %w", err)
	}
	good, bad := csv.NewWriter(&j.done), csv.NewWriter(&j.failed)
	head := rows[0]
	if err := good.Write(append([]string{"sf__Id", "sf__Created"}, head...)); err != nil {
		return fmt.Errorf("writing results: %w", err)
	}
	if err := bad.Write(append([]string{"sf__Id", "sf__Error"}, head...)); err != nil {
		return fmt.Errorf("writing results: %w", err)
	}
	for _, row := range rows[1:] {
		j.rows++
		id, created, refused := s.loadRow(c, j, head, row)
		out, first := good, []string{id, strconv.FormatBool(created)}
		if refused != nil {
			j.bad++
			out, first = bad, []string{id, refused.code + ":" + refused.message + ":--"}
		}
		if err := out.Write(append(first, row...)); err != nil {
			return fmt.Errorf("writing results: %w", err)
		}
	}
	good.Flush()
	bad.Flush()
	return nil
}

func (s *Sim) loadRow(c *call, j *ingestJob, head, row []string) (id string, created bool, refused *apiError) {
	fields, key := map[string]any{}, ""
	for i, name := range head {
		f, ok := j.o.byName[strings.ToLower(name)]
		switch {
		case strings.EqualFold(name, "Id"):
			id = row[i]
		case ok && strings.EqualFold(name, j.external):
			key = row[i]
		case !ok:
			return "", false, badRequest("InvalidBatch", "Field name not found : "+name)
		case row[i] == "": // an empty column leaves the field as it is
		case row[i] == "#N/A":
			fields[name] = nil
		default:
			if fields[name], refused = j.o.fields[f].fromCSV(row[i]); refused != nil {
				return "", false, refused
			}
		}
	}
	switch j.op {
	case "insert":
		id, refused = s.writeOne(c, j.o, "", fields)
		return id, refused == nil, refused
	case "delete":
		return id, false, s.deleteOne(j.o, id)
	case "upsert":
		if f, ok := j.o.byName[strings.ToLower(j.external)]; ok && j.o.fields[f].external && key != "" {
			return s.upsert(c, j.o, f, key, fields)
		}
		return "", false, badRequest("MISSING_ARGUMENT", j.external+" not specified")
	}
	if id == "" {
		return "", false, badRequest("MISSING_ARGUMENT", "Id not specified in an update call")
	}
	id, refused = s.writeOne(c, j.o, id, fields)
	return id, false, refused
}

// fromCSV is a column as JSON would have it.
func (f *field) fromCSV(s string) (any, *apiError) {
	switch f.typ {
	case typeBool:
		return strings.EqualFold(s, "true") || s == "1", nil
	case typeInt, typeCurrency:
		n, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return nil, badRequest("INVALID_TYPE_ON_FIELD_IN_RECORD", f.name+": value not of required type: "+s, f.name)
		}
		return n, nil
	}
	return s, nil
}
