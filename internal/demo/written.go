package demo

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/elevenlabssim"
	"github.com/callhenk/henk-worker/internal/salesforcesim"
)

// WrittenBack is what of the calls stands in Salesforce, counted in the simulated org.
type WrittenBack struct {
	Tasks           int `json:"tasks"`
	DoNotCall       int `json:"do_not_call"` // flags that were not there before
	LeadStatus      int `json:"lead_status"`
	CampaignMembers int `json:"campaign_members"`
	// Missing are calls that were picked up and have no Task about the person, or an empty one, and opt-outs without
	// the flag.
	Missing    int `json:"missing"`
	Duplicates int `json:"duplicates"` // Tasks beyond one a call that was picked up
	Failed     int `json:"failed"`     // writes that were given up
}

// synced counts the records of the org that are leads here.
func (d *Demo) synced(ctx context.Context) (n int, err error) {
	rows, err := d.DB.Query(ctx, "select source_id from leads where source = 'salesforce' and sync_status = 'active'")
	if err != nil {
		return 0, fmt.Errorf("reading the leads of Salesforce: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, fmt.Errorf("reading the leads of Salesforce: %w", err)
	}
	for _, id := range ids {
		if rec, ok := d.org.sim.Get(id); ok && !rec.Deleted {
			n++
		}
	}
	return n, nil
}

// picksUp names the scenarios in which somebody or a machine answers.
var picksUp = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, sc := range elevenlabssim.Scenarios() {
		names[sc.Name] = sc.CallResult == "answered" || sc.CallResult == "voicemail"
	}
	return names
})

// writtenBack counts in the org, against the rings that the provider heard and the opt-outs that stand here.
func (d *Demo) writtenBack(ctx context.Context, rings []elevenlabssim.Ring) (w WrittenBack, err error) {
	tasks, err := d.tasks(&w)
	if err != nil {
		return w, err
	}
	calls := map[string]int{}
	for _, r := range rings {
		if picksUp()[r.Scenario] {
			calls[r.To]++
		}
	}
	w.Missing, w.Duplicates = compare(calls, tasks)
	err = d.org.sim.Each("CampaignMember", func(salesforcesim.Record) bool { w.CampaignMembers++; return true })
	if err != nil {
		return w, err
	}
	if err := d.countRecords(&w); err != nil {
		return w, err
	}
	optOuts, err := d.optOuts(ctx)
	if err != nil {
		return w, err
	}
	for _, id := range optOuts {
		if rec, ok := d.org.sim.Get(id); !ok || rec.Fields["DoNotCall"] != true {
			w.Missing++
		}
	}
	if err := d.DB.QueryRow(ctx, "select count(*) from henk.write_backs where state = 'failed'").Scan(&w.Failed); err != nil {
		return w, fmt.Errorf("counting refused writes: %w", err)
	}
	return w, nil
}

// tasks counts the Tasks that say how a call went, by the number of the person that they are about. Those about nobody of
// the sample are under "".
func (d *Demo) tasks(w *WrittenBack) (map[string]int, error) {
	number, by := map[string]string{}, map[string]int{}
	for i := range len(d.people.list) + len(d.people.others) {
		who := d.people.at(i)
		number[who.record] = who.phone
	}
	err := d.org.sim.Each("Task", func(rec salesforcesim.Record) bool {
		w.Tasks++
		who, _ := rec.Fields["WhoId"].(string)
		if ends, _ := rec.Fields["CallDisposition"].(string); ends != "" {
			by[number[who]]++
		}
		return true
	})
	return by, err
}

// compare holds the Tasks of each number against its calls.
func compare(calls, tasks map[string]int) (missing, duplicates int) {
	for number, n := range calls {
		missing += max(n-tasks[number], 0)
	}
	for number, n := range tasks {
		duplicates += max(n-calls[number], 0)
	}
	return missing, duplicates
}

// countRecords counts what changed of the people's own records.
func (d *Demo) countRecords(w *WrittenBack) error {
	for i := range len(d.people.list) + len(d.people.others) {
		who := d.people.at(i)
		rec, ok := d.org.sim.Get(who.record)
		if !ok {
			return fmt.Errorf("the org lost %s", who.record)
		}
		if rec.Fields["DoNotCall"] == true && !who.flagged() {
			w.DoNotCall++
		}
		if who.object == "Lead" && rec.Fields["Status"] != openStatus {
			w.LeadStatus++
		}
	}
	return nil
}

// optOuts are the records of everybody who is not to be called, by whichever flag.
func (d *Demo) optOuts(ctx context.Context) ([]string, error) {
	rows, err := d.DB.Query(ctx, "select source_id from leads where source = 'salesforce' and sync_status = 'active' and (do_not_call or dnc)")
	if err != nil {
		return nil, fmt.Errorf("reading opt-outs: %w", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("reading opt-outs: %w", err)
	}
	return ids, nil
}
