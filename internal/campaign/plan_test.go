package campaign_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// plan refreshes and reserves as the plan-campaign job does.
func plan(t *testing.T, db *store.DB, id uuid.UUID, ck clock.Clock, limits campaign.Limits) *campaign.Plan {
	t.Helper()
	c, err := campaign.Load(t.Context(), db, id)
	require.NoError(t, err)
	done, err := campaign.NewRefresher(db, ck).Refresh(t.Context(), c)
	require.NoError(t, err)
	require.True(t, done)
	var p *campaign.Plan
	require.NoError(t, store.InTx(t.Context(), db, func(tx pgx.Tx) error {
		p, err = campaign.Reserve(t.Context(), tx, id, ck, limits)
		return err
	}))
	return p
}

// reservedLeads are the leads of a plan's attempts, in calling order.
func reservedLeads(t *testing.T, db *store.DB, p *campaign.Plan) []uuid.UUID {
	t.Helper()
	leads := []uuid.UUID{}
	for _, id := range p.Reserved {
		var lead uuid.UUID
		require.NoError(t, db.QueryRow(t.Context(), "select lead_id from call_attempts where id = $1", id).Scan(&lead))
		leads = append(leads, lead)
	}
	return leads
}

func ago(d time.Duration) time.Time { return time.Now().Add(-d) }

func TestOrder(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	old := ago(100 * time.Hour)
	F := func(f storetest.Fields) uuid.UUID { return storetest.NewLead(t, db, w, f) }
	type f = storetest.Fields
	// Inserted in another order than expected.
	unrated := F(f{"quality_rating": "unrated", "lead_score": 100})
	coldNull := F(f{"quality_rating": "cold", "lead_score": nil})
	cold := F(f{"quality_rating": "cold", "lead_score": -5})
	warm := F(f{"quality_rating": "Warm", "lead_score": 1})
	hotCalled := F(f{"quality_rating": "hot", "lead_score": 10, "cl.last_attempt_at": ago(30 * time.Hour), "cl.attempts": 1})
	hotCalledLonger := F(f{"quality_rating": "hot", "lead_score": 10, "cl.last_attempt_at": ago(50 * time.Hour), "cl.attempts": 1})
	hotLater := F(f{"quality_rating": "hot", "lead_score": 10, "cl.added_at": old.Add(time.Minute)})
	hotFirst := F(f{"quality_rating": "hot", "lead_score": 10, "cl.added_at": old})
	hottest := F(f{"quality_rating": "hot", "lead_score": 11})
	callback := F(f{"quality_rating": "unrated", "cl.next_attempt_at": ago(time.Minute), "cl.last_attempt_at": ago(time.Hour), "cl.attempts": 1})

	p := plan(t, db, w.Campaign, clock.Clock{}, campaign.Limits{})
	require.Nil(t, p.Held)
	require.Equal(t, []uuid.UUID{callback, hottest, hotFirst, hotLater, hotCalledLonger, hotCalled, warm, cold, coldNull, unrated}, reservedLeads(t, db, p))
}

