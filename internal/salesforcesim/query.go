package salesforcesim

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// cursor is a query whose rows did not fit one page. It looks at the org as it was when the query was asked.
type cursor struct {
	id    string
	scan  *scan
	cols  *columns
	total int
	batch int
	at    []position // where pages began, ascending
	used  time.Time
	mu    sync.Mutex // one page at a time: the columns hold rows
}

// cursors are the open ones.
type cursors struct {
	open map[string]*cursor
	seq  uint64
}

const (
	maxCursors = 1000
	minBatch   = 200
	maxBatch   = 2000
)

func batchSize(h http.Header) int {
	for option := range strings.SplitSeq(h.Get("Sforce-Query-Options"), ",") {
		if size, ok := strings.CutPrefix(strings.TrimSpace(option), "batchSize="); ok {
			if n, err := strconv.Atoi(size); err == nil {
				return min(max(n, minBatch), maxBatch)
			}
		}
	}
	return maxBatch
}

// share makes the live tables the cursor's: writers go on with copies.
func (s *Sim) share() {
	for _, o := range objects {
		s.now[o.code].shared.Store(true)
	}
}

// writable is a live table that no cursor looks at.
func (s *Sim) writable(o *object) *table {
	t := s.now[o.code]
	if t.shared.Load() {
		t = t.clone()
		s.now[o.code] = t
	}
	return t
}

// statement parses a query for a connection. The caller holds the lock.
func (s *Sim) statement(c *call, soql string) (*statement, *apiError) {
	return parseSOQL(soql, &c.conn.hidden, s.opt.Clock().Unix())
}

func (s *Sim) query(c *call, all bool) *reply {
	soql := c.args.Get("q")
	if soql == "" {
		if soql = c.args.Get("explain"); soql != "" {
			return s.explain(c, soql)
		}
		return refuse(malformed("line 1:0 no viable alternative at character '<EOF>'"))
	}
	mode, _ := s.fault(classQuery)
	if mode == "query_timeout" {
		return refuse(errTimeout)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st, refused := s.statement(c, soql)
	if refused != nil {
		s.counts.add("refused_query")
		return refuse(refused)
	}
	sc := plan(s.now, st, all)
	cur := &cursor{scan: sc, cols: newColumns(st), total: sc.count(), batch: batchSize(c.header), used: s.opt.Clock(), at: []position{{}}}
	if st.count {
		return &reply{status: http.StatusOK, header: jsonHeader(), body: []byte(`{"totalSize":` + strconv.Itoa(cur.total) + `,"done":true,"records":[]}`)}
	}
	if cur.total > cur.batch {
		s.share()
		s.cursors.add(cur, s.opt.Seed)
	}
	return s.page(c, cur, position{})
}

func jsonHeader() map[string]string { return map[string]string{"Content-Type": contentJSON} }

// add opens a cursor; the one that was used longest ago makes room.
func (cs *cursors) add(cur *cursor, seed int64) {
	if len(cs.open) >= maxCursors {
		oldest := ""
		for id, c := range cs.open {
			if oldest == "" || c.used.Before(cs.open[oldest].used) {
				oldest = id
			}
		}
		delete(cs.open, oldest)
	}
	cs.seq++
	id, h := []byte("0r8"), draw(seed, drawCursor, cs.seq)
	for range 9 {
		id = append(id, idDigits[h%62])
		h /= 62
	}
	cur.id = string(id) + "AAA"
	cs.open[cur.id] = cur
}

// queryMore answers a locator. The same locator gives the same page again, however often it is asked for.
func (s *Sim) queryMore(c *call, locator string) *reply {
	if mode, _ := s.fault(classMore); mode == "locator_gone" {
		s.mu.Lock()
		id, _, _ := strings.Cut(locator, "-")
		delete(s.cursors.open, id)
		s.mu.Unlock()
		return refuse(errLocator)
	} else if mode == "short_pages" {
		c.args.Set("short", "yes")
	}
	id, after, _ := strings.Cut(locator, "-")
	offset, err := strconv.Atoi(after)
	s.mu.Lock()
	cur := s.cursors.open[id]
	now := s.opt.Clock()
	if err != nil || cur == nil || offset < 0 || offset > cur.total || now.Sub(cur.used) >= s.opt.LocatorTTL {
		s.mu.Unlock()
		return refuse(errLocator)
	}
	cur.used = now
	s.mu.Unlock()
	cur.mu.Lock()
	defer cur.mu.Unlock()
	return s.page(c, cur, cur.seek(offset))
}

// seek is the position of a row, from the last known one before it. The caller holds the cursor's lock.
func (cur *cursor) seek(offset int) position {
	from := cur.at[0]
	for _, p := range cur.at {
		if p.rows <= offset && p.rows >= from.rows {
			from = p
		}
	}
	return cur.scan.seek(from, offset)
}

var pages = sync.Pool{New: func() any { b := make([]byte, 0, 1<<20); return &b }}

// page renders the rows from a position on.
func (s *Sim) page(c *call, cur *cursor, pos position) *reply {
	batch := cur.batch
	if c.args.Get("short") != "" {
		batch = 1 + int(draw(s.opt.Seed, drawPage, uint64(pos.rows))%uint64(batch))
	}
	end := min(pos.rows+batch, cur.total)
	buf := pages.Get().(*[]byte)
	b := append((*buf)[:0], `{"totalSize":`...)
	b = strconv.AppendInt(b, int64(cur.total), 10)
	if end >= cur.total {
		b = append(b, `,"done":true`...)
	} else {
		b = append(append(append(b, `,"done":false,"nextRecordsUrl":"`...), c.base...), "/query/"...)
		b = append(append(b, cur.id...), '-')
		b = append(strconv.AppendInt(b, int64(end), 10), '"')
	}
	b = append(b, `,"records":[`...)
	sc, e := cur.scan, &eval{v: &cur.scan.v}
	start := pos.rows
	for pos.rows < end {
		at, ok := sc.next(&pos, e)
		if !ok {
			break
		}
		b = append(cur.cols.jsonRow(b, &sc.v, sc.t, at, &e.row, c.base), ',')
	}
	if pos.rows > start {
		b = b[:len(b)-1]
	}
	b = append(b, "]}"...)
	if len(cur.at) == 1 || cur.at[len(cur.at)-1].rows < pos.rows {
		cur.at = append(cur.at[:min(len(cur.at), 64)], pos)
	}
	s.counts.addN("records", int64(pos.rows-start))
	*buf = b
	return &reply{status: http.StatusOK, header: jsonHeader(), body: b, free: func() { pages.Put(buf) }}
}

// explain answers ?explain= with a plan.
func (s *Sim) explain(c *call, soql string) *reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, refused := s.statement(c, soql)
	if refused != nil {
		return refuse(refused)
	}
	sc := plan(s.now, st, false)
	n := sc.count()
	kind := "TableScan"
	if sc.listed || sc.filter == nil {
		kind = "Index"
	}
	return answer(http.StatusOK, map[string]any{"plans": []any{map[string]any{
		"cardinality": n, "fields": []any{}, "leadingOperationType": kind, "relativeCost": 0.5, "sobjectCardinality": sc.t.g.n + len(sc.t.over), "sobjectType": st.from.name, "notes": []any{}}}})
}
