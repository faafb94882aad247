package demo

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/elevenlabssim"
	"github.com/callhenk/henk-worker/internal/phone"
)

func sample(t *testing.T, n int) (*people, *org) {
	t.Helper()
	p, o := invent(n, 7), newOrg(7, clock.Clock{})
	require.NoError(t, o.fill(p))
	return p, o
}

func TestInvent(t *testing.T) {
	t.Parallel()
	p := invent(2000, 7)
	require.Equal(t, p, invent(2000, 7), "by seed")
	require.NotEqual(t, p.list, invent(2000, 8).list)
	require.Len(t, p.list, 2000)
	kinds, holders := map[string]int{}, map[string][]string{}
	for i := range len(p.list) + len(p.others) {
		who := p.at(i)
		kinds[who.kind]++
		holders[who.phone] = append(holders[who.phone], who.kind)
		if who.kind != badPhone && who.kind != noZone {
			n, err := phone.Parse(who.typed, phone.DefaultCountries())
			require.NoError(t, err, who.typed)
			require.Equal(t, who.phone, n.E164)
		}
	}
	for _, k := range personKinds {
		require.Positive(t, kinds[k.name], k.name)
	}
	require.Equal(t, kinds[sharesFlagged], kinds[household])
	require.Equal(t, 80, kinds[leaver])
	for number, kinds := range holders {
		switch {
		case len(kinds) == 1 || kinds[0] == badPhone || kinds[0] == noZone:
		case kinds[1] == household:
			require.Equal(t, []string{sharesFlagged, household}, kinds)
			require.True(t, p.forbidden[number])
		default:
			require.Equal(t, []string{callable, duplicate}, kinds, number)
			require.False(t, p.forbidden[number])
		}
	}
}

func TestOrgHoldsThePeople(t *testing.T) {
	t.Parallel()
	p, o := sample(t, 200)
	var live int
	for _, object := range []string{"Contact", "Lead"} {
		all, deleted, err := o.sim.Count(object)
		require.NoError(t, err)
		live += all - deleted
	}
	require.Equal(t, p.live(), live)
	stamps := map[time.Time]bool{}
	for i := range len(p.list) + len(p.others) {
		who := p.at(i)
		rec, ok := o.sim.Get(who.record)
		require.True(t, ok)
		require.Equal(t, who.kind == leaver, rec.Deleted)
		require.Equal(t, who.flagged(), rec.Fields["DoNotCall"])
		require.Less(t, rec.Stamp, time.Now().Add(-time.Hour), "older than the sync's margin")
		stamps[rec.Stamp] = true
	}
	require.Greater(t, len(stamps), 200)
	require.NotEqual(t, p.campaigns[0].salesforce, p.campaigns[1].salesforce)
}

