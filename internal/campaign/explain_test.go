package campaign_test

import (
	"context"
	"encoding/json"
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

// noon is noon in Chicago on a Monday.
var noon = time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)

func explain(t *testing.T, db *store.DB, w storetest.World, lead uuid.UUID, at time.Time) (*campaign.Explanation, string) {
	t.Helper()
	e, err := campaign.Explain(t.Context(), db, w.Campaign, lead, at, campaign.Limits{AccountConcurrent: 5})
	require.NoError(t, err)
	if e.FirstFailing == nil {
		return e, ""
	}
	return e, *e.FirstFailing
}

func TestExplain(t *testing.T) {
	t.Parallel()
	// $1 is the campaign, $2 the lead. A case without a rule is a call.
	attempts := func(n, state, age string) string {
		return `insert into call_attempts (campaign_id, lead_id, attempt_number, scheduled_at, attempted_at, phone_number, state)
			select $1, $2, n, '2026-11-23T18:00:00Z'::timestamptz - interval '` + age + `', '2026-11-23T18:00:00Z'::timestamptz - interval '` + age + `', '+13125550123', '` + state + `'
			from generate_series(1, ` + n + `) n`
	}
	setting := func(s string) string {
		return `update businesses set settings = '{"calling": {` + s + `}}' where $1::uuid <> $2::uuid`
	}
	heard := `with other as (insert into campaigns (name, status, script, agent_id, business_id, daily_call_cap)
			select 'Other', 'completed', '', agent_id, business_id, 1 from campaigns where id = $1 returning id)
		insert into campaign_leads (campaign_id, lead_id, outcome) select id, $2, 'do_not_call' from other`
	cases := map[string]struct {
		lead f
		camp f
		sql  []string
		at   time.Time
		rule string
	}{
		"plain":                     {},
		"draft":                     {camp: f{"status": "draft"}, rule: "campaign_active"},
		"starts this instant":       {camp: f{"start_date": noon}},
		"starts a second later":     {camp: f{"start_date": noon.Add(time.Second)}, rule: "campaign_dates"},
		"ends this instant":         {camp: f{"end_date": noon}},
		"ended a second ago":        {camp: f{"end_date": noon.Add(-time.Second)}, rule: "campaign_dates"},
		"agent missing":             {sql: []string{"update campaigns set agent_id = null where id = $1 and $2::uuid is not null"}, rule: "agent_ready"},
		"settings unreadable":       {sql: []string{setting(`"state_pack_exempt": ["Atlantis"]`)}, rule: "agent_ready"},
		"settings of another shape": {sql: []string{`update businesses set settings = '{"calling": 7}' where $1::uuid <> $2::uuid`}, rule: "agent_ready"},
		"disclosure missing":        {lead: f{"phone": "+12065550123"}, camp: f{"disclosure_line": "  "}, rule: "agent_ready"},
		"disclosure there":          {lead: f{"phone": "+12065550123"}, camp: f{"disclosure_line": "An AI calls."}},
		"disclosure not asked for":  {camp: f{"disclosure_line": nil}},
		"attempt reserved":          {sql: []string{attempts("1", "reserved", "1 minute")}, rule: "lead_status"},
		"attempt unknown":           {sql: []string{attempts("1", "unknown", "1 minute")}, rule: "lead_status"},
		"phone null, mobile there":  {lead: f{"phone": nil, "mobile_phone": "(312) 555-0123"}},
		"extension":                 {lead: f{"phone": "312-555-0123 ext. 45"}},
		"letters":                   {lead: f{"phone": "1-800-FLOWERS"}, rule: "phone_valid"},
		"emergency":                 {lead: f{"phone": "911"}, rule: "phone_valid"},
		"needs review":              {lead: f{"phone": "+13121550123"}, rule: "phone_valid"},
		"both numbers bad":          {lead: f{"phone": "x", "mobile_phone": "12"}, rule: "phone_valid"},
		"imported flag, lifted":     {lead: f{"do_not_call": true}, camp: f{"exclude_dnc": false}, sql: []string{setting(`"exclude_dnc_may_be_off": true`)}},
		"imported flag, not lifted": {lead: f{"do_not_call": true}, camp: f{"exclude_dnc": false}, rule: "do_not_call"},
		"heard opt-out":             {lead: f{"dnc": true}, camp: f{"exclude_dnc": false}, sql: []string{setting(`"exclude_dnc_may_be_off": true`)}, rule: "do_not_call"},
		"heard elsewhere":           {lead: f{"do_not_call": true}, camp: f{"exclude_dnc": false}, sql: []string{setting(`"exclude_dnc_may_be_off": true`), heard}, rule: "do_not_call"},
		"suppressed for all":        {sql: []string{"insert into henk.suppressions (phone, source) select '+13125550123', 'list' where $1::uuid <> $2::uuid"}, rule: "suppressed"},
		"suppressed elsewhere": {sql: []string{"insert into businesses (id, name, account_id) select $2, 'Other', account_id from businesses b join campaigns c on c.business_id = b.id where c.id = $1",
			"insert into henk.suppressions (phone, source, business_id) select '+13125550123', 'list', $2 where $1::uuid <> $2::uuid"}},
		"suppression over":      {sql: []string{"insert into henk.suppressions (phone, source, expires_at) select '+13125550123', 'list', '2026-11-23T18:00:00Z' where $1::uuid <> $2::uuid"}},
		"suppressed yet":        {sql: []string{"insert into henk.suppressions (phone, source, expires_at) select '+13125550123', 'list', '2026-11-23T18:00:01Z' where $1::uuid <> $2::uuid"}, rule: "suppressed"},
		"no country enabled":    {sql: []string{setting(`"countries": []`)}, rule: "phone_valid"},
		"no attempt left":       {camp: f{"max_attempts": 0}, rule: "max_attempts"},
		"attempts by rows":      {camp: f{"max_attempts": 2}, sql: []string{attempts("2", "placed", "30 days")}, rule: "max_attempts"},
		"attempts void":         {camp: f{"max_attempts": 2}, sql: []string{attempts("2", "released", "30 days")}},
		"due to the second":     {lead: f{"cl.attempts": 1, "cl.last_attempt_at": noon.Add(-24 * time.Hour)}},
		"due in a second":       {lead: f{"cl.attempts": 1, "cl.last_attempt_at": noon.Add(-24*time.Hour + time.Second)}, rule: "retry_interval"},
		"call-back due":         {lead: f{"cl.attempts": 1, "cl.last_attempt_at": noon.Add(-time.Minute), "cl.next_attempt_at": noon}},
		"call-back later":       {lead: f{"cl.attempts": 1, "cl.last_attempt_at": noon.Add(-90 * time.Hour), "cl.next_attempt_at": noon.Add(time.Second)}, rule: "retry_interval"},
		"toll-free":             {lead: f{"phone": "+18005550123"}, rule: "zone_known"},
		"toll-free, state":      {lead: f{"phone": "+18005550123", "state": "Illinois"}},
		"opens":                 {at: time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)},
		"a second before":       {at: time.Date(2026, 11, 23, 14, 59, 59, 0, time.UTC), rule: "call_window"}, // Illinois: from nine
		"exempt":                {sql: []string{setting(`"state_pack_exempt": ["il"]`)}, at: time.Date(2026, 11, 23, 14, 59, 59, 0, time.UTC)},
		"in the margin":         {at: time.Date(2026, 11, 24, 2, 59, 0, 0, time.UTC), rule: "call_window"},
		"before the margin":     {at: time.Date(2026, 11, 24, 2, 58, 59, 0, time.UTC)},
		"empty window":          {camp: f{"call_window_start": "12:00", "call_window_end": "12:00"}, rule: "call_window"},
		"over midnight":         {camp: f{"call_window_start": "18:00", "call_window_end": "13:00"}},
		"one end":               {camp: f{"call_window_start": "13:00"}, rule: "call_window"},
		"Alabama, holiday":      {lead: f{"phone": "+12055550123"}, at: time.Date(2026, 11, 26, 18, 0, 0, 0, time.UTC), rule: "call_window"},
		"Alabama, Sunday":       {lead: f{"phone": "+12055550123"}, at: time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC), rule: "call_window"},
		"spring forward":        {at: time.Date(2026, 3, 8, 14, 0, 0, 0, time.UTC)},
		"two calls":             {camp: f{"max_attempts": 99}, sql: []string{attempts("2", "placed", "23 hours")}},
		"three calls":           {camp: f{"max_attempts": 99}, sql: []string{attempts("3", "placed", "23 hours 59 minutes 59 seconds")}, rule: "rolling_cap"},
		"three, a day ago":      {camp: f{"max_attempts": 99}, sql: []string{attempts("3", "placed", "24 hours")}},
		"three void":            {camp: f{"max_attempts": 99}, sql: []string{attempts("3", "refused", "2 hours")}},
		"cap of none":           {sql: []string{setting(`"max_per_number_24h": 0`)}, rule: "rolling_cap"},
		"thirty days":           {camp: f{"max_attempts": 99}, sql: []string{attempts("3", "placed", "29 days"), setting(`"max_per_number_30d": 3`)}, rule: "rolling_cap"},
		"Maine":                 {lead: f{"phone": "+12075550123"}, camp: f{"max_attempts": 99}, sql: []string{"insert into call_attempts (campaign_id, lead_id, attempt_number, scheduled_at, phone_number, state) values ($1, $2, 1, '2026-11-23T10:00:01Z', '+12075550123', 'placed')"}, rule: "rolling_cap"},
		"Maine, later":          {lead: f{"phone": "+12075550123"}, camp: f{"max_attempts": 99}, sql: []string{"insert into call_attempts (campaign_id, lead_id, attempt_number, scheduled_at, phone_number, state) values ($1, $2, 1, '2026-11-23T10:00:00Z', '+12075550123', 'placed')"}},
		"budget negative":       {camp: f{"budget": -5}, rule: "budget"},
		"budget to spare":       {camp: f{"budget": 0.01}},
		"cap of zero":           {camp: f{"daily_call_cap": 0}, rule: "daily_cap"},
		"cap used":              {camp: f{"daily_call_cap": 1, "max_attempts": 99}, sql: []string{attempts("1", "placed", "1 hour")}, rule: "daily_cap"},
		"cap used yesterday":    {camp: f{"daily_call_cap": 1, "max_attempts": 99}, sql: []string{attempts("1", "placed", "18 hours 1 second")}},
		"today of the business": {camp: f{"daily_call_cap": 1, "max_attempts": 99}, sql: []string{attempts("1", "placed", "18 hours 1 second"), setting(`"timezone": "Pacific/Auckland"`)}},
		"today in Hawaii":       {camp: f{"daily_call_cap": 1, "max_attempts": 99}, sql: []string{attempts("1", "placed", "7 hours 1 second"), setting(`"timezone": "Pacific/Honolulu"`)}, rule: "daily_cap"},
		"no slot": {sql: []string{`insert into conversations (campaign_id, agent_id, lead_id, status, started_at)
			select $1, agent_id, $2, 'in_progress', '2026-11-23T17:59:00Z' from campaigns, generate_series(1, 5) where id = $1`}, rule: "concurrency"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := storetest.New(t)
			w := storetest.NewWorld(t, db, c.camp)
			_, err := db.Exec(t.Context(), "update businesses set settings = '{}'")
			require.NoError(t, err)
			lead := f{"phone": "+13125550123", "timezone": nil}
			for k, v := range c.lead {
				lead[k] = v
			}
			id := storetest.NewLead(t, db, w, lead)
			for _, sql := range c.sql {
				exec(t, db, sql, w.Campaign, id)
			}
			at := noon
			if !c.at.IsZero() {
				at = c.at
			}
			e, rule := explain(t, db, w, id, at)
			require.Equal(t, c.rule, rule, "%+v", e.Rules)
			for _, v := range e.Rules {
				require.NotEmpty(t, v.Reason, v.Rule)
				require.NotNil(t, v.Inputs, v.Rule)
			}
			p, err := campaign.PlanOnPaper(t.Context(), db, w.Campaign, at, campaign.Limits{AccountConcurrent: 5}, nil)
			require.NoError(t, err)
			switch c.rule {
			case "":
				require.Len(t, p.WouldCall, 1)
				require.Empty(t, p.HeldBack)
			case "concurrency": // the plan keeps a few waiting beyond the slots
			default:
				require.Equal(t, map[string]int64{c.rule: 1}, p.HeldBack)
			}
		})
	}
}

