package campaign_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// says lists what the log says of a lead, oldest first: call, free, or the rule that held.
func says(t *testing.T, db *store.DB, lead uuid.UUID) (out []string) {
	t.Helper()
	rows, err := db.Query(t.Context(), "select coalesce(first_failing, verdict) from henk.decisions where lead_id = $1 order by id", lead)
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var s string
		require.NoError(t, rows.Scan(&s))
		out = append(out, s)
	}
	require.NoError(t, rows.Err())
	return out
}

func count(t *testing.T, db *store.DB, sql string, args ...any) (n int) {
	t.Helper()
	require.NoError(t, db.QueryRow(t.Context(), sql, args...).Scan(&n))
	return n
}

// The log has a row where something changes, and none where nothing does.
func TestLogIsWrittenOnChangeOnly(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, f{"retry_logic": "2 hours", "max_attempts": 3})
	done := storetest.NewLead(t, db, w, f{"cl.status": "pledged", "dnc": true})
	late := storetest.NewLead(t, db, w, f{"cl.attempts": 1, "cl.last_attempt_at": noon.Add(-time.Hour)})
	free := storetest.NewLead(t, db, w, nil)
	one := clock.At(noon)
	plan(t, db, w.Campaign, one, campaign.Limits{})
	require.Equal(t, []string{"lead_status"}, says(t, db, done))
	require.Equal(t, []string{"retry_interval"}, says(t, db, late))
	require.Equal(t, []string{"call"}, says(t, db, free), "that nothing ever held it is not worth a row")
	var failing []string
	require.NoError(t, db.QueryRow(t.Context(), "select failing from henk.decisions where lead_id = $1", done).Scan(&failing))
	require.Equal(t, []string{"lead_status", "do_not_call"}, failing)

	rows := count(t, db, "select count(*) from henk.decisions")
	exec(t, db, "update leads set lead_score = 77 where id = any ($1)", []uuid.UUID{done, late}) // judged again, to the same end
	exec(t, db, "update campaigns set goal_metric = 'pledges'")
	plan(t, db, w.Campaign, one, campaign.Limits{})
	plan(t, db, w.Campaign, one, campaign.Limits{})
	require.Equal(t, rows, count(t, db, "select count(*) from henk.decisions"))

	exec(t, db, "update campaign_leads set status = 'new' where lead_id = $1", done)
	plan(t, db, w.Campaign, one, campaign.Limits{})
	require.Equal(t, []string{"lead_status", "do_not_call"}, says(t, db, done))
	exec(t, db, "update leads set dnc = false where id = $1", done)
	plan(t, db, w.Campaign, clock.At(noon.Add(2*time.Hour)), campaign.Limits{})
	require.Equal(t, []string{"lead_status", "do_not_call", "free", "call"}, says(t, db, done))
	require.Equal(t, []string{"retry_interval", "free", "call"}, says(t, db, late), "it came due")

	// The call is over: what holds the lead now is new, whatever held it before.
	exec(t, db, "update call_attempts set state = 'dialing', dialing_at = $2 where lead_id = $1", late, noon.Add(2*time.Hour))
	exec(t, db, "update campaign_leads set attempts = 2, last_attempt_at = $2 where lead_id = $1", late, noon.Add(2*time.Hour))
	exec(t, db, "update call_attempts set state = 'placed', in_progress = null where lead_id = $1", late)
	plan(t, db, w.Campaign, clock.At(noon.Add(3*time.Hour)), campaign.Limits{})
	require.Equal(t, []string{"retry_interval", "free", "call", "retry_interval"}, says(t, db, late))
	require.Zero(t, count(t, db, "select count(*) from henk.decisions where lead_id is not null and rule_pack = ''"))
	require.Equal(t, count(t, db, "select count(*) from henk.decisions where verdict = 'call'"), count(t, db, `select count(*) from henk.decisions d
		join call_attempts a on a.id = d.attempt_id join henk.decision_settings s on s.digest = d.settings and s.campaign_id = d.campaign_id`))
}

