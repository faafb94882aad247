package elevenlabssim

import (
	"net/http"
	"strconv"
	"strings"
)

const unlimitedCredits = 500_000 // what a subscription without a limit of ours reports

type subscription struct {
	Tier                           string            `json:"tier"`
	Status                         string            `json:"status"`
	CharacterCount                 int64             `json:"character_count"`
	CharacterLimit                 int64             `json:"character_limit"`
	MaxCreditLimitExtension        any               `json:"max_credit_limit_extension"` // number or "unlimited"
	CanExtendCharacterLimit        bool              `json:"can_extend_character_limit"`
	AllowedToExtendCharacterLimit  bool              `json:"allowed_to_extend_character_limit"`
	NextCharacterCountResetUnix    int64             `json:"next_character_count_reset_unix"`
	VoiceSlotsUsed                 int               `json:"voice_slots_used"`
	ProfessionalVoiceSlotsUsed     int               `json:"professional_voice_slots_used"`
	ProfessionalSlotsUsedWorkspace int               `json:"professional_voice_slots_used_in_workspace"`
	VoiceLimit                     int               `json:"voice_limit"`
	VoiceAddEditCounter            int               `json:"voice_add_edit_counter"`
	ProfessionalVoiceLimit         int               `json:"professional_voice_limit"`
	CanExtendVoiceLimit            bool              `json:"can_extend_voice_limit"`
	CanUseInstantVoiceCloning      bool              `json:"can_use_instant_voice_cloning"`
	CanUseProfessionalVoiceCloning bool              `json:"can_use_professional_voice_cloning"`
	Currency                       string            `json:"currency"`
	CurrentOverage                 map[string]string `json:"current_overage"`
	BillingPeriod                  string            `json:"billing_period"`
	CharacterRefreshPeriod         string            `json:"character_refresh_period"`
	NextInvoice                    any               `json:"next_invoice"`
	OpenInvoices                   []any             `json:"open_invoices"`
	HasOpenInvoices                bool              `json:"has_open_invoices"`
}

func (s *Sim) subscription() subscription {
	s.mu.RLock()
	used, reset := s.book.credits, s.book.began.AddDate(0, 1, 0).Unix()
	s.mu.RUnlock()
	sub := subscription{
		Tier: "pro", Status: "active", CharacterCount: used, CharacterLimit: unlimitedCredits, MaxCreditLimitExtension: "unlimited",
		CanExtendCharacterLimit: true, AllowedToExtendCharacterLimit: true, NextCharacterCountResetUnix: reset,
		VoiceSlotsUsed: len(voices), VoiceLimit: 160, ProfessionalVoiceLimit: 1, CanUseInstantVoiceCloning: true, CanUseProfessionalVoiceCloning: true,
		Currency: "usd", CurrentOverage: map[string]string{"amount": "0", "currency": "usd"},
		BillingPeriod: "monthly_period", CharacterRefreshPeriod: "monthly_period", OpenInvoices: []any{},
	}
	if s.opt.CreditLimit > 0 {
		sub.CharacterLimit, sub.MaxCreditLimitExtension = int64(s.opt.CreditLimit), 0
		sub.CharacterCount = min(used, sub.CharacterLimit)
		sub.CanExtendCharacterLimit, sub.AllowedToExtendCharacterLimit = false, false
	}
	return sub
}

func (s *Sim) getSubscription(w http.ResponseWriter, _ *http.Request, _ string) {
	sendValue(w, s.subscription())
}

func (s *Sim) getUser(w http.ResponseWriter, _ *http.Request, _ string) {
	s.mu.RLock()
	began := s.book.began.Unix()
	s.mu.RUnlock()
	sendValue(w, map[string]any{
		"user_id": "user_sim", "workspace_id": "ws_sim", "subscription": s.subscription(), "is_new_user": false, "first_name": "Sim",
		"can_use_delayed_payment_methods": false, "is_onboarding_completed": true, "is_onboarding_checklist_completed": true,
		"is_api_key_hashed": true, "xi_api_key_preview": "****", "created_at": began, "seat_type": "workspace_admin",
	})
}

func (s *Sim) getLiveCount(w http.ResponseWriter, r *http.Request, _ string) {
	agentID := r.URL.Query().Get("agent_id")
	s.mu.Lock()
	s.book.hangUp(s.opt.Clock())
	count := len(s.book.active)
	if agentID != "" {
		count = 0
		if agent, ok := s.book.agentIDs[agentID]; ok {
			count = s.book.activeByAgent[agent]
		}
	}
	s.mu.Unlock()
	sendJSON(w, []byte(`{"count":`+strconv.Itoa(count)+`}`))
}

type voice struct{ id, name, description string }

var voices = [...]voice{
	{"voice_sim_henk", "Henk", "Warm, unhurried, middle-aged"},
	{"voice_sim_ingrid", "Ingrid", "Bright and friendly"},
	{"voice_sim_sam", "Sam", "Calm and matter of fact"},
}

func knownVoice(id string) bool {
	for _, v := range voices {
		if v.id == id {
			return true
		}
	}
	return false
}

func (v voice) json() map[string]any {
	return map[string]any{
		"voice_id": v.id, "name": v.name, "category": "premade", "description": v.description, "labels": map[string]string{"accent": "american", "use_case": "conversational"},
		"preview_url": nil, "samples": nil, "available_for_tiers": []string{}, "high_quality_base_model_ids": []string{},
		"settings": map[string]any{"stability": 0.5, "similarity_boost": 0.75, "style": 0, "use_speaker_boost": true, "speed": 1},
	}
}

func (s *Sim) listVoices(w http.ResponseWriter, _ *http.Request, _ string) {
	list := make([]any, len(voices))
	for i, v := range voices {
		list[i] = v.json()
	}
	sendValue(w, map[string]any{"voices": list})
}

func (s *Sim) pageVoices(w http.ResponseWriter, r *http.Request, _ string) {
	p := params{values: r.URL.Query()}
	size, at := p.number("page_size", 10, 1, 100), p.number("next_page_token", 0, 0, farFuture)
	if len(p.issues) > 0 {
		invalid(p.issues...).send(w)
		return
	}
	search := strings.ToLower(p.values.Get("search"))
	list := []any{}
	for _, v := range voices {
		if strings.Contains(strings.ToLower(v.name), search) {
			list = append(list, v.json())
		}
	}
	total := len(list)
	page, next := slicePage(list, at, size)
	sendValue(w, map[string]any{"voices": page, "has_more": next != nil, "total_count": total, "next_page_token": next})
}

// slicePage cuts one page out of a list; next is the token of the following page, nil after the last.
func slicePage[T any](list []T, at, size int64) (page []T, next any) {
	from := min(at, int64(len(list)))
	to := min(from+size, int64(len(list)))
	if to < int64(len(list)) {
		next = strconv.FormatInt(to, 10)
	}
	return list[from:to], next
}
