package campaign_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// The rules written a second time, plainly and apart from the program: about random leads whose places are spelled out
// here by hand. Explanation, plan on paper, tick and fence must all say the same as this.

// place is what the test knows of an area code, by hand.
type plainPlace struct {
	code       string
	zones      []string
	from, to   int  // hours of the state's rule
	disclosure bool // a disclosure is required
	perEight   int  // calls in 8 hours; 0 = no such cap
	perDay     int
}

var plainPlaces = []plainPlace{
	{code: "212", zones: []string{"America/New_York"}, from: 0, to: 24},
	{code: "312", zones: []string{"America/Chicago"}, from: 9, to: 21},
	{code: "423", zones: []string{"America/New_York", "America/Chicago"}, from: 0, to: 24},
	{code: "305", zones: []string{"America/New_York"}, from: 8, to: 20, perDay: 3},
	{code: "207", zones: []string{"America/New_York"}, from: 0, to: 24, perEight: 1},
	{code: "808", zones: []string{"Pacific/Honolulu"}, from: 0, to: 24},
	{code: "206", zones: []string{"America/Los_Angeles"}, from: 8, to: 20, disclosure: true},
	{code: "800"},
	{code: ""}, // no number that can be dialed
}

type plainCall struct {
	at         time.Time
	state      string
	inProgress bool
	campaign   int // 0 = this one
}

type plainLead struct {
	id, row         uuid.UUID
	place           plainPlace
	phone           string // E.164, "" = none
	status, outcome string
	dnc, imported   bool
	attempts        int
	last, next      *time.Time
	added           time.Time
	quality         string
	score           int
	suppressed      bool
}

type plainWorld struct {
	storetest.World
	other       uuid.UUID // another campaign of the business
	now         time.Time
	from, to    *int // campaign window, hours
	maxAttempts int
	retryHours  int
	per24       int
	per30d      *int
	dedupe      bool
	line        bool
	excludeDNC  bool
	mayBeOff    bool
	leads       []*plainLead
	calls       map[string][]plainCall // by number
	own         map[uuid.UUID][]plainCall
}

func (w *plainWorld) first(l *plainLead) string {
	finals := func(x *plainLead) bool {
		return slices.Contains(campaign.FinalStatuses, x.status) || slices.Contains(campaign.FinalStatuses, x.outcome)
	}
	made := func(x *plainLead) int {
		rang := 0
		for _, c := range w.own[x.id] {
			if c.state == "placed" || c.state == "unknown" {
				rang++
			}
		}
		return max(rang, x.attempts)
	}
	busy := func(x *plainLead) bool {
		return slices.ContainsFunc(w.own[x.id], func(c plainCall) bool { return c.inProgress })
	}
	if l.place.disclosure && !w.line {
		return "agent_ready"
	}
	if finals(l) || busy(l) {
		return "lead_status"
	}
	if l.phone == "" {
		return "phone_valid"
	}
	for _, x := range w.leads {
		if x.phone == l.phone && (x.dnc || x.imported && (w.excludeDNC || !w.mayBeOff)) {
			return "do_not_call"
		}
	}
	for _, x := range w.leads {
		if x.phone == l.phone && x.suppressed {
			return "suppressed"
		}
	}
	if w.dedupe {
		for _, x := range w.leads {
			if x == l || x.phone != l.phone {
				continue
			}
			called, calledToo := made(l) > 0 || busy(l), made(x) > 0 || busy(x)
			if finals(x) || busy(x) || calledToo && !called || calledToo == called && w.before(x, l) {
				return "duplicate_phone"
			}
		}
		for _, c := range w.calls[l.phone] {
			if c.campaign != 0 && c.inProgress {
				return "duplicate_phone"
			}
		}
	}
	if made(l) >= w.maxAttempts {
		return "max_attempts"
	}
	switch {
	case l.next != nil && l.next.After(w.now):
		return "retry_interval"
	case l.next == nil && l.last != nil && l.last.Add(time.Duration(w.retryHours)*time.Hour).After(w.now):
		return "retry_interval"
	}
	if l.place.zones == nil {
		return "zone_known"
	}
	for _, zone := range l.place.zones {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			return err.Error()
		}
		if !w.open(w.now.In(loc), l.place) || !w.open(w.now.Add(time.Minute).In(loc), l.place) {
			return "call_window"
		}
	}
	for _, limit := range []struct {
		calls  int
		within time.Duration
	}{{w.per24, 24 * time.Hour}, {deref(w.per30d, 1000), 720 * time.Hour}, {orMany(l.place.perEight), 8 * time.Hour}, {orMany(l.place.perDay), 24 * time.Hour}} {
		n := 0
		for _, c := range w.calls[l.phone] {
			if c.inProgress || (c.state == "placed" || c.state == "unknown") && w.now.Sub(c.at) < limit.within {
				n++
			}
		}
		if n >= limit.calls {
			return "rolling_cap"
		}
	}
	return ""
}

