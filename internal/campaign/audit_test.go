package campaign_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// audit returns the first rule by which each attempt would have been refused.
func audit(t *testing.T, db *store.DB, o campaign.AuditOptions) (map[uuid.UUID]string, campaign.AuditReport) {
	t.Helper()
	refused := map[uuid.UUID]string{}
	report, err := campaign.Audit(t.Context(), db, o, func(r campaign.Refused) error {
		refused[r.LeadID] = r.Failing[0].Rule
		return nil
	})
	require.NoError(t, err)
	require.EqualValues(t, len(refused), report.Refused)
	return refused, report
}

const otherPack = `# version: test
# reviewed: 2026-01-01
# review by: 2027-01-01
id,state,kind,days,value,from,until,source,reviewer,checked,status,note
il-noon,IL,closed,all,,2026-11-01,,test,test,2026-01-01,in_force,
ny-cap,NY,cap,,1/24h,,,test,test,2026-01-01,in_force,
wy-line,WY,disclose,,identity,,,test,test,2026-01-01,in_force,
`

// Past calls, judged by another pack and by what is known today.
func TestAudit(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, f{"max_attempts": 9, "retry_logic": "1 hour"})
	exec(t, db, "update businesses set settings = '{}'")
	call := func(phone string, at time.Time, number int) uuid.UUID {
		lead := storetest.NewLead(t, db, w, f{"phone": phone, "timezone": nil})
		storetest.Insert(t, db, "call_attempts", f{"campaign_id": w.Campaign, "lead_id": lead, "attempt_number": number, "scheduled_at": at,
			"attempted_at": at, "dialing_at": at, "phone_number": phone, "state": "placed"})
		return lead
	}
	chicago := call("+13125550101", noon, 1)
	first := call("+12125550102", noon.Add(-time.Hour), 1)
	second := call("+12125550102", noon, 1)
	wyoming := call("+13075550103", noon, 1)
	listed := call("+15035550104", noon, 1)
	later := call("+15035550105", noon, 1)
	moved := call("+16025550106", noon, 1)
	night := call("+12125550107", noon.Add(12*time.Hour), 1)
	before := call("+13125550108", noon.AddDate(0, 0, -2), 1)
	storetest.NewLead(t, db, w, nil)                                                    // never called
	exec(t, db, "update call_attempts set dialing_at = null where lead_id = $1", night) // as the app's own calls are
	exec(t, db, "insert into henk.suppressed_numbers (phone, source, created_at) values ('+15035550104', 'a', $1), ('+15035550105', 'b', $2)", noon.Add(-time.Hour), noon.Add(time.Minute))

	var progress int64
	since := noon.AddDate(0, 0, -1)
	refused, report := audit(t, db, campaign.AuditOptions{Since: since, Progress: func(done, all int64) {
		require.EqualValues(t, 8, all)
		progress = done
	}})
	require.Equal(t, map[uuid.UUID]string{listed: "suppressed", night: "call_window"}, refused)
	require.EqualValues(t, 8, report.Judged)
	require.EqualValues(t, 8, progress)

	pack, err := calltime.ReadPack(otherPack)
	require.NoError(t, err)
	refused, report = audit(t, db, campaign.AuditOptions{Since: since, Pack: pack})
	require.Equal(t, map[uuid.UUID]string{chicago: "call_window", second: "rolling_cap", wyoming: "agent_ready", listed: "suppressed", night: "call_window"}, refused)
	require.Equal(t, map[string]int64{"call_window": 2, "rolling_cap": 1, "agent_ready": 1, "suppressed": 1}, report.ByRule)
	require.NotContains(t, refused, first)
	require.NotContains(t, refused, later, "it was suppressed after the call")
	refused, _ = audit(t, db, campaign.AuditOptions{Since: noon.AddDate(0, -1, 0), Pack: pack})
	require.Equal(t, "call_window", refused[before])

	// Data that are corrected count: this phone turns out to be in Guam, where it was night.
	exec(t, db, "update leads set postal_code = '96910', state = 'GU' where id = $1", moved)
	refused, _ = audit(t, db, campaign.AuditOptions{Since: since})
	require.Equal(t, "call_window", refused[moved])
	// A list that is imported today is held against the calls of yesterday.
	exec(t, db, "with l as (insert into henk.suppression_lists (name) values ('federal') returning id) insert into henk.suppression_versions (list_id, state, in_force_until, source, imported_by) select id, 'in_force', 'infinity', 'test', 'test' from l")
	exec(t, db, "insert into henk.suppression_entries (phone, version) select '+15035550105', id from henk.suppression_versions")
	refused, _ = audit(t, db, campaign.AuditOptions{Since: since})
	require.Equal(t, "suppressed", refused[later])
	other := uuid.New()
	_, report = audit(t, db, campaign.AuditOptions{Since: since, CampaignID: &other})
	require.Zero(t, report.Judged)
}

