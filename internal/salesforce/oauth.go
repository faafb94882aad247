package salesforce

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/oauth2/jwt"
)

const (
	tokenPath = "/services/oauth2/token"

	// assertionLife: Salesforce allows 3 minutes beyond its own clock; the library's hour is refused.
	assertionLife = 3 * time.Minute
)

// requestToken makes one request to the token endpoint and never repeats it. The credentials are normal.
func (c *Client) requestToken(ctx context.Context, cr Credentials) (Token, *Error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.TokenTimeout)
	defer cancel()
	trip := &tokenTrip{ctx: ctx, client: c, trace: &sendTrace{transport: c.transport}}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, &http.Client{
		Transport: trip,
		// A redirect would carry the refresh token somewhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
	got, err := tokenSource(ctx, cr).Token()
	if err != nil {
		return Token{}, c.tokenFailure(trip, err)
	}
	t := Token{
		AccessToken:  NewSecret(got.AccessToken),
		RefreshToken: NewSecret(got.RefreshToken),
		InstanceURL:  extra(got, "instance_url"),
		IssuedAt:     issuedAt(extra(got, "issued_at")),
	}
	if cr.Grant == GrantRefreshToken && t.RefreshToken.IsZero() {
		t.RefreshToken = cr.RefreshToken
	}
	t.OrgID, t.UserID = identity(extra(got, "id"))
	c.keepSecret(t.AccessToken, t.RefreshToken)
	base, err := t.instance()
	if err != nil {
		// The token may be rotated by now: hand it on, so that it is stored. The address is asked for again at the
		// next refresh.
		if cr.Grant == GrantRefreshToken && !t.RefreshToken.Equal(cr.RefreshToken) {
			t.InstanceURL = ""
			return t, nil
		}
		return Token{}, protocolError(refreshOp, "the token endpoint gave no usable instance URL")
	}
	t.InstanceURL = base.String()
	return t, nil
}

func tokenSource(ctx context.Context, cr Credentials) oauth2.TokenSource {
	address := cr.LoginURL + tokenPath
	switch cr.Grant {
	case GrantJWT:
		return (&jwt.Config{
			Email: cr.ClientID, Subject: cr.Username, Audience: cr.Audience, TokenURL: address,
			PrivateKey: []byte(cr.PrivateKey.Reveal()), Expires: assertionLife,
		}).TokenSource(ctx)
	case GrantClientCredentials:
		return (&clientcredentials.Config{
			ClientID: cr.ClientID, ClientSecret: cr.ClientSecret.Reveal(), TokenURL: address, AuthStyle: oauth2.AuthStyleInParams,
		}).TokenSource(ctx)
	default:
		return (&oauth2.Config{
			ClientID: cr.ClientID, ClientSecret: cr.ClientSecret.Reveal(),
			// Without a style the library posts the same refresh token again in the other style after ANY failure,
			// which under rotation revokes the connection.
			Endpoint: oauth2.Endpoint{TokenURL: address, AuthStyle: oauth2.AuthStyleInParams},
		}).TokenSource(ctx, &oauth2.Token{RefreshToken: cr.RefreshToken.Reveal(), Expiry: time.Unix(1, 0)})
	}
}

// tokenTrip carries the one token request: with our context, which oauth2/jwt does not pass on, and watched.
type tokenTrip struct {
	ctx    context.Context
	client *Client
	trace  *sendTrace
	trips  int
}

func (t *tokenTrip) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.trips++; t.trips > 1 {
		return nil, errors.New("a token request is sent once")
	}
	req = req.Clone(t.trace.attach(t.ctx))
	req.GetBody = nil // net/http must not send it a second time on a stale connection
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", userAgent)
	resp, err := t.client.onWire(req, refreshOp)
	if err == nil {
		t.client.noteDate(resp.Header)
	}
	return resp, err
}