// What the demo is judged by must be able to fail.
func TestJudge(t *testing.T) {
	t.Parallel()
	p := invent(100, 7)
	of := func(kind string) person {
		for _, who := range p.list {
			if who.kind == kind && strings.HasPrefix(who.place.zone, "America/") {
				return who
			}
		}
		t.Fatal("nobody is " + kind)
		return person{}
	}
	noon := weekdayNoon(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	ring := func(change func(*elevenlabssim.Ring)) elevenlabssim.Ring {
		r := elevenlabssim.Ring{ConversationID: "c", AttemptID: "a", CampaignID: p.campaigns[0].id.String(), To: of(callable).phone, At: noon}
		if change != nil {
			change(&r)
		}
		return r
	}
	finished := map[string]bool{"c": true}
	for name, c := range map[string]struct {
		rings []elevenlabssim.Ring
		want  Violations
	}{
		"a call":         {[]elevenlabssim.Ring{ring(nil)}, Violations{}},
		"the same twice": {[]elevenlabssim.Ring{ring(nil), ring(func(r *elevenlabssim.Ring) { r.AttemptID = "b" })}, Violations{DoubleDials: 1}},
		"flagged":        {[]elevenlabssim.Ring{ring(func(r *elevenlabssim.Ring) { r.To = of(doNotCall).phone })}, Violations{DNCCalls: 1}},
		"suppressed":     {[]elevenlabssim.Ring{ring(func(r *elevenlabssim.Ring) { r.To = of(suppressed).phone })}, Violations{DNCCalls: 1}},
		"at night":       {[]elevenlabssim.Ring{ring(func(r *elevenlabssim.Ring) { r.At = noon.Add(12 * time.Hour) })}, Violations{OutsideWindow: 1}},
		"no outcome":     {[]elevenlabssim.Ring{ring(func(r *elevenlabssim.Ring) { r.ConversationID = "d" })}, Violations{Lost: 1}},
		"no campaign":    {[]elevenlabssim.Ring{ring(func(r *elevenlabssim.Ring) { r.CampaignID = "" })}, Violations{OverCap: 1}},
	} {
		require.Equal(t, c.want, p.judge(c.rings, finished), name)
	}
	deleted := p.others[len(p.others)-1]
	require.Equal(t, leaver, deleted.kind)
	require.Equal(t, 1, p.judge([]elevenlabssim.Ring{ring(func(r *elevenlabssim.Ring) { r.To = deleted.phone })}, finished).DNCCalls)
}

func TestCallsHeldAgainstTasks(t *testing.T) {
	t.Parallel()
	p, o := sample(t, 40)
	d := &Demo{people: p, org: o}
	called := p.list[0]
	d.task(t, called.record, "Pledged")
	tasks, err := d.tasks(&WrittenBack{})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		calls               map[string]int
		missing, duplicates int
	}{
		"one for a call":         {map[string]int{called.phone: 1}, 0, 0},
		"a call without":         {map[string]int{called.phone: 1, p.list[1].phone: 1}, 1, 0},
		"a Task without a call":  {map[string]int{}, 0, 1},
		"about somebody else":    {map[string]int{p.list[1].phone: 1}, 1, 1},
		"two calls and one Task": {map[string]int{called.phone: 2}, 1, 0},
	} {
		missing, duplicates := compare(c.calls, tasks)
		require.Equal(t, []int{c.missing, c.duplicates}, []int{missing, duplicates}, name)
	}
	d.task(t, p.list[2].record, "")
	w := WrittenBack{}
	tasks, err = d.tasks(&w)
	require.NoError(t, err)
	require.Equal(t, 2, w.Tasks)
	missing, _ := compare(map[string]int{called.phone: 1, p.list[2].phone: 1}, tasks)
	require.Equal(t, 1, missing, "a Task that says nothing is none")
}

func (d *Demo) task(t *testing.T, who, disposition string) {
	t.Helper()
	fields := map[string]any{"WhoId": who, "Subject": "Call"}
	if disposition != "" {
		fields["CallDisposition"] = disposition
	}
	_, err := d.org.sim.Create("Task", fields)
	require.NoError(t, err)
}

func TestRecordsThatChanged(t *testing.T) {
	t.Parallel()
	p, o := sample(t, 40)
	d, w := &Demo{people: p, org: o}, WrittenBack{}
	require.NoError(t, d.countRecords(&w))
	require.Equal(t, WrittenBack{}, w)
	for _, who := range p.list {
		if who.object == "Lead" && !who.flagged() {
			require.NoError(t, o.sim.Update(who.record, map[string]any{"Status": closedStatus, "DoNotCall": true}))
			break
		}
	}
	require.NoError(t, d.countRecords(&w))
	require.Equal(t, WrittenBack{DoNotCall: 1, LeadStatus: 1}, w)
}

func TestProblems(t *testing.T) {
	t.Parallel()
	good := Summary{LeadsSynced: 10, CallsPlaced: 3, WrittenBack: WrittenBack{Tasks: 2}}
	require.Empty(t, good.problems(10))
	for want, change := range map[string]func(*Summary){
		"an invariant was violated":                     func(s *Summary) { s.Violations.OverCap = 1 },
		"nobody was called":                             func(s *Summary) { s.CallsPlaced = 0 },
		"9 of the 10 records":                           func(s *Summary) { s.LeadsSynced = 9 },
		"1 calls or opt-outs are missing in Salesforce": func(s *Summary) { s.WrittenBack.Missing = 1 },
		"more than once":                                func(s *Summary) { s.WrittenBack.Duplicates = 1 },
		"refused 1":                                     func(s *Summary) { s.WrittenBack.Failed = 1 },
	} {
		bad := good
		change(&bad)
		list := bad.problems(10)
		require.Len(t, list, 1, want)
		require.Contains(t, list[0], want)
	}
}
