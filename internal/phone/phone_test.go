package phone

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/nyaruka/phonenumbers"
	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	t.Parallel()
	const ny = "+12125550123"
	for raw, want := range map[string]Number{
		"2125550123":         {ny, "", "US"},
		"12125550123":        {ny, "", "US"},
		"+12125550123":       {ny, "", "US"},
		"011 1 212 555 0123": {ny, "", "US"},
		" (212) 555-0123 ":   {ny, "", "US"},
		"212.555.0123":       {ny, "", "US"},
		"212/555-0123":       {ny, "", "US"},
		"(+1) 212 555 0123":  {ny, "", "US"},
		"+1 (212) 555‑0123":  {ny, "", "US"}, // no-break hyphen
		"212–555—0123":       {ny, "", "US"},
		"\u202a+1\u00a0212\u00a05550123\u202c\ufeff":               {ny, "", "US"},
		"\uff0b\uff11 \uff08\uff12\uff11\uff12\uff09555\uff0d0123": {ny, "", "US"},
		"٢١٢٥٥٥٠١٢٣":                                               {ny, "", "US"},
		"tel:+1-212-555-0123":                                      {ny, "", "US"},
		"TEL:+1-212-555-0123;ext=45":                               {ny, "45", "US"},
		"212-555-0123 x45":                                         {ny, "45", "US"},
		"212-555-0123x45":                                          {ny, "45", "US"},
		"212-555-0123 Ext. 45":                                     {ny, "45", "US"},
		"212-555-0123, extension: 0045":                            {ny, "0045", "US"},
		"212-555-0123 #45":                                         {ny, "45", "US"},
		"212-555-0123;45":                                          {ny, "45", "US"},
		"212-555-0123 ext":                                         {ny, "", "US"},
		"212-555-0123#":                                            {ny, "", "US"},
		"Cell: (212) 555-0123":                                     {ny, "", "US"},
		"212-555-0123 (mobile)":                                    {ny, "", "US"},
		"212-555-0123 x45 (work)":                                  {ny, "45", "US"},
		"Cell 212 555 0123":                                        {ny, "", "US"},
		"USA +1 212 555 0123":                                      {ny, "", "US"},
		"[212] 555-0123":                                           {ny, "", "US"},
		"416-555-0123":                                             {"+14165550123", "", "CA"},
		"787-555-0123":                                             {"+17875550123", "", "PR"},
		"340-555-0123":                                             {"+13405550123", "", "VI"},
		"671-555-0123":                                             {"+16715550123", "", "GU"},
		"684-633-1234":                                             {"+16846331234", "", "AS"},
		"670-555-0123":                                             {"+16705550123", "", "MP"},
		"1-800-555-0123":                                           {"+18005550123", "", "US"},
		"888-555-0123":                                             {"+18885550123", "", "US"},
	} {
		got, err := Parse(raw, nil)
		require.NoError(t, err, raw)
		require.Equal(t, want, got, raw)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]Reason{
		"": ReasonEmpty, " \t\n": ReasonEmpty, "-": ReasonEmpty, "() -": ReasonEmpty, "+": ReasonEmpty,
		"n/a": ReasonNotANumber, "none": ReasonNotANumber, "unknown": ReasonNotANumber, "bob@example.org": ReasonNotANumber,
		"1-800-FLOWERS": ReasonNotANumber, "1800FLOWERS": ReasonNotANumber, "(800) GO-FEDEX": ReasonNotANumber, "212-555-HELP": ReasonNotANumber,
		"212-555-0123abc": ReasonNotANumber, "abc212-555-0123": ReasonNotANumber, "2125550123p45": ReasonNotANumber,
		"do not call 212-555-0123": ReasonNotANumber, "212-555-0123 deceased": ReasonNotANumber, "fax: 212-555-0123": ReasonNotANumber,
		"*67 212-555-0123": ReasonNotANumber, "#212-555-0123": ReasonNotANumber, "++1 212 555 0123": ReasonNotANumber,
		"212-555-0123\x00": ReasonNotANumber, "212-555-0123\xff": ReasonNotANumber, "²¹²5550123": ReasonNotANumber,
		"212-555-0123 or 917-555-0188": ReasonAmbiguous, "212-555-0123, 917-555-0188": ReasonAmbiguous, "212-555-0123 | 4": ReasonAmbiguous,
		"2125550123,,45": ReasonAmbiguous, "2125550123 x45 or x46": ReasonAmbiguous, "212-555-0123 x9175550188": ReasonAmbiguous,
		"tel:2125550123;phone-context=+44": ReasonAmbiguous, "1+2125550123": ReasonAmbiguous, "call 212-555-0123 after 5": ReasonAmbiguous,
		"234-5678 / 901": ReasonAmbiguous, "2345678 (901)": ReasonAmbiguous,
		"212-555-0123 / 917-555-0188": ReasonTooLong, "+1 212 555 0123 4": ReasonTooLong, strings.Repeat("2", 300): ReasonTooLong,
		"729-266-5555": ReasonNeedsReview, "999-555-0123": ReasonNeedsReview, "212-155-0123": ReasonNeedsReview, "+1 911 555 0123": ReasonNeedsReview, "710-555-0123": ReasonNeedsReview,
		"0125550123": ReasonNotANumber, "0000000000": ReasonNotANumber, "1234567890": ReasonNotANumber,
		"5551234": ReasonTooShort, "555-1234": ReasonTooShort, "+1 555 1234": ReasonTooShort, "7": ReasonTooShort,
		"911": ReasonShortOrEmergency, "9-1-1": ReasonShortOrEmergency, "+1911": ReasonShortOrEmergency, "1911": ReasonShortOrEmergency, "988": ReasonShortOrEmergency, "112": ReasonShortOrEmergency, "50409": ReasonShortOrEmergency,
		"900-234-5678": ReasonPremium, "+1 900 555 0123": ReasonPremium, "212-976-1234": ReasonPremium,
		"500-234-5678": ReasonNotDialable, "521-234-5678": ReasonNotDialable,
		"876-555-0123": ReasonCountryNotEnabled, "809-555-0123": ReasonCountryNotEnabled, "242-322-1234": ReasonCountryNotEnabled,
		"+44 20 7946 0123": ReasonCountryNotEnabled, "011 44 20 7946 0123": ReasonCountryNotEnabled, "+44 1": ReasonTooShort, "+44 123": ReasonCountryNotEnabled, "+881 612345678": ReasonCountryNotEnabled, "+800 1234 5678": ReasonCountryNotEnabled,
		"+999 123456789": ReasonNotANumber,
	} {
		got, err := Parse(raw, nil)
		require.Zero(t, got, raw)
		var refused *Error
		require.ErrorAs(t, err, &refused, raw)
		require.Equal(t, want, refused.Reason, raw)
	}
}