// tokenFailure tells what passes from what does not. Texts of https://help.salesforce.com, "OAuth 2.0 error codes".
func (c *Client) tokenFailure(trip *tokenTrip, err error) *Error {
	answered, ok := errors.AsType[*oauth2.RetrieveError](err)
	if !ok {
		e := &Error{Op: refreshOp, Kind: KindNoAnswer, Message: "the answer to the token request was lost or is not a token", cause: c.hidden(err)}
		if trip.trips == 0 {
			e.Kind, e.Message = KindCredentials, "the token request could not be made from these credentials"
		} else if trip.trace.neverLeft() {
			e.Kind, e.Message = KindNotSent, clean("the token request never left: "+describe(err), c.secretTexts(), maxMessageBytes)
		}
		return e
	}
	status, header := answered.Response.StatusCode, answered.Response.Header
	var body wireError
	if json.Unmarshal(answered.Body, &body) != nil || body.OAuthError == "" {
		// An array of errors, a page, or nothing: as any other endpoint answers.
		e := c.classify(&request{op: refreshOp, reads: true}, status, header, answered.Body)
		if e.Kind == KindSession || e.Kind == KindNotFound || e.Kind == KindRejected || status/100 == 3 {
			e.Kind, e.Mend = KindCredentials, "check the login URL of the integration"
		}
		return e
	}
	e := &Error{Op: refreshOp, Status: status, Code: clean(body.OAuthError, nil, maxCodeBytes), RetryAfter: retryAfter(header, c.now())}
	e.Message = clean(body.OAuthText, c.secretTexts(), maxMessageBytes)
	e.Kind, e.Mend = kindOfGrantError(status, strings.ToLower(body.OAuthError), strings.ToLower(body.OAuthText))
	return e
}

func kindOfGrantError(status int, code, text string) (Kind, string) {
	has := func(word string) bool { return strings.Contains(text, word) }
	switch {
	case status >= 500 || status == http.StatusTooManyRequests || code == "server_error" || code == "temporarily_unavailable":
		return KindUnavailable, ""
	// A refresh with the same token is under way elsewhere; until September 2024 it was called by the second name.
	case code == "invalid_grant" && (has("already being processed") || has("expired authorization code")):
		return KindConcurrency, ""
	case code == "invalid_grant" && has("ip restricted"), code == "invalid_grant" && has("ip not allowed"):
		return KindCredentials, "allow this machine's address for the connected app, or relax its IP restrictions"
	case code == "invalid_grant" && has("approved this consumer"):
		return KindCredentials, "pre-authorise the connected app for the user's profile or permission set"
	case code == "invalid_grant" && (has("audience") || has("assertion") || has("expired jwt") || has("signature")):
		return KindCredentials, "check the login URL, the private key and this machine's clock"
	case code == "invalid_grant" && has("inactive"):
		return KindReauthorize, "the Salesforce user or org is inactive: activate it, or authorise the connection as another user"
	case code == "invalid_grant":
		return KindReauthorize, "authorise the Salesforce connection again"
	case code == "invalid_client" || code == "invalid_client_id" || code == "unauthorized_client":
		return KindCredentials, "correct the client id and client secret of the integration"
	case code == "inactive_user" || code == "inactive_org":
		return KindReauthorize, "the Salesforce user or org is inactive: activate it, or authorise the connection as another user"
	case code == "rate_limit_exceeded":
		return KindConcurrency, ""
	}
	return KindCredentials, "check the settings of the connected app"
}

func extra(t *oauth2.Token, name string) string {
	text, _ := t.Extra(name).(string)
	return text
}

// issuedAt reads milliseconds since the epoch, which Salesforce sends as a string.
func issuedAt(text string) time.Time {
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil || ms <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// identity reads https://login.salesforce.com/id/<org>/<user>.
func identity(address string) (org, user string) {
	u, err := url.Parse(address)
	if err != nil {
		return "", ""
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) != 3 || parts[0] != "id" || !isID(parts[1]) || !isID(parts[2]) {
		return "", ""
	}
	return parts[1], parts[2]
}