// open: the hour of the clock is inside every window (all of them begin and end on the hour).
func (w *plainWorld) open(local time.Time, p plainPlace) bool {
	h := local.Hour()
	if h < 8 || h >= 21 || h < p.from || h >= p.to {
		return false
	}
	switch {
	case w.from == nil && w.to == nil:
		return true
	case w.from == nil:
		return h < *w.to
	case w.to == nil:
		return h >= *w.from
	case *w.from <= *w.to:
		return h >= *w.from && h < *w.to
	}
	return h >= *w.from || h < *w.to
}

// before compares by the calling order.
func (w *plainWorld) before(a, b *plainLead) bool {
	if (a.next != nil) != (b.next != nil) {
		return a.next != nil
	}
	grade := map[string]int{"hot": 0, "warm": 1, "cold": 2, "unrated": 3}
	if grade[a.quality] != grade[b.quality] {
		return grade[a.quality] < grade[b.quality]
	}
	if a.score != b.score {
		return a.score > b.score
	}
	at := func(t *time.Time) time.Time {
		if t == nil {
			return time.Time{}
		}
		return *t
	}
	if !at(a.last).Equal(at(b.last)) {
		return at(a.last).Before(at(b.last))
	}
	if !a.added.Equal(b.added) {
		return a.added.Before(b.added)
	}
	return strings.Compare(a.row.String(), b.row.String()) < 0
}

func deref(n *int, otherwise int) int {
	if n == nil {
		return otherwise
	}
	return *n
}

func orMany(n int) int {
	if n == 0 {
		return 1000
	}
	return n
}

// expected is what the rules say, written apart: who is held by what, and who is called in which order.
func (w *plainWorld) expected() (held map[uuid.UUID]string, called []uuid.UUID) {
	held = map[uuid.UUID]string{}
	var due []*plainLead
	for _, l := range w.leads {
		if rule := w.first(l); rule != "" {
			held[l.id] = rule
		} else {
			due = append(due, l)
		}
	}
	slices.SortFunc(due, func(a, b *plainLead) int {
		if w.before(a, b) {
			return -1
		}
		return 1
	})
	taken := map[string]int{}
	for _, l := range due {
		// Each call of the same plan to the number counts like one in progress.
		before := w.calls[l.phone]
		for range taken[l.phone] {
			w.calls[l.phone] = append(slices.Clone(w.calls[l.phone]), plainCall{inProgress: true})
		}
		rule := w.first(l)
		w.calls[l.phone] = before
		if rule != "" {
			held[l.id] = rule
			continue
		}
		taken[l.phone]++
		called = append(called, l.id)
	}
	return held, called
}