type f = storetest.Fields

// What is relied on from outside the code.
func TestExplanationAsJSON(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	exec(t, db, "update businesses set settings = '{}'")
	lead := storetest.NewLead(t, db, w, f{"phone": "+14235550123", "timezone": nil})
	e, _ := explain(t, db, w, lead, time.Date(2026, 11, 23, 13, 30, 0, 0, time.UTC))
	data, err := json.Marshal(e)
	require.NoError(t, err)
	var out struct {
		CampaignID   string  `json:"campaign_id"`
		LeadID       string  `json:"lead_id"`
		At           string  `json:"at"`
		Verdict      string  `json:"verdict"`
		FirstFailing *string `json:"first_failing"`
		Rules        []struct {
			Rule   string
			OK     bool
			Reason string
			Inputs map[string]any
		}
	}
	require.NoError(t, json.Unmarshal(data, &out))
	require.Equal(t, []string{w.Campaign.String(), lead.String(), "2026-11-23T13:30:00Z", "hold", "call_window"}, []string{out.CampaignID, out.LeadID, out.At, out.Verdict, *out.FirstFailing})
	var names []string
	for _, r := range out.Rules {
		names = append(names, r.Rule)
	}
	require.Equal(t, []string{"campaign_active", "campaign_dates", "agent_ready", "lead_status", "phone_valid", "do_not_call", "suppressed", "duplicate_phone",
		"max_attempts", "retry_interval", "zone_known", "call_window", "rolling_cap", "budget", "daily_cap", "concurrency"}, names)
	window := out.Rules[11]
	require.False(t, window.OK)
	require.Equal(t, []any{"America/Chicago", "America/New_York"}, window.Inputs["zones"])
	require.Equal(t, []any{"area_code:423"}, window.Inputs["evidence"])
	require.Equal(t, []any{"2026-11-23T14:00:00Z", "2026-11-24T01:59:00Z"}, []any{window.Inputs["opens"], window.Inputs["closes"]})
	require.NotContains(t, string(data), "5550123", "no number is shown")

	_, rule := explain(t, db, w, lead, noon)
	require.Empty(t, rule)
	e, _ = explain(t, db, w, lead, noon)
	data, err = json.Marshal(e)
	require.NoError(t, err)
	require.Contains(t, string(data), `"first_failing":null`)

	_, err = campaign.Explain(t.Context(), db, w.Campaign, uuid.New(), noon, campaign.Limits{})
	require.ErrorIs(t, err, campaign.ErrNotInCampaign)
	_, err = campaign.Explain(t.Context(), db, uuid.New(), lead, noon, campaign.Limits{})
	require.ErrorIs(t, err, campaign.ErrNotFound)
}

