package salesforce

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestClientCredentialsAndJWT(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	keyText := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	o := newOrg(t, answerLimits)

	cr := Credentials{Grant: GrantClientCredentials, LoginURL: o.server.URL, ClientID: "3MVG9.client", ClientSecret: NewSecret(clientSecret)}
	_, err = o.client(NewMemoryStore(cr, Token{})).Limits(t.Context())
	require.NoError(t, err)
	require.Equal(t, "client_credentials", o.tokens[0].Get("grant_type"))
	require.Equal(t, clientSecret, o.tokens[0].Get("client_secret"))

	cr = Credentials{Grant: GrantJWT, LoginURL: o.server.URL, ClientID: "3MVG9.client", Username: "sync@charity.org", PrivateKey: NewSecret(keyText), Audience: LoginProduction}
	c := o.client(NewMemoryStore(cr, Token{}))
	_, err = c.Limits(t.Context())
	require.NoError(t, err)
	form := o.tokens[1]
	require.Equal(t, "urn:ietf:params:oauth:grant-type:jwt-bearer", form.Get("grant_type"))
	parts := strings.Split(form.Get("assertion"), ".")
	require.Len(t, parts, 3)
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	require.NoError(t, err)
	require.NoError(t, rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], signature))
	claimText, err := base64.RawURLEncoding.DecodeString(parts[1])
	require.NoError(t, err)
	var claims struct {
		Iss, Sub, Aud string
		Iat, Exp      int64
	}
	require.NoError(t, json.Unmarshal(claimText, &claims))
	require.Equal(t, "3MVG9.client", claims.Iss)
	require.Equal(t, "sync@charity.org", claims.Sub)
	require.Equal(t, LoginProduction, claims.Aud)
	require.LessOrEqual(t, claims.Exp-time.Now().Unix(), int64(180))

	// Neither has a refresh token: a 401 makes another request of the same sort.
	o.expire()
	_, err = c.Limits(t.Context())
	require.NoError(t, err)
	tokens, _ := o.counts()
	require.Equal(t, 3, tokens)
}

func TestCredentialsAreChecked(t *testing.T) {
	t.Parallel()
	secret := NewSecret("sshh-secret")
	for name, test := range map[string]struct {
		cr   Credentials
		kind Kind
		want string
	}{
		"empty":              {Credentials{}, KindCredentials, "client id is missing"},
		"no refresh token":   {Credentials{ClientID: "c"}, KindReauthorize, "refresh token is missing"},
		"no secret":          {Credentials{Grant: GrantClientCredentials, ClientID: "c"}, KindCredentials, "client secret is missing"},
		"not My Domain":      {Credentials{Grant: GrantClientCredentials, ClientID: "c", ClientSecret: secret}, KindCredentials, "https://NAME.my.salesforce.com"},
		"no user":            {Credentials{Grant: GrantJWT, ClientID: "c"}, KindCredentials, "user name is missing"},
		"no key":             {Credentials{Grant: GrantJWT, ClientID: "c", Username: "u", PrivateKey: secret}, KindCredentials, "not PEM"},
		"broken key":         {Credentials{Grant: GrantJWT, ClientID: "c", Username: "u", PrivateKey: NewSecret("-----BEGIN PRIVATE KEY-----\nc3NoaA==\n-----END PRIVATE KEY-----\n")}, KindCredentials, "cannot be read"},
		"unknown grant":      {Credentials{Grant: "password", ClientID: "c"}, KindCredentials, "none of"},
		"plain http":         {Credentials{LoginURL: "http://login.salesforce.com", ClientID: "c", RefreshToken: secret}, KindCredentials, "https://"},
		"a path":             {Credentials{LoginURL: "https://login.salesforce.com/services", ClientID: "c", RefreshToken: secret}, KindCredentials, "without a path"},
		"user in login URL":  {Credentials{LoginURL: "https://u:sshh@login.salesforce.com", ClientID: "c", RefreshToken: secret}, KindCredentials, "user name"},
		"unparsable":         {Credentials{LoginURL: "https://[::1", ClientID: "c", RefreshToken: secret}, KindCredentials, "cannot be parsed"},
		"refresh, no client": {Credentials{RefreshToken: secret}, KindCredentials, "SALESFORCE_CLIENT_ID"},
	} {
		o := newOrg(t, answerLimits)
		_, err := o.client(NewMemoryStore(test.cr, Token{})).Limits(t.Context())
		require.Equal(t, test.kind.String(), KindOf(err).String(), name)
		require.ErrorContains(t, err, test.want, name)
		require.NotContains(t, err.Error(), "sshh", name)
		tokens, _ := o.counts()
		require.Zero(t, tokens)
	}
}

func TestTokenEndpointErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		kind   Kind
		mend   string
	}{
		"password changed":  {400, `{"error":"invalid_grant","error_description":"authentication failure"}`, KindReauthorize, "authorise"},
		"inactive":          {400, `{"error":"invalid_grant","error_description":"inactive user"}`, KindReauthorize, "activate"},
		"not approved":      {400, `{"error":"invalid_grant","error_description":"user hasn't approved this consumer"}`, KindCredentials, "pre-authorise"},
		"address":           {400, `{"error":"invalid_grant","error_description":"ip restricted"}`, KindCredentials, "address"},
		"audience":          {400, `{"error":"invalid_grant","error_description":"audience is invalid"}`, KindCredentials, "login URL"},
		"secret":            {400, `{"error":"invalid_client","error_description":"invalid client credentials"}`, KindCredentials, "client secret"},
		"client":            {400, `{"error":"invalid_client_id","error_description":"client identifier invalid"}`, KindCredentials, "client id"},
		"grant":             {400, `{"error":"unsupported_grant_type","error_description":"grant type not supported"}`, KindCredentials, "connected app"},
		"quota, array":      {403, `[{"errorCode":"REQUEST_LIMIT_EXCEEDED","message":"TotalRequests Limit exceeded."}]`, KindQuota, "more API requests"},
		"page":              {404, `<html>URL No Longer Exists</html>`, KindUnavailable, ""},
		"wrong host":        {404, `{"nothing":1}`, KindCredentials, "login URL"},
		"error under a 200": {200, `{"error":"invalid_grant","error_description":"expired access/refresh token"}`, KindReauthorize, "authorise"},
		"no instance":       {200, `{"access_token":"00D000000000001!x"}`, KindProtocol, ""},
	} {
		o := newOrg(t, answerLimits)
		o.expire()
		o.token = func(_ int, w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(test.status)
			fmt.Fprint(w, test.body)
			return true
		}
		_, err := o.client(nil).Limits(t.Context())
		require.Equal(t, test.kind.String(), KindOf(err).String(), name)
		require.Contains(t, AsError(err).Mend, test.mend, name)
	}
}
