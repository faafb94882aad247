package server

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Failed logins a minute, from one address and from all together. The second bounds what guessing from many addresses
// gains, and the work that checking passwords costs.
const (
	failuresPerAddress = 10
	failuresOverall    = 60
	maxAddresses       = 10_000
)

// bucket holds the attempts that are left; it fills up again within a minute.
type bucket struct {
	left float64
	at   time.Time
}

func (b *bucket) fill(size float64, now time.Time) {
	b.left = min(size, b.left+size*now.Sub(b.at).Minutes())
	b.at = now
}

// attemptLimiter counts an attempt before it is judged, so that many at once do not slip through, and gives it back
// when it succeeds.
type attemptLimiter struct {
	now func() time.Time

	mu     sync.Mutex
	all    bucket
	byAddr map[netip.Prefix]*bucket
}

func newAttemptLimiter(now func() time.Time) *attemptLimiter {
	return &attemptLimiter{now: now, all: bucket{failuresOverall, now()}, byAddr: map[netip.Prefix]*bucket{}}
}

// take reports whether the address may try now, and if not, when it may again.
func (l *attemptLimiter) take(addr netip.Prefix) (ok bool, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	b := l.byAddr[addr]
	if b == nil {
		if len(l.byAddr) >= maxAddresses {
			l.forget(now)
		}
		b = &bucket{failuresPerAddress, now}
		l.byAddr[addr] = b
	}
	b.fill(failuresPerAddress, now)
	l.all.fill(failuresOverall, now)
	if b.left < 1 || l.all.left < 1 {
		seconds := max((1-b.left)*60/failuresPerAddress, (1-l.all.left)*60/failuresOverall)
		return false, time.Duration(seconds * float64(time.Second))
	}
	b.left--
	l.all.left--
	return true, 0
}

// giveBack undoes a take.
func (l *attemptLimiter) giveBack(addr netip.Prefix) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all.left++
	if b := l.byAddr[addr]; b != nil {
		b.left++
	}
}

// forget drops addresses that have all their attempts again, and where that is not enough, all: the overall limit
// still holds.
func (l *attemptLimiter) forget(now time.Time) {
	for addr, b := range l.byAddr {
		if b.fill(failuresPerAddress, now); b.left >= failuresPerAddress {
			delete(l.byAddr, addr)
		}
	}
	if len(l.byAddr) >= maxAddresses {
		clear(l.byAddr)
	}
}

// clientAddr is the caller's address, for counting only. What headers say of it is believed where the connection comes
// from a private network, as a platform's proxy does; its last entry is the one that the proxy wrote itself. An IPv6
// caller counts by its /64, of which it has all addresses.
func (s *Server) clientAddr(r *http.Request) netip.Prefix {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return netip.Prefix{}
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Prefix{}
	}
	addr = addr.Unmap()
	if addr.IsPrivate() || addr.IsLoopback() || addr.IsLinkLocalUnicast() {
		if told, err := netip.ParseAddr(s.forwardedFor(r)); err == nil {
			addr = told.Unmap()
		}
	}
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	prefix, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}

func (s *Server) forwardedFor(r *http.Request) string {
	if s.opts.ClientIPHeader != "" {
		return strings.TrimSpace(r.Header.Get(s.opts.ClientIPHeader))
	}
	all := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	return strings.TrimSpace(all[len(all)-1])
}
