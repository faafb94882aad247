package crm

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/salesforcesim"
)

var (
	historySeed  = flag.Int("history.seed", 0, "run one history only, the one of this seed")
	historyCount = flag.Int("history.count", 12, "how many histories to run")
	historySteps = flag.Int("history.steps", 60, "how many steps each history has; with fewer the same one ends earlier")
)

// Whatever happens in an org, and wherever runs break off: after the last run and a comparison the mirror is the org, and
// nobody who ever opted out can be called.
func TestMirrorIsTheOrgAfterAnyHistory(t *testing.T) {
	t.Parallel()
	first, last := 1, *historyCount
	if *historySeed != 0 {
		first, last = *historySeed, *historySeed
	}
	for seed := first; seed <= last; seed++ {
		t.Run(fmt.Sprintf("-history.seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			newHistory(t, seed).run(*historySteps)
		})
	}
}

// history changes an org at random, with what is known of it beside.
type history struct {
	*bundle
	dice       *rand.Rand
	ids        map[string][]string // of an object
	locked     map[string]bool     // written by a transaction that has not committed: nobody else can write it
	optedOut   map[string]bool     // leads that were flagged here at any time
	called     map[string]string   // status that the app gave a lead, by the lead's id
	fair       bool                // nothing happens that only a comparison finds
	unlockedAt time.Duration
	spent      time.Duration
	log        []string
}

func newHistory(t *testing.T, seed int) *history {
	dice := rand.New(rand.NewPCG(uint64(seed), 4))
	opt := salesforcesim.Options{Seed: int64(seed), Contacts: 30 + dice.IntN(100), Leads: dice.IntN(60), Rotate: dice.IntN(2) == 0, PersonAccounts: dice.IntN(2) == 0}
	h := &history{bundle: setup(t, opt), dice: dice, ids: map[string][]string{}, locked: map[string]bool{}, optedOut: map[string]bool{}, called: map[string]string{}, fair: seed%2 == 1}
	h.cfg.MaxRecords, h.cfg.BulkPage = 3+dice.IntN(60), 2+dice.IntN(20)
	if dice.IntN(2) == 0 {
		h.cfg.BulkThreshold = 5
	}
	for i := range opt.Contacts {
		h.ids["Contact"] = append(h.ids["Contact"], h.sim.RecordID("Contact", i))
	}
	for i := range opt.Leads {
		h.ids["Lead"] = append(h.ids["Lead"], h.sim.RecordID("Lead", i))
	}
	return h
}

func (h *history) run(steps int) {
	defer func() {
		if h.t.Failed() {
			h.t.Logf("after these %d steps:\n%s", len(h.log), strings.Join(h.log, "\n"))
		}
	}()
	for range steps {
		h.step()
		h.optOutsStay()
	}
	h.wait(2 * time.Hour)
	h.sync()
	if h.fair {
		h.equal()
	}
	for range 2 { // the first one may take up one that began before the last changes
		h.reconcile(h.cfg)
	}
	h.sync()
	h.optOutsStay()
	h.equal()
	h.successorsAreFlagged()
	h.statusesAreKept()
}

func (h *history) step() {
	switch n := h.dice.IntN(100); {
	case n < 50:
		h.transaction()
	case n < 60 && !h.fair:
		h.visibility()
	case n < 70:
		h.wait(time.Duration(h.dice.IntN(20*60)) * time.Second)
	case n < 80:
		h.here()
	case n < 95:
		h.attempt()
	default:
		h.note("reconcile")
		h.reconcile(h.broken())
	}
}

func (h *history) note(format string, args ...any) {
	h.log = append(h.log, fmt.Sprintf(format, args...))
}

func (h *history) wait(d time.Duration) {
	h.note("wait %s", d)
	h.pass(d)
	h.spent += d
	if h.spent > h.unlockedAt {
		clear(h.locked)
	}
}

// here is what the app and the phone do to a lead.
func (h *history) here() {
	var ids []string
	for id, lead := range h.mirror() {
		if lead.State == StateActive {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return
	}
	slices.Sort(ids)
	id := ids[h.dice.IntN(len(ids))]
	if h.dice.IntN(2) == 0 {
		h.note("opts out here: %s", id)
		h.exec("update leads set do_not_call = true where source_id = $1", id)
		return
	}
	h.note("called here: %s", id)
	h.called[id] = "contacted"
	h.exec("update leads set status = 'contacted' where source_id = $1", id)
}

// broken is a config whose run may be killed anywhere.
func (h *history) broken() Config {
	if h.dice.IntN(2) == 0 {
		return h.cfg
	}
	point, n := points[h.dice.IntN(len(points))], 1+h.dice.IntN(4)
	h.note("  to be killed at %q, time %d", point, n)
	return h.killed(point, n)
}

// attempt is one run, in fair weather or foul.
func (h *history) attempt() {
	req := Request{IntegrationID: h.integration}
	if h.dice.IntN(8) == 0 {
		req.Full = uuid.NewString()
	}
	weather := []string{"", "", "", "drop=20%", "503=20%,half=10%", "locator_gone=50%", "query_timeout=30%", "bulk_failed=50%,short_pages=50%"}[h.dice.IntN(8)]
	h.note("sync, full %t, %s", req.Full != "", weather)
	h.faults(weather)
	_, err := Sync(h.t.Context(), h.db, h.broken(), req)
	h.faults("")
	require.False(h.t, NeedsPerson(err), "%v", err)
	h.forget()
}

func (h *history) reconcile(cfg Config) {
	for range 1000 {
		res, err := Reconcile(h.t.Context(), h.db, cfg, Request{IntegrationID: h.integration})
		if errors.Is(err, errKilled) {
			h.forget()
			return
		}
		require.NoError(h.t, err)
		if !res.More {
			return
		}
	}
	h.t.Fatal("the comparison does not come to an end")
}
