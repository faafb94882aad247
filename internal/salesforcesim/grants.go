package salesforcesim

import (
	"net/url"
	"strconv"
	"time"
)

// connection is one user's grant: what it sees, and its tokens.
type connection struct {
	refresh string // the current refresh token; empty once revoked
	hidden  hiddenFields
}

// refreshToken is a token that was ever given out.
type refreshToken struct {
	conn    *connection
	busy    bool // a refresh with it is under way
	retired bool // rotated out
}

type session struct {
	conn *connection
	used time.Time
	dead bool
}

// grants are the tokens of the org.
type grants struct {
	first    *connection
	refresh  map[string]*refreshToken
	sessions map[string]*session
	seq      uint64
	instance string // where the org lives; empty: wherever it was asked
	moved    string // the host it left
	revoked  map[string]bool
}

func newGrants(s *Sim) grants {
	g := grants{refresh: map[string]*refreshToken{}, sessions: map[string]*session{}, instance: s.opt.InstanceURL, revoked: map[string]bool{}}
	list := append([]Connection{{s.opt.RefreshToken, s.opt.Hidden}}, s.opt.Connections...)
	for i, c := range list {
		conn := &connection{refresh: c.RefreshToken, hidden: hiddenFields{}}
		for o, m := range s.absent {
			conn.hidden[o] = m
		}
		for _, name := range c.Hidden {
			o, f, err := fieldNamed(name)
			if err != nil {
				panic("salesforcesim: " + err.Error())
			}
			conn.hidden.add(o, f)
		}
		if i == 0 {
			g.first = conn
		}
		if c.RefreshToken != "" {
			g.refresh[c.RefreshToken] = &refreshToken{conn: conn}
		}
	}
	return g
}

func (g *grants) secret(seed int64, prefix string) string {
	g.seq++
	b := []byte(prefix)
	for i := range 4 {
		h := draw(seed, drawToken, g.seq, uint64(i))
		for range 10 {
			b = append(b, idDigits[h%62])
			h /= 62
		}
	}
	return string(b)
}

// revoke ends a connection's refresh token and all its sessions.
func (g *grants) revoke(c *connection) {
	c.refresh = ""
	for _, ses := range g.sessions {
		if ses.conn == c {
			ses.dead = true
		}
	}
}

// open starts a session and returns its access token.
func (s *Sim) open(c *connection) string {
	token := s.grants.secret(s.opt.Seed, orgID()[:15]+"!")
	s.grants.sessions[token] = &session{conn: c, used: s.opt.Clock()}
	return token
}

func orgID() string  { return makeID(organizationObject.prefix, 0) }
func userID() string { return makeID(userObject.prefix, 0) }

// tokenAnswer is a successful answer of the token endpoint.
func (s *Sim) tokenAnswer(c *connection, host string) map[string]any {
	token := s.open(c)
	issued := strconv.FormatInt(s.opt.Clock().UnixMilli(), 10)
	return map[string]any{
		"access_token": token, "instance_url": s.instanceFor(host), "id": "http://" + host + "/id/" + orgID() + "/" + userID(), "token_type": "Bearer",
		"issued_at": issued, "signature": token[len(token)-12:] + "=", "scope": "api refresh_token",
	}
}

func (s *Sim) instanceFor(host string) string {
	if s.grants.instance != "" {
		return s.grants.instance
	}
	return "http://" + host
}

// authorize finds the connection of an access token that is still good for this host.
func (s *Sim) authorize(token, host string) (*connection, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ses := s.grants.sessions[token]
	now := s.opt.Clock()
	if ses == nil || ses.dead || now.Sub(ses.used) >= s.opt.SessionTTL || s.grants.moved != "" && host == s.grants.moved {
		return nil, errSession
	}
	ses.used = now
	return ses.conn, nil
}

// MoveInstance moves the org to another base URL: the next token answers name it, and the old host knows no session any more.
func (s *Sim) MoveInstance(from, to string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if u, err := url.Parse(from); err == nil {
		s.grants.moved = u.Host
	}
	s.grants.instance = to
}

// ExpireSessions makes every access token invalid; refresh tokens stay good.
func (s *Sim) ExpireSessions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ses := range s.grants.sessions {
		ses.dead = true
	}
}

// Revoke ends every grant, as an administrator does: only a new authorisation helps.
func (s *Sim) Revoke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rt := range s.grants.refresh {
		s.grants.revoke(rt.conn)
	}
	s.grants.revoke(s.grants.first)
}

// Authorize is a new authorisation of the first connection: the refresh token that is good from now on.
func (s *Sim) Authorize(refresh string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.grants.first.refresh = refresh
	s.grants.refresh[refresh] = &refreshToken{conn: s.grants.first}
}

// RotateBySibling refreshes as another process with the same refresh token would, and returns the new one. Without rotation, and when the
// grant is revoked, it returns the token as it is.
func (s *Sim) RotateBySibling() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.grants.first
	if s.opt.Rotate && c.refresh != "" {
		s.rotate(c)
	}
	return c.refresh
}

func (s *Sim) rotate(c *connection) {
	s.grants.refresh[c.refresh].retired = true
	c.refresh = s.grants.secret(s.opt.Seed, "5Aep861")
	s.grants.refresh[c.refresh] = &refreshToken{conn: c}
	s.counts.add("rotated")
}

// RefreshToken is the one that is good now; empty after a revocation.
func (s *Sim) RefreshToken() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.grants.first.refresh
}
