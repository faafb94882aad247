package server

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestFailedLoginsAreLimited(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := time.Now()
	b.limit.now = func() time.Time { return now }
	for range 3 * failuresPerAddress {
		b.cookie() // succeeding costs nothing
	}
	for range failuresPerAddress {
		require.Equal(t, http.StatusUnauthorized, b.tryLogin(testUser, "wrong").Code)
	}
	rec := b.tryLogin(testUser, testPassword)
	require.Equal(t, http.StatusTooManyRequests, rec.Code, "also the right one, or guessing could go on")
	require.Empty(t, rec.Result().Cookies())
	wait, err := strconv.Atoi(rec.Header().Get("Retry-After"))
	require.NoError(t, err)
	require.InDelta(t, 6, wait, 1)

	// Another address is not held back, until all together have failed too often.
	from := func(i int) header { return header{"X-Forwarded-For": "9.9.9.9, 198.51.100." + strconv.Itoa(i)} }
	proxied := func(password string, h header) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/login", form("username", testUser, "password", password))
		r.RemoteAddr = "10.1.2.3:99"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Forwarded-For", h["X-Forwarded-For"])
		rec := httptest.NewRecorder()
		b.handler.ServeHTTP(rec, r)
		return rec
	}
	require.Equal(t, http.StatusSeeOther, proxied(testPassword, from(1)).Code)
	for i := range failuresOverall - failuresPerAddress {
		require.Equal(t, http.StatusUnauthorized, proxied("wrong", from(i)).Code, i)
	}
	require.Equal(t, http.StatusTooManyRequests, proxied(testPassword, from(200)).Code)

	now = now.Add(time.Minute)
	require.Equal(t, http.StatusSeeOther, b.tryLogin(testUser, testPassword).Code)
	require.Equal(t, http.StatusSeeOther, proxied(testPassword, from(200)).Code)
}

func TestManyAttemptsAtOnceAreLimited(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := time.Now()
	b.limit.now = func() time.Time { return now }
	var judged, refused atomic.Int64
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			switch b.tryLogin(testUser, "wrong").Code {
			case http.StatusUnauthorized:
				judged.Add(1)
			case http.StatusTooManyRequests:
				refused.Add(1)
			}
		})
	}
	group.Wait()
	require.EqualValues(t, failuresPerAddress, judged.Load())
	require.EqualValues(t, 40, refused.Load())
}

func TestLimiterForgetsAddresses(t *testing.T) {
	t.Parallel()
	now := time.Now()
	l := newAttemptLimiter(func() time.Time { return now })
	for i := range maxAddresses * 2 {
		l.take(netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 32))
		l.all.left = failuresOverall
	}
	require.LessOrEqual(t, len(l.byAddr), maxAddresses)
}

func TestClientAddr(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ remote, forwarded, fly, header, want string }{
		{"203.0.113.7:1", "", "", "", "203.0.113.7/32"},
		{"203.0.113.7:1", "1.1.1.1", "", "", "203.0.113.7/32"}, // not from a proxy: anybody can write that
		{"10.0.0.1:1", "6.6.6.6, 198.51.100.9", "", "", "198.51.100.9/32"},
		{"172.16.0.1:1", "198.51.100.9, 66.6.6.6", "198.51.100.9", "Fly-Client-IP", "198.51.100.9/32"},
		{"203.0.113.7:1", "", "1.1.1.1", "Fly-Client-IP", "203.0.113.7/32"},
		{"10.0.0.1:1", "garbage", "", "", "10.0.0.1/32"},
		{"127.0.0.1:1", "", "", "", "127.0.0.1/32"},
		{"[2001:db8:1:2:3:4:5:6]:1", "", "", "", "2001:db8:1:2::/64"},
		{"[::ffff:203.0.113.7]:1", "", "", "", "203.0.113.7/32"},
		{"[fe80::1%eth0]:1", "", "", "", "fe80::/64"},
		{"[fdaa::3]:1", "2001:db8::1", "", "", "2001:db8::/64"},
		{"@", "", "", "", "invalid Prefix"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		r.RemoteAddr = c.remote
		r.Header.Set("X-Forwarded-For", c.forwarded)
		r.Header.Set("Fly-Client-IP", c.fly)
		s := &Server{opts: Options{ClientIPHeader: c.header}}
		require.Equal(t, c.want, s.clientAddr(r).String(), "%+v", c)
	}
}
