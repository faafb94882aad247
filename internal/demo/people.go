package demo

import (
	"fmt"
	"math/rand/v2"

	"github.com/google/uuid"
)

// people is what the sample data says may be done, kept apart from the database for the check at the end.
type people struct {
	list      []person          // those that --leads counts, in the order of their invention
	others    []person          // who stands in the org beside them
	zones     map[string]string // number -> where it rings
	forbidden map[string]bool   // numbers that must not ring
	business  uuid.UUID
	agent     uuid.UUID
	campaigns []sampleCampaign
}

// sampleCampaign calls one of the lists that the sync fills.
type sampleCampaign struct {
	id         uuid.UUID
	name, list string
	salesforce string // the Campaign there that its people are members of
	cap        int    // calls a day
}

type place struct {
	code, zone, city, state string
}

var places = []place{
	{"212", "America/New_York", "New York", "NY"}, {"617", "America/New_York", "Boston", "MA"}, {"404", "America/New_York", "Atlanta", "GA"},
	{"312", "America/Chicago", "Chicago", "IL"}, {"214", "America/Chicago", "Dallas", "TX"}, {"612", "America/Chicago", "Minneapolis", "MN"},
	{"303", "America/Denver", "Denver", "CO"}, {"505", "America/Denver", "Albuquerque", "NM"}, {"602", "America/Phoenix", "Phoenix", "AZ"},
	{"213", "America/Los_Angeles", "Los Angeles", "CA"}, {"206", "America/Los_Angeles", "Seattle", "WA"}, {"503", "America/Los_Angeles", "Portland", "OR"},
	{"808", "Pacific/Honolulu", "Honolulu", "HI"}, {"671", "Pacific/Guam", "Hagåtña", "GU"},
}

var (
	firstNames = []string{"Ada", "Ben", "Carla", "Dmitri", "Elena", "Femi", "Grace", "Hiro", "Ines", "Jamal", "Kirsten", "Luis", "Maya", "Noor", "Oscar", "Priya", "Quinn", "Rosa", "Sven", "Tara"}
	lastNames  = []string{"Adams", "Brandt", "Castillo", "Dubois", "Evans", "Fischer", "Garcia", "Hughes", "Ito", "Jensen", "Kowalski", "Lindqvist", "Moreau", "Nguyen", "Okafor", "Petrov", "Reyes", "Silva", "Tanaka", "Walker"}
	ratings    = []string{"Hot", "Warm", "Cold", ""}
)

// Kinds of people: why somebody of the sample can or cannot be called. All of them are records of the org; what
// Salesforce has no field for is added here once they are synced.
const (
	callable       = "callable"
	doNotCall      = "do_not_call" // flagged in Salesforce
	dnc            = "dnc"         // flagged in the app, which Salesforce learns
	suppressed     = "suppressed"  // the number is on the suppression list
	sharesFlagged  = "shares_flagged_number"
	duplicate      = "duplicate" // somebody else of the campaign has the number; one of the two is called
	badPhone       = "bad_phone"
	noZone         = "no_zone"
	usedUp         = "used_up"
	tooSoon        = "too_soon"
	alreadyPledged = "already_pledged"

	household = "household" // beside the people: shares a number, and has opted out in Salesforce
	leaver    = "leaver"    // beside the people: deleted in Salesforce, before the first sync
)

type kind struct {
	name   string
	share  int // of 100
	mayNot bool
}

var personKinds = []kind{
	{callable, 64, false}, {doNotCall, 5, true}, {dnc, 4, true}, {suppressed, 4, true}, {sharesFlagged, 2, true}, {duplicate, 2, false},
	{badPhone, 4, true}, {noZone, 3, true}, {usedUp, 4, true}, {tooSoon, 5, true}, {alreadyPledged, 3, true},
}

// person is one invented record.
type person struct {
	kind, object         string // object is Contact or Lead
	first, last          string
	phone                string // E.164, or what is no number
	rating               string
	place                place
	record               string // its id in the org
	typed                string // the number as somebody typed it in
	mobile, withoutPlace bool
}

// flagged tells whether Salesforce says from the beginning that the person is not to be called.
func (who *person) flagged() bool { return who.kind == doNotCall || who.kind == household }

