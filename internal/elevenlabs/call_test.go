package elevenlabs

import (
	"context"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPlaceCallSends(t *testing.T) {
	t.Parallel()
	var got map[string]any
	var header http.Header
	var path string
	base, requests := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(body, &got)
		header, path = r.Header, r.Method+" "+r.URL.Path
		respond(200, `{"success":true,"message":"ok","conversation_id":"conv_1","callSid":"CA1"}`)(w, r)
	})
	call := testCall
	call.RingingTimeoutSecs = 25
	placed, err := newClient(t, base).PlaceCall(context.Background(), call)
	require.NoError(t, err)
	require.Equal(t, PlacedCall{ConversationID: "conv_1", CallSID: "CA1"}, placed)
	require.EqualValues(t, 1, requests.Load())
	require.Equal(t, "POST /v1/convai/twilio/outbound-call", path)
	require.Equal(t, testKey, header.Get("xi-api-key"))
	require.Equal(t, "application/json", header.Get("Content-Type"))
	require.Empty(t, header.Get("Idempotency-Key"))
	require.Equal(t, map[string]any{
		"agent_id": "agent_1", "agent_phone_number_id": "phnum_1", "to_number": "+14155550123",
		"conversation_initiation_client_data": map[string]any{
			"user_id":           "attempt-1",
			"dynamic_variables": map[string]any{"attempt_id": "attempt-1", "attempt_no": 2.0, "donor_name": "Ada"},
		},
		"telephony_call_config": map[string]any{"ringing_timeout_secs": 25.0},
	}, got)
}

func TestPlaceCallLeavesOutWhatIsEmpty(t *testing.T) {
	t.Parallel()
	body, refused := encodeCall(OutboundCall{AgentID: "a", AgentPhoneNumberID: "p", ToNumber: "+14155550123"})
	require.Nil(t, refused)
	require.JSONEq(t, `{"agent_id":"a","agent_phone_number_id":"p","to_number":"+14155550123"}`, string(body))
}

// TestPlaceCallAnswers: every answer, what it means, and that it was asked once.
func TestPlaceCallAnswers(t *testing.T) {
	t.Parallel()
	const detail = `{"detail":{"status":"some_status","message":"some text"}}`
	loc := func(field string) string {
		return `{"detail":[{"type":"missing","loc":["body","` + field + `"],"msg":"Field required","input":null}]}`
	}
	failure := func(message string) string { return `{"success":false,"message":"` + message + `"}` }
	for name, test := range map[string]struct {
		status int
		body   string
		kind   Kind
		fault  Fault
		code   string
	}{
		"twilio credentials": {200, `{"success":false,"message":"HTTP 401 error: Unable to create record: Authenticate","conversation_id":null,"callSid":null}`, KindRefused, FaultAgent, ""},
		"bare 401 in text":   {200, failure("HTTP 401 error"), KindRefused, FaultAgent, ""},
		"invalid to number":  {200, failure("HTTP 400 error: Unable to create record: The number +14155550123 is not a valid phone number"), KindRefused, FaultLead, ""},
		"unknown refusal":    {200, failure("something"), KindRefused, FaultLead, ""},
		"no message":         {200, `{"success":false}`, KindRefused, FaultLead, ""},
		"over limit in 200":  {200, failure("too_many_concurrent_requests"), KindRateLimited, FaultNone, ""},
		"quota in 200":       {200, `{"success":false,"status":"quota_exceeded","message":"x"}`, KindAccount, FaultNone, "quota_exceeded"},
		"refused as 201":     {201, failure("something"), KindRefused, FaultLead, ""},

		"no success":       {200, `{"conversation_id":"conv_1"}`, KindUnknown, FaultNone, ""},
		"success null":     {200, `{"success":null}`, KindUnknown, FaultNone, ""},
		"success a string": {200, `{"success":"true"}`, KindUnknown, FaultNone, ""},
		"html":             {200, `<html><body>captive portal</body></html>`, KindUnknown, FaultNone, ""},
		"empty":            {200, ``, KindUnknown, FaultNone, ""},
		"null":             {200, `null`, KindUnknown, FaultNone, ""},
		"list":             {200, `[]`, KindUnknown, FaultNone, ""},
		"cut off json":     {200, `{"success":tr`, KindUnknown, FaultNone, ""},
		"two documents":    {200, `{"success":false}{"success":true}`, KindUnknown, FaultNone, ""},
		"true, then false": {200, `{"success":true,"conversation_id":"conv_1","success":false}`, KindUnknown, FaultNone, ""},
		"false, then true": {200, `{"success":false,"conversation_id":"conv_1","success":true}`, KindUnknown, FaultNone, ""},
		"false with a sid": {200, `{"success":false,"message":"something","callSid":"CA1"}`, KindUnknown, FaultNone, ""},
		"false twice":      {200, `{"success":false,"success":false}`, KindRefused, FaultLead, ""},
		"no content":       {204, ``, KindUnknown, FaultNone, ""},

		"provider config":   {400, `{"detail":{"status":"invalid_provider_config","message":"We are missing some Twilio credentials for the number"}}`, KindRefused, FaultAgent, "invalid_provider_config"},
		"400 unknown":       {400, detail, KindRefused, FaultAgent, "some_status"},
		"400 no body":       {400, ``, KindRefused, FaultAgent, ""},
		"400 to number":     {400, `{"detail":{"status":"x","message":"Invalid 'To' Phone Number"}}`, KindRefused, FaultLead, "x"},
		"400 quota":         {400, `{"detail":{"status":"quota_exceeded","message":"x"}}`, KindAccount, FaultNone, "quota_exceeded"},
		"400 quota, status": {400, `{"detail":{"type":"t","code":"other","status":"quota_exceeded","message":"x"}}`, KindAccount, FaultNone, "other"},
		"400 key":           {400, `{"detail":{"status":"invalid_api_key","message":"x"}}`, KindAccount, FaultNone, "invalid_api_key"},
		"400 concurrency":   {400, `{"detail":{"code":"concurrent_limit_exceeded","message":"x"}}`, KindRateLimited, FaultNone, "concurrent_limit_exceeded"},
		"401":               {401, detail, KindAccount, FaultNone, "some_status"},
		"402":               {402, detail, KindAccount, FaultNone, "some_status"},
		"403":               {403, `<html>forbidden</html>`, KindAccount, FaultNone, ""},
		"404":               {404, `{"detail":"Not Found"}`, KindRefused, FaultAgent, ""},
		"422 phone id":      {422, loc("agent_phone_number_id"), KindRefused, FaultAgent, "missing"},
		"422 agent":         {422, loc("agent_id"), KindRefused, FaultAgent, "missing"},
		"422 to number":     {422, loc("to_number"), KindRefused, FaultLead, "missing"},
		"422 else":          {422, loc("conversation_initiation_client_data"), KindRefused, FaultAgent, "missing"},
		"429":               {429, `{"detail":{"status":"too_many_concurrent_requests","message":"x"}}`, KindRateLimited, FaultNone, "too_many_concurrent_requests"},
		"429 no body":       {429, ``, KindRateLimited, FaultNone, ""},
		"429 quota":         {429, `{"detail":{"status":"quota_exceeded","message":"x"}}`, KindAccount, FaultNone, "quota_exceeded"},

		"301": {301, ``, KindRefused, FaultAgent, ""},
		"307": {307, ``, KindRefused, FaultAgent, ""},
		"408": {408, detail, KindUnknown, FaultNone, "some_status"},
		"409": {409, detail, KindUnknown, FaultNone, "some_status"},
		"500": {500, detail, KindUnknown, FaultNone, "some_status"},
		"502": {502, `<html><title>502</title></html>`, KindUnknown, FaultNone, ""},
		"503": {503, `{"detail":{"status":"system_busy","message":"x"}}`, KindUnknown, FaultNone, "system_busy"},
		"504": {504, ``, KindUnknown, FaultNone, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// The redirect points back here, so following it would be counted.
			base, requests := serve(t, respond(test.status, test.body, "Location: /v1/convai/twilio/outbound-call", "Retry-After: 7"))
			c := newClient(t, base, func(cfg *Config) { cfg.RetryDelays = []time.Duration{0, 0} })
			_, err := c.PlaceCall(context.Background(), testCall)
			e := AsError(err)
			require.NotNil(t, e, "%v", err)
			require.Equal(t, test.kind.String(), e.Kind.String(), "%v", err)
			require.Equal(t, test.fault, e.Fault, "%v", err)
			require.Equal(t, test.code, e.Code)
			require.Equal(t, test.status, e.Status)
			if test.status != 200 && test.status != 201 && test.status != 204 {
				require.Equal(t, 7*time.Second, e.RetryAfter)
			}
			require.EqualValues(t, 1, requests.Load(), "a call is sent once")
		})
	}
}