func TestLeadsWithOneNumber(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lead, other f
		off         bool
		rule        string
	}{
		"the other comes first":   {other: f{"lead_score": 90}, rule: "duplicate_phone"},
		"this one comes first":    {lead: f{"lead_score": 90}},
		"nobody asks":             {other: f{"lead_score": 90}, off: true},
		"the other was called":    {lead: f{"lead_score": 90}, other: f{"cl.attempts": 1, "cl.last_attempt_at": noon.Add(-99 * time.Hour)}, rule: "duplicate_phone"},
		"this one was called":     {lead: f{"cl.attempts": 1, "cl.last_attempt_at": noon.Add(-99 * time.Hour)}, other: f{"lead_score": 90}},
		"the other is final":      {lead: f{"lead_score": 90}, other: f{"cl.status": "not_interested"}, rule: "duplicate_phone"},
		"the other's own status":  {lead: f{"lead_score": 90}, other: f{"status": "donated"}, rule: "duplicate_phone"},
		"its mobile":              {other: f{"phone": nil, "mobile_phone": "312.555.0123", "quality_rating": "hot"}, rule: "duplicate_phone"},
		"another number dialable": {other: f{"phone": "+13125550199", "mobile_phone": "+13125550123", "quality_rating": "hot"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := storetest.New(t)
			w := storetest.NewWorld(t, db, f{"dedupe_by_phone": !c.off})
			with := func(own f) uuid.UUID {
				all := f{"phone": "+13125550123", "timezone": nil, "lead_score": 50, "cl.added_at": noon.Add(-time.Hour)}
				for k, v := range own {
					all[k] = v
				}
				return storetest.NewLead(t, db, w, all)
			}
			lead := with(c.lead)
			with(c.other)
			_, rule := explain(t, db, w, lead, noon)
			require.Equal(t, c.rule, rule)
			plan(t, db, w.Campaign, clock.At(noon), campaign.Limits{AccountConcurrent: 1})
			_, rule = explain(t, db, w, lead, noon) // now that the leads are judged
			if rule != "lead_status" {
				require.Equal(t, c.rule, rule)
			}
		})
	}
}

