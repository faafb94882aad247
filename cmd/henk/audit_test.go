package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/storetest"
)

// henk audit: past calls by another pack, as text and as JSON, and what it says about a pack that is none.
func TestAuditCommand(t *testing.T) {
	databaseURL := storetest.NewURL(t)
	t.Setenv("DATABASE_URL", databaseURL)
	db := storetest.Open(t, databaseURL)
	w := storetest.NewWorld(t, db, nil)
	lead := storetest.NewLead(t, db, w, storetest.Fields{"phone": "+13125550123"})
	const at = "2026-11-20T18:00:00Z"
	attempt := storetest.Insert(t, db, "call_attempts", storetest.Fields{"campaign_id": w.Campaign, "lead_id": lead, "attempt_number": 1,
		"scheduled_at": at, "attempted_at": at, "dialing_at": at, "phone_number": "+13125550123", "state": "placed"})
	pack := filepath.Join(t.TempDir(), "pack.csv")
	write := func(rows string) {
		require.NoError(t, os.WriteFile(pack, []byte("# version: 9\n# reviewed: 2026-01-01\n# review by: 2027-01-01\n"+
			"id,state,kind,days,value,from,until,source,reviewer,checked,status,note\n"+rows), 0o600))
	}
	_, err := db.Exec(t.Context(), "update businesses set settings = '{}'")
	require.NoError(t, err)

	code, out, errs := runHenk(t, "audit", "--since", "2026-11-01")
	require.Zero(t, code, errs)
	require.Contains(t, out, "1 calls were judged")
	require.Contains(t, out, "0 would have been refused")
	write("il,IL,closed,all,,,,test,test,2026-01-01,in_force,\n")
	code, out, errs = runHenk(t, "audit", "--since", "2026-11-01", "--pack", pack)
	require.Zero(t, code, errs)
	require.Contains(t, out, attempt.String())
	require.Contains(t, out, "1 would have been refused (1 call_window)")
	code, out, errs = runHenk(t, "audit", "--since", "2026-11-01T00:00:00Z", "--pack", pack, "--json")
	require.Zero(t, code, errs)
	var got struct {
		Since   string `json:"since"`
		Pack    string `json:"rule_pack"`
		Refused []struct {
			AttemptID uuid.UUID `json:"attempt_id"`
			LeadID    uuid.UUID `json:"lead_id"`
			DialingAt string    `json:"dialing_at"`
			Failing   []struct{ Rule, Reason string }
		}
		Judged int            `json:"judged"`
		Count  int            `json:"refused_count"`
		ByRule map[string]int `json:"by_rule"`
	}
	require.NoError(t, json.Unmarshal([]byte(out), &got), out)
	require.Equal(t, []any{"2026-11-01T00:00:00Z", "9", 1, 1, map[string]int{"call_window": 1}}, []any{got.Since, got.Pack, got.Judged, got.Count, got.ByRule})
	require.Equal(t, []any{attempt, lead, at}, []any{got.Refused[0].AttemptID, got.Refused[0].LeadID, got.Refused[0].DialingAt})
	require.NotEmpty(t, got.Refused[0].Failing[0].Reason)
	require.NotContains(t, out, "5550123", "no number is shown")
	code, out, errs = runHenk(t, "audit", "--since", "2026-11-21", "--pack", pack, "--json")
	require.Zero(t, code, errs)
	require.JSONEq(t, `{"since":"2026-11-21T00:00:00Z","rule_pack":"9","refused":[],"judged":0,"refused_count":0,"by_rule":{}}`, out)

	write("il,IL,sometimes,all,,,,test,test,2026-01-01,in_force,\n")
	for _, failing := range [][]string{{"audit", "--since", "2026-11-01", "--pack", pack}, {"audit", "--since", "2026-11-01", "--pack", pack + "x"}} {
		code, out, errs := runHenk(t, failing...)
		require.Equal(t, 1, code, failing)
		require.Empty(t, out)
		require.Contains(t, errs, "rule pack")
	}
	for _, bad := range [][]string{{"audit"}, {"audit", "--since", "yesterday"}, {"audit", "--since", "2026-11-01", "--campaign", "x"}} {
		code, _, errs := runHenk(t, bad...)
		require.Equal(t, 2, code, bad)
		require.NotEmpty(t, errs)
	}
}
