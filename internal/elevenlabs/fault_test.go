package elevenlabs

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestFaultOfText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Fault{
		"HTTP 400 error: Unable to create record: The number +14155550123 is unverified. Trial accounts may only make calls to verified numbers.": FaultLead,
		"Unable to create record: Account not authorized to call +442071838750. Perhaps you need to enable some international permissions":        FaultLead,
		"Error 21211: Invalid 'To' Phone Number: +1415555XXXX":                                                                                    FaultLead,
		"https://www.twilio.com/docs/errors/21214":                                                                                                FaultLead,
		"code 21217": FaultLead,
		"21610 Attempt to send to unsubscribed recipient":                                         FaultLead,
		"error 21219 (+14155550123)":                                                              FaultLead,
		"The phone number you are attempting to call, +14155550123, is not a valid phone number.": FaultLead,
		"The 'From' number +14155550199 is not a valid phone number":                              FaultAgent,
		"Invalid From Number (caller ID): +14155550199":                                           FaultAgent,
		"21212: is not a valid phone number":                                                      FaultAgent,
		"21210":                                                                                   FaultAgent,
		"The source phone number provided, +1415, is not yet verified for your account. You may only make calls from phone numbers that you've verified": FaultAgent,
		"HTTP 401 error: Unable to create record: Authenticate": FaultAgent,
		"We are missing some Twilio credentials for the number": FaultAgent,
		"Agent not found":                        FaultAgent,
		"phone_number_id phnum_1 does not exist": FaultAgent,
		"Your account is suspended":              FaultAgent,
		"HTTP 500":                               FaultNone,
		"+12121121155":                           FaultNone, // digits of a number are no code
		"":                                       FaultNone,
	} {
		require.Equal(t, want, faultOfText(text, FaultNone), text)
	}
}

func TestParseErrorBody(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]errorBody{
		`{"detail":{"status":"quota_exceeded","message":"no credits"}}`:                                                       {code: "quota_exceeded", status: "quota_exceeded", message: "no credits"},
		`{"detail":{"type":"validation_error","code":"unsupported_model","message":"m","status":"other","param":"model_id"}}`: {code: "unsupported_model", status: "other", message: "m"},
		`{"detail":[{"type":"missing","loc":["body","x",0],"msg":"Field required","input":"+14155550123"}]}`:                  {code: "missing", message: "body.x.0: Field required", locs: []string{"body.x.0"}},
		`{"detail":[{"msg":"a"},{"msg":"b"},{"msg":"c"},{"msg":"d"},{"msg":"e"},{"msg":"f"}]}`:                                {message: "a; b; c; d; e; and 1 more", locs: []string{"", "", "", "", "", ""}},
		`{"detail":"Not Found"}`:                    {message: "Not Found"},
		`{"message":"plain","status":"x"}`:          {code: "x", status: "x", message: "plain"},
		`{"error":{"message":"inner"}}`:             {message: "inner"},
		`{"error":"text"}`:                          {message: "text"},
		`{"detail":[]}`:                             {message: "the error answer has no known shape"},
		`{"detail":{"status":7,"message":null}}`:    {message: "the error answer has no known shape"},
		`{}`:                                        {message: "the error answer has no known shape"},
		"<html><style>x{}</style><b>502</b></html>": {message: "  502  "},
		"": {},
	} {
		got := parseErrorBody([]byte(body))
		got.message = strings.Join(strings.Fields(got.message), " ")
		want.message = strings.Join(strings.Fields(want.message), " ")
		require.Equal(t, want, got, body)
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"call +1 (415) 555-0123 now":    "call [number] now",
		"call +14155550123.":            "call [number].",
		"tel:415.555.0123, ok":          "tel:[number], ok",
		"415–555–0123":                  "[number]",
		"4 1 5 5 5 5 0 1 2 3":           "[number]",
		"٤١٥٥٥٥٠١٢٣":                    "[number]",
		"a 123456 b":                    "a 123456 b",
		"HTTP 401 error 21211":          "HTTP 401 error 21211",
		"+ 1 2":                         "+ 1 2",
		"key " + testKey + "!":          "key [key]!",
		"a\x00b\r\nc\u200bd\u202ee\xff": "a b c d e\uFFFD",
		"415\u200b555\u00a00123":        "[number]",
		"":                              "",
	} {
		require.Equal(t, want, clean(text, testKey, 500), "%q", text)
	}
	require.Equal(t, strings.Repeat("é", 48)+"...", clean(strings.Repeat("é", 300), "", 100))
}

// bareDigits is the longest run of digits with nothing between them.
func bareDigits(s string) (longest int) {
	run := 0
	for _, r := range s {
		if unicode.IsDigit(r) {
			run++
		} else {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

func FuzzErrorBody(f *testing.F) {
	f.Add([]byte(`{"detail":{"status":"x","message":"+14155550123 ` + testKey + `"}}`))
	f.Add([]byte(`{"detail":[{"type":"missing","loc":["body",1,null,{"a":1}],"msg":"x"}]}`))
	f.Add([]byte(`{"success":false,"message":"a\u0000b"}`))
	f.Add([]byte("<html>\xff\x00</html>"))
	c, err := New(Config{APIKey: testKey})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, status := range []int{302, 400, 401, 404, 422, 429, 503} {
			a := &answer{status: status, body: body}
			for _, e := range []*Error{c.classifyCall("op", a), c.classifyGet("op", a)} {
				text := e.Error()
				require.True(t, utf8.ValidString(text))
				require.False(t, strings.ContainsFunc(text, unicode.IsControl))
				require.NotContains(t, text, testKey)
				require.Less(t, bareDigits(text), phoneDigits)
				require.LessOrEqual(t, len(e.Message), maxMessageBytes)
				require.LessOrEqual(t, len(e.Code), maxCodeBytes)
				require.Equal(t, e.Kind == KindRefused, e.Fault != FaultNone)
			}
		}
		placed, err := c.readPlaced(&answer{status: 200, body: body})
		if err != nil {
			require.Equal(t, PlacedCall{}, placed)
			require.Contains(t, []Kind{KindUnknown, KindRefused, KindAccount, KindRateLimited}, AsError(err).Kind)
		}
	})
}
