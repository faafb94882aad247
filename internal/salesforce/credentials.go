package salesforce

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Login hosts. A My Domain host (https://name.my.salesforce.com) works as well, and client credentials need it.
const (
	LoginProduction = "https://login.salesforce.com"
	LoginSandbox    = "https://test.salesforce.com"
)

// Grant is the way an access token is got.
type Grant string

const (
	GrantRefreshToken      Grant = "refresh_token"      // a user authorised our app once
	GrantJWT               Grant = "jwt_bearer"         // we sign with a key that the app's administrator registered
	GrantClientCredentials Grant = "client_credentials" // the app has a Run As user
)

// Credentials are what a token request needs.
type Credentials struct {
	Grant        Grant  // "" means GrantRefreshToken
	LoginURL     string // scheme and host; "" means LoginProduction
	ClientID     string // consumer key
	ClientSecret Secret // may be none for refresh tokens where the app's policy says so, and for JWT
	RefreshToken Secret // GrantRefreshToken
	Username     string // GrantJWT: the user to act as
	PrivateKey   Secret // GrantJWT: RSA key, PEM
	Audience     string // GrantJWT: "" means LoginURL
}

// Token is an answer of the token endpoint, or what a store kept of it.
type Token struct {
	AccessToken  Secret
	RefreshToken Secret    // to be presented next time; with rotation another one each time; none for other grants
	InstanceURL  string    // where API requests go; may change with any refresh
	IssuedAt     time.Time // by Salesforce's clock; zero if it did not say
	OrgID        string    // 18 characters; "" if it did not say
	UserID       string    // whom Salesforce will name as the author of our writes; "" if it did not say
}

// normal checks credentials before anything is sent and fills in what is left out.
func (cr Credentials) normal() (Credentials, error) {
	if cr.LoginURL == "" {
		cr.LoginURL = LoginProduction
	}
	base, err := parseBase("login URL", cr.LoginURL)
	if err != nil {
		return cr, err
	}
	cr.LoginURL = base.String()
	cr.ClientID = strings.TrimSpace(cr.ClientID)
	if cr.ClientID == "" {
		return cr, errors.New("the client id is missing: set clientId in the integration's credentials, or SALESFORCE_CLIENT_ID")
	}
	switch cr.Grant {
	case GrantRefreshToken, "":
		cr.Grant = GrantRefreshToken
		if cr.RefreshToken.IsZero() {
			return cr, errors.New("the refresh token is missing: authorise the Salesforce connection again")
		}
	case GrantClientCredentials:
		if cr.ClientSecret.IsZero() {
			return cr, errors.New("the client secret is missing: set clientSecret in the integration's credentials, or SALESFORCE_CLIENT_SECRET")
		}
		if cr.LoginURL == LoginProduction || cr.LoginURL == LoginSandbox {
			return cr, errors.New("client credentials work on the org's own host only: set the login URL to https://NAME.my.salesforce.com")
		}
	case GrantJWT:
		if strings.TrimSpace(cr.Username) == "" {
			return cr, errors.New("the user name is missing: JWT bearer needs the Salesforce user to act as")
		}
		if err := checkKey(cr.PrivateKey.Reveal()); err != nil {
			return cr, err
		}
		if cr.Audience == "" {
			cr.Audience = cr.LoginURL
		}
	default:
		return cr, fmt.Errorf("the grant is none of %s, %s, %s", GrantRefreshToken, GrantJWT, GrantClientCredentials)
	}
	return cr, nil
}

// checkKey never quotes the key, as the parsers' own errors may.
func checkKey(key string) error {
	block, _ := pem.Decode([]byte(key))
	if block == nil {
		return errors.New("the private key is not PEM: paste the whole file, from -----BEGIN to the last -----")
	}
	if parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
		if _, ok := parsed.(*rsa.PrivateKey); ok {
			return nil
		}
		return errors.New("the private key is not an RSA key: Salesforce takes RS256 only")
	}
	if _, err := x509.ParsePKCS1PrivateKey(block.Bytes); err != nil {
		return errors.New("the private key cannot be read: it must be an RSA key without a passphrase")
	}
	return nil
}

// usable is true for a token that a request can be made with.
func (t Token) usable() bool { return !t.AccessToken.IsZero() && t.InstanceURL != "" }

// instance is the address API requests go to.
func (t Token) instance() (*url.URL, error) { return parseBase("instance URL", t.InstanceURL) }
