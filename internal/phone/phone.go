package phone

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Number is a number that may be dialed.
type Number struct {
	E164      string // "+12125550123"
	Extension string // digits, cut for dialing; "" when none
	Country   string // ISO 3166 region, e.g. "US"; North American toll-free numbers are the library's "US"
}

// DefaultCountries are the regions enabled where nothing is set: the United States, Canada and their territories.
func DefaultCountries() []string { return slices.Clone(defaultCountries) }

var defaultCountries = []string{"US", "CA", "PR", "VI", "GU", "AS", "MP"}

const northAmerica = 1 // the country calling code shared by 25 regions

// Parse reads one number. countries are the enabled ISO regions, each by itself (US does not bring PR); nil means
// DefaultCountries, an empty list enables none. A number without + and country code is read as North American if any
// enabled region is, else as of the first one.
//
// Accepted are valid geographic, mobile, internet and toll-free numbers, fictional 555-01xx among them. Labels such as
// "cell:" may stand around the number and an extension after it; letters that are dialed (1-800-FLOWERS) are refused.
// The error is an *Error.
func Parse(raw string, countries []string) (Number, error) {
	n, refused := parse(raw, enabled(countries))
	if refused != nil {
		return Number{}, refused
	}
	return n, nil
}

// Choose returns phone if it may be dialed, else mobile. nil is an empty one. The *Error explains both.
func Choose(phone, mobile *string, countries []string) (Number, error) {
	countries = enabled(countries)
	n, phoneRefused := parse(text(phone), countries)
	if phoneRefused == nil {
		return n, nil
	}
	n, mobileRefused := parse(text(mobile), countries)
	if mobileRefused == nil {
		return n, nil
	}
	return Number{}, both(phoneRefused, mobileRefused)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func enabled(countries []string) []string {
	if countries == nil {
		return defaultCountries
	}
	regions := make([]string, 0, len(countries))
	for _, c := range countries {
		regions = append(regions, strings.ToUpper(strings.TrimSpace(c)))
	}
	return regions
}

func parse(raw string, countries []string) (Number, *Error) {
	w, refused := read(raw)
	if refused != nil {
		return Number{}, refused
	}
	number, refused := w.number(homeRegion(countries))
	if refused != nil {
		return Number{}, refused
	}
	region := phonenumbers.GetRegionCodeForNumber(number)
	if region == "" {
		return Number{}, invalid(number, countries)
	}
	switch phonenumbers.GetNumberType(number) {
	case phonenumbers.FIXED_LINE, phonenumbers.MOBILE, phonenumbers.FIXED_LINE_OR_MOBILE, phonenumbers.VOIP, phonenumbers.TOLL_FREE:
	case phonenumbers.PREMIUM_RATE, phonenumbers.SHARED_COST:
		return Number{}, refuse(ReasonPremium)
	case phonenumbers.UNKNOWN:
		return Number{}, invalid(number, countries)
	default:
		return Number{}, refuse(ReasonNotDialable)
	}
	if payPerCall(number) {
		return Number{}, refuse(ReasonPremium)
	}
	if !slices.Contains(countries, region) {
		return Number{}, refuseCountry(region)
	}
	return Number{E164: phonenumbers.Format(number, phonenumbers.E164), Extension: w.extension, Country: region}, nil
}

// payPerCall tells whether a North American number has exchange 976, which sells information in every area code and
// which the library takes for ordinary.
func payPerCall(number *phonenumbers.PhoneNumber) bool {
	return number.GetCountryCode() == northAmerica && number.GetNationalNumber()/10_000%1000 == 976
}

// homeRegion is where a number without a country code is taken to be.
func homeRegion(countries []string) string {
	if slices.ContainsFunc(countries, phonenumbers.IsNANPACountry) || len(countries) == 0 {
		return "US" // not AG or PR: some of them complete seven digits with an area code of their own
	}
	return countries[0]
}

// number hands the digits to the library. Ten digits in North American shape are what the library would make of them,
// and most of a lead list: they skip its parser, which costs as much as all the rest (a test holds the two equal).
func (w written) number(home string) (*phonenumbers.PhoneNumber, *Error) {
	if ten := strings.TrimPrefix(w.digits, "1"); len(ten) == 10 && ten[0] >= '2' && (len(w.digits) == 11 || !w.plus) && home == "US" {
		national, err := strconv.ParseUint(ten, 10, 64)
		if err != nil {
			return nil, refuse(ReasonNotANumber)
		}
		code := int32(northAmerica)
		return &phonenumbers.PhoneNumber{CountryCode: &code, NationalNumber: &national}, nil
	}
	digits := w.digits
	if w.plus {
		digits = "+" + digits
	}
	number, err := phonenumbers.Parse(digits, home)
	switch {
	case err == nil:
		return number, nil
	case errors.Is(err, phonenumbers.ErrNumTooLong):
		return nil, refuse(ReasonTooLong)
	case errors.Is(err, phonenumbers.ErrTooShortNSN) || len(digits) < 3:
		return nil, refuse(ReasonTooShort)
	}
	return nil, refuse(ReasonNotANumber)
}

// invalid says what is wrong with a number the library does not hold valid.
func invalid(number *phonenumbers.PhoneNumber, countries []string) *Error {
	code := int(number.GetCountryCode())
	regions := phonenumbers.GetRegionCodesForCountryCode(code)
	if !slices.ContainsFunc(regions, func(r string) bool { return slices.Contains(countries, r) }) {
		return refuseCountry(phonenumbers.GetRegionCodeForCountryCode(code))
	}
	national := phonenumbers.GetNationalSignificantNumber(number)
	switch {
	case len(national) < 3:
		return refuse(ReasonTooShort)
	case len(national) <= 6 && (code == northAmerica || phonenumbers.IsPossibleShortNumber(number)):
		return refuse(ReasonShortOrEmergency)
	case code == northAmerica && len(national) < 10:
		return refuse(ReasonTooShort)
	case code == northAmerica && len(national) == 10 && national[0] >= '2':
		return refuse(ReasonNeedsReview)
	}
	switch phonenumbers.IsPossibleNumberWithReason(number) {
	case phonenumbers.TOO_LONG:
		return refuse(ReasonTooLong)
	case phonenumbers.TOO_SHORT:
		return refuse(ReasonTooShort)
	}
	return refuse(ReasonNotANumber)
}