func TestLeadRules(t *testing.T) {
	t.Parallel()
	type f = storetest.Fields
	cases := map[string]struct {
		lead f
		held string // "" = called
	}{
		"plain":                               {f{}, ""},
		"status final":                        {f{"cl.status": "pledged"}, campaign.RuleLeadStatus},
		"outcome final":                       {f{"cl.outcome": "do_not_call"}, campaign.RuleLeadStatus},
		"lead's own status final":             {f{"status": "donated"}, campaign.RuleLeadStatus},
		"contacted is not final":              {f{"cl.status": "contacted"}, ""},
		"letters for a phone":                 {f{"phone": "call me maybe"}, campaign.RulePhoneValid},
		"no phone":                            {f{"phone": nil, "email": "a@example.org"}, campaign.RulePhoneValid},
		"mobile instead of an invalid phone":  {f{"phone": "12", "mobile_phone": "+13125550123"}, ""},
		"premium":                             {f{"phone": "+19005550123"}, campaign.RulePhoneValid},
		"country not enabled":                 {f{"phone": "+442079460018"}, campaign.RulePhoneValid},
		"do_not_call":                         {f{"do_not_call": true}, campaign.RuleDoNotCall},
		"dnc":                                 {f{"dnc": true}, campaign.RuleDoNotCall},
		"flags null":                          {f{"dnc": nil, "do_not_call": nil}, ""},
		"attempts used up":                    {f{"cl.attempts": 3, "cl.last_attempt_at": ago(48 * time.Hour)}, campaign.RuleMaxAttempts},
		"attempts null":                       {f{"cl.attempts": nil}, ""},
		"too soon":                            {f{"cl.attempts": 1, "cl.last_attempt_at": ago(23 * time.Hour)}, campaign.RuleRetryInterval},
		"long enough":                         {f{"cl.attempts": 1, "cl.last_attempt_at": ago(25 * time.Hour)}, ""},
		"call-back later":                     {f{"cl.attempts": 1, "cl.next_attempt_at": time.Now().Add(time.Hour)}, campaign.RuleRetryInterval},
		"call-back due, interval not":         {f{"cl.attempts": 1, "cl.next_attempt_at": ago(time.Minute), "cl.last_attempt_at": ago(time.Hour)}, ""},
		"zone from the number":                {f{"timezone": nil}, ""},
		"zone of another kind counts as none": {f{"timezone": "EST", "phone": "+18005550123"}, campaign.RuleZoneKnown},
		"toll-free without a zone":            {f{"timezone": nil, "phone": "+18005550123"}, campaign.RuleZoneKnown},
		"toll-free with a zone":               {f{"timezone": "America/Denver", "phone": "+18005550123"}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := storetest.New(t)
			w := storetest.NewWorld(t, db, nil)
			lead := storetest.NewLead(t, db, w, c.lead)
			p := plan(t, db, w.Campaign, clock.Clock{}, campaign.Limits{})
			held, err := campaign.HeldBack(t.Context(), db, w.Campaign, time.Now())
			require.NoError(t, err)
			if c.held == "" {
				require.Equal(t, []uuid.UUID{lead}, reservedLeads(t, db, p))
				require.Equal(t, map[string]int64{campaign.RuleLeadStatus: 1}, held, "an attempt is in progress")
			} else {
				require.Empty(t, p.Reserved)
				require.Equal(t, map[string]int64{c.held: 1}, held)
			}
		})
	}
}

func TestCampaignRules(t *testing.T) {
	t.Parallel()
	type f = storetest.Fields
	cases := map[string]struct {
		campaign f
		sql      string // after the world is made
		held     string
	}{
		"paused":        {campaign: f{"status": "paused"}, held: campaign.RuleCampaignActive},
		"not begun":     {campaign: f{"start_date": time.Now().Add(time.Hour)}, held: campaign.RuleCampaignDates},
		"ended":         {campaign: f{"end_date": ago(time.Second)}, held: campaign.RuleCampaignDates},
		"within dates":  {campaign: f{"start_date": ago(time.Hour), "end_date": time.Now().Add(time.Hour)}},
		"no agent":      {sql: "update campaigns set agent_id = null", held: campaign.RuleAgentReady},
		"agent paused":  {sql: "update agents set status = 'agent_paused'", held: campaign.RuleAgentReady},
		"no agent id":   {sql: "update agents set elevenlabs_agent_id = ' '", held: campaign.RuleAgentReady},
		"no caller id":  {sql: "update agents set caller_id = null", held: campaign.RuleAgentReady},
		"suspended":     {sql: "update businesses set status = 'suspended'", held: campaign.RuleCampaignActive},
		"bad settings":  {sql: `update businesses set settings = '{"calling": {"legal_day": "never"}}'`, held: campaign.RuleAgentReady},
		"settings null": {sql: "update businesses set settings = null; update campaigns set call_window_start = '00:00', call_window_end = '00:00'", held: campaign.RuleCallWindow},
		"window shut":   {campaign: f{"call_window_start": "10:00", "call_window_end": "10:00"}, held: campaign.RuleCallWindow},
		"cap null":      {campaign: f{"daily_call_cap": 0}, held: campaign.RuleDailyCap},
		"cap negative":  {campaign: f{"daily_call_cap": -1}, held: campaign.RuleDailyCap},
		"budget spent":  {campaign: f{"budget": 0}, held: campaign.RuleBudget},
		"budget left":   {campaign: f{"budget": 10}},
		"exclude_dnc off changes nothing for most": {campaign: f{"exclude_dnc": false}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := storetest.New(t)
			w := storetest.NewWorld(t, db, c.campaign)
			storetest.NewLead(t, db, w, nil)
			if c.sql != "" {
				_, err := db.Exec(t.Context(), c.sql)
				require.NoError(t, err)
			}
			p := plan(t, db, w.Campaign, clock.Clock{}, campaign.Limits{})
			if c.held == "" {
				require.Len(t, p.Reserved, 1)
				return
			}
			require.Empty(t, p.Reserved)
			held, err := campaign.HeldBack(t.Context(), db, w.Campaign, time.Now())
			require.NoError(t, err)
			require.Equal(t, map[string]int64{c.held: 1}, held)
		})
	}
}

