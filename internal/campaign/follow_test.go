package campaign_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// edits are what the web app, the sync, calls and people do to leads; $1 is the campaign, $2 a number that picks.
var edits = []string{
	"update campaign_leads set status = 'pledged' where campaign_id = $1 and hashtext(id::text || $2) % 9 = 0",
	"update campaign_leads set status = 'contacted', outcome = null where campaign_id = $1 and hashtext(id::text || $2) % 6 = 0",
	"update campaign_leads set attempts = 1, last_attempt_at = null where campaign_id = $1 and hashtext(id::text || $2) % 7 = 0",
	"update campaign_leads set attempts = 0, next_attempt_at = null where campaign_id = $1 and hashtext(id::text || $2) % 6 = 0",
	"delete from campaign_leads where campaign_id = $1 and hashtext(id::text || $2) % 15 = 0",
	"update leads set dnc = false, do_not_call = false where id in (select lead_id from campaign_leads where campaign_id = $1) and hashtext(id::text || $2) % 3 = 0",
	"update leads set dnc = true where id in (select lead_id from campaign_leads where campaign_id = $1) and hashtext(id::text || $2) % 19 = 0",
	"update leads set lead_score = hashtext(id::text || $2) % 4 where id in (select lead_id from campaign_leads where campaign_id = $1)",
	"update leads set quality_rating = 'hot' where id in (select lead_id from campaign_leads where campaign_id = $1) and hashtext(id::text || $2) % 5 = 0",
	`update leads set phone = (select y.phone from leads y join campaign_leads c on c.lead_id = y.id where c.campaign_id = $1 order by hashtext(y.id::text || $2) limit 1)
		where id in (select lead_id from campaign_leads where campaign_id = $1) and hashtext(id::text || $2) % 8 = 0`,
	"update leads set postal_code = '60601' where id in (select lead_id from campaign_leads where campaign_id = $1) and hashtext(id::text || $2) % 6 = 0",
	"update call_attempts set state = 'released' where campaign_id = $1 and state = 'reserved' and hashtext(id::text || $2) % 2 = 0",
	"update call_attempts set state = 'dialing', dialing_at = now() where campaign_id = $1 and state = 'reserved' and coalesce(number_free_at < now(), true) and hashtext(id::text || $2) % 2 = 0",
	"update call_attempts set state = 'placed', ended_at = now() where campaign_id = $1 and state = 'dialing' and hashtext(id::text || $2) % 2 = 0",
	"update call_attempts set in_progress = null where campaign_id = $1 and state = 'placed' and hashtext(id::text || $2) % 2 = 0",
	"update call_attempts set state = 'refused', ended_at = now() where campaign_id = $1 and state = 'dialing' and hashtext(id::text || $2) % 2 = 0",
	`insert into call_attempts (campaign_id, lead_id, attempt_number, scheduled_at, attempted_at, phone_number, state)
		select campaign_id, lead_id, 100 + abs(hashtext(id::text || clock_timestamp()::text)) % 1000000, now(), now() - interval '2 hours', phone_number, 'placed' from call_attempts
		where campaign_id = $1 and hashtext(id::text || $2) % 4 = 0`,
	"delete from call_attempts where campaign_id = $1 and hashtext(id::text || $2) % 6 = 0",
	"delete from henk.suppressions where business_id = (select business_id from campaigns where id = $1) and hashtext(id::text || $2) % 2 = 0",
	"update campaigns set dedupe_by_phone = not dedupe_by_phone where id = $1 and $2 <> ''",
	"update campaigns set max_attempts = 4, disclosure_line = 'An AI calls.' where id = $1 and $2 <> ''",
	"update campaigns set retry_logic = 'after 3 hours' where id = $1 and $2 <> ''",
	`update businesses set settings = '{"calling": {"max_per_number_24h": 1}}' where id = (select business_id from campaigns where id = $1) and $2 <> ''`,
	`update businesses set settings = '{"calling": {"state_pack_exempt": ["IL", "Florida"]}}' where id = (select business_id from campaigns where id = $1) and $2 <> ''`,
}

// Whatever is edited between them, a tick, which judges anew only what changed, picks what a plan on paper picks, which
// judges everything from the facts.
func TestTicksFollowEdits(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	called := 0
	for seed := range uint64(8) {
		rng := rand.New(rand.NewPCG(seed, 8))
		w := invent(t, db, rng)
		// The edits use the database's clock, so the rules' clock stands still beside it at some hour of the American day.
		at := time.Now().UTC().Truncate(24 * time.Hour).Add(time.Duration(15+rng.IntN(10))*time.Hour + 30*time.Second)
		for round := range 6 {
			p, err := campaign.PlanOnPaper(t.Context(), db, w.Campaign, at, campaign.Limits{}, nil)
			require.NoError(t, err)
			tick := plan(t, db, w.Campaign, clock.At(at), campaign.Limits{})
			picked := reservedLeads(t, db, tick)
			for len(picked) < len(p.WouldCall) { // leads that the tick itself found to be held are judged again by the next
				more := reservedLeads(t, db, plan(t, db, w.Campaign, clock.At(at), campaign.Limits{}))
				if len(more) == 0 {
					break
				}
				picked = append(picked, more...)
			}
			require.ElementsMatch(t, plannedLeads(p), picked, "seed %d, round %d", seed, round)
			called += len(picked)
			for range 3 {
				exec(t, db, edits[rng.IntN(len(edits))], w.Campaign, string(rune('a'+rng.IntN(26))))
			}
			at = at.Add(time.Duration(rng.IntN(12)) * time.Hour)
		}
	}
	require.Positive(t, called)
}
