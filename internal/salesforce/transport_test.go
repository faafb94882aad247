package salesforce

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReceiverStops(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(_ int, w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, twoRecords) })
	stop := errors.New("full")
	page, err := o.client(nil).Query(t.Context(), "SELECT Id FROM Lead", mustFields(t, "Id"), func(Row) error { return stop })
	require.ErrorIs(t, err, stop)
	require.Equal(t, KindCallback, KindOf(err))
	require.Equal(t, 1, page.Records)
	_, requests := o.counts()
	require.Equal(t, 1, requests)
}

// A stream that stands still is given up; one that is received slowly is not.
func TestIdleStream(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(_ int, w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"totalSize":2,"done":true,"records":[{"Id":"1"},`)
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	_, err := o.client(nil, func(cfg *Config) { cfg.Timeout = 100 * time.Millisecond }).Query(t.Context(), "SELECT Id FROM Lead", mustFields(t, "Id"), nothing)
	require.Equal(t, KindNoAnswer, KindOf(err))
	require.ErrorContains(t, err, "timed out")

	slow := newOrg(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"totalSize":2,"done":true,"records":[{"Id":"1"},{"Id":"2"}]}`)
	})
	_, err = slow.client(nil, func(cfg *Config) { cfg.Timeout = 300 * time.Millisecond }).Query(t.Context(), "SELECT Id FROM Lead", mustFields(t, "Id"), func(Row) error {
		time.Sleep(400 * time.Millisecond)
		return nil
	})
	require.NoError(t, err)
}

func TestNoHeadersInTime(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(_ int, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	c := o.client(nil, func(cfg *Config) { cfg.Timeout, cfg.RetryDelays = 50*time.Millisecond, []time.Duration{} })
	_, err := c.Query(t.Context(), "SELECT Id FROM Lead", mustFields(t, "Id"), nothing)
	require.Equal(t, KindNoAnswer, KindOf(err))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Query(ctx, "SELECT Id FROM Lead", mustFields(t, "Id"), nothing)
	require.ErrorIs(t, err, context.Canceled)
}

func TestPackedThoughNotAsked(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		fmt.Fprint(z, `{"totalSize":1,"done":true,"records":[{"Id":"1"}]}`)
		z.Close()
	})
	for _, disabled := range []bool{false, true} {
		c := o.client(nil, func(cfg *Config) { cfg.Transport.(*http.Transport).DisableCompression = disabled })
		var rows []string
		_, err := c.Query(t.Context(), "SELECT Id FROM Lead", mustFields(t, "Id"), collect(&rows))
		require.NoError(t, err)
		require.Equal(t, []string{"1"}, rows)
	}
}

func TestLongQueryIsNotSent(t *testing.T) {
	t.Parallel()
	o := newOrg(t, answerLimits)
	_, err := o.client(nil).Query(t.Context(), "SELECT "+strings.Repeat("Id, ", 5000), mustFields(t, "Id"), nothing)
	require.Equal(t, KindInput, KindOf(err))
	require.ErrorContains(t, err, "fewer fields")
	_, requests := o.counts()
	require.Zero(t, requests)
}