func TestFlagOfASharedNumberHoldsAllItsLeads(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	storetest.NewLead(t, db, w, storetest.Fields{"phone": "(312) 555-0199"})
	count := func(rule string) int64 {
		plan(t, db, w.Campaign, clock.Clock{}, campaign.Limits{AccountConcurrent: 1})
		held, err := campaign.HeldBack(t.Context(), db, w.Campaign, time.Now())
		require.NoError(t, err)
		return held[rule]
	}
	// Another lead of the business, in no campaign, written differently.
	other := storetest.Insert(t, db, "leads", storetest.Fields{"business_id": w.Business, "mobile_phone": "1-312-555-0199 ext 4", "dnc": true})
	require.EqualValues(t, 1, count(campaign.RuleDoNotCall))
	_, err := db.Exec(t.Context(), "update leads set dnc = false where id = $1", other)
	require.NoError(t, err)
	require.Zero(t, count(campaign.RuleDoNotCall), "lifting the flag frees the number")
}

func TestQuota(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, storetest.Fields{"daily_call_cap": 7})
	for range 20 {
		storetest.NewLead(t, db, w, nil)
	}
	// A call of today from before adoption counts; one of yesterday does not.
	for _, at := range []time.Time{time.Now().Add(-time.Second), time.Now().Add(-25 * time.Hour)} {
		lead := storetest.Insert(t, db, "leads", storetest.Fields{"business_id": w.Business, "phone": storetest.Number()})
		storetest.Insert(t, db, "conversations", storetest.Fields{"campaign_id": w.Campaign, "agent_id": w.Agent, "lead_id": lead, "status": "completed", "started_at": at})
	}
	p := plan(t, db, w.Campaign, clock.Clock{}, campaign.Limits{})
	require.Len(t, p.Reserved, 6)
	require.Empty(t, plan(t, db, w.Campaign, clock.Clock{}, campaign.Limits{}).Reserved)
}

func TestSlots(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	for range 100 {
		storetest.NewLead(t, db, w, nil)
	}
	limits := campaign.Limits{AccountConcurrent: 10}
	require.Len(t, plan(t, db, w.Campaign, clock.Clock{}, limits).Reserved, 12, "the slots and a fifth")
	require.Empty(t, plan(t, db, w.Campaign, clock.Clock{}, limits).Reserved, "what waits counts")
	_, err := db.Exec(t.Context(), "update henk.campaign_state set max_concurrent = 40 where campaign_id = $1", w.Campaign)
	require.NoError(t, err)
	require.Empty(t, plan(t, db, w.Campaign, clock.Clock{}, limits).Reserved, "the narrower limit holds")
}

