package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	// audience is what Supabase writes into the tokens of users who are logged in.
	audience = "authenticated"
	// leeway is how far the two clocks may be apart.
	leeway = 30 * time.Second
	// maxToken is well above what Supabase makes, metadata included.
	maxToken = 16 << 10
)

var errToken = errors.New("the token is not one of this project's users, or has expired")

// claims of a Supabase access token that count here.
type claims struct {
	Subject  string   `json:"sub"`
	Role     string   `json:"role"`
	Audience oneOrAll `json:"aud"`
	Expires  *float64 `json:"exp"`
	NotUntil *float64 `json:"nbf"`
	Issued   *float64 `json:"iat"`
}

// oneOrAll is a string or a list of them, as RFC 7519 section 4.1.3 has it.
type oneOrAll []string

func (o *oneOrAll) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*o = oneOrAll{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(o))
}

// VerifyUser returns the user (auth.users.id) whose Supabase access token this is: signed by secret with HS256 and
// nothing else, for logged-in users, valid at now. The errors do not tell which of these failed.
func VerifyUser(token, secret string, now time.Time) (uuid.UUID, error) {
	head, rest, ok := strings.Cut(token, ".")
	body, mac, ok2 := strings.Cut(rest, ".")
	if secret == "" || len(token) > maxToken || !ok || !ok2 {
		return uuid.Nil, errToken
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(mac)
	if err != nil {
		return uuid.Nil, errToken
	}
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(head + "." + body))
	if !hmac.Equal(signature, m.Sum(nil)) {
		return uuid.Nil, errToken
	}
	var header struct {
		Algorithm string   `json:"alg"`
		Critical  []string `json:"crit"`
	}
	var c claims
	if !decode(head, &header) || header.Algorithm != "HS256" || len(header.Critical) > 0 || !decode(body, &c) {
		return uuid.Nil, errToken
	}
	return c.user(now)
}

func (c claims) user(now time.Time) (uuid.UUID, error) {
	at := func(seconds float64) time.Time { return time.Unix(int64(min(max(seconds, 0), 1e11)), 0) }
	switch {
	case c.Expires == nil, !now.Before(at(*c.Expires).Add(leeway)),
		c.NotUntil != nil && now.Add(leeway).Before(at(*c.NotUntil)),
		c.Issued != nil && now.Add(leeway).Before(at(*c.Issued)),
		c.Role != audience, !slices.Contains(c.Audience, audience):
		return uuid.Nil, errToken
	}
	id, err := uuid.Parse(c.Subject)
	if err != nil || id == uuid.Nil || len(c.Subject) != 36 {
		return uuid.Nil, errToken
	}
	return id, nil
}

func decode(part string, into any) bool {
	data, err := base64.RawURLEncoding.Strict().DecodeString(part)
	return err == nil && json.Unmarshal(data, into) == nil
}
