package salesforcesim

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

var (
	errGrant         = oauthError("invalid_grant", "expired access/refresh token")
	errGrantBusy     = oauthError("invalid_grant", "token request is already being processed")
	errAuthFailure   = oauthError("invalid_grant", "authentication failure")
	errUnapproved    = oauthError("invalid_grant", "user hasn't approved this consumer")
	errAssertion     = oauthError("invalid_grant", "invalid assertion")
	errClientID      = oauthError("invalid_client_id", "client identifier invalid")
	errClient        = oauthError("invalid_client", "invalid client credentials")
	errGrantType     = oauthError("unsupported_grant_type", "grant type not supported")
	grantJWT         = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	jwtClockBuffer   = 3 * time.Minute
	tokenFaultAnswer = map[string]*apiError{
		"token_revoked": errGrant, "token_busy": errGrantBusy, "token_403": errDaily, "token_503": errMaintenance,
		"token_429": {status: http.StatusTooManyRequests, contentType: "text/plain", body: "Too many requests"},
	}
)

// token is POST /services/oauth2/token.
func (s *Sim) token(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		oauthError("invalid_request", "the request is no form").send(w)
		return
	}
	mode, delay := s.fault(classToken)
	if mode == "token_reset" {
		panic(http.ErrAbortHandler)
	}
	if e := tokenFaultAnswer[mode]; e != nil {
		s.counts.add("token_refused")
		s.withRetry(e).send(w)
		return
	}
	id, secret, basic := r.BasicAuth()
	if !basic {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	answer, refused := s.grant(r, id, secret, delay)
	if mode == "token_drop" { // the grant happened; nobody learns of it
		panic(http.ErrAbortHandler)
	}
	if refused != nil {
		s.counts.add("token_refused")
		refused.send(w)
		return
	}
	s.counts.add("token_granted")
	w.Header().Set("Cache-Control", "no-cache, no-store")
	sendJSON(w, http.StatusOK, answer)
}

// grant answers one grant type. The time that a slow grant takes passes between reading the token and rotating it.
func (s *Sim) grant(r *http.Request, id, secret string, delay time.Duration) (map[string]any, *apiError) {
	form := r.PostForm
	if form.Get("grant_type") == grantJWT {
		return s.grantJWT(form.Get("assertion"), r.Host)
	}
	if id == "" || !same(id, s.opt.ClientID) {
		return nil, errClientID
	}
	if !same(secret, s.opt.ClientSecret) {
		return nil, errClient
	}
	switch form.Get("grant_type") {
	case "refresh_token":
		return s.refresh(form.Get("refresh_token"), r.Host, delay)
	case "client_credentials":
		return s.grantFirst(r.Host)
	case "password":
		if s.opt.Username == "" || !same(form.Get("username"), s.opt.Username) || !same(form.Get("password"), s.opt.Password) {
			return nil, errAuthFailure
		}
		return s.grantFirst(r.Host)
	}
	return nil, errGrantType
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func (s *Sim) grantFirst(host string) (map[string]any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tokenAnswer(s.grants.first, host), nil
}

func (s *Sim) refresh(token, host string, delay time.Duration) (map[string]any, *apiError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rt := s.grants.refresh[token]
	switch {
	case rt == nil:
		return nil, errGrant
	case rt.retired:
		s.counts.add("reused_refresh_token")
		s.grants.revoke(rt.conn)
		return nil, errGrant
	case rt.conn.refresh != token:
		return nil, errGrant
	case rt.busy:
		return nil, errGrantBusy
	}
	if delay > 0 {
		rt.busy = true
		s.mu.Unlock()
		time.Sleep(delay)
		s.mu.Lock()
		rt.busy = false
		if rt.conn.refresh != token {
			return nil, errGrant
		}
	}
	s.counts.add("refreshed")
	answer := s.tokenAnswer(rt.conn, host)
	if s.opt.Rotate {
		s.rotate(rt.conn)
		answer["refresh_token"] = rt.conn.refresh
	}
	return answer, nil
}

// grantJWT checks an assertion's signature and claims. The audience may be any login host.
func (s *Sim) grantJWT(assertion, host string) (map[string]any, *apiError) {
	part := strings.Split(assertion, ".")
	if len(part) != 3 || s.opt.JWTKey == nil {
		return nil, errAssertion
	}
	var claims struct {
		Iss, Sub, Aud string
		Exp           int64
	}
	body, err := base64.RawURLEncoding.DecodeString(part[1])
	if err != nil || json.Unmarshal(body, &claims) != nil {
		return nil, errAssertion
	}
	signature, err := base64.RawURLEncoding.DecodeString(part[2])
	sum := sha256.Sum256([]byte(part[0] + "." + part[1]))
	if err != nil || rsa.VerifyPKCS1v15(s.opt.JWTKey, crypto.SHA256, sum[:], signature) != nil {
		return nil, errAssertion
	}
	now := s.opt.Clock()
	exp := time.Unix(claims.Exp, 0)
	switch {
	case !same(claims.Iss, s.opt.ClientID):
		return nil, errClientID
	case exp.Add(jwtClockBuffer).Before(now) || exp.After(now.Add(24*time.Hour)):
		return nil, oauthError("invalid_grant", "assertion is expired")
	case claims.Aud == "":
		return nil, oauthError("invalid_grant", "audience is invalid")
	case s.opt.Username != "" && claims.Sub != s.opt.Username || claims.Sub == "":
		return nil, errUnapproved
	}
	return s.grantFirst(host)
}

// revokeToken is /services/oauth2/revoke, for either kind of token.
func (s *Sim) revokeToken(w http.ResponseWriter, r *http.Request) {
	token := r.FormValue("token")
	s.mu.Lock()
	defer s.mu.Unlock()
	if ses := s.grants.sessions[token]; ses != nil {
		ses.dead = true
	} else if rt := s.grants.refresh[token]; rt != nil {
		s.grants.revoke(rt.conn)
	} else {
		oauthError("invalid_token", "invalid token: "+url.QueryEscape("unknown")).send(w)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// identity is who the session belongs to: /services/oauth2/userinfo and the id URL of a token answer.
func (s *Sim) identity(w http.ResponseWriter, r *http.Request) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if _, refused := s.authorize(token, r.Host); refused != nil {
		(&apiError{status: http.StatusForbidden, contentType: "text/html", body: "Bad_OAuth_Token"}).send(w)
		return
	}
	s.mu.Lock()
	rest := s.instanceFor(r.Host) + "/services/data/v{version}/"
	s.mu.Unlock()
	id := "http://" + r.Host + "/id/" + orgID() + "/" + userID()
	sendJSON(w, http.StatusOK, map[string]any{
		"id": id, "sub": id, "user_id": userID(), "organization_id": orgID(), "username": "integration@sample.example.org", "preferred_username": "integration@sample.example.org",
		"name": "Integration User", "display_name": "Integration User", "email": "integration@sample.example.org", "active": true, "user_type": "STANDARD", "language": "en_US",
		"urls": map[string]string{"rest": rest, "query": rest + "query/", "sobjects": rest + "sobjects/"},
	})
}