// invent makes a random world at a random instant. Instants stand half a minute off the hour, facts on the minute, so that
// no edge falls into the time a test takes.
func invent(t *testing.T, db *store.DB, rng *rand.Rand) *plainWorld {
	t.Helper()
	day := time.Date(2026, 11, 9, 0, 0, 30, 0, time.UTC).AddDate(0, 0, rng.IntN(12))
	w := &plainWorld{World: storetest.NewWorld(t, db, nil), now: day.Add(time.Duration(rng.IntN(24*4)) * 15 * time.Minute), per24: 3,
		maxAttempts: 1 + rng.IntN(4), retryHours: 1 + rng.IntN(30), dedupe: rng.IntN(2) == 0, line: rng.IntN(2) == 0, excludeDNC: rng.IntN(2) == 0,
		mayBeOff: rng.IntN(2) == 0, calls: map[string][]plainCall{}, own: map[uuid.UUID][]plainCall{}}
	if rng.IntN(3) > 0 { // mostly in the American day
		w.now = day.Add(time.Duration(14*4+rng.IntN(12*4)) * 15 * time.Minute)
	}
	w.other = storetest.NewCampaign(t, db, w.World, nil)
	calling := map[string]any{"exclude_dnc_may_be_off": w.mayBeOff}
	if rng.IntN(3) == 0 {
		w.per24 = rng.IntN(5)
		calling["max_per_number_24h"] = w.per24
	}
	if rng.IntN(3) == 0 {
		n := rng.IntN(6)
		w.per30d = &n
		calling["max_per_number_30d"] = n
	}
	settings, err := json.Marshal(map[string]any{"calling": calling})
	require.NoError(t, err)
	exec(t, db, "update businesses set settings = $2 where id = $1", w.Business, settings)
	for _, edge := range []**int{&w.from, &w.to} {
		if rng.IntN(3) == 0 {
			h := rng.IntN(24)
			*edge = &h
		}
	}
	clockText := func(h *int) any {
		if h == nil {
			return nil
		}
		return fmt.Sprintf("%02d:00:00+00", *h)
	}
	exec(t, db, `update campaigns set call_window_start = $2::text::timetz, call_window_end = $3::text::timetz, max_attempts = $4, retry_logic = $5,
		dedupe_by_phone = $6, exclude_dnc = $7, disclosure_line = $8 where id = $1`, w.Campaign, clockText(w.from), clockText(w.to), w.maxAttempts,
		fmt.Sprintf("Wait %d hours", w.retryHours), w.dedupe, w.excludeDNC, map[bool]any{true: "This is an AI.", false: nil}[w.line])
	for range 25 {
		w.leads = append(w.leads, w.newLead(t, db, rng))
	}
	return w
}

var uniqueLine atomic.Int64

func (w *plainWorld) newLead(t *testing.T, db *store.DB, rng *rand.Rand) *plainLead {
	t.Helper()
	one := func(n int) bool { return rng.IntN(n) == 0 }
	minutes := func(n int) *time.Time {
		at := w.now.Truncate(time.Minute).Add(-time.Duration(rng.IntN(n)) * time.Minute)
		return &at
	}
	l := &plainLead{place: plainPlaces[rng.IntN(len(plainPlaces))], status: "new", quality: []string{"hot", "warm", "cold", "unrated"}[rng.IntN(4)],
		score: rng.IntN(3), added: w.now.Truncate(time.Minute).AddDate(0, -1, rng.IntN(2))}
	written := "ask at the office"
	if l.place.code != "" {
		n := uniqueLine.Add(1)
		national := fmt.Sprintf("%s%03d%04d", l.place.code, 200+n/9000, 1000+n%9000)
		if n := len(w.leads); n > 0 && one(3) {
			if twin := w.leads[rng.IntN(n)]; twin.phone != "" {
				l.place, national = twin.place, twin.phone[2:]
			}
		}
		l.phone, written = "+1"+national, fmt.Sprintf("(%s) %s-%s", national[:3], national[3:6], national[6:])
		if one(2) {
			written = "+1" + national + " x12"
		}
	}
	if one(8) {
		l.status = []string{"pledged", "contacted", "donated", "failed"}[rng.IntN(4)]
	}
	if one(10) {
		l.outcome = []string{"do_not_call", "interested", "not_interested"}[rng.IntN(3)]
	}
	l.dnc, l.imported, l.suppressed = one(14), one(10), one(12) && l.phone != ""
	if one(3) {
		l.attempts, l.last = rng.IntN(4), minutes(48*60)
	}
	if one(5) {
		at := w.now.Truncate(time.Minute).Add(time.Duration(rng.IntN(120)-90) * time.Minute)
		l.next = &at
	}
	fields := storetest.Fields{"phone": written, "timezone": nil, "dnc": l.dnc, "do_not_call": l.imported, "quality_rating": l.quality, "lead_score": l.score,
		"cl.status": l.status, "cl.attempts": l.attempts, "cl.last_attempt_at": l.last, "cl.next_attempt_at": l.next, "cl.added_at": l.added}
	if l.outcome != "" {
		fields["cl.outcome"] = l.outcome
	}
	l.id = storetest.NewLead(t, db, w.World, fields)
	require.NoError(t, db.QueryRow(t.Context(), "select id from campaign_leads where lead_id = $1", l.id).Scan(&l.row))
	if l.suppressed {
		exec(t, db, "insert into henk.suppressions (business_id, phone, source) values ($1, $2, $3)", map[bool]any{true: w.Business, false: nil}[one(2)], l.phone, uuid.NewString())
	}
	for n := rng.IntN(4); l.phone != "" && one(3) && n > 0; n-- {
		w.newCall(t, db, l, rng, n)
	}
	return l
}

