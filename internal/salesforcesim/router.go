package salesforcesim

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const (
	controlPrefix = "/_sim/"
	dataPrefix    = "/services/data"
	maxURL        = 16384
	maxBody       = 160 << 20
	oldestVersion = 31
	newestVersion = 67
)

// ServeHTTP answers one request as Salesforce would: maintenance, the token endpoint, the version list, then the session, the org's
// allowance, injected faults and the resource.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f := s.switches()
	now := s.opt.Clock()
	if f.DateBehind {
		now = now.Add(-f.DateSkew)
	} else {
		now = now.Add(f.DateSkew)
	}
	w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
	path := r.URL.Path
	s.commitDue()
	if strings.HasPrefix(path, controlPrefix) {
		s.control(w, r)
		return
	}
	if f.Maintenance {
		s.counts.add("maintenance")
		s.withRetry(errMaintenance).send(w)
		return
	}
	if e := tooLong(r); e != nil {
		s.counts.add("too_long")
		e.send(w)
		return
	}
	switch {
	case path == "/services/oauth2/token" && r.Method == http.MethodPost:
		s.counts.add("token")
		s.token(w, r)
	case path == "/services/oauth2/revoke":
		s.counts.add("revoke")
		s.revokeToken(w, r)
	case path == "/services/oauth2/userinfo" || strings.HasPrefix(path, "/id/"):
		s.counts.add("identity")
		s.identity(w, r)
	case strings.HasPrefix(path, "/services/Soap/u/") && r.Method == http.MethodPost:
		s.counts.add("soap")
		s.soap(w, r)
	case strings.TrimSuffix(path, "/") == dataPrefix:
		s.counts.add("versions")
		sendJSON(w, http.StatusOK, versions())
	case strings.HasPrefix(path, dataPrefix+"/v"):
		s.data(w, r)
	default:
		s.counts.add("other")
		errNotFound.send(w)
	}
}

func tooLong(r *http.Request) *apiError {
	n := len(r.RequestURI)
	if n > maxURL {
		return errTooLong
	}
	for name, vals := range r.Header {
		for _, v := range vals {
			n += len(name) + len(v) + 4
		}
	}
	if n > maxURL {
		return errHeaders
	}
	return nil
}

func versions() []map[string]string {
	var list []map[string]string
	for v := oldestVersion; v <= newestVersion; v++ {
		season := [3]string{"Spring '", "Summer '", "Winter '"}[v%3]
		year := (v+235)/3 - 74 // 66 is Spring '26
		list = append(list, map[string]string{"label": season + strconv.Itoa(year), "url": fmt.Sprintf("%s/v%d.0", dataPrefix, v), "version": fmt.Sprintf("%d.0", v)})
	}
	return list
}

var versionPattern = regexp.MustCompile(`^v([0-9]{1,3})\.0$`)

// data answers everything below /services/data/vXX.0, which needs a session and is metered.
func (s *Sim) data(w http.ResponseWriter, r *http.Request) {
	seg := strings.Split(strings.Trim(strings.TrimPrefix(r.URL.Path, dataPrefix), "/"), "/")
	kind := kindOf(seg[1:], r.Method)
	s.counts.add(kind)
	m := versionPattern.FindStringSubmatch(seg[0])
	if m == nil {
		errNotFound.send(w)
		return
	}
	if v, err := strconv.Atoi(m[1]); err != nil || v < oldestVersion || v > newestVersion {
		errVersion.send(w)
		return
	}
	token, ok := bearer(r)
	if !ok {
		errAuthHeader.send(w)
		return
	}
	conn, refused := s.authorize(token, r.Host)
	if refused != nil {
		s.counts.add("refused_session")
		refused.send(w)
		return
	}
	usage, over := s.counts.meter(s.opt.DailyLimit)
	info := fmt.Sprintf("api-usage=%d/%d", usage, s.opt.DailyLimit)
	if s.opt.AppName != "" {
		info += fmt.Sprintf("; per-app-api-usage=%d/%d(appName=%s)", usage, s.opt.DailyLimit/4, s.opt.AppName)
	}
	w.Header().Set("Sforce-Limit-Info", info)
	if over {
		errDaily.send(w)
		return
	}
	mode, delay := s.fault(classData)
	pause(r, delay)
	if s.refuseByFault(w, mode, token) {
		return
	}
	c := &call{conn: conn, method: r.Method, base: dataPrefix + "/" + seg[0], seg: seg[1:], args: r.URL.Query(), header: r.Header}
	body, err := readBody(w, r)
	if err != nil {
		errJSON.send(w)
		return
	}
	c.body = body
	s.send(w, r, s.route(c), mode)
}

func bearer(r *http.Request) (string, bool) {
	h := r.Header.Get("Authorization")
	if token, ok := strings.CutPrefix(h, "Bearer "); ok {
		return token, true
	}
	return strings.CutPrefix(h, "OAuth ")
}

func pause(r *http.Request, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.Context().Done():
	}
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.Method == http.MethodGet || r.Body == nil {
		return nil, nil
	}
	var body io.Reader = http.MaxBytesReader(w, r.Body, maxBody)
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(body)
		if err != nil {
			return nil, fmt.Errorf("opening a gzip body: %w", err)
		}
		body = io.LimitReader(z, maxBody)
	}
	b, err := io.ReadAll(body)
	if err != nil {
		return nil, fmt.Errorf("reading a body: %w", err)
	}
	return b, nil
}

// kindOf names a request for the counts.
func kindOf(seg []string, method string) string {
	if len(seg) == 0 {
		return "resources"
	}
	switch seg[0] {
	case "query", "queryAll":
		if len(seg) > 1 {
			return "query_more"
		}
		return strings.ToLower(seg[0])
	case "sobjects":
		if len(seg) > 2 && (seg[2] == "describe" || seg[2] == "updated" || seg[2] == "deleted") {
			return seg[2]
		}
		return "sobjects_" + strings.ToLower(method)
	case "composite":
		if len(seg) > 1 {
			return "collection_" + strings.ToLower(method)
		}
		return "composite"
	case "jobs":
		if len(seg) > 1 {
			return bulkKind(seg[1:], method)
		}
	case "limits":
		return "limits"
	}
	return "other"
}

func bulkKind(seg []string, method string) string {
	switch {
	case seg[0] != "query":
		return "bulk_ingest"
	case len(seg) == 3:
		return "bulk_results"
	case method == http.MethodPost:
		return "bulk_create"
	case method == http.MethodGet:
		return "bulk_poll"
	}
	return "bulk_end"
}
