package elevenlabssim

import (
	"net/http"
	"slices"
	"strings"
)

// Agents and phone numbers: what a client checks its configuration against.

func (s *Sim) agents() []Agent {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.book.agents)
}

func (s *Sim) phones() []PhoneNumber {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.book.phones)
}

func (s *Sim) pageAgents(w http.ResponseWriter, r *http.Request, _ string) {
	p := params{values: r.URL.Query()}
	size, at := p.number("page_size", 30, 1, 100), p.number("cursor", 0, 0, farFuture)
	if len(p.issues) > 0 {
		invalid(p.issues...).send(w)
		return
	}
	search := strings.ToLower(p.values.Get("search"))
	list := slices.DeleteFunc(s.agents(), func(a Agent) bool { return !strings.Contains(strings.ToLower(a.Name), search) })
	page, next := slicePage(list, at, size)
	items := make([]any, len(page))
	for i, a := range page {
		items[i] = map[string]any{
			"agent_id": a.ID, "name": a.Name, "voice_id": a.VoiceID, "tags": []string{}, "created_at_unix_secs": createdAt,
			"access_info": accessInfo, "last_call_time_unix_secs": nil, "archived": false,
		}
	}
	sendValue(w, map[string]any{"agents": items, "has_more": next != nil, "next_cursor": next})
}

const createdAt = 1_767_225_600 // 2026-01-01; agents are older than any call

var accessInfo = map[string]any{"is_creator": true, "creator_name": "Sim", "creator_email": "sim@example.org", "role": "admin"}

func (s *Sim) getAgent(w http.ResponseWriter, _ *http.Request, id string) {
	list := s.agents()
	i := slices.IndexFunc(list, func(a Agent) bool { return a.ID == id })
	if i < 0 {
		errAgent.send(w)
		return
	}
	a, limit := list[i], -1
	if a.ConcurrencyLimit > 0 {
		limit = a.ConcurrencyLimit
	}
	numbers := []any{}
	for _, p := range s.phones() {
		if p.AgentID == id {
			numbers = append(numbers, p.json(list))
		}
	}
	sendValue(w, map[string]any{
		"agent_id": a.ID, "name": a.Name, "tags": []string{}, "version_id": nil, "branch_id": nil, "phone_numbers": numbers, "access_info": accessInfo,
		"metadata": map[string]any{"created_at_unix_secs": createdAt, "updated_at_unix_secs": createdAt},
		"conversation_config": map[string]any{
			"agent":        map[string]any{"first_message": "Hi {{donor_name}}, I'm calling about {{campaign_name}}.", "language": "en"},
			"tts":          map[string]any{"voice_id": a.VoiceID},
			"conversation": map[string]any{"text_only": false, "max_duration_seconds": 600},
		},
		"platform_settings": map[string]any{
			"call_limits":     map[string]any{"agent_concurrency_limit": limit, "daily_limit": 100_000, "bursting_enabled": false},
			"queueing_config": map[string]any{"enabled": false},
			"overrides":       map[string]any{"enable_conversation_initiation_client_data_from_webhook": false},
		},
	})
}

// json is a phone number as the API shows it; agents gives the name of the assigned one.
func (p PhoneNumber) json(agents []Agent) map[string]any {
	out := map[string]any{
		"provider": p.Provider, "phone_number": p.Number, "phone_number_id": p.ID, "label": p.Label,
		"supports_inbound": true, "supports_outbound": !p.NoOutbound, "assigned_agent": nil,
	}
	if i := slices.IndexFunc(agents, func(a Agent) bool { return a.ID == p.AgentID }); i >= 0 {
		out["assigned_agent"] = map[string]any{"agent_id": agents[i].ID, "agent_name": agents[i].Name, "environment": nil, "branch_id": nil}
	}
	if p.Provider == providerSIP {
		out["livekit_stack"], out["outbound_trunk"], out["inbound_trunk"] = "standard", nil, nil
	}
	return out
}

// selectPhones applies the filters that both list endpoints share.
func (s *Sim) selectPhones(r *http.Request) []map[string]any {
	query, agents, items := r.URL.Query(), s.agents(), []map[string]any{}
	for _, p := range s.phones() {
		if want := query.Get("provider"); want != "" && want != p.Provider {
			continue
		}
		if want := query.Get("agent_id"); want != "" && want != p.AgentID {
			continue
		}
		items = append(items, p.json(agents))
	}
	return items
}

// listPhoneNumbers answers with a bare array: that is how this endpoint is.
func (s *Sim) listPhoneNumbers(w http.ResponseWriter, r *http.Request, _ string) {
	sendValue(w, s.selectPhones(r))
}

func (s *Sim) pagePhoneNumbers(w http.ResponseWriter, r *http.Request, _ string) {
	p := params{values: r.URL.Query()}
	size, at := p.number("page_size", 30, 1, 100), p.number("cursor", 0, 0, farFuture)
	outbound := p.choice("supports_outbound", "", "true", "false")
	if len(p.issues) > 0 {
		invalid(p.issues...).send(w)
		return
	}
	list := slices.DeleteFunc(s.selectPhones(r), func(item map[string]any) bool {
		number, label := p.values.Get("phone_number"), p.values.Get("label")
		return outbound != "" && item["supports_outbound"] != (outbound == "true") ||
			number != "" && item["phone_number"] != number || label != "" && item["label"] != label
	})
	page, next := slicePage(list, at, size)
	sendValue(w, map[string]any{"phone_numbers": page, "has_more": next != nil, "next_cursor": next})
}

func (s *Sim) getPhoneNumber(w http.ResponseWriter, _ *http.Request, id string) {
	for _, p := range s.phones() {
		if p.ID == id {
			sendValue(w, p.json(s.agents()))
			return
		}
	}
	errPhoneNumber.send(w)
}