// Whatever plans at once, a number gets no more calls than its caps allow, over all campaigns of the business.
func TestManyPlannersNeverExceedANumbersCap(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	campaigns := []uuid.UUID{w.Campaign}
	for range 3 {
		campaigns = append(campaigns, storetest.NewCampaign(t, db, w, nil))
	}
	numbers := []string{storetest.Number(), storetest.Number(), storetest.Number(), storetest.Number(), storetest.Number()}
	for i, id := range campaigns {
		for n := range 2 * len(numbers) {
			storetest.NewLead(t, db, storetest.World{Business: w.Business, Agent: w.Agent, Campaign: id}, f{"phone": numbers[(n*3+i)%len(numbers)], "lead_score": n * (i + 1) % 7})
		}
		c, err := campaign.Load(t.Context(), db, id)
		require.NoError(t, err)
		_, err = campaign.NewRefresher(db, clock.Clock{}).Refresh(t.Context(), c)
		require.NoError(t, err)
	}
	errs := make(chan error, 16)
	for i := range cap(errs) {
		go func() {
			errs <- store.InTx(context.Background(), db, func(tx pgx.Tx) error {
				_, err := campaign.Reserve(context.Background(), tx, campaigns[i%len(campaigns)], clock.Clock{}, campaign.Limits{})
				return err
			})
		}()
	}
	for range cap(errs) {
		require.NoError(t, <-errs)
	}
	var most, all int
	require.NoError(t, db.QueryRow(t.Context(), "select max(n), sum(n) from (select count(*) as n from call_attempts where counts group by phone_number) x").Scan(&most, &all))
	require.Equal(t, []int{3, 15}, []int{most, all})
}