// What holds a whole campaign, or everybody in one place, is one row for all, when it changes.
func TestLogOfACampaignAndItsPlaces(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, f{"daily_call_cap": 1})
	exec(t, db, "update businesses set settings = '{}'")
	for range 3 {
		storetest.NewLead(t, db, w, nil) // Chicago
	}
	wide := func() (out []string) {
		rows, err := db.Query(t.Context(), `select case when zone_set is null then 'all: ' else 'place: ' end || coalesce(first_failing, verdict)
			from henk.decisions where lead_id is null order by id`)
		require.NoError(t, err)
		defer rows.Close()
		for rows.Next() {
			var s string
			require.NoError(t, rows.Scan(&s))
			out = append(out, s)
		}
		return out
	}
	night := noon.Add(-10 * time.Hour)
	plan(t, db, w.Campaign, clock.At(night), campaign.Limits{})
	plan(t, db, w.Campaign, clock.At(night), campaign.Limits{})
	require.Equal(t, []string{"place: call_window"}, wide())
	plan(t, db, w.Campaign, clock.At(noon), campaign.Limits{})
	plan(t, db, w.Campaign, clock.At(noon), campaign.Limits{})
	require.Equal(t, []string{"place: call_window", "all: daily_cap", "place: free"}, wide())
	exec(t, db, "update campaigns set end_date = $1", noon)
	plan(t, db, w.Campaign, clock.At(noon.Add(time.Hour)), campaign.Limits{})
	exec(t, db, "update campaigns set end_date = null, daily_call_cap = 99")
	plan(t, db, w.Campaign, clock.At(noon.Add(time.Hour)), campaign.Limits{})
	require.Equal(t, []string{"place: call_window", "all: daily_cap", "place: free", "all: campaign_dates", "all: free"}, wide())
}

// What the fence decides is in the log, and the lead's next judgement is compared with that.
func TestFenceIsLogged(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	lead := storetest.NewLead(t, db, w, nil)
	tick := plan(t, db, w.Campaign, clock.At(noon), campaign.Limits{})
	exec(t, db, "update leads set dnc = true where id = $1", lead)
	require.Equal(t, "do_not_call", fence(t, db, tick.Reserved, noon.Add(time.Second))[tick.Reserved[0]])
	require.Equal(t, []string{"call", "do_not_call"}, says(t, db, lead))
	plan(t, db, w.Campaign, clock.At(noon.Add(time.Minute)), campaign.Limits{})
	require.Equal(t, []string{"call", "do_not_call"}, says(t, db, lead), "the plan finds what the fence found")
}

// The log agrees with the rules written apart, the explanation with the log, and all of it with itself when judged again.
func TestLogAgreesWithTheRules(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	checked := 0
	for seed := range uint64(12) {
		rng := rand.New(rand.NewPCG(seed, 8))
		w := invent(t, db, rng)
		want := map[uuid.UUID]string{}
		for _, l := range w.leads {
			want[l.id] = w.first(l)
		}
		plan(t, db, w.Campaign, clock.At(w.now), campaign.Limits{})
		for _, l := range w.leads {
			log := says(t, db, l.id)
			e, err := campaign.Explain(t.Context(), db, w.Campaign, l.id, w.now.Add(time.Second), campaign.Limits{})
			require.NoError(t, err)
			require.True(t, e.Log.Agrees == nil || *e.Log.Agrees, "seed %d, lead %+v: %s, log %v, %+v", seed, *l, e.Log.Note, log, e.Rules)
			switch want[l.id] {
			case "call_window":
				require.Contains(t, []string{"", "rolling_cap"}, last(log), "seed %d", seed) // the window itself is logged once for its place
			case "":
				require.Contains(t, []string{"", "call"}, last(log), "seed %d", seed)
			default:
				if want[l.id] == "duplicate_phone" && slices.ContainsFunc(w.calls[l.phone], func(c plainCall) bool { return c.inProgress }) {
					continue // while the number is being called: that passes by itself and is not logged
				}
				require.Equal(t, want[l.id], last(log), "seed %d, lead %+v", seed, *l)
			}
		}
		found, err := campaign.CheckLog(t.Context(), db, time.Time{}, 10_000)
		require.NoError(t, err)
		require.Empty(t, found.Disagreements, "seed %d", seed)
		checked = found.Checked
	}
	require.Greater(t, checked, 100)
}

func last(s []string) string {
	if len(s) == 0 {
		return ""
	}
	return s[len(s)-1]
}

