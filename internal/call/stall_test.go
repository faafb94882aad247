package call_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/call"
)

// TestStoppedWorkerDoesNotHoldTheFence: a process that is stopped, or cut off from the network, in the middle of its
// fence keeps the connection and with it the provider's row. Nobody could dial until it woke up.
func TestStoppedWorkerDoesNotHoldTheFence(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.options.MaxConcurrent = 5
	skipped, due := b.attempt(f{"do_not_call": true}, nil), b.attempt(nil, nil)
	stopped, inside := b.options, make(chan struct{})
	wake, woke := make(chan struct{}), make(chan error, 1)
	first := true
	stopped.FollowUp = func(context.Context, pgx.Tx, call.FollowUp) error {
		if first {
			first = false
			close(inside)
			<-wake
		}
		return nil
	}
	go func() {
		_, err := call.New(stopped).Dial(context.Background(), skipped)
		woke <- err
	}()
	<-inside
	out, err := b.dialer().Dial(t.Context(), due)
	close(wake)
	require.Error(t, <-woke, "its transaction is gone")
	require.NoError(t, err)
	require.Equal(t, call.Outcome{State: "placed"}, out)
	require.Equal(t, "reserved", b.row(skipped).State, "nothing of it was committed")
}

// TestHalfOpenDoesNotWaitForTheDead: while one call tries whether the account works again, a dial from before the
// breaker was half open is not that call, nor is one that cannot be under way any more. Their workers may be dead.
func TestHalfOpenDoesNotWaitForTheDead(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		halfOpen, dialing string // how long ago
		want              string
	}{
		"before":        {"5 seconds", "20 seconds", "placed"},
		"it tries":      {"20 seconds", "5 seconds", "reserved"},
		"it tried once": {"2 minutes", "50 seconds", "placed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, nil)
			other, due := b.attempt(nil, nil), b.attempt(nil, nil)
			b.exec("update call_attempts set state = 'dialing', dialing_at = clock_timestamp() - $2::text::interval where id = $1", other, test.dialing)
			b.exec("update henk.provider_state set breaker = 'open'")
			d := b.dialer()
			require.NoError(t, d.Probe(t.Context(), true))
			b.exec("update henk.provider_state set probe_at = probe_at - $1::text::interval where breaker = 'half_open'", test.halfOpen)
			out, err := d.Dial(t.Context(), due)
			require.NoError(t, err)
			require.Equal(t, test.want, out.State)
		})
	}
}
