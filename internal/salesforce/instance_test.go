package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestInstanceMoves(t *testing.T) {
	t.Parallel()
	moved := newOrg(t, answerLimits)
	o := newOrg(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, moved.server.URL+r.URL.Path, http.StatusMovedPermanently)
	})
	o.instance = moved.server.URL
	moved.access = "00D000000000001!access-1"
	store := o.store()
	_, err := o.client(store).Limits(t.Context())
	require.NoError(t, err)
	kept, _ := store.Load(t.Context())
	require.Equal(t, moved.server.URL, kept.InstanceURL)
	_, requests := moved.counts()
	require.Equal(t, 1, requests, "the redirect itself is not followed with the token")
}

func TestNoTokenYetAndBadInstanceURL(t *testing.T) {
	t.Parallel()
	for name, token := range map[string]Token{
		"none":         {},
		"no instance":  {AccessToken: NewSecret("00D000000000001!access-0")},
		"bad instance": {AccessToken: NewSecret("00D000000000001!access-0"), InstanceURL: "ftp://x"},
	} {
		o := newOrg(t, answerLimits)
		store := NewMemoryStore(o.credentials(), token)
		if name == "bad instance" { // the store holds it for usable
			o.expire()
			_, err := o.client(store).Limits(t.Context())
			require.NoError(t, err, name)
			continue
		}
		_, err := o.client(store).Limits(t.Context())
		require.NoError(t, err, name)
		tokens, _ := o.counts()
		require.Equal(t, 1, tokens, name)
	}
}

// A write that never left is tried again: the first connection finds nobody listening.
func TestWriteThatNeverLeft(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `[{"id":"00T000000000001AAA","success":true,"errors":[]}]`)
	})
	dials := 0
	c := o.client(nil, func(cfg *Config) {
		transport := cfg.Transport.(*http.Transport)
		dial := transport.DialContext
		transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			if dials++; dials == 1 {
				return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
			}
			return dial(ctx, network, address)
		}
	})
	_, err := c.CreateRecords(t.Context(), []Record{{Type: "Task"}})
	require.NoError(t, err)
	_, requests := o.counts()
	require.Equal(t, 1, requests)

	dials = -1 << 30
	c = o.client(nil, func(cfg *Config) {
		cfg.Transport.(*http.Transport).DialContext = func(context.Context, string, string) (net.Conn, error) {
			dials++
			return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
		}
	})
	_, err = c.CreateRecords(t.Context(), []Record{{Type: "Task"}})
	require.Equal(t, KindNotSent, KindOf(err))
	require.False(t, AsError(err).Unsure)
	require.Equal(t, 4, dials+1<<30)
}

// The old instance's name is gone from the DNS: the refresh tells the new one.
func TestInstanceNameIsGone(t *testing.T) {
	t.Parallel()
	o := newOrg(t, answerLimits)
	store := NewMemoryStore(o.credentials(), Token{AccessToken: NewSecret("00D000000000001!access-0"), InstanceURL: "https://old.my.salesforce.com"})
	c := o.client(store, func(cfg *Config) {
		transport := cfg.Transport.(*http.Transport)
		dial := transport.DialContext
		transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			if strings.HasPrefix(address, "old.") {
				return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}
			}
			return dial(ctx, network, address)
		}
	})
	_, err := c.Limits(t.Context())
	require.NoError(t, err)
	kept, _ := store.Load(t.Context())
	require.Equal(t, o.server.URL, kept.InstanceURL)
}
