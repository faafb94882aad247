package calltime

import (
	"slices"
	"strings"
)

// Hint is what one number of the lead says of where it may be. It converts from phone.Hint.
type Hint struct {
	Source string   // "area_code:423"
	Zones  []string // IANA names
	States []string // postal codes
}

// Evidence is all that may say where a phone is. Texts are as the database has them.
type Evidence struct {
	Numbers       []Hint // of phone and of mobile_phone
	LeadZone      string // leads.timezone
	PostalCode    string
	State         string
	Country       string
	TrustLeadZone bool // setting trust_lead_timezone
}

// Effects of one source on where the phone may be.
const (
	EffectBase    = "may be here"  // a number: all of its zones
	EffectNarrows = "narrows"      // it agrees with the numbers
	EffectAdds    = "adds"         // it contradicts the numbers, so its zones must be open as well
	EffectOnly    = "is the place" // the numbers say nothing, or it is trusted
	EffectState   = "names states" // the lead's time zone is trusted; the rules of these states bind all the same
	EffectIgnored = "not used"     // the lead's time zone is trusted
)

// Finding is what one source said, and what came of it.
type Finding struct {
	Source string   `json:"source"` // area_code:423, timezone:America/Chicago, postal_code:37402, state:TN, library:+44
	Zones  []string `json:"zones"`
	States []string `json:"states,omitempty"`
	Effect string   `json:"effect"`
}

// Columns of leads that could say more, in Location.Unlock.
const (
	UnlockPostalCode = "postal_code"
	UnlockState      = "state"
	UnlockTimezone   = "timezone"
)

// Location is where a phone may be. No zone means that nothing is known: it is not called.
type Location struct {
	Place
	Evidence []Finding
	Notes    []string // what could not be read, a sentence each
	Explicit bool     // the zones were named by the lead's own record, not only by its numbers
	Unlock   []string // columns that are empty or unread and could make the calling day longer, the best first
}

// Reason says in one sentence where the phone may be.
func (l Location) Reason() string {
	clocks := oneOfEachClock(l.Zones)
	switch {
	case len(l.Zones) == 0:
		return "nothing says where the phone is; a postal code, a state or a time zone such as America/Chicago would"
	case len(clocks) == 1 && l.Explicit:
		return "the lead's own record says " + clocks[0]
	case len(clocks) == 1:
		return "the phone is in " + clocks[0]
	case len(l.Unlock) > 0:
		return "the phone may be in " + named(l.Zones) + "; " + strings.Join(l.Unlock, " or ") + " could tell"
	}
	return "the phone may be in " + named(l.Zones)
}

// Sources lists the evidence for the inputs of an explanation: ["area_code:423", "postal_code:37402"].
func (l Location) Sources() []string {
	sources := make([]string, len(l.Evidence))
	for i, f := range l.Evidence {
		sources[i] = f.Source
	}
	return sources
}

// Locate weighs the evidence. The phone may be in every zone of its numbers. A time zone or postal code that names some
// of these narrows to them, and so does a state; what names none of them, or another state with zones of its own, is
// added: all must be open. Where the record's own data agree with each other they narrow each other first, where they
// do not, all count. TrustLeadZone makes the lead's time zone the only one. Zones are compared by what their clocks show,
// since several names can mean the same. States only ever add up: the rules of each of them bind.
func Locate(e Evidence) Location {
	var l Location
	zone, named, note := LeadZone(e.LeadZone)
	if note != "" {
		l.Notes = append(l.Notes, note)
	}
	addr := readAddress(e.PostalCode, e.State, e.Country)
	l.Notes = append(l.Notes, addr.notes...)
	trusted := named && e.TrustLeadZone

	var base Place
	l.Evidence = make([]Finding, 0, len(e.Numbers)+3)
	for _, h := range e.Numbers {
		if len(h.Zones) == 0 {
			continue
		}
		base.Zones, base.States = union(base.Zones, h.Zones), union(base.States, h.States)
		l.Evidence = append(l.Evidence, Finding{Source: h.Source, Zones: h.Zones, States: h.States, Effect: EffectBase})
	}
	record := addr.findings()
	if named {
		record = slices.Insert(record, 0, Finding{Source: "timezone:" + zone, Zones: []string{zone}})
	}
	l.Evidence = append(l.Evidence, record...)
	for _, f := range l.Evidence {
		l.States = union(l.States, f.States)
	}
	l.States = slices.Clone(l.States)
	switch {
	case trusted:
		l.Zones, l.Explicit = []string{zone}, true
		trust(l.Evidence, "timezone:"+zone)
	default:
		record = l.Evidence[len(l.Evidence)-len(record):]
		l.Zones, l.Explicit = weigh(base, record), len(record) > 0
	}
	l.Unlock = unlock(l.Zones, named, addr)
	return l
}

