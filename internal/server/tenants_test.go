package server

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/auth/authtest"
	"github.com/callhenk/henk-worker/internal/storetest"
	"github.com/callhenk/henk-worker/jobs"
)

// tenant is a business with a row of everything that has an id.
type tenant struct {
	storetest.World
	lead, attempt, conversation, integration, audio uuid.UUID
}

func (b *bundle) tenant() tenant {
	b.t.Helper()
	t := tenant{World: storetest.NewWorld(b.t, b.db, nil)}
	t.lead = storetest.NewLead(b.t, b.db, t.World, nil)
	t.attempt = storetest.NewAttempt(b.t, b.db, t.World, t.lead, nil)
	t.conversation = storetest.Insert(b.t, b.db, "conversations", storetest.Fields{"campaign_id": t.Campaign, "agent_id": t.Agent, "lead_id": t.lead, "status": "completed"})
	t.integration = storetest.Insert(b.t, b.db, "integrations", storetest.Fields{"name": "Salesforce", "type": "crm", "status": "active", "business_id": t.Business})
	t.audio = storetest.Insert(b.t, b.db, "audio_generations", storetest.Fields{"campaign_id": t.Campaign, "text_content": "Hello", "voice_id": "voice"})
	return t
}

// path fills a route's pattern with the tenant's ids: the word before {id} says of what.
func (t tenant) path(pattern string) string {
	id := t.Campaign
	switch {
	case strings.Contains(pattern, "/leads/"):
		id = t.lead
	case strings.Contains(pattern, "/conversations/"):
		id = t.conversation
	case strings.Contains(pattern, "/integrations/"), strings.Contains(pattern, "/salesforce/"):
		id = t.integration
	}
	path := strings.ReplaceAll(strings.ReplaceAll(pattern, "{id}", id.String()), "{$}", "")
	if strings.HasSuffix(pattern, "/explain") {
		path += "?lead=" + t.lead.String()
	}
	return path
}

// A user of the web app sees and changes nothing of another tenant, whatever the route.
func TestTenantsAreKeptApartOnEveryRoute(t *testing.T) {
	t.Parallel()
	b := setupAPI(t)
	mine, other := b.tenant(), b.tenant()
	user := asUser(b.member(mine.Business, "member", "active"))
	routes := 0
	for _, r := range b.routes() {
		if r.open {
			continue
		}
		routes++
		method, pattern, found := strings.Cut(r.pattern, " ")
		if !found {
			method, pattern = http.MethodGet, r.pattern
		}
		for _, target := range []string{other.path(pattern), mine.path(pattern)} {
			rec := b.do(method, target, nil, user)
			switch own := target == mine.path(pattern); {
			case !r.users:
				require.Equal(t, http.StatusForbidden, rec.Code, "%s %s is for operators and programs", method, target)
			case strings.Contains(pattern, "{id}") && own:
				require.Equal(t, http.StatusOK, rec.Code, "%s %s: %s", method, target, rec.Body)
			case strings.Contains(pattern, "{id}"):
				require.Equal(t, http.StatusNotFound, rec.Code, "%s %s: %s", method, target, rec.Body)
				require.Equal(t, "there is nothing with this id", object(t, rec)["error"])
			}
			for _, secret := range []uuid.UUID{other.Business, other.lead, other.conversation} {
				require.NotContains(t, rec.Body.String(), secret.String(), "%s %s", method, target)
			}
		}
	}
	require.Greater(t, routes, 15)
	// Mixed ids: a lead of mine in another's campaign, and the other way about.
	for _, target := range []string{"/api/v1/campaigns/" + mine.Campaign.String() + "/explain?lead=" + other.lead.String(),
		"/api/v1/campaigns/" + other.Campaign.String() + "/explain?lead=" + mine.lead.String()} {
		require.Equal(t, http.StatusNotFound, b.do("GET", target, nil, user).Code, target)
	}
}

func TestTenantsAreKeptApartInEveryKindOfJob(t *testing.T) {
	t.Parallel()
	b := setupAPI(t)
	mine, other := b.tenant(), b.tenant()
	member, viewer := asUser(b.member(mine.Business, "member", "active")), asUser(b.member(mine.Business, "viewer", "active"))
	gone, stranger := asUser(b.member(mine.Business, "admin", "suspended")), asUser(uuid.New())
	args := func(kind string, of tenant) string {
		switch kind {
		case "plan-campaign":
			return `{"campaign_id": "` + of.Campaign.String() + `"}`
		case "dial-lead", "reconcile-attempt":
			return `{"attempt_id": "` + of.attempt.String() + `"}`
		case "sync-conversation", "archive-recording":
			return `{"conversation_id": "` + of.conversation.String() + `"}`
		case "apply-webhook":
			return `{"webhook_event_id": "` + uuid.NewString() + `"}`
		case "generate-audio":
			return `{"audio_generation_id": "` + of.audio.String() + `"}`
		case "sync-salesforce-integration", "reconcile-salesforce-integration", "write-back-salesforce":
			return `{"integration_id": "` + of.integration.String() + `"}`
		}
		return `{}`
	}
	post := func(kind string, of tenant, as header) int {
		t.Helper()
		return b.do("POST", "/api/v1/jobs", strings.NewReader(`{"kind": "`+kind+`", "args": `+args(kind, of)+`}`), as).Code
	}
	allowed := 0
	for _, kind := range jobs.Kinds() {
		if _, ok := userJobs[kind]; !ok {
			require.Equal(t, http.StatusForbidden, post(kind, mine, member), kind)
			continue
		}
		allowed++
		for name, as := range map[string]header{"another tenant's": member, "a viewer, another tenant's": viewer} {
			require.Equal(t, http.StatusNotFound, post(kind, other, as), "%s: %s", kind, name)
		}
		require.Equal(t, http.StatusForbidden, post(kind, mine, viewer), "%s: a viewer looks", kind)
		require.Equal(t, http.StatusNotFound, post(kind, mine, gone), "%s: a member no more", kind)
		require.Equal(t, http.StatusNotFound, post(kind, mine, stranger), "%s: of no team", kind)
	}
	require.Equal(t, len(userJobs), allowed)
	var n int
	require.NoError(t, b.db.QueryRow(t.Context(), "select (select count(*) from river.river_job) + (select count(*) from henk.audit)").Scan(&n))
	require.Zero(t, n, "nothing of this left a trace")
	for kind := range userJobs {
		require.Equal(t, http.StatusCreated, post(kind, mine, member), kind)
		require.Equal(t, http.StatusOK, post(kind, mine, member), "%s: pending already", kind)
	}
	require.Equal(t, http.StatusCreated, post("campaign-orchestrator", mine, b.cookie()))
	require.Equal(t, http.StatusCreated, post("housekeeping", mine, asMachine))
	rows, err := b.db.Query(t.Context(), "select actor || ' ' || (detail ->> 'kind') from henk.audit where action = 'jobs.insert'")
	require.NoError(t, err)
	audit, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Len(t, audit, len(userJobs)+1, "people's, once each, and no program's")
	require.Contains(t, audit, testUser+" campaign-orchestrator")
}