// newCall inserts an attempt as somebody else would, with nothing but the shared columns and the state.
func (w *plainWorld) newCall(t *testing.T, db *store.DB, l *plainLead, rng *rand.Rand, n int) {
	t.Helper()
	c := plainCall{at: w.now.Truncate(time.Minute).Add(-time.Duration(1+rng.IntN(40*24*60)) * time.Minute), state: []string{"placed", "placed", "placed", "refused", "released"}[rng.IntN(5)]}
	if rng.IntN(2) == 0 {
		c.at = w.now.Truncate(time.Minute).Add(-time.Duration(1+rng.IntN(26*60)) * time.Minute)
	}
	id, lead := w.Campaign, l.id
	if rng.IntN(2) == 0 {
		id, c.campaign = w.other, 1
		lead = storetest.Insert(t, db, "leads", storetest.Fields{"business_id": w.Business, "phone": l.phone})
	}
	if n == 1 && rng.IntN(4) == 0 {
		c.state, c.inProgress = []string{"reserved", "dialing", "unknown"}[rng.IntN(3)], true
	}
	storetest.Insert(t, db, "call_attempts", storetest.Fields{"campaign_id": id, "lead_id": lead, "attempt_number": 10 + n, "scheduled_at": c.at,
		"attempted_at": c.at, "phone_number": l.phone, "state": c.state})
	w.calls[l.phone] = append(w.calls[l.phone], c)
	if c.campaign == 0 {
		w.own[l.id] = append(w.own[l.id], c)
	}
}

func exec(t *testing.T, db *store.DB, sql string, args ...any) {
	t.Helper()
	_, err := db.Exec(t.Context(), sql, args...)
	require.NoError(t, err)
}

// One truth: the explanation, the plan on paper, the tick and the fence agree with the rules written apart.
func TestOneTruth(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	rules := map[string]int{}
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 5))
		w := invent(t, db, rng)
		held, called := w.expected()
		for _, l := range w.leads {
			e, err := campaign.Explain(t.Context(), db, w.Campaign, l.id, w.now, campaign.Limits{})
			require.NoError(t, err)
			want, got := w.first(l), ""
			if e.FirstFailing != nil {
				got = *e.FirstFailing
			}
			require.Equal(t, want, got, "seed %d, lead %+v, %+v", seed, *l, e.Rules)
			require.Equal(t, want == "", e.Verdict == "call")
			require.Len(t, e.Rules, 16)
		}
		p, err := campaign.PlanOnPaper(t.Context(), db, w.Campaign, w.now, campaign.Limits{}, nil)
		require.NoError(t, err)
		counts := map[string]int64{}
		for _, rule := range held {
			counts[rule]++
			rules[rule]++
		}
		rules["call"] += len(called)
		require.Equal(t, counts, p.HeldBack, "seed %d", seed)
		require.Equal(t, called, plannedLeads(p), "seed %d", seed)

		tick := plan(t, db, w.Campaign, clock.At(w.now), campaign.Limits{})
		reserved := reservedLeads(t, db, tick)
		require.ElementsMatch(t, called, reserved, "seed %d", seed)
		if called != nil {
			require.Equal(t, called, reserved, "seed %d", seed)
		}
		for id, verdict := range fence(t, db, tick.Reserved, w.now.Add(time.Second)) {
			require.Equal(t, "dial", verdict, "seed %d, attempt %s", seed, id)
		}
	}
	for _, rule := range []string{"call", "agent_ready", "lead_status", "phone_valid", "do_not_call", "suppressed", "duplicate_phone", "max_attempts",
		"retry_interval", "zone_known", "call_window", "rolling_cap"} {
		require.Positive(t, rules[rule], "the worlds never came to %s: %v", rule, rules)
	}
}

