package demo

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/crm"
	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/salesforcesim"
)

const (
	orgClient  = "3MVG_demo_of_the_simulator"
	orgSecret  = "demo-secret-of-the-simulator"
	orgRefresh = "5Aep_demo_of_the_simulator"
)

// org is the simulated Salesforce. Its clock stands in the past while the sample data is typed in, and then is the
// demo's own.
type org struct {
	sim    *salesforcesim.Sim
	typing atomic.Pointer[time.Time]
	clock  clock.Clock
}

func newOrg(seed int64, c clock.Clock) *org {
	o := &org{clock: c}
	o.sim = salesforcesim.New(salesforcesim.Options{Seed: seed, ClientID: orgClient, ClientSecret: orgSecret, RefreshToken: orgRefresh,
		Rotate: true, Clock: o.now})
	return o
}

func (o *org) now() time.Time {
	if at := o.typing.Load(); at != nil {
		return *at
	}
	return o.clock.Local()
}

// config is how a worker connects to it.
func (o *org) config(address string) crm.Config {
	return crm.Config{ClientID: orgClient, ClientSecret: salesforce.NewSecret(orgSecret), LoginURL: address}
}

// fill types the people in, spread over the last two years, and notes the ids of their records.
func (o *org) fill(p *people) error {
	end := o.clock.Local().Add(-24 * time.Hour)
	begin, total := end.AddDate(-2, 0, 0), len(p.list)+len(p.others)
	o.typing.Store(&begin)
	defer o.typing.Store(nil)
	accounts, err := o.accounts()
	if err != nil {
		return err
	}
	for i := range total {
		at := begin.Add(end.Sub(begin) / time.Duration(total+1) * time.Duration(i+1))
		o.typing.Store(&at)
		who := p.at(i)
		if who.record, err = o.sim.Create(who.object, who.fields(i, accounts)); err != nil {
			return err
		}
		if who.kind == leaver {
			if err := o.sim.Delete(who.record); err != nil {
				return err
			}
		}
	}
	return o.campaigns(p)
}

// at is the i-th of the people and those beside them, who are spread among them.
func (p *people) at(i int) *person {
	if i < len(p.list) {
		return &p.list[i]
	}
	return &p.others[i-len(p.list)]
}

// accounts are households of each rating: Contacts have none of their own.
func (o *org) accounts() (map[string]string, error) {
	ids := map[string]string{}
	for _, rating := range ratings {
		fields := map[string]any{"Name": strings.TrimSpace(rating + " households"), "Type": "Household"}
		if rating != "" {
			fields["Rating"] = rating
		}
		id, err := o.sim.Create("Account", fields)
		if err != nil {
			return nil, err
		}
		ids[rating] = id
	}
	return ids, nil
}

// fields is the person as Salesforce holds it.
func (who *person) fields(i int, accounts map[string]string) map[string]any {
	f := map[string]any{"FirstName": who.first, "LastName": who.last, "DoNotCall": who.flagged(),
		"Email": fmt.Sprintf("%s.%s%d@example.org", strings.ToLower(who.first), strings.ToLower(who.last), i)}
	address := "Mailing"
	if who.object == "Lead" {
		address, f["Company"], f["Rating"] = "", who.last+" household", who.rating
	} else {
		f["AccountId"] = accounts[who.rating]
	}
	if !who.withoutPlace {
		f[address+"City"], f[address+"State"], f[address+"Country"] = who.place.city, who.place.state, "US"
	}
	if who.mobile {
		f["MobilePhone"] = who.typed
	} else {
		f["Phone"] = who.typed
	}
	return f
}

// campaigns finds the Campaigns of the org for the campaigns here.
func (o *org) campaigns(p *people) error {
	var ids []string
	err := o.sim.Each("Campaign", func(rec salesforcesim.Record) bool {
		ids = append(ids, rec.ID)
		return true
	})
	if err != nil {
		return err
	}
	if len(ids) < len(p.campaigns) {
		return fmt.Errorf("the org has %d Campaigns, and %d are wanted", len(ids), len(p.campaigns))
	}
	for i := range p.campaigns {
		p.campaigns[i].salesforce = ids[i]
	}
	return nil
}

// integrationConfig enables what the demo shows: a rating of Contacts that comes from their Account, and write-back.
func (p *people) integrationConfig() map[string]any {
	campaigns := map[string]string{}
	for _, c := range p.campaigns {
		campaigns[c.id.String()] = c.salesforce
	}
	return map[string]any{
		"env": "production", "syncEnabled": true,
		"mapping": map[string]any{"Contact": map[string]any{"rating": "Account.Rating"}},
		"writeBack": map[string]any{
			"enabled": true, "campaigns": campaigns,
			"leadStatus": map[string]string{"pledged": workingStatus, "donated": workingStatus, "interested": workingStatus, "callback_requested": workingStatus,
				"not_interested": closedStatus, "do_not_call": closedStatus, "wrong_number": closedStatus},
			"memberStatus": map[string]string{"pledged": "Pledged", "donated": "Responded", "interested": "Responded", "not_interested": "Refused", "do_not_call": "Refused"},
		},
	}
}

// Statuses of Leads in the org. Those of the sample begin with the first.
const (
	openStatus    = "Open - Not Contacted"
	workingStatus = "Working - Contacted"
	closedStatus  = "Closed - Not Converted"
)