// forged are tokens that must open nothing, made of a real user's.
func forged(user uuid.UUID) map[string]string {
	good := authtest.Claims{"sub": user.String(), "role": "authenticated", "aud": "authenticated", "exp": time.Now().Add(time.Hour).Unix()}
	head := authtest.Claims{"alg": "HS256", "typ": "JWT"}
	with := func(name string, value any) string {
		claims := authtest.Claims{}
		for k, v := range good {
			claims[k] = v
		}
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
		return authtest.Sign(testSecret, head, claims)
	}
	whole := authtest.Sign(testSecret, head, good)
	parts := strings.Split(whole, ".")
	return map[string]string{
		"expired":         authtest.Token(testSecret, user, time.Now().Add(-time.Minute)),
		"never expires":   with("exp", nil),
		"not yet valid":   with("nbf", time.Now().Add(time.Hour).Unix()),
		"of another time": with("iat", time.Now().Add(time.Hour).Unix()),
		"another secret":  authtest.Token("another-secret", user, time.Now().Add(time.Hour)),
		"no secret":       authtest.Token("", user, time.Now().Add(time.Hour)),
		"alg none":        authtest.Sign(testSecret, authtest.Claims{"alg": "none"}, good),
		"alg HS512":       authtest.Sign(testSecret, authtest.Claims{"alg": "HS512"}, good),
		"alg RS256":       authtest.Sign(testSecret, authtest.Claims{"alg": "RS256"}, good),
		"critical":        authtest.Sign(testSecret, authtest.Claims{"alg": "HS256", "crit": []string{"exp"}}, good),
		"unsigned":        parts[0] + "." + parts[1] + ".",
		"two parts":       parts[0] + "." + parts[1],
		"other claims":    parts[0] + "." + strings.Split(with("sub", uuid.NewString()), ".")[1] + "." + parts[2],
		"cut":             whole[:len(whole)-2],
		"longer":          whole + "A",
		"anon":            with("role", "anon"),
		"service role":    with("role", "service_role"),
		"another crowd":   with("aud", "other"),
		"nobody":          with("sub", nil),
		"nil user":        with("sub", uuid.Nil.String()),
		"name as user":    with("sub", "operator"),
		"huge":            with("email", strings.Repeat("x", 20<<10)),
		"the secret":      testSecret,
		"quote":           `' or 1=1 --`,
	}
}

func TestForgedTokensOpenNothing(t *testing.T) {
	t.Parallel()
	b := setupAPI(t)
	w := storetest.NewWorld(t, b.db, nil)
	user := b.member(w.Business, "admin", "active")
	target := "/api/v1/campaigns/" + w.Campaign.String() + "/plan"
	require.Equal(t, http.StatusOK, b.do("GET", target, nil, asUser(user)).Code, "the real one does")
	signedIn := b.cookie()
	for name, token := range forged(user) {
		as := header{"Authorization": "Bearer " + token}
		for _, request := range requests(t, b.Server) {
			method, path, _ := strings.Cut(request, " ")
			rec := b.do(method, path, nil, as)
			require.Equal(t, http.StatusUnauthorized, rec.Code, "%s with a token: %s", request, name)
			require.Equal(t, `Bearer realm="henk"`, rec.Header().Get("WWW-Authenticate"))
		}
		require.Equal(t, http.StatusUnauthorized, b.do("GET", target, nil, as).Code, name)
		require.Equal(t, http.StatusUnauthorized, b.do("GET", target, nil, as, signedIn).Code, "%s: a cookie beside a wrong token does not help", name)
	}
	require.NotContains(t, b.log.String(), "eyJ", "no token in the log")
}

// Without SUPABASE_JWT_SECRET nobody signs tokens: also not with an empty secret.
func TestWithoutASecretNoUserIsLetIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, secret := range []string{"", testSecret} {
		token := authtest.Token(secret, uuid.New(), time.Now().Add(time.Hour))
		require.Equal(t, http.StatusUnauthorized, b.do("GET", "/metrics", nil, header{"Authorization": "Bearer " + token}).Code)
	}
	require.Equal(t, http.StatusUnauthorized, b.do("GET", "/metrics", nil, header{"Authorization": "Bearer "}).Code, "nor by an empty token")
}