func plannedLeads(p *campaign.Preview) []uuid.UUID {
	var ids []uuid.UUID
	for _, c := range p.WouldCall {
		ids = append(ids, c.LeadID)
	}
	return ids
}

// fence passes attempts, as the dialer does, and returns the verdicts.
func fence(t *testing.T, db *store.DB, attempts []uuid.UUID, now time.Time) map[uuid.UUID]string {
	t.Helper()
	verdicts := map[uuid.UUID]string{}
	require.NoError(t, store.InTx(t.Context(), db, func(tx pgx.Tx) error {
		rows, err := dbsqlc.New().AttemptFence(t.Context(), tx, fenceParams(attempts, now))
		for _, r := range rows {
			verdicts[r.ID] = r.Verdict
			if r.Failing != "" {
				verdicts[r.ID] = r.Failing
			}
		}
		return err
	}))
	require.Len(t, verdicts, len(attempts))
	return verdicts
}

func fenceParams(attempts []uuid.UUID, now time.Time) dbsqlc.AttemptFenceParams {
	return dbsqlc.AttemptFenceParams{Ids: attempts, Now: now, FreeSlots: 1000, Final: campaign.FinalStatuses, WorkerID: "test", RulePack: calltime.CurrentPack().Version}
}

// What changes after the reservation is seen by the fence as by an explanation.
func TestFenceAgreesAfterAChange(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	changes := []string{
		"update campaign_leads set status = 'pledged' where lead_id = $1 and $2 <> ''",
		"update campaign_leads set outcome = 'not_interested' where lead_id = $1 and $2 <> ''",
		"update leads set status = 'donated' where id = $1 and $2 <> ''",
		"update leads set dnc = true where id = $1 and $2 <> ''",
		"insert into henk.suppressions (phone, source) select $2, gen_random_uuid()::text where $1::uuid is not null",
		"update campaign_leads set attempts = 9 where lead_id = $1 and $2 <> ''",
		"update campaign_leads set next_attempt_at = '2030-01-01' where lead_id = $1 and $2 <> ''",
		"update campaigns set status = 'paused' where id = (select campaign_id from campaign_leads where lead_id = $1) and $2 <> ''",
		"update campaigns set budget = 0 where id = (select campaign_id from campaign_leads where lead_id = $1) and $2 <> ''",
		"update campaigns set disclosure_line = null where id = (select campaign_id from campaign_leads where lead_id = $1) and $2 <> ''",
		"update agents set caller_id = ' ' where business_id = (select business_id from leads where id = $1) and $2 <> ''",
	}
	held := 0
	for seed := range uint64(22) {
		rng := rand.New(rand.NewPCG(seed, 6))
		w := invent(t, db, rng)
		tick := plan(t, db, w.Campaign, clock.At(w.now), campaign.Limits{})
		if len(tick.Reserved) == 0 {
			continue
		}
		var lead uuid.UUID
		var number string
		require.NoError(t, db.QueryRow(t.Context(), "select lead_id, phone_number from call_attempts where id = $1", tick.Reserved[rng.IntN(len(tick.Reserved))]).Scan(&lead, &number))
		exec(t, db, changes[int(seed)%len(changes)], lead, number)
		// As it would be explained, were the attempts not reserved.
		say := map[uuid.UUID]string{}
		tx, err := db.Begin(t.Context())
		require.NoError(t, err)
		for _, id := range tick.Reserved {
			sub, err := tx.Begin(t.Context())
			require.NoError(t, err)
			var of uuid.UUID
			require.NoError(t, sub.QueryRow(t.Context(), "delete from call_attempts where id = $1 returning lead_id", id).Scan(&of))
			c, err := campaign.Load(t.Context(), sub, w.Campaign)
			require.NoError(t, err)
			all, err := c.Judge(t.Context(), sub, []uuid.UUID{of}, w.now.Add(time.Second), campaign.Limits{})
			require.NoError(t, err)
			say[id] = campaign.FirstFailing(all[of])
			require.NoError(t, sub.Rollback(t.Context()))
		}
		require.NoError(t, tx.Rollback(context.Background()))
		for id, verdict := range fence(t, db, tick.Reserved, w.now.Add(time.Second)) {
			want := say[id]
			if want == "" {
				want = "dial"
			} else {
				held++
			}
			require.Equal(t, want, verdict, "seed %d, attempt %s", seed, id)
		}
	}
	require.Positive(t, held)
}