func TestPlaceCallAcceptedWithoutIDs(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"absent":     `{"success":true}`,
		"null":       `{"success":true,"conversation_id":null,"callSid":null}`,
		"wrong type": `{"success":true,"conversation_id":17,"callSid":{}}`,
		"unusable":   `{"success":true,"conversation_id":"a\u0000b","callSid":"a b"}`,
	} {
		base, _ := serve(t, respond(200, body))
		placed, err := newClient(t, base).PlaceCall(context.Background(), testCall)
		require.NoError(t, err, name)
		require.Equal(t, PlacedCall{}, placed, name)
	}
}

func TestPlaceCallRefusesBadInputUnsent(t *testing.T) {
	t.Parallel()
	base, requests := serve(t, respond(200, `{"success":true}`))
	c := newClient(t, base)
	for name, test := range map[string]struct {
		change func(*OutboundCall)
		fault  Fault
	}{
		"no agent":        {func(o *OutboundCall) { o.AgentID = "" }, FaultAgent},
		"no phone id":     {func(o *OutboundCall) { o.AgentPhoneNumberID = "" }, FaultAgent},
		"number as id":    {func(o *OutboundCall) { o.AgentPhoneNumberID = "+14155550123" }, FaultAgent},
		"no number":       {func(o *OutboundCall) { o.ToNumber = "" }, FaultLead},
		"not E.164":       {func(o *OutboundCall) { o.ToNumber = "(415) 555-0123" }, FaultLead},
		"negative ring":   {func(o *OutboundCall) { o.RingingTimeoutSecs = -1 }, FaultAgent},
		"object variable": {func(o *OutboundCall) { o.DynamicVariables = map[string]any{"x": map[string]int{}} }, FaultAgent},
		"list variable":   {func(o *OutboundCall) { o.DynamicVariables = map[string]any{"x": []int{}} }, FaultAgent},
		"nan":             {func(o *OutboundCall) { o.DynamicVariables = map[string]any{"x": math.NaN()} }, FaultAgent},
		"reserved":        {func(o *OutboundCall) { o.DynamicVariables = map[string]any{"system__x": 1} }, FaultAgent},
	} {
		call := testCall
		test.change(&call)
		_, err := c.PlaceCall(context.Background(), call)
		require.Equal(t, KindRefused, AsError(err).Kind, name)
		require.Equal(t, test.fault, AsError(err).Fault, name)
		require.NotContains(t, err.Error(), "555", name)
	}
	require.Zero(t, requests.Load())
}