// findings are what the address says, the narrowest first.
func (a address) findings() (found []Finding) {
	if a.postalKey != "" {
		f := Finding{Source: "postal_code:" + a.postalKey, Zones: a.postal.zones, States: a.postal.states}
		if slices.Contains(f.States, a.stateKey) {
			f.States = a.state.states // a prefix that spans states
		}
		found = append(found, f)
	}
	if a.stateKey != "" {
		found = append(found, Finding{Source: "state:" + a.stateKey, Zones: a.state.zones, States: a.state.states})
	}
	return found
}

// trust notes that only one source decides the zone.
func trust(found []Finding, source string) {
	for i := range found {
		switch {
		case found[i].Source == source:
			found[i].Effect = EffectOnly
		case found[i].States != nil:
			found[i].Effect = EffectState
		default:
			found[i].Effect = EffectIgnored
		}
	}
}

// claim is a place that data of the lead's record agree on.
type claim struct {
	Place
	from []int // indexes of the findings
}

// weigh sets the effect of each finding and returns the zones that remain, sorted. base is what the numbers say.
func weigh(base Place, record []Finding) []string {
	var narrowed, added []string
	for _, c := range claims(record) {
		effect := EffectAdds
		common := withClockOf(base.Zones, c.Zones)
		switch {
		case base.Zones == nil:
			effect = EffectOnly
			added = union(added, c.Zones)
		case len(c.Zones) == 1 && common != nil:
			effect = EffectNarrows
			narrowed = union(narrowed, c.Zones) // by the name the record gives it
		case common != nil && (len(withClockOf(c.Zones, base.Zones)) == len(c.Zones) || intersect(c.States, base.States)):
			effect = EffectNarrows
			narrowed = union(narrowed, common)
		default:
			added = union(added, c.Zones)
		}
		for _, i := range c.from {
			record[i].Effect = effect
		}
	}
	if narrowed == nil {
		narrowed = base.Zones
	}
	zones := slices.Clone(union(narrowed, added))
	slices.Sort(zones)
	return zones
}

// claims joins the findings that can all be true of one place.
func claims(record []Finding) []claim {
	var all []claim
	for i, f := range record {
		agreed := false
		for j := range all {
			elsewhere := f.States != nil && all[j].States != nil && !intersect(all[j].States, f.States)
			if common := withClockOf(all[j].Zones, f.Zones); common != nil && !elsewhere {
				all[j].Zones, all[j].States, agreed = common, union(all[j].States, f.States), true
				all[j].from = append(all[j].from, i)
			}
		}
		if !agreed {
			all = append(all, claim{Place{f.Zones, f.States}, []int{i}})
		}
	}
	return all
}

func intersect(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// unlock lists what could be filled in where nothing is known or more than one clock is.
func unlock(zones []string, leadZone bool, a address) []string {
	if len(oneOfEachClock(zones)) == 1 {
		return nil
	}
	var missing []string
	if a.postalKey == "" {
		missing = append(missing, UnlockPostalCode)
	}
	if !leadZone {
		missing = append(missing, UnlockTimezone)
	}
	if len(zones) == 0 {
		missing = append(missing, UnlockState)
	}
	return missing
}