// invent makes n people and who stands beside them; the same seed gives the same.
func invent(n int, seed int64) *people {
	rng := rand.New(rand.NewPCG(uint64(seed), 0x68656e6b))
	p := &people{zones: map[string]string{}, forbidden: map[string]bool{}, business: newID(rng), agent: newID(rng)}
	p.campaigns = []sampleCampaign{
		{id: newID(rng), name: "Spring appeal", list: "Salesforce Contacts", cap: max(n, 1)},
		// Small, so that its cap holds somebody back.
		{id: newID(rng), name: "Monthly givers", list: "Salesforce Leads", cap: max(n/12, 1)},
	}
	callables := map[string]person{} // the last one of each object
	for i := range n {
		who := p.person(rng, i, pickKind(rng))
		if i%5 == 4 {
			who.object = "Lead"
		}
		twin, found := callables[who.object]
		switch {
		case who.kind == duplicate && found:
			who.phone, who.place = twin.phone, twin.place
			delete(callables, who.object) // two are enough
		case who.kind == duplicate:
			who.kind = callable
			fallthrough
		case who.kind == callable:
			callables[who.object] = who
		case who.kind == sharesFlagged:
			other := who
			other.kind, other.object, other.first = household, "Contact", firstNames[rng.IntN(len(firstNames))]
			p.others = append(p.others, p.enter(rng, other))
		}
		p.list = append(p.list, p.enter(rng, who))
	}
	for i := range (n + 24) / 25 {
		who := p.person(rng, n+i, leaver)
		p.others = append(p.others, p.enter(rng, who))
	}
	return p
}

func newID(rng *rand.Rand) uuid.UUID {
	var id uuid.UUID
	for i := range id {
		id[i] = byte(rng.Uint32())
	}
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return id
}

func pickKind(rng *rand.Rand) string {
	n := rng.IntN(100)
	for _, k := range personKinds {
		if n -= k.share; n < 0 {
			return k.name
		}
	}
	return callable
}

// person makes the i-th. Numbers are of the range kept for fiction while it lasts (555-0100 to 0199).
func (p *people) person(rng *rand.Rand, i int, kind string) person {
	where := places[rng.IntN(len(places))]
	exchange, line := 555, 100+i/len(places)%100
	if round := i / (100 * len(places)); round > 0 {
		exchange, line = 200+round%300, i%10_000
	}
	who := person{kind: kind, object: "Contact", place: where, phone: fmt.Sprintf("+1%s%03d%04d", where.code, exchange, line),
		first: firstNames[rng.IntN(len(firstNames))], last: lastNames[rng.IntN(len(lastNames))], rating: ratings[rng.IntN(len(ratings))]}
	for p.zones[who.phone] != "" { // taken: the next of the same place
		line++
		who.phone = fmt.Sprintf("+1%s%03d%04d", where.code, exchange, line%10_000)
	}
	switch kind {
	case noZone: // a toll-free number says nothing, so the address must not either
		who.phone, who.withoutPlace = fmt.Sprintf("+1800555%04d", i%10_000), true
	case badPhone:
		who.phone = "ask at the office"
	}
	return who
}

// enter notes what may be done, and has somebody type the number in.
func (p *people) enter(rng *rand.Rand, who person) person {
	p.zones[who.phone] = who.place.zone
	if who.kind == leaver {
		p.forbidden[who.phone] = true
	}
	for _, k := range personKinds {
		if k.name == who.kind && k.mayNot {
			p.forbidden[who.phone] = true
		}
	}
	who.typed, who.mobile = spelled(who.phone, rng.IntN(6)), who.kind != badPhone && rng.IntN(6) == 0
	return who
}

// spelled is a North American number in one of the ways people write them.
func spelled(e164 string, way int) string {
	if len(e164) != 12 || e164[:2] != "+1" {
		return e164
	}
	area, exchange, line := e164[2:5], e164[5:8], e164[8:]
	switch way {
	case 0:
		return fmt.Sprintf("(%s) %s-%s", area, exchange, line)
	case 1:
		return fmt.Sprintf("%s-%s-%s", area, exchange, line)
	case 2:
		return fmt.Sprintf("%s.%s.%s", area, exchange, line)
	case 3:
		return fmt.Sprintf("1-%s-%s-%s", area, exchange, line)
	}
	return e164
}
