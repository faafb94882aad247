package crm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/secret"
)

// credentials are integrations.credentials: the web app's keys, and ours for the other grants. Keys that we do not know
// are kept as they are.
type credentials struct {
	ClientID     string
	ClientSecret salesforce.Secret
	AccessToken  salesforce.Secret
	RefreshToken salesforce.Secret
	TokenType    string
	Grant        salesforce.Grant // "" is refresh_token
	Username     string           // jwt_bearer
	PrivateKey   salesforce.Secret
	other        map[string]json.RawMessage
}

// texts names the keys and where their values go.
func (c *credentials) texts() map[string]func(set *string) string {
	plain := func(p *string) func(*string) string {
		return func(set *string) string {
			if set != nil {
				*p = *set
			}
			return *p
		}
	}
	secret := func(p *salesforce.Secret) func(*string) string {
		return func(set *string) string {
			if set != nil {
				*p = salesforce.NewSecret(*set)
			}
			return p.Reveal()
		}
	}
	grant := func(set *string) string {
		if set != nil {
			c.Grant = salesforce.Grant(*set)
		}
		return string(c.Grant)
	}
	return map[string]func(*string) string{
		"clientId": plain(&c.ClientID), "clientSecret": secret(&c.ClientSecret), "accessToken": secret(&c.AccessToken),
		"refreshToken": secret(&c.RefreshToken), "tokenType": plain(&c.TokenType), "grant": grant,
		"username": plain(&c.Username), "privateKey": secret(&c.PrivateKey),
	}
}

// openCredentials reads integrations.credentials, sealed or plain; secret.ErrSealed where no key of ours opens them.
func openCredentials(keys *secret.Ring, id uuid.UUID, raw []byte) (credentials, error) {
	plain, _, err := keys.Open(raw, sealedFor(id))
	if err != nil {
		return credentials{}, err
	}
	return readCredentials(plain)
}

// sealCredentials is the inverse of openCredentials: with keys, what is written is sealed.
func sealCredentials(keys *secret.Ring, id uuid.UUID, c credentials) ([]byte, error) {
	raw, err := writeCredentials(c)
	if err != nil {
		return nil, err
	}
	return keys.Seal(raw, sealedFor(id))
}

// sealedFor is what sealed credentials are bound to: copied to another integration they do not open.
func sealedFor(id uuid.UUID) string { return "integrations.credentials/" + id.String() }

// readCredentials reads integrations.credentials. Its errors never quote a value.
func readCredentials(raw []byte) (credentials, error) {
	var c credentials
	if len(bytes.TrimSpace(raw)) == 0 || string(bytes.TrimSpace(raw)) == "null" {
		return c, nil
	}
	if err := json.Unmarshal(raw, &c.other); err != nil {
		return c, errors.New("the integration's credentials are not a JSON object")
	}
	for key, at := range c.texts() {
		value, ok := c.other[key]
		delete(c.other, key)
		if !ok || string(value) == "null" {
			continue
		}
		var text string
		if err := json.Unmarshal(value, &text); err != nil {
			return credentials{}, fmt.Errorf("%s in the integration's credentials is not a text", key)
		}
		text = strings.TrimSpace(text)
		at(&text)
	}
	return c, nil
}

// writeCredentials is the inverse of readCredentials.
func writeCredentials(c credentials) ([]byte, error) {
	out := make(map[string]any, len(c.other)+8)
	for key, value := range c.other {
		out[key] = value
	}
	for key, at := range c.texts() {
		if text := at(nil); text != "" {
			out[key] = text
		}
	}
	raw, err := json.Marshal(out)
	if err != nil {
		return nil, errors.New("the integration's credentials cannot be written as JSON")
	}
	return raw, nil
}
