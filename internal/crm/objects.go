package crm

import (
	"slices"
	"sort"
)

// Names of lists and of leads.source; the web app knows them.
const (
	Source     = "salesforce"
	ListSource = "salesforce_sync"
)

// object is what is synced of one Salesforce object.
type object struct {
	name     string
	prefix   string // of its ids
	list     string // whose members its records are
	fields   map[string][]string
	metadata []meta
}

// meta is a key of leads.source_metadata and the field it comes from.
type meta struct{ key, field string }

// column is a text column of leads that a field can fill.
type column struct {
	name   string
	length int // characters; 0: any
}

var columns = []column{
	{"first_name", 255}, {"last_name", 255}, {"email", 255}, {"phone", 50}, {"mobile_phone", 50}, {"street", 0}, {"city", 100},
	{"state", 100}, {"postal_code", 20}, {"country", 100}, {"company", 255}, {"title", 255}, {"department", 255},
	{"lead_source", 100}, {"description", 0}, {"owner_id", 255}, {"timezone", 100}, {"preferred_language", 50},
}

// What else can be mapped.
const (
	mapNoCall  = "do_not_call"
	mapNoEmail = "email_opt_out"
	mapRating  = "rating"
)

func mappable() []string {
	names := []string{mapNoCall, mapNoEmail, mapRating}
	for _, c := range columns {
		names = append(names, c.name)
	}
	return names
}

var objects = map[string]*object{
	"Contact": {name: "Contact", prefix: "003", list: "Salesforce Contacts",
		fields: map[string][]string{
			"first_name": {"FirstName"}, "last_name": {"LastName"}, "email": {"Email"}, "phone": {"Phone"}, "mobile_phone": {"MobilePhone"},
			"street": {"MailingStreet"}, "city": {"MailingCity"}, "state": {"MailingState"}, "postal_code": {"MailingPostalCode"},
			"country": {"MailingCountry"}, "company": {"Account.Name"}, "title": {"Title"}, "department": {"Department"},
			"lead_source": {"LeadSource"}, "description": {"Description"}, "owner_id": {"OwnerId"},
			mapNoCall: {"DoNotCall"}, mapNoEmail: {"HasOptedOutOfEmail"},
		},
		metadata: []meta{{"account_id", "AccountId"}, {"person_account", "IsPersonAccount"}}},
	"Lead": {name: "Lead", prefix: "00Q", list: "Salesforce Leads",
		fields: map[string][]string{
			"first_name": {"FirstName"}, "last_name": {"LastName"}, "email": {"Email"}, "phone": {"Phone"}, "mobile_phone": {"MobilePhone"},
			"street": {"Street"}, "city": {"City"}, "state": {"State"}, "postal_code": {"PostalCode"}, "country": {"Country"},
			"company": {"Company"}, "title": {"Title"}, "lead_source": {"LeadSource"}, "description": {"Description"}, "owner_id": {"OwnerId"},
			mapNoCall: {"DoNotCall"}, mapNoEmail: {"HasOptedOutOfEmail"}, mapRating: {"Rating"},
		},
		metadata: []meta{{"status", "Status"}, {"industry", "Industry"}, {"rating", "Rating"}, {"converted_contact_id", "ConvertedContactId"}}},
}

// Objects lists the objects that are synced, in the order in which they are: a Contact is there before the Lead that
// became it.
func Objects() []string {
	names := make([]string, 0, len(objects))
	for name := range objects {
		names = append(names, name)
	}
	sort.Strings(names)
	return slices.Clip(names)
}