func TestParseCountries(t *testing.T) {
	t.Parallel()
	reason := func(raw string, countries []string) Reason {
		_, err := Parse(raw, countries)
		if err == nil {
			return ""
		}
		var refused *Error
		require.ErrorAs(t, err, &refused)
		return refused.Reason
	}
	require.Equal(t, ReasonCountryNotEnabled, reason("787-555-0123", []string{"US"}))
	require.Empty(t, reason("787-555-0123", []string{" us", "pr "}))
	require.Empty(t, reason("+44 20 7946 0123", []string{"US", "GB"}))
	require.Empty(t, reason("020 7946 0123", []string{"GB"}))
	require.NotEmpty(t, reason("020 7946 0123", []string{"US", "GB"}))
	require.Equal(t, ReasonShortOrEmergency, reason("999", []string{"GB"}))
	require.Equal(t, ReasonPremium, reason("0906 123 4567", []string{"GB"}))
	require.Equal(t, ReasonCountryNotEnabled, reason("212-555-0123", []string{}))
	require.Equal(t, ReasonNotANumber, reason("212-555-0123", []string{"Narnia"}))
	require.Equal(t, ReasonTooShort, reason("464 1234", []string{"AG"}), "seven digits are not completed to +1268")
	_, err := Parse("+44 20 7946 0123", nil)
	var refused *Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "GB", refused.Country)
	require.ErrorContains(t, err, "(GB)")

	countries := DefaultCountries()
	countries[0] = "ZZ"
	require.Equal(t, "US", DefaultCountries()[0], "the default cannot be changed through its copy")
}

func TestChoose(t *testing.T) {
	t.Parallel()
	s := func(v string) *string { return &v }
	good, other, vanity, foreign := s("212-555-0123"), s("917-555-0188"), s("1-800-FLOWERS"), s("+44 20 7946 0123")
	for _, tt := range []struct {
		phone, mobile *string
		want          string
		reason        Reason
		says          string
	}{
		{good, other, "+12125550123", "", ""},
		{vanity, other, "+19175550188", "", ""},
		{nil, other, "+19175550188", "", ""},
		{good, nil, "+12125550123", "", ""},
		{nil, nil, "", ReasonEmpty, "there is no number"},
		{s(" "), nil, "", ReasonEmpty, "there is no number"},
		{vanity, nil, "", ReasonNotANumber, "not a phone number"},
		{nil, foreign, "", ReasonCountryNotEnabled, "no phone; mobile phone: the country"},
		{vanity, foreign, "", ReasonNotANumber, "not enabled for calling"},
		{foreign, vanity, "", ReasonCountryNotEnabled, "; mobile phone: this is not a phone number"},
	} {
		n, err := Choose(tt.phone, tt.mobile, nil)
		require.Equal(t, tt.want, n.E164)
		if tt.reason == "" {
			require.NoError(t, err)
			continue
		}
		var refused *Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, tt.reason, refused.Reason)
		require.ErrorContains(t, err, tt.says)
	}
}

