package elevenlabs

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const numbersBody = `[
	{"phone_number":"+14155550100","phone_number_id":"phnum_1","label":"Main","provider":"twilio","supports_outbound":true,"assigned_agent":{"agent_id":"a","agent_name":"A"}},
	{"phone_number":"+14155550101","phone_number_id":"phnum_sip","provider":"sip_trunk","livekit_stack":"x"},
	{"phone_number":"+14155550102","phone_number_id":"phnum_in","provider":"twilio","supports_outbound":false,"assigned_agent":null},
	{"phone_number":"+14155550103","phone_number_id":"phnum_sip2","provider":"sip_trunk"},
	{"phone_number":"1 415-555-0103","phone_number_id":"phnum_4","provider":"twilio"},
	{"phone_number":17,"phone_number_id":"phnum_odd"}, "odd", {"phone_number":"+14155550104"}]`

func TestPhoneNumbers(t *testing.T) {
	t.Parallel()
	base, _ := serve(t, respond(200, numbersBody))
	numbers, err := newClient(t, base).PhoneNumbers(context.Background())
	require.NoError(t, err)
	require.Len(t, numbers, 8)
	require.Equal(t, PhoneNumber{
		PhoneNumber: "+14155550100", PhoneNumberID: "phnum_1", Label: "Main", Provider: "twilio",
		SupportsOutbound: at(true), AssignedAgentID: "a", AssignedAgentName: "A",
	}, numbers[0])
	for _, body := range []string{`{"phone_numbers":[]}`, `null`, ``} {
		base, _ := serve(t, respond(200, body))
		_, err := newClient(t, base).PhoneNumbers(context.Background())
		require.Equal(t, KindUnknown, AsError(err).Kind, body)
	}
}

func TestResolveCallerID(t *testing.T) {
	t.Parallel()
	base, _ := serve(t, respond(200, numbersBody))
	c := newClient(t, base)
	for callerID, want := range map[string]string{
		"phnum_9": "phnum_9", "": "", "4155550100": "4155550100",
		"+14155550100": "phnum_1", " +1 (415) 555-0100 ": "phnum_1", "+1.415.555.0100": "phnum_1",
		"+14155550103": "phnum_4",
	} {
		got, err := c.ResolveCallerID(context.Background(), callerID)
		require.NoError(t, err, callerID)
		require.Equal(t, want, got, callerID)
	}
	for callerID, want := range map[string]string{
		"+14155550101": "provider sip_trunk",
		"+14155550102": "does not support outbound calls",
		"+14155550104": "not in the ElevenLabs workspace",
		"+14155559999": "not in the ElevenLabs workspace",
		"+1415555x999": "not an E.164 number",
		"+":            "not an E.164 number",
	} {
		_, err := c.ResolveCallerID(context.Background(), callerID)
		require.ErrorContains(t, err, want)
		require.Equal(t, KindRefused, AsError(err).Kind)
		require.Equal(t, FaultAgent, AsError(err).Fault)
		require.NotContains(t, err.Error(), "415555")
	}
}

func TestResolveCallerIDCache(t *testing.T) {
	t.Parallel()
	base, requests := serve(t, respond(200, numbersBody))
	c := newClient(t, base)
	now := time.Unix(1764000000, 0)
	c.now = func() time.Time { return now }
	ask := func(callerID string, after time.Duration, wantRequests int64) {
		t.Helper()
		now = now.Add(after)
		_, _ = c.ResolveCallerID(context.Background(), callerID)
		require.Equal(t, wantRequests, requests.Load())
	}
	const known, missing = "+14155550100", "+14155559999"
	ask("phnum_1", 0, 0)
	ask(known, 0, 1)
	ask(known, 9*time.Minute, 1)
	ask(known, time.Minute, 2)
	ask(missing, 29*time.Second, 2)
	ask(missing, time.Second, 3)
	ask(missing, 29*time.Second, 3)
	ask(known, time.Second, 3)
	ask(missing, 0, 4)
}

func TestResolveCallerIDSharesOneRead(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	var first sync.Once
	base, requests := serve(t, func(w http.ResponseWriter, r *http.Request) {
		first.Do(func() { close(arrived) })
		<-release
		respond(200, numbersBody)(w, r)
	})
	c := newClient(t, base)
	ctx, cancel := context.WithCancel(context.Background())
	leader := make(chan error, 1)
	go func() {
		_, err := c.ResolveCallerID(ctx, "+14155550100")
		leader <- err
	}()
	<-arrived
	var wg sync.WaitGroup
	var resolved atomic.Int64
	for range 50 {
		wg.Go(func() {
			if id, err := c.ResolveCallerID(context.Background(), "+14155550100"); err == nil && id == "phnum_1" {
				resolved.Add(1)
			}
		})
	}
	cancel() // the one whose read it is gives up; the others must not notice
	err := <-leader
	require.ErrorIs(t, err, context.Canceled)
	close(release)
	wg.Wait()
	require.EqualValues(t, 50, resolved.Load())
	require.EqualValues(t, 1, requests.Load())
}

func TestResolveCallerIDPassesFailuresOn(t *testing.T) {
	t.Parallel()
	base, requests := serve(t, respond(401, ``))
	c := newClient(t, base)
	for range 2 {
		_, err := c.ResolveCallerID(context.Background(), "+14155550100")
		require.Equal(t, KindAccount, AsError(err).Kind)
	}
	require.EqualValues(t, 2, requests.Load(), "a failure is not remembered as a missing number")
}
