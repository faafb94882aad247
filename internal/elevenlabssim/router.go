package elevenlabssim

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"strings"
)

const (
	pathTwilioCall = "/v1/convai/twilio/outbound-call"
	controlPrefix  = "/_sim/"
)

type route struct {
	method, path string // a path has at most one {id} segment
	handle       func(s *Sim, w http.ResponseWriter, r *http.Request, id string)
}

const routeCount = 21

// routes is every endpoint, in the order they are matched. The conversation's messages endpoint is missing on purpose: the real
// API has none either.
var routes = [routeCount]route{
	{http.MethodPost, pathTwilioCall, (*Sim).twilioCall},
	{http.MethodPost, "/v1/convai/sip-trunk/outbound-call", (*Sim).sipCall},
	{http.MethodGet, "/v1/convai/conversations", (*Sim).listConversations},
	{http.MethodGet, "/v1/convai/conversations/{id}", (*Sim).getConversation},
	{http.MethodDelete, "/v1/convai/conversations/{id}", (*Sim).deleteConversation},
	{http.MethodGet, "/v1/convai/conversations/{id}/audio", (*Sim).getAudio},
	{http.MethodGet, "/v1/convai/analytics/live-count", (*Sim).getLiveCount},
	{http.MethodGet, "/v1/convai/phone-numbers", (*Sim).listPhoneNumbers},
	{http.MethodGet, "/v1/convai/v2/phone-numbers", (*Sim).pagePhoneNumbers},
	{http.MethodGet, "/v1/convai/phone-numbers/{id}", (*Sim).getPhoneNumber},
	{http.MethodGet, "/v1/convai/agents", (*Sim).pageAgents},
	{http.MethodGet, "/v1/convai/agents/{id}", (*Sim).getAgent},
	{http.MethodGet, "/v1/user/subscription", (*Sim).getSubscription},
	{http.MethodGet, "/v1/user", (*Sim).getUser},
	{http.MethodPost, "/v1/text-to-speech/{id}", (*Sim).textToSpeech},
	{http.MethodGet, "/v1/voices", (*Sim).listVoices},
	{http.MethodGet, "/v2/voices", (*Sim).pageVoices},
	{http.MethodGet, controlPrefix + "rings", (*Sim).controlRings},
	{http.MethodGet, controlPrefix + "stats", (*Sim).controlStats},
	{http.MethodPost, controlPrefix + "faults", (*Sim).controlFaults},
	{http.MethodPost, controlPrefix + "reset", (*Sim).controlReset},
}

// ServeHTTP answers one request as the provider would: 404 and 405 for what does not exist, then the key, then injected faults,
// then the endpoint.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i, id, refused := match(r.Method, r.URL.Path)
	s.requests[i].Add(1)
	if refused != nil {
		refused.send(w)
		return
	}
	if !s.authorized(r.Header.Get("xi-api-key")) {
		errInvalidKey.send(w)
		return
	}
	if r.Method == http.MethodGet && !strings.HasPrefix(r.URL.Path, controlPrefix) && s.injectGet(w, r) {
		return
	}
	routes[i].handle(s, w, r, id)
}

// authorized compares digests, so that neither content nor length of the key can be timed. Without a configured key nothing passes.
func (s *Sim) authorized(key string) bool {
	sum := sha256.Sum256([]byte(key))
	return subtle.ConstantTimeCompare(sum[:], s.keySum[:]) == 1 && s.opt.APIKey != ""
}

// match finds the route of a request; routeCount and a refusal when there is none.
func match(method, path string) (int, string, *apiError) {
	refused := errNotFound
	for i := range routes {
		id, ok := matchPath(routes[i].path, path)
		if !ok {
			continue
		}
		if routes[i].method == method {
			return i, id, nil
		}
		refused = errMethod
	}
	return routeCount, "", refused
}

func matchPath(pattern, path string) (id string, ok bool) {
	head, tail, variable := strings.Cut(pattern, "{id}")
	if !variable {
		return "", pattern == path
	}
	if len(path) <= len(head)+len(tail) || !strings.HasPrefix(path, head) || !strings.HasSuffix(path, tail) {
		return "", false
	}
	id = path[len(head) : len(path)-len(tail)]
	return id, !strings.Contains(id, "/")
}
