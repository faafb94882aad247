package salesforcesim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

const (
	maxCollection = 200
	maxChunks     = 10
	maxComposite  = 25
)

// composites answers /composite and below.
func (s *Sim) composites(c *call) *reply {
	switch {
	case len(c.seg) == 1 && c.method == http.MethodPost:
		return s.composite(c)
	case len(c.seg) == 2 && c.seg[1] == "batch" && c.method == http.MethodPost:
		return s.batch(c)
	case len(c.seg) >= 2 && c.seg[1] == "sobjects":
		return s.collection(c)
	}
	return refuse(errNotFound)
}

// subrequest is one of a composite request.
type subrequest struct {
	Method, URL, ReferenceID string
	Body                     json.RawMessage
	RichInput                json.RawMessage
}

func (s *Sim) sub(c *call, in subrequest) *reply {
	u, err := url.Parse(in.URL)
	if err != nil {
		return refuse(errNotFound)
	}
	path := strings.TrimPrefix(strings.TrimPrefix(u.Path, c.base), "/")
	if _, rest, ok := strings.Cut(path, "/"); ok && versionPattern.MatchString(path[:strings.Index(path, "/")]) {
		path = rest // batch names the version alone
	}
	body := in.Body
	if body == nil {
		body = in.RichInput
	}
	next := *c
	next.method, next.seg, next.args, next.body = in.Method, strings.Split(strings.Trim(path, "/"), "/"), u.Query(), body
	if next.seg[0] == "composite" && len(next.seg) < 3 && !strings.HasPrefix(path, "composite/sobjects") || next.seg[0] == "jobs" {
		return refuse(errNotFound)
	}
	return s.route(&next)
}

var reference = regexp.MustCompile(`@\{([A-Za-z0-9_]+)\.([A-Za-z0-9_.\[\]]+)\}`)

// composite runs up to 25 requests in order; later ones may use the ids of earlier ones as @{reference.id}.
func (s *Sim) composite(c *call) *reply {
	var in struct {
		AllOrNone        bool
		CompositeRequest []subrequest
	}
	if json.Unmarshal(c.body, &in) != nil {
		return refuse(errJSON)
	}
	if len(in.CompositeRequest) > maxComposite {
		return refuse(badRequest("LIMIT_EXCEEDED", "Limit exceeded: at most 25 subrequests"))
	}
	s.mu.Lock()
	before, ledger := s.savepoint(in.AllOrNone)
	s.mu.Unlock()
	results, list, failed := map[string]any{}, []map[string]any{}, false
	for _, r := range in.CompositeRequest {
		fill := func(text string) string {
			return reference.ReplaceAllStringFunc(text, func(m string) string {
				part := reference.FindStringSubmatch(m)
				fields, _ := results[part[1]].(map[string]any)
				return fmt.Sprint(fields[part[2]])
			})
		}
		r.URL = fill(r.URL)
		if r.Body != nil {
			r.Body = json.RawMessage(fill(string(r.Body)))
		}
		res := refuse(badRequest("PROCESSING_HALTED", "The transaction was rolled back since another operation in the same transaction failed."))
		if !failed || !in.AllOrNone {
			res = s.sub(c, r)
		}
		failed = failed || res.status >= 300
		item := subResult(res)
		results[r.ReferenceID] = item
		list = append(list, map[string]any{"body": item, "httpHeaders": subHeaders(res), "httpStatusCode": res.status, "referenceId": r.ReferenceID})
	}
	if failed && in.AllOrNone {
		s.mu.Lock()
		s.now, s.ledger = before, ledger
		s.mu.Unlock()
		for _, item := range list {
			if status, _ := item["httpStatusCode"].(int); status < 300 {
				halted := refuse(badRequest("PROCESSING_HALTED", "The transaction was rolled back since another operation in the same transaction failed."))
				item["body"], item["httpHeaders"], item["httpStatusCode"] = subResult(halted), map[string]string{}, halted.status
			}
		}
	}
	return answer(http.StatusOK, map[string]any{"compositeResponse": list})
}

func subResult(r *reply) any {
	var v any
	if len(r.body) > 0 && json.Unmarshal(r.body, &v) != nil {
		return string(r.body)
	}
	if r.free != nil {
		r.free()
	}
	return v
}

func subHeaders(r *reply) map[string]string {
	h := map[string]string{}
	if at := r.header["Location"]; at != "" {
		h["Location"] = at
	}
	return h
}

// batch runs up to 25 requests that have nothing to do with each other.
func (s *Sim) batch(c *call) *reply {
	var in struct{ BatchRequests []subrequest }
	if json.Unmarshal(c.body, &in) != nil {
		return refuse(errJSON)
	}
	if len(in.BatchRequests) > maxComposite {
		return refuse(badRequest("LIMIT_EXCEEDED", "Limit exceeded: at most 25 subrequests"))
	}
	list, failed := []map[string]any{}, false
	for _, r := range in.BatchRequests {
		res := s.sub(c, r)
		failed = failed || res.status >= 300
		list = append(list, map[string]any{"statusCode": res.status, "result": subResult(res)})
	}
	return answer(http.StatusOK, map[string]any{"hasErrors": failed, "results": list})
}
