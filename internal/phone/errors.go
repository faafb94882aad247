package phone

// Reason says why a text is not a number that may be dialed. The values are stored and shown: keep them.
type Reason string

const (
	ReasonEmpty             Reason = "empty"
	ReasonNotANumber        Reason = "not_a_number"
	ReasonAmbiguous         Reason = "ambiguous"    // more than one number, or digits that do not belong to one
	ReasonNeedsReview       Reason = "needs_review" // North American in shape but not valid: a new area code or a slip
	ReasonTooShort          Reason = "too_short"
	ReasonTooLong           Reason = "too_long"
	ReasonShortOrEmergency  Reason = "short_or_emergency"
	ReasonPremium           Reason = "premium"
	ReasonNotDialable       Reason = "not_dialable" // personal numbers, pagers, voicemail access
	ReasonCountryNotEnabled Reason = "country_not_enabled"
)

var sentences = map[Reason]string{
	ReasonEmpty:             "there is no number",
	ReasonNotANumber:        "this is not a phone number: write it in digits, such as area code and number, or + and country code",
	ReasonAmbiguous:         "this may be more than one number: leave one, with its extension after an x",
	ReasonNeedsReview:       "this looks North American but is not a valid number and needs review: the area code may be new or a digit wrong",
	ReasonTooShort:          "this is too short to be dialed: the area code is missing",
	ReasonTooLong:           "this is too long to be a phone number",
	ReasonShortOrEmergency:  "short codes and emergency numbers are never dialed",
	ReasonPremium:           "premium-rate numbers are never dialed",
	ReasonNotDialable:       "personal numbers, pagers and voicemail access numbers are never dialed",
	ReasonCountryNotEnabled: "the country is not enabled for calling: add it to the setting countries to allow it",
}

// Error is the only error of this package. Its message is a sentence without any digit of the number.
type Error struct {
	Reason  Reason
	Country string // ISO region of the number, where it is known and ReasonCountryNotEnabled is given
	message string
}

func (e *Error) Error() string { return e.message }

func refuse(r Reason) *Error { return &Error{Reason: r, message: sentences[r]} }

func refuseCountry(region string) *Error {
	e := refuse(ReasonCountryNotEnabled)
	if len(region) == 2 { // the library calls satellite and other worldwide networks by a number
		e.Country = region
		e.message += " (" + region + ")"
	}
	return e
}

// both explains why neither of two numbers is usable. The reason is the first one's, unless there was none to judge.
func both(phone, mobile *Error) *Error {
	switch {
	case mobile.Reason == ReasonEmpty:
		return phone
	case phone.Reason == ReasonEmpty:
		return &Error{Reason: mobile.Reason, Country: mobile.Country, message: "no phone; mobile phone: " + mobile.message}
	}
	return &Error{Reason: phone.Reason, Country: phone.Country, message: "phone: " + phone.message + "; mobile phone: " + mobile.message}
}