func TestManyPlannersNeverExceedTheCap(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, storetest.Fields{"daily_call_cap": 25})
	for range 60 {
		storetest.NewLead(t, db, w, nil)
	}
	c, err := campaign.Load(t.Context(), db, w.Campaign)
	require.NoError(t, err)
	_, err = campaign.NewRefresher(db, clock.Clock{}).Refresh(t.Context(), c)
	require.NoError(t, err)
	errs := make(chan error, 16)
	for range cap(errs) {
		go func() {
			errs <- store.InTx(context.Background(), db, func(tx pgx.Tx) error {
				_, err := campaign.Reserve(context.Background(), tx, w.Campaign, clock.Clock{}, campaign.Limits{})
				return err
			})
		}()
	}
	for range cap(errs) {
		require.NoError(t, <-errs)
	}
	var attempts, leads int
	require.NoError(t, db.QueryRow(t.Context(), "select count(*), count(distinct lead_id) from call_attempts").Scan(&attempts, &leads))
	require.Equal(t, 25, attempts)
	require.Equal(t, 25, leads)
}

func TestWindowIsTheLeadsOwn(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	_, err := db.Exec(t.Context(), "update businesses set settings = '{}'")
	require.NoError(t, err)
	newYork := storetest.NewLead(t, db, w, storetest.Fields{"timezone": "America/New_York", "phone": "+12125550123"})
	hawaii := storetest.NewLead(t, db, w, storetest.Fields{"timezone": "Pacific/Honolulu", "phone": "+18082223456"})
	split := storetest.NewLead(t, db, w, storetest.Fields{"timezone": nil, "phone": "+14232273456"}) // 423 spans two zones
	at := func(hour int) clock.Clock { return clock.At(time.Date(2026, 1, 14, hour, 30, 0, 0, time.UTC)) }
	// 13:30 UTC: 8:30 in New York, 7:30 in Chicago, 3:30 in Honolulu.
	require.Equal(t, []uuid.UUID{newYork}, reservedLeads(t, db, plan(t, db, w.Campaign, at(13), campaign.Limits{})))
	require.Equal(t, []uuid.UUID{split}, reservedLeads(t, db, plan(t, db, w.Campaign, at(14), campaign.Limits{})))
	require.Equal(t, []uuid.UUID{hawaii}, reservedLeads(t, db, plan(t, db, w.Campaign, at(18), campaign.Limits{})))
}

func TestPlanWakesWhenMoreBecomesCallable(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, storetest.Fields{"retry_logic": "again after 30 minutes"})
	storetest.NewLead(t, db, w, storetest.Fields{"cl.attempts": 1, "cl.last_attempt_at": ago(25 * time.Minute)})
	p := plan(t, db, w.Campaign, clock.Clock{}, campaign.Limits{})
	require.Empty(t, p.Reserved)
	require.WithinDuration(t, time.Now().Add(5*time.Minute), p.Wake, 5*time.Second)
}

func TestEditsAreNoticed(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, storetest.Fields{"max_attempts": 1})
	lead := storetest.NewLead(t, db, w, storetest.Fields{"cl.attempts": 1, "cl.last_attempt_at": ago(48 * time.Hour)})
	require.Empty(t, plan(t, db, w.Campaign, clock.Clock{}, campaign.Limits{}).Reserved)
	list := storetest.Insert(t, db, "lead_lists", storetest.Fields{"business_id": w.Business, "name": "List"})
	storetest.Insert(t, db, "campaign_lead_lists", storetest.Fields{"campaign_id": w.Campaign, "lead_list_id": list, "max_attempts_override": 2})
	_, err := db.Exec(t.Context(), "update campaign_leads set lead_list_id = $1", list)
	require.NoError(t, err)
	require.Equal(t, []uuid.UUID{lead}, reservedLeads(t, db, plan(t, db, w.Campaign, clock.Clock{}, campaign.Limits{})), "the list's override counts")
}
