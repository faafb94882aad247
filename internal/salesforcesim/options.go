package salesforcesim

import (
	"cmp"
	"crypto/rsa"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Options configures a Sim. The zero value is an empty org that lets nobody in.
type Options struct {
	Seed            int64
	Contacts, Leads int  // generated records; there is an Account for every three Contacts
	Ties            int  // so many Contacts, and so many Leads, have one SystemModstamp
	PersonAccounts  bool // one Contact in eleven is the shadow of a person account
	TaskExternalID  bool // Task has Dialer_Call_Id__c, an External ID

	ClientID, ClientSecret string
	RefreshToken           string // of the first connection
	Username, Password     string // of the password grant and SOAP login; unset: both are refused
	JWTKey                 *rsa.PublicKey
	Rotate                 bool     // every refresh gives a new refresh token; using an old one revokes the whole family
	Hidden                 []string // fields that the first connection's user does not see, such as Contact.DoNotCall
	Connections            []Connection

	InstanceURL string        // in token answers; unset: the host that was asked
	SessionTTL  time.Duration // from an access token's last use; 0 = 2 hours
	LocatorTTL  time.Duration // 0 = 2 days
	DailyLimit  int           // API requests; 0 = 100,000
	AppName     string        // adds a per-app part to Sforce-Limit-Info
	BulkDelay   time.Duration // from a Bulk job's creation to its end, by the clock
	PlainBodies bool          // load tests: no gzip, whatever the client accepts
	// Oldest and Newest are the stamps of the generated records; unset: two years up to January 2026, or up to the clock if that is earlier.
	Oldest, Newest time.Time
	Clock          func() time.Time
	Faults         Faults
}

// Connection is another user's grant, with that user's view of the fields.
type Connection struct {
	RefreshToken string
	Hidden       []string // Object.Field
}

// MaxRecords is the most generated records of one object.
const MaxRecords = 5_000_000

// SampleOrg is an org of so many records for Options: three Contacts for every Lead.
func SampleOrg(records int) (contacts, leads int) { return records - records/4, records / 4 }

// Sim is the simulator. It is an http.Handler and safe for concurrent use.
type Sim struct {
	opt    Options
	faults faultState
	counts counts

	mu      sync.Mutex
	now     view // the live tables; guarded by mu, as all below
	grants  grants
	cursors cursors
	jobs    map[string]*bulkJob
	jobSeq  uint64
	ingests map[string]*ingestJob
	absent  hiddenFields // fields that the org does not have
	schema  time.Time    // last change of what somebody sees
	ledger  ledger
	writing int64 // the stamp of a transaction that is being committed; 0 = now
	pending []pendingTx
}

// New returns a simulator. It panics on options that cannot be, which is a programming error: text from outside goes through
// ParseFaults and ParseField.
func New(opt Options) *Sim {
	if opt.Clock == nil {
		opt.Clock = time.Now
	}
	if opt.Contacts < 0 || opt.Leads < 0 || opt.Contacts > MaxRecords || opt.Leads > MaxRecords {
		panic("salesforcesim: an object has 0 to 5000000 records")
	}
	opt.SessionTTL = cmp.Or(opt.SessionTTL, 2*time.Hour)
	opt.LocatorTTL = cmp.Or(opt.LocatorTTL, 48*time.Hour)
	opt.DailyLimit = cmp.Or(opt.DailyLimit, 100_000)
	if opt.Newest.IsZero() {
		opt.Newest = time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
		if last := opt.Clock().Add(-time.Hour); opt.Newest.After(last) {
			opt.Newest = last
		}
	}
	if opt.Oldest.IsZero() {
		opt.Oldest = opt.Newest.AddDate(-2, 0, 0)
	}
	s := &Sim{opt: opt, schema: opt.Clock()}
	s.fill()
	s.absent = hiddenFields{}
	if !opt.PersonAccounts {
		s.absent.add(contactObject, cPerson)
		s.absent.add(accountObject, aPerson)
		s.absent.add(accountObject, aNoCall)
		s.absent.add(accountObject, aPersonMobile)
	}
	if !opt.TaskExternalID {
		s.absent.add(taskObject, tExternal)
	}
	s.grants = newGrants(s)
	s.SetFaults(opt.Faults)
	return s
}

// fill makes the org as it is before anybody touches it.
func (s *Sim) fill() {
	contacts := newGenerator(contactObject, &s.opt, s.opt.Contacts)
	leads := newGenerator(leadObject, &s.opt, s.opt.Leads)
	accounts := newGenerator(accountObject, &s.opt, (s.opt.Contacts+2)/3)
	contacts.accounts, accounts.contacts = accounts, contacts
	leads.contacts, leads.accounts, leads.phones = contacts, accounts, uint64(s.opt.Contacts)
	s.now = view{}
	for _, o := range objects {
		g := &generator{o: o}
		switch o {
		case contactObject:
			g = contacts
		case leadObject:
			g = leads
		case accountObject:
			g = accounts
		}
		s.now[o.code] = newTable(o, g)
	}
	s.jobs, s.ingests, s.cursors = map[string]*bulkJob{}, map[string]*ingestJob{}, cursors{open: map[string]*cursor{}}
	s.ledger = ledger{}
	stamp := s.opt.Oldest.Unix()
	s.seed(userObject, stamp, text("integration@sample.example.org"), text("Integration User"), text("User"), text("integration@sample.example.org"), boolean(true))
	s.seed(organizationObject, stamp, text("Sample Charity"), text("Developer Edition"), boolean(false), text("SIM1"))
	for i, name := range leadStatuses {
		s.seed(leadStatusObject, stamp, text(name), text(name), boolean(i == closedConverted), boolean(i == 0), number(float64(i+1)))
	}
	for _, name := range []string{"Spring Appeal", "Year-End Drive"} {
		id := s.seed(campaignObject, stamp, text(name), text("Telemarketing"), text("In Progress"), boolean(true), systemUser)
		for i, status := range memberStatuses {
			s.seed(memberStatusObject, stamp, text(id), text(status), boolean(i > 0), boolean(i == 0), number(float64(i+1)))
		}
	}
}

// seed creates a record of the org's set-up, with the object's own fields in their order.
func (s *Sim) seed(o *object, stamp int64, vals ...value) string {
	t := s.now.of(o)
	rec := &record{number: t.next, stamp: stamp, base: -1}
	t.next++
	rec.changes = born(stamp)
	for i, v := range vals {
		rec.changes = append(rec.changes, change{fOwn + i, v})
	}
	t.put(rec)
	return makeID(o.prefix, rec.number)
}

// born are the system fields of a new record.
func born(stamp int64) []change {
	return []change{{fCreated, timeOf(stamp)}, {fCreatedBy, systemUser}, {fModified, timeOf(stamp)}, {fModifiedBy, systemUser}}
}

// hiddenFields are fields that somebody does not see.
type hiddenFields map[*object]mask

func (h *hiddenFields) has(o *object, f int) bool { return h != nil && (*h)[o].has(f) }

func (h hiddenFields) add(o *object, f int) { h[o] = with(h[o], f) }

// ParseField checks a name such as Contact.DoNotCall.
func ParseField(name string) error {
	_, _, err := fieldNamed(name)
	return err
}

func fieldNamed(name string) (*object, int, error) {
	object, fieldName, _ := strings.Cut(name, ".")
	if o := objectNamed(object); o != nil {
		if f, ok := o.byName[strings.ToLower(fieldName)]; ok && f >= fOwn {
			return o, f, nil
		}
	}
	return nil, 0, fmt.Errorf("%q is no field of the simulated org; write Object.Field, such as Contact.DoNotCall", name)
}