func TestEveryReasonHasASentence(t *testing.T) {
	t.Parallel()
	for reason, sentence := range sentences {
		require.NotEmpty(t, sentence, reason)
		require.NotRegexp(t, `\d`, sentence, "no digit, so none of a number")
	}
}

// What digitValue relies on.
func TestUnicodeDigitsComeInTens(t *testing.T) {
	t.Parallel()
	for _, r := range unicode.Nd.R16 {
		require.True(t, r.Stride == 1 && (r.Hi-r.Lo+1)%10 == 0, "%x", r.Lo)
	}
	for _, r := range unicode.Nd.R32 {
		require.True(t, r.Stride == 1 && (r.Hi-r.Lo+1)%10 == 0, "%x", r.Lo)
	}
}

// Numbers in North American shape skip the library's parser; it must not have read them otherwise.
func TestShortcutEqualsLibrary(t *testing.T) {
	t.Parallel()
	valid := 0
	for area := 100; area < 1000; area++ {
		for _, rest := range []string{"5550123", "2234567", "1234567", "9761234"} {
			for _, prefix := range []string{"", "1", "+1"} {
				raw := prefix + strings.Join([]string{string(rune('0' + area/100)), string(rune('0' + area/10%10)), string(rune('0' + area%10)), rest}, "")
				number, err := phonenumbers.Parse(raw, "US")
				n, refused := Parse(raw, phonenumbersRegions)
				switch {
				case refused == nil:
					valid++
					require.NoError(t, err, raw)
					require.True(t, phonenumbers.IsValidNumber(number), raw)
					require.Equal(t, phonenumbers.Format(number, phonenumbers.E164), n.E164, raw)
				case err == nil && phonenumbers.IsValidNumber(number):
					var e *Error
					require.ErrorAs(t, refused, &e)
					require.Contains(t, []Reason{ReasonPremium, ReasonNotDialable}, e.Reason, raw)
				}
			}
		}
	}
	require.Greater(t, valid, 1000)
}

var phonenumbersRegions = phonenumbers.GetRegionCodesForCountryCode(northAmerica)

func FuzzParse(f *testing.F) {
	for _, s := range []string{"(212) 555-0123 x45", "tel:+1-212-555-0123;ext=45", "+44 (0)20 7946 0123", "1-800-FLOWERS", "٢١٢٥٥٥٠١٢٣", "911", "212-555-0123 / 4", "+1", "011442079460123"} {
		f.Add(s, false)
	}
	e164 := regexp.MustCompile(`^\+[1-9]\d{6,14}$`)
	f.Fuzz(func(t *testing.T, raw string, wide bool) {
		countries := defaultCountries
		if wide {
			countries = []string{"GB", "DE", "AU", "AR", "US", "IT"}
		}
		n, err := Parse(raw, countries)
		if err != nil {
			var refused *Error
			require.True(t, errors.As(err, &refused))
			require.Contains(t, sentences, refused.Reason)
			require.NotRegexp(t, `\d`, err.Error(), "a digit in the message")
			require.Zero(t, n)
			return
		}
		require.Regexp(t, e164, n.E164)
		require.Regexp(t, `^\d{0,7}$`, n.Extension)
		require.Contains(t, countries, n.Country)
		again, err := Parse(n.E164, countries)
		require.NoError(t, err)
		require.Equal(t, Number{E164: n.E164, Country: n.Country}, again)
		if strings.HasPrefix(n.E164, "+1") && !strings.ContainsFunc(raw, isForeignDigit) {
			require.Equal(t, n.E164[2:], Tail(raw), "a number that is dialed must be found by its tail")
		}
		Zones(n)
	})
}

// isForeignDigit finds what Parse folds to ASCII digits or marks and Tail, like SQL, does not.
func isForeignDigit(r rune) bool {
	return r >= 0x80 && (unicode.Is(unicode.Nd, r) || (r >= 0xFF01 && r <= 0xFF5E))
}

func BenchmarkParse(b *testing.B) {
	for name, raw := range map[string]string{"national": "(212) 555-0123", "e164": "+12125550123", "guam": "671-555-0123", "invalid": "999-555-0123", "foreign": "+44 20 7946 0123"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, _ = Parse(raw, nil)
			}
		})
	}
}
