package elevenlabssim

import (
	"cmp"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (s *Sim) getConversation(w http.ResponseWriter, r *http.Request, id string) {
	v, ok := s.find(id)
	if !ok {
		errConversation.send(w)
		return
	}
	buf := bodies.Get().(*readBuffer)
	defer bodies.Put(buf)
	buf.b = v.appendConversation(buf.b[:0])
	sendJSON(w, buf.b)
}

// find looks a conversation up by the id in a path.
func (s *Sim) find(id string) (view, bool) {
	key, ok := parseConversation(id)
	if !ok {
		return view{}, false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	i, ok := s.book.byID[key]
	if !ok || s.book.at(i).deleted {
		return view{}, false
	}
	return s.book.view(s.book.at(i), s.opt.Clock()), true
}

func (s *Sim) deleteConversation(w http.ResponseWriter, _ *http.Request, id string) {
	key, ok := parseConversation(id)
	s.mu.Lock()
	i, known := s.book.byID[key]
	if ok = ok && known && !s.book.at(i).deleted; ok {
		s.book.at(i).deleted = true // the ring itself stays counted
	}
	s.mu.Unlock()
	if !ok {
		errConversation.send(w)
		return
	}
	sendJSON(w, []byte("{}"))
}

func (s *Sim) listConversations(w http.ResponseWriter, r *http.Request, _ string) {
	q, refused := parseListQuery(r.URL.Query())
	if refused != nil {
		refused.send(w)
		return
	}
	s.mu.RLock()
	body := s.book.page(q, s.opt.Clock(), s.faults.Load().IndexLag)
	s.mu.RUnlock()
	sendJSON(w, body)
}

// listQuery is what the list endpoint can be asked for. Filters it does not know are ignored, as the provider does.
type listQuery struct {
	agentID, userID, success string
	after, before            int64 // unix seconds, inclusive; 0 and max when unset
	minSecs, maxSecs         int64
	exclude                  []string
	variables                []variableFilter
	summary, ascending       bool
	size                     int
	cursor                   *cursor
}

// cursor is the last call of the page before.
type cursor struct {
	start int64
	index uint32
}

func parseListQuery(values url.Values) (q listQuery, refused *apiError) {
	p := params{values: values}
	q.size = int(p.number("page_size", 30, 1, 100))
	q.after = p.number("call_start_after_unix", 0, 0, farFuture)
	q.before = p.number("call_start_before_unix", farFuture, 0, farFuture)
	q.minSecs = p.number("call_duration_min_secs", 0, 0, farFuture)
	q.maxSecs = p.number("call_duration_max_secs", farFuture, 0, farFuture)
	q.success = p.choice("call_successful", "", "success", "failure", "unknown", "error")
	q.summary = p.choice("summary_mode", "exclude", "exclude", "include") == "include"
	q.ascending = p.choice("sort_direction", "desc", "asc", "desc") == "asc"
	q.agentID, q.userID, q.exclude = values.Get("agent_id"), values.Get("user_id"), values["exclude_statuses"]
	for _, text := range values["dynamic_variable_params"] {
		q.variables = append(q.variables, p.variableFilter(text))
	}
	q.cursor = p.cursor()
	if len(p.issues) > 0 {
		return q, invalid(p.issues...)
	}
	return q, nil
}

// params reads query parameters and collects what is wrong with them.
type params struct {
	values url.Values
	issues []issue
}

const farFuture = 1 << 53

func (p *params) number(name string, unset, low, high int64) int64 {
	text := p.values.Get(name)
	if text == "" {
		return unset
	}
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil:
		p.bad(name, text, "int_parsing", "Input should be a valid integer, unable to parse string as an integer")
	case n < low:
		p.bad(name, text, "greater_than_equal", "Input should be greater than or equal to "+strconv.FormatInt(low, 10))
	case n > high:
		p.bad(name, text, "less_than_equal", "Input should be less than or equal to "+strconv.FormatInt(high, 10))
	}
	return n
}

func (p *params) choice(name, unset string, allowed ...string) string {
	text := cmp.Or(p.values.Get(name), unset)
	if text != "" && !slices.Contains(allowed, text) {
		p.bad(name, text, "enum", "Input should be '"+strings.Join(allowed, "', '")+"'")
	}
	return text
}

func (p *params) cursor() *cursor {
	text := p.values.Get("cursor")
	if text == "" {
		return nil
	}
	plain, err := base64.RawURLEncoding.DecodeString(text)
	start, index, ok := strings.Cut(string(plain), ".")
	at, err1 := strconv.ParseInt(start, 10, 64)
	i, err2 := strconv.ParseUint(index, 10, 32)
	if err != nil || !ok || err1 != nil || err2 != nil {
		p.bad("cursor", text, "value_error", "Value error, invalid cursor")
		return nil
	}
	return &cursor{start: at, index: uint32(i)}
}

func (c cursor) text() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(c.start, 10) + "." + strconv.FormatUint(uint64(c.index), 10)))
}

