package salesforcesim

import (
	"encoding/base64"
	"io"
	"net/http"
	"strconv"
)

// window is which rows a request for results wants.
func (j *bulkJob) window(c *call) (from, size int, refused *apiError) {
	size = defaultMaxRecords
	if text := c.args.Get("maxRecords"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return 0, 0, badRequest("INVALID_PARAMETER", "maxRecords is not a number above 0")
		}
		size = n
	}
	if locator := c.args.Get("locator"); locator != "" {
		text, err := base64.RawURLEncoding.DecodeString(locator)
		if err == nil {
			from, err = strconv.Atoi(string(text))
		}
		if err != nil || from < 1 || from >= j.total {
			return 0, 0, badRequest("INVALIDLOCATOR", "the locator is not one of this job")
		}
	}
	return from, min(size, j.total-from), nil
}

func (j *bulkJob) locator(row int) string {
	if row >= j.total {
		return "null"
	}
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(row)))
}

func (j *bulkJob) ready(c *call, state string) *apiError {
	switch {
	case state != "JobComplete":
		return badRequest("INVALIDJOBSTATE", "The job is not in the JobComplete state")
	case c.base != dataPrefix+"/v"+j.version:
		return failure(http.StatusConflict, "API_VERSION_MISMATCH", "The job was created with another API version")
	}
	return nil
}

// results sends rows of a job. Every answer starts with the header row; the last one's locator is the text null.
func (s *Sim) results(c *call, j *bulkJob, state string) *reply {
	if e := j.ready(c, state); e != nil {
		return refuse(e)
	}
	from, size, refused := j.window(c)
	if refused != nil {
		return refuse(refused)
	}
	s.counts.addN("records", int64(size))
	return &reply{status: http.StatusOK, header: map[string]string{
		"Content-Type": "text/csv;charset=UTF-8", "Sforce-Locator": j.locator(from + size), "Sforce-NumberOfRecords": strconv.Itoa(size),
	}, stream: func(w io.Writer) { j.write(w, from, size) }}
}

// flushAt is how much is rendered before it is sent.
const flushAt = 64 << 10

func (j *bulkJob) write(w io.Writer, from, size int) {
	pos := j.seek(from)
	buf := pages.Get().(*[]byte)
	cols := newColumns(j.st)
	b := cols.header((*buf)[:0], j.format)
	e := &eval{v: &j.scan.v}
	for pos.rows < from+size {
		at, ok := j.scan.next(&pos, e)
		if !ok {
			break
		}
		b = cols.csvRow(b, &j.scan.v, j.scan.t, at, &e.row, j.format)
		if len(b) > flushAt {
			if _, err := w.Write(b); err != nil {
				return // the client has gone
			}
			b = b[:0]
		}
	}
	_, _ = w.Write(b) // as above
	*buf = b
	pages.Put(buf)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.at = append(j.at, pos)
}

func (j *bulkJob) seek(row int) position {
	j.mu.Lock()
	from := j.at[0]
	for _, p := range j.at {
		if p.rows <= row && p.rows >= from.rows {
			from = p
		}
	}
	j.mu.Unlock()
	return j.scan.seek(from, row)
}

// resultPages names up to five parts that can be fetched in parallel.
func (s *Sim) resultPages(c *call, j *bulkJob, state string) *reply {
	if e := j.ready(c, state); e != nil {
		return refuse(e)
	}
	from, size, refused := j.window(c)
	if refused != nil {
		return refuse(refused)
	}
	base := c.base + "/jobs/query/" + j.id
	var list []map[string]string
	for len(list) < 5 && (from < j.total || len(list) == 0) {
		url := base + "/results?maxRecords=" + strconv.Itoa(max(size, 1))
		if from > 0 {
			url += "&locator=" + j.locator(from)
		}
		list = append(list, map[string]string{"resultUrl": url})
		from += max(size, 1)
	}
	res := map[string]any{"resultPages": list, "done": from >= j.total}
	if from < j.total {
		res["nextRecordUrl"] = base + "/resultPages?locator=" + j.locator(from) + "&maxRecords=" + strconv.Itoa(size)
	}
	return answer(http.StatusOK, res)
}