// The caps hold in SQL, whoever writes.
func TestCapsHoldInSQL(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, f{"max_attempts": 99})
	number := storetest.Number()
	lead := storetest.NewLead(t, db, w, f{"phone": number})
	for i := range 3 {
		storetest.Insert(t, db, "call_attempts", f{"campaign_id": w.Campaign, "lead_id": lead, "attempt_number": i + 1, "scheduled_at": ago(time.Hour), "phone_number": number, "state": "placed"})
	}
	other := storetest.NewCampaign(t, db, w, nil)
	twin := storetest.NewLead(t, db, storetest.World{Business: w.Business, Campaign: other}, f{"phone": number})
	by := f{"campaign_id": other, "lead_id": twin, "attempt_number": 1, "scheduled_at": time.Now(), "phone_number": number, "state": "reserved"}
	fourth := storetest.Insert(t, db, "call_attempts", by)
	_, err := db.Exec(t.Context(), "update call_attempts set state = 'dialing', dialing_at = now() where id = $1", fourth)
	require.ErrorContains(t, err, "henk_call_attempts_free_check")
	_, err = db.Exec(t.Context(), "update call_attempts set state = 'dialing', dialing_at = now() + interval '24 hours' where id = $1", fourth)
	require.NoError(t, err)
	// Two that were reserved on the same history: one fails.
	_, err = db.Exec(t.Context(), `insert into call_attempts (campaign_id, lead_id, attempt_number, scheduled_at, phone_number, state, business_id, number_tail, number_turn)
		select campaign_id, gen_random_uuid(), 1, now(), phone_number, 'reserved', business_id, number_tail, number_turn from call_attempts where id = $1`, fourth)
	require.ErrorContains(t, err, "henk_call_attempts_turn_key")
}

// What a number's calls cost to look up does not depend on how many calls there are.
func TestCallsToANumberAreLookedUpByIndex(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	lead := storetest.NewLead(t, db, w, nil)
	exec(t, db, `insert into call_attempts (campaign_id, lead_id, attempt_number, scheduled_at, attempted_at, dialing_at, phone_number, state, rule_pack,
			business_id, number_tail, number_turn)
		select $1, $2, n, now() - interval '1 hour', now() - interval '1 hour', now() - interval '1 hour', '+13125550123', 'placed', 'x', $3,
			(3120000000 + n)::text, 1 from generate_series(1, 5000) n`, w.Campaign, lead, w.Business)
	exec(t, db, "analyze call_attempts")
	for name, sql := range map[string]string{
		"the caps": "select henk.number_free_at($1, '3120000077', '{86400,3}', now(), 0)",
		"the calls": `select from call_attempts a where a.business_id = $1 and a.number_tail = any ('{3120000077,3120000078}') and a.number_turn is not null
			and a.counts`,
	} {
		var plan []struct {
			Plan struct {
				Hit  int `json:"Shared Hit Blocks"`
				Read int `json:"Shared Read Blocks"`
			}
		}
		warm := func() {
			var data []byte
			require.NoError(t, db.QueryRow(t.Context(), "explain (analyze, buffers, format json) "+sql, w.Business).Scan(&data))
			require.NoError(t, json.Unmarshal(data, &plan))
		}
		warm()
		warm()
		require.Less(t, plan[0].Plan.Hit+plan[0].Plan.Read, 40, name)
	}
}