// The campaign's settings of the time judge, not those of today; and what was called by the rules passes them.
func TestAuditTakesTheSettingsOfTheTime(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	exec(t, db, "update businesses set settings = '{}'")
	for range 3 {
		storetest.NewLead(t, db, w, nil)
	}
	tick := plan(t, db, w.Campaign, clock.At(noon), campaign.Limits{})
	for _, verdict := range fence(t, db, tick.Reserved, noon.Add(time.Second)) {
		require.Equal(t, "dial", verdict)
	}
	exec(t, db, "update campaigns set call_window_start = '20:00+00', call_window_end = '20:00+00'")
	refused, report := audit(t, db, campaign.AuditOptions{Since: noon.Add(-time.Hour)})
	require.Empty(t, refused)
	require.EqualValues(t, 3, report.Judged)
	exec(t, db, "delete from henk.decisions")
	refused, _ = audit(t, db, campaign.AuditOptions{Since: noon.Add(-time.Hour)})
	require.Len(t, refused, 3, "without the log, by those of today")
}

// Held leads are looked through only when something may have freed their numbers, and then all of them.
func TestFreedSuppressionsAreNoticed(t *testing.T) {
	t.Parallel()
	for name, free := range map[string]struct {
		sql   string
		later time.Duration
	}{
		"lifted":           {sql: "update henk.suppressed_numbers set lifted_at = '2026-11-23T18:00:30Z'", later: time.Minute},
		"deleted":          {sql: "delete from henk.suppressed_numbers", later: time.Minute},
		"expired":          {later: 2 * time.Hour},
		"a list's end":     {later: 26 * time.Hour},
		"an entry lifted":  {sql: "update henk.suppression_entries set expires_at = '2026-11-23T18:00:30Z'", later: time.Minute},
		"an entry's end":   {later: 50 * time.Hour},
		"a list replaced":  {sql: "update henk.suppression_versions set state = 'removing', in_force_until = 'epoch'", later: time.Minute},
		"nothing happened": {later: time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := storetest.New(t)
			w := storetest.NewWorld(t, db, nil)
			lead := storetest.NewLead(t, db, w, f{"phone": "+13125550101"})
			switch name {
			case "lifted", "deleted", "nothing happened":
				exec(t, db, "insert into henk.suppressed_numbers (phone, source) values ('+13125550101', 'a')")
			case "expired":
				exec(t, db, "insert into henk.suppressed_numbers (phone, source, expires_at) values ('+13125550101', 'a', $1)", noon.Add(time.Hour))
			default:
				until, end := "infinity", any(nil)
				if name == "a list's end" {
					until = "2026-11-24T18:00:00Z"
				}
				if name == "an entry's end" {
					end = noon.Add(48 * time.Hour)
				}
				exec(t, db, "insert into henk.suppression_lists (name) values ('x')")
				exec(t, db, "insert into henk.suppression_versions (list_id, state, in_force_until, source, imported_by) select id, 'in_force', $1::text::timestamptz, 'test', 'test' from henk.suppression_lists", until)
				exec(t, db, "insert into henk.suppression_entries (phone, version, expires_at) select '+13125550101', id, $1 from henk.suppression_versions", end)
			}
			require.Empty(t, plan(t, db, w.Campaign, clock.At(noon), campaign.Limits{}).Reserved)
			require.Empty(t, plan(t, db, w.Campaign, clock.At(noon.Add(time.Second)), campaign.Limits{}).Reserved)
			if free.sql != "" {
				exec(t, db, free.sql)
			}
			at := clock.At(noon.Add(free.later))
			plan(t, db, w.Campaign, at, campaign.Limits{}) // marks it
			if name == "nothing happened" {
				require.Equal(t, []string{"suppressed"}, says(t, db, lead))
				return
			}
			require.Len(t, plan(t, db, w.Campaign, at, campaign.Limits{}).Reserved, 1)
			require.Equal(t, []string{"suppressed", "free", "call"}, says(t, db, lead))
		})
	}
}

// What is lifted between the first judgement of a campaign and its first plan is noticed too.
func TestSuppressionLiftedBeforeTheFirstPlanIsNoticed(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	lead := storetest.NewLead(t, db, w, f{"phone": "+13125550101"})
	exec(t, db, "insert into henk.suppressed_numbers (phone, source) values ('+13125550101', 'a')")
	c, err := campaign.Load(t.Context(), db, w.Campaign)
	require.NoError(t, err)
	_, err = campaign.NewRefresher(db, clock.At(noon)).Refresh(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, []string{"suppressed"}, says(t, db, lead))
	exec(t, db, "update henk.suppressed_numbers set lifted_at = '2026-11-23T18:00:30Z'")
	// A process that loaded the campaign before the other one judged it must not note that the change has been seen.
	_, err = campaign.NewRefresher(db, clock.At(noon.Add(time.Minute))).Refresh(t.Context(), c)
	require.NoError(t, err)
	at := clock.At(noon.Add(time.Minute))
	plan(t, db, w.Campaign, at, campaign.Limits{}) // marks it
	require.Len(t, plan(t, db, w.Campaign, at, campaign.Limits{}).Reserved, 1)
}
