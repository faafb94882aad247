package elevenlabs

import (
	"regexp"
	"strings"
)

// Whose fault a refusal is decides what is spent: the lead's fault spends one of
// the lead's attempts, so the campaign goes on; the agent's fault is shown on the
// campaign, since every other lead would meet it too.
//
// The provider has no field for it. Read in this order:
//
//  1. the location of a validation error: agent_id, agent_phone_number_id ->
//     agent; to_number -> lead;
//  2. a code of the provider: invalid_provider_config and the like -> agent;
//  3. a Twilio error code quoted in the text (Twilio's REST errors are passed
//     through): of the To number -> lead, of the From number or account -> agent;
//  4. words: those about the From number, credentials or the agent -> agent,
//     before those about the To number -> lead, as "the From number is not a
//     valid phone number" must not blame the lead;
//  5. unknown: inside a 200 success:false -> lead, so progress is guaranteed;
//     inside a 400 or 422 -> agent, as our request was wrong.

// Codes of https://www.twilio.com/docs/api/errors.
var twilioFault = map[string]Fault{
	"21202": FaultLead,  // To number is a premium number
	"21203": FaultLead,  // international calls not enabled, for this To number
	"21211": FaultLead,  // invalid To number
	"21214": FaultLead,  // To number cannot be reached
	"21215": FaultLead,  // no geographic permission for this To number
	"21216": FaultLead,  // not allowed to call this To number
	"21217": FaultLead,  // number does not appear to be valid
	"21219": FaultLead,  // To number not verified (trial account)
	"21610": FaultLead,  // recipient unsubscribed
	"13223": FaultLead,  // dial: invalid phone number format
	"13224": FaultLead,  // dial: invalid phone number
	"13225": FaultLead,  // dial: forbidden phone number
	"13226": FaultLead,  // dial: invalid country code
	"13227": FaultLead,  // dial: no international authorization
	"20003": FaultAgent, // authenticate
	"20005": FaultAgent, // account not active
	"20404": FaultAgent, // resource not found
	"21201": FaultAgent, // no To number given
	"21205": FaultAgent, // invalid URL
	"21210": FaultAgent, // From number not verified
	"21212": FaultAgent, // invalid From number
	"21213": FaultAgent, // From number required
}

var (
	twilioCode = regexp.MustCompile(`(?:^|[^0-9+])([12][0-9]{4})(?:$|[^0-9])`)

	aboutAgent = regexp.MustCompile(`(?i)['"]from['"]|\bfrom (?:phone )?number|\bfrom_number|caller[ _-]?id|source phone number|` +
		`authenticat|credential|auth token|account sid|provider.config|agent_phone_number|phone[ _]number[ _]id|\bagent\b|\bagent_id|` +
		`http 401|account (?:is |has been )?(?:suspended|blocked|closed|not active)|insufficient (?:funds|balance)`)

	aboutLead = regexp.MustCompile(`(?i)['"]to['"]|\bto[ _](?:phone )?number|to_number|not a valid phone number|invalid phone number|` +
		`not appear to be valid|unverified|cannot be reached|unreachable|unsubscribed|block ?list|blacklist|\bblocked\b|` +
		`international permission|not (?:authorized|allowed) to call|invalid destination|do not (?:call|originate)`)
)

// faultOfError judges a 400 or 422.
func faultOfError(parsed errorBody) Fault {
	locs := strings.Join(parsed.locs, " ")
	switch {
	case strings.Contains(locs, "agent_id"), strings.Contains(locs, "agent_phone_number_id"):
		return FaultAgent
	case strings.Contains(locs, "to_number"):
		return FaultLead
	case strings.Contains(parsed.code+" "+parsed.status, "provider_config"):
		return FaultAgent
	}
	return faultOfText(parsed.message, FaultAgent)
}

// faultOfText judges a text, raw as the provider sent it.
func faultOfText(text string, unknown Fault) Fault {
	for _, found := range twilioCode.FindAllStringSubmatch(text, -1) {
		if fault, ok := twilioFault[found[1]]; ok {
			return fault
		}
	}
	switch {
	case aboutAgent.MatchString(text):
		return FaultAgent
	case aboutLead.MatchString(text):
		return FaultLead
	default:
		return unknown
	}
}
