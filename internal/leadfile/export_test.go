package leadfile

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/storetest"
)

func TestDefuse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", "x": "x", "=1+1": "'=1+1", "+13125550123": "+13125550123", "-1.5": "-1.5", "+1-2": "'+1-2",
		"-A1": "'-A1", "@SUM(A1)": "'@SUM(A1)", "\tx": "'\tx", "\rx": "'\rx", "+": "'+", "1=1": "1=1"} {
		require.Equal(t, want, defuse(text), text)
	}
	require.Equal(t, "=1+1", undefuse(defuse("=1+1")), "an export can be imported")
	require.Equal(t, "'s Hertogenbosch", undefuse("'s Hertogenbosch"))
}

func TestExport(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	id := storetest.NewLead(t, db, w, storetest.Fields{"first_name": "=HYPERLINK(1)", "last_name": "O\"Neil\nline", "phone": "+13125550100", "tags": `["a","b"]`})
	storetest.NewLead(t, db, w, nil)
	storetest.NewAttempt(t, db, w, id, storetest.Fields{"state": "skipped", "reason": "do_not_call"})
	storetest.Insert(t, db, "call_logs", storetest.Fields{"campaign_id": w.Campaign, "agent_id": w.Agent, "lead_id": id, "from_number": "+13125550199",
		"to_number": "+13125550100", "call_cost": "0.1234"}) // from before adoption: no attempt
	storetest.Insert(t, db, "conversations", storetest.Fields{"campaign_id": w.Campaign, "agent_id": w.Agent, "lead_id": id, "transcript": "-- hello",
		"started_at": "2026-01-02T03:04:05+01:00"})
	export := func(what, format string) (string, int64) {
		var out bytes.Buffer
		n, err := Export(t.Context(), db, &out, ExportOptions{What: what, CampaignID: w.Campaign, Format: format})
		require.NoError(t, err)
		return out.String(), n
	}
	table := func(what string) []map[string]string {
		text, n := export(what, "csv")
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		require.NoError(t, err)
		require.Len(t, rows, int(n)+1)
		var maps []map[string]string
		for _, row := range rows[1:] {
			m := map[string]string{}
			for i, name := range rows[0] {
				m[name] = row[i]
			}
			maps = append(maps, m)
		}
		return maps
	}
	leads := table("leads")
	require.Len(t, leads, 2)
	require.Equal(t, []string{"'=HYPERLINK(1)", "O\"Neil\nline", "+13125550100", `["a", "b"]`, "false", ""},
		[]string{leads[0]["first_name"], leads[0]["last_name"], leads[0]["phone"], leads[0]["tags"], leads[0]["do_not_call"], leads[0]["email"]})
	calls := table("calls")
	require.Len(t, calls, 2)
	require.Equal(t, []string{"skipped", "do_not_call", "1"}, []string{calls[0]["state"], calls[0]["reason"], calls[0]["attempt_number"]})
	require.Equal(t, []string{"", "0.1234", "+13125550100"}, []string{calls[1]["attempt_id"], calls[1]["call_cost"], calls[1]["phone_number"]})
	require.Equal(t, "'-- hello", table("conversations")[0]["transcript"])

	text, n := export("conversations", "jsonl")
	require.EqualValues(t, 1, n)
	require.Equal(t, 1, strings.Count(text, "\n"))
	var v struct {
		ID         uuid.UUID `json:"conversation_id"`
		Transcript string    `json:"transcript"`
		Started    string    `json:"started_at"`
		KeyPoints  []string  `json:"key_points"`
		Outcome    *string   `json:"outcome"`
	}
	require.NoError(t, json.Unmarshal([]byte(text), &v))
	require.Equal(t, []any{"-- hello", "2026-01-02T02:04:05+00:00", []string{}}, []any{v.Transcript, v.Started, v.KeyPoints})
	require.Nil(t, v.Outcome)

	var out bytes.Buffer
	_, err := Export(t.Context(), db, &out, ExportOptions{What: "leads", CampaignID: uuid.New()})
	require.ErrorIs(t, err, ErrNoCampaign)
	_, err = Export(t.Context(), db, &out, ExportOptions{What: "secrets", CampaignID: w.Campaign})
	require.Error(t, err)
	empty := storetest.NewCampaign(t, db, w, nil)
	n, err = Export(t.Context(), db, &out, ExportOptions{What: "leads", CampaignID: empty})
	require.NoError(t, err)
	require.Zero(t, n)
	require.True(t, strings.HasPrefix(out.String(), "lead_id,"), "an empty export names its columns")
}
