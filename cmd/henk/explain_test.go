package main

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/storetest"
)

func runHenk(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, streams{&out, &errs})
	return code, out.String(), errs.String()
}

// The commands as they are relied on from outside, on rows that somebody else inserted.
func TestExplainAndPlanCommands(t *testing.T) {
	databaseURL := storetest.NewURL(t)
	t.Setenv("DATABASE_URL", databaseURL)
	db := storetest.Open(t, databaseURL)
	w := storetest.NewWorld(t, db, storetest.Fields{"daily_call_cap": 10, "retry_logic": "busy: 30 minutes, otherwise 2 days"})
	_, err := db.Exec(t.Context(), "update businesses set settings = '{}'")
	require.NoError(t, err)
	callable := storetest.NewLead(t, db, w, storetest.Fields{"phone": "+13125550123"})
	tollFree := storetest.NewLead(t, db, w, storetest.Fields{"phone": "+18005550123", "timezone": nil})
	storetest.NewLead(t, db, w, storetest.Fields{"phone": "+18085550123", "timezone": nil})
	const at = "2026-11-23T15:30:00Z"
	before := writtenRows(t, db)

	code, out, errs := runHenk(t, "explain", "--campaign", w.Campaign.String(), "--lead", tollFree.String(), "--at", at, "--json")
	require.Zero(t, code, errs)
	var e map[string]any
	require.NoError(t, json.Unmarshal([]byte(out), &e))
	require.Equal(t, []any{"hold", "zone_known", at}, []any{e["verdict"], e["first_failing"], e["at"]})
	code, out, errs = runHenk(t, "explain", "--campaign", w.Campaign.String(), "--lead", callable.String(), "--at", at)
	require.Zero(t, code, errs)
	require.Contains(t, out, "call at "+at)

	code, out, errs = runHenk(t, "plan", "--campaign", w.Campaign.String(), "--at", at, "--diff", "daily_call_cap=0", "--json")
	require.Zero(t, code, errs)
	var p struct {
		Quota     map[string]int64 `json:"quota"`
		WouldCall []struct {
			LeadID uuid.UUID `json:"lead_id"`
			Rank   int       `json:"rank"`
			Closes string    `json:"window_closes_at"`
		} `json:"would_call"`
		HeldBack map[string]int64 `json:"held_back"`
		Callable []struct {
			At    string `json:"at"`
			Leads int    `json:"leads"`
		} `json:"callable"`
		Unlock map[string]map[string]int `json:"unlock"`
		Retry  string                    `json:"retry_understood"`
		Diff   struct {
			Removed  []uuid.UUID      `json:"would_call_removed"`
			HeldBack map[string]int64 `json:"held_back"`
		} `json:"diff"`
	}
	require.NoError(t, json.Unmarshal([]byte(out), &p))
	require.Equal(t, map[string]int64{"cap": 10, "used": 0, "remaining": 10}, p.Quota)
	require.Len(t, p.WouldCall, 1)
	require.Equal(t, callable, p.WouldCall[0].LeadID)
	require.Equal(t, 1, p.WouldCall[0].Rank)
	require.Equal(t, "2026-11-24T02:59:00Z", p.WouldCall[0].Closes)
	require.Equal(t, map[string]int64{"zone_known": 1, "call_window": 1}, p.HeldBack)
	require.Equal(t, "2026-11-23T18:00:00Z", p.Callable[0].At)
	require.Equal(t, 1, p.Unlock["postal_code"]["makes_callable"])
	require.Equal(t, "30 minutes after busy, else 2 days", p.Retry)
	require.Equal(t, []uuid.UUID{callable}, p.Diff.Removed)
	require.EqualValues(t, 1, p.Diff.HeldBack["daily_cap"])
	code, out, errs = runHenk(t, "plan", "--campaign", w.Campaign.String(), "--at", at)
	require.Zero(t, code, errs)
	require.Contains(t, out, "would call 1 leads")
	require.Equal(t, before, writtenRows(t, db), "nothing was changed")

	for _, bad := range [][]string{
		{"explain"}, {"plan"}, {"plan", "--campaign", "7"}, {"plan", "--campaign", w.Campaign.String(), "--at", "noon"},
		{"plan", "--campaign", w.Campaign.String(), "--diff", "cap"}, {"explain", "--campaign", w.Campaign.String()},
	} {
		code, _, errs := runHenk(t, bad...)
		require.Equal(t, 2, code, bad)
		require.NotEmpty(t, errs)
	}
	for _, failing := range [][]string{
		{"plan", "--campaign", uuid.NewString()}, {"plan", "--campaign", w.Campaign.String(), "--diff", "colour=red"},
		{"explain", "--campaign", w.Campaign.String(), "--lead", uuid.NewString()},
	} {
		code, out, errs := runHenk(t, failing...)
		require.Equal(t, 1, code, failing)
		require.Empty(t, out)
		require.NotEmpty(t, errs)
	}
}

// writtenRows are the rows that a plan would write.
func writtenRows(t *testing.T, db storetest.Queryer) [4]int {
	t.Helper()
	var n [4]int
	require.NoError(t, db.QueryRow(t.Context(), `select (select count(*) from call_attempts), (select count(*) from henk.zone_sets),
		(select count(*) from henk.candidates where state = 'dirty'), (select count(*) from henk.campaign_state)`).Scan(&n[0], &n[1], &n[2], &n[3]))
	return n
}