func (p *params) bad(name, input, kind, msg string) {
	p.issues = append(p.issues, issue{Type: kind, Loc: []any{"query", name}, Msg: msg, Input: quoted(input)})
}

// page renders one page: walk the calls in order from the cursor, stop when one more than the page matched.
func (b *book) page(q listQuery, now time.Time, lag time.Duration) []byte {
	next, step := len(b.order)-1, -1
	if q.ascending {
		next, step = 0, 1
	}
	if q.cursor != nil {
		next = b.position(q.cursor.start, q.cursor.index) + min(step, 0)
		if q.ascending && next < len(b.order) && b.order[next] == q.cursor.index {
			next++
		}
	}
	body := append(make([]byte, 0, 4096), `{"conversations":[`...)
	found, more, last := 0, false, cursor{}
	for ; next >= 0 && next < len(b.order); next += step {
		i := b.order[next]
		c := b.at(i)
		if q.pastEnd(c) {
			break
		}
		if !b.matches(&q, c, now, lag) {
			continue
		}
		if found == q.size {
			more = true
			break
		}
		if found > 0 {
			body = append(body, ',')
		}
		found++
		last = cursor{start: c.start, index: i}
		body = b.appendItem(body, c, now, q.summary)
	}
	body = strconv.AppendBool(append(body, `],"has_more":`...), more)
	if !more {
		return append(body, `,"next_cursor":null}`...)
	}
	return append(appendQuoted(append(body, `,"next_cursor":`...), last.text()), '}')
}

// pastEnd reports that no later call of the walk can match, so that a narrow time filter does not walk a large book.
func (q *listQuery) pastEnd(c *call) bool {
	secs := c.start / int64(time.Second)
	return !q.ascending && secs < q.after || q.ascending && secs > q.before
}

func (b *book) appendItem(body []byte, c *call, now time.Time, summary bool) []byte {
	st, sc, agent := b.stage(c, now), &scenarios().list[c.scenario], &b.agents[c.agent]
	body = appendQuoted(append(body, `{"agent_id":`...), agent.ID)
	body = appendQuoted(append(body, `,"agent_name":`...), agent.Name)
	body = c.id.appendConversation(append(body, `,"conversation_id":"`...))
	body = strconv.AppendInt(append(body, `","start_time_unix_secs":`...), c.start/int64(time.Second), 10)
	body = strconv.AppendInt(append(body, `,"call_duration_secs":`...), int64(st.talked), 10)
	body = strconv.AppendInt(append(body, `,"message_count":`...), int64(st.said(sc)), 10)
	body = append(append(body, `,"status":"`...), st.status...)
	body = append(append(body, `","call_successful":"`...), success(st, sc)...)
	body = append(body, `","termination_reason":`...)
	if st.ended && !sc.Stuck {
		body = appendQuoted(body, sc.TerminationReason)
	} else {
		body = append(body, `""`...)
	}
	body = append(body, `,"transcript_summary":`...)
	if summary && st.status == statusDone {
		body = appendQuoted(body, sc.Summary)
		body = append(body, `,"call_summary_title":"Donor call"`...)
	} else {
		body = append(body, `null,"call_summary_title":null`...)
	}
	body = append(append(body, `,"main_language":"`...), sc.Language...)
	body = append(append(body, `","conversation_initiation_source":"`...), b.phones[c.phone].source()...)
	return append(body, `","direction":"outbound","branch_id":null,"version_id":null,"tool_names":[],"rating":null,"tag_ids":[]}`...)
}
