// Package authtest makes tokens as Supabase does, for tests. It imports nothing of ours.
package authtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// Claims of a Supabase access token, or whatever a forger writes.
type Claims map[string]any

// Token is that of a logged-in user.
func Token(secret string, user uuid.UUID, expires time.Time) string {
	return Sign(secret, Claims{"alg": "HS256", "typ": "JWT"}, Claims{"sub": user.String(), "role": "authenticated", "aud": "authenticated",
		"exp": expires.Unix(), "iat": expires.Add(-time.Hour).Unix(), "email": "user@example.org"})
}

// Sign makes a token of any header and claims, signed with HMAC-SHA256 whatever the header says.
func Sign(secret string, header, claims Claims) string {
	head, _ := json.Marshal(header) // maps of plain values
	body, _ := json.Marshal(claims)
	text := base64.RawURLEncoding.EncodeToString(head) + "." + base64.RawURLEncoding.EncodeToString(body)
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}