// A decision that does not follow from its inputs is found by the nightly check, and by an explanation of that lead.
func TestPlantedDisagreementsAreFound(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{
		"another rule":    "update henk.decisions set first_failing = 'max_attempts', failing = '{max_attempts}' where lead_id = $1",
		"a rule too many": "update henk.decisions set failing = failing || '{zone_known}' where lead_id = $1",
		"freed":           "update henk.decisions set verdict = 'free', first_failing = null, failing = '{}' where lead_id = $1",
		"another input":   "update henk.decisions set inputs = inputs || '{\"dnc\": false, \"same_number_flagged\": false}' where lead_id = $1",
		"no input":        "update henk.decisions set inputs = '[]' where lead_id = $1",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := storetest.New(t)
			w := storetest.NewWorld(t, db, nil)
			lead := storetest.NewLead(t, db, w, f{"dnc": true})
			for range 3 {
				storetest.NewLead(t, db, w, f{"cl.status": "pledged"})
			}
			plan(t, db, w.Campaign, clock.At(noon), campaign.Limits{})
			found, err := campaign.CheckLog(t.Context(), db, time.Time{}, 100)
			require.NoError(t, err)
			require.Equal(t, 4, found.Checked)
			require.Empty(t, found.Disagreements)

			exec(t, db, sql, lead)
			found, err = campaign.CheckLogNightly(t.Context(), db)
			require.NoError(t, err)
			require.Len(t, found.Disagreements, 1)
			require.Equal(t, lead, found.Disagreements[0].LeadID)
			require.Equal(t, 1, count(t, db, "select disagreements from henk.self_checks where checked = 4 and detail -> 0 ->> 'lead_id' = $1::text", lead.String()))
			again, err := campaign.CheckLogNightly(t.Context(), db)
			require.NoError(t, err)
			require.Nil(t, again, "once a night")
			e, err := campaign.Explain(t.Context(), db, w.Campaign, lead, noon.Add(time.Minute), campaign.Limits{})
			require.NoError(t, err)
			require.NotNil(t, e.Log.Agrees)
			require.False(t, *e.Log.Agrees)
		})
	}
}

// A call whose window was closed, as the pack has it, is found too.
func TestPlantedCallIsFound(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	exec(t, db, "update businesses set settings = '{}'")
	storetest.NewLead(t, db, w, nil)
	plan(t, db, w.Campaign, clock.At(noon), campaign.Limits{})
	found, err := campaign.CheckLog(t.Context(), db, time.Time{}, 100)
	require.NoError(t, err)
	require.Equal(t, 1, found.Checked)
	require.Empty(t, found.Disagreements)
	exec(t, db, "update henk.decisions set at = at - interval '10 hours' where verdict = 'call'")
	found, err = campaign.CheckLog(t.Context(), db, time.Time{}, 100)
	require.NoError(t, err)
	require.Len(t, found.Disagreements, 1)
	require.Equal(t, "call_window", found.Disagreements[0].Judged)
}

// The months of the log have partitions of their own; what came in without one moves into it; old ones are dropped whole.
func TestLogPartitions(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	old := time.Date(2020, 2, 29, 23, 59, 59, 0, time.UTC)
	for _, at := range []time.Time{old, old.Add(time.Second), time.Now().AddDate(0, 1, 0)} {
		exec(t, db, "insert into henk.decisions (logged_at, at, campaign_id, verdict) values ($1, $1, $2, 'free')", at, w.Campaign)
	}
	require.Equal(t, 2, count(t, db, "select count(*) from henk.decisions_rest"))
	exec(t, db, "select henk.make_decision_partition($1)", old)
	exec(t, db, "select henk.make_decision_partition($1)", old)
	require.Equal(t, 1, count(t, db, "select count(*) from henk.decisions_2020_02"))
	require.Equal(t, 1, count(t, db, "select count(*) from henk.decisions_rest"))
	require.Equal(t, 3, count(t, db, "select count(*) from henk.decisions"))
	require.Equal(t, 1, count(t, db, "select henk.drop_decisions('2020-03-01T00:00:00Z')"))
	require.Equal(t, 2, count(t, db, "select count(*) from henk.decisions"))
	require.Equal(t, 0, count(t, db, "select henk.drop_decisions('2020-04-01T00:00:00Z')"))
	require.Equal(t, 1, count(t, db, "select count(*) from henk.decisions"))
}