// shrunkWindows are changes of the campaign's window after which it is open at no hour at which it was not before.
func (w *plainWorld) shrunkWindows(rng *rand.Rand) (changes []string) {
	at := func(column string, hour int) {
		changes = append(changes, fmt.Sprintf("call_window_%s=%02d:00:00", column, hour))
	}
	from, to := deref(w.from, 0), deref(w.to, 24)
	for range 3 {
		if from <= to {
			at("start", min(from+rng.IntN(to-from+1), 23))
			if later := from + rng.IntN(to-from+1); later < 24 {
				at("end", later)
			}
		} else { // across midnight
			at("start", from+rng.IntN(24-from))
			at("end", rng.IntN(to+1))
		}
	}
	if w.maxAttempts > 0 {
		changes = append(changes, fmt.Sprintf("max_attempts=%d", rng.IntN(w.maxAttempts)))
	}
	return changes
}

// byNumber counts the calls to each number.
func (w *plainWorld) byNumber(leads []uuid.UUID) map[string]int {
	n := map[string]int{}
	for _, l := range w.leads {
		if slices.Contains(leads, l.id) {
			n[l.phone]++
		}
	}
	return n
}

// Narrower windows, more suppressions and lower caps never add a call.
func TestStricterNeverCallsMore(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	stricter := []string{`legal_day="10:00-18:00"`, `legal_day="12:00-12:00"`, "window_margin_seconds=1800", "max_per_number_24h=1", "max_per_number_24h=0",
		"max_per_number_30d=2", "daily_call_cap=2", "daily_call_cap=0", "budget=0", "max_concurrent=1",
		"end_date=2026-01-01T00:00:00Z", "disclosure_line=", "dedupe_by_phone=true", "exclude_dnc=true", "exclude_dnc_may_be_off=false",
		"retry_logic=Wait 31 hours", "max_attempts=0", `countries=["CA"]`}
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 7))
		w := invent(t, db, rng)
		calls := func(change string) []uuid.UUID {
			p, err := campaign.PlanOnPaper(t.Context(), db, w.Campaign, w.now, campaign.Limits{}, func(c *campaign.Campaign) error {
				if change == "" {
					return nil
				}
				return c.Change(change)
			})
			require.NoError(t, err)
			return plannedLeads(p)
		}
		before := calls("")
		for _, change := range append(w.shrunkWindows(rng), stricter...) {
			if change == "max_per_number_24h=1" && w.per24 == 0 || change == "max_per_number_30d=2" && deref(w.per30d, 9) < 2 {
				continue // that would be more
			}
			now := calls(change)
			if strings.HasPrefix(change, "max_attempts") || strings.HasPrefix(change, "retry_logic") {
				// A lead that is not called leaves the number's caps to another with the number: the number gets no more.
				had := w.byNumber(before)
				for number, n := range w.byNumber(now) {
					require.LessOrEqual(t, n, had[number], "seed %d, %s", seed, change)
				}
				continue
			}
			require.Subset(t, before, now, "seed %d, %s", seed, change)
		}
		for _, l := range w.leads {
			if l.phone != "" && rng.IntN(2) == 0 {
				exec(t, db, "insert into henk.suppressions (phone, source) values ($1, gen_random_uuid()::text)", l.phone)
				now := calls("")
				require.Subset(t, before, now, "seed %d", seed)
				require.NotContains(t, now, l.id)
				before = now
			}
		}
	}
}
