package elevenlabs

import (
	"context"
	"net/url"
	"strconv"
)

const maxVoicePages = 100

// Voice is a voice of the workspace.
type Voice struct {
	VoiceID     string            `json:"voice_id"`
	Name        string            `json:"name"`
	Category    string            `json:"category"` // premade, cloned, generated, professional, ..
	Labels      map[string]string `json:"labels"`   // accent, gender, use_case, ..
	Description string            `json:"description"`
	PreviewURL  string            `json:"preview_url"`
}

// Voices lists all voices of the workspace (GET /v2/voices, page by page).
func (c *Client) Voices(ctx context.Context) ([]Voice, error) {
	const op = "list voices"
	var voices []Voice
	err := eachPage(op, maxVoicePages, func(cursor string) (string, error) {
		query := url.Values{"page_size": {strconv.Itoa(maxPageSize)}}
		if cursor != "" {
			query.Set("next_page_token", cursor)
		}
		var following string
		err := c.get(ctx, op, "/v2/voices", query, limitDocument, func(body []byte) error {
			page, more, err := decodeVoices(body)
			if err == nil {
				voices, following = append(voices, page...), more
			}
			return err
		})
		return following, err
	})
	if err != nil {
		return nil, err
	}
	return voices, nil
}

func decodeVoices(body []byte) (voices []Voice, following string, err error) {
	log := &problems{}
	o, err := readObject(body, log)
	if err != nil {
		return nil, "", err
	}
	if _, ok := o.present("voices"); !ok {
		o.fail("voices", "is missing")
	}
	for _, item := range o.list("voices", o.fail) {
		var v Voice
		required(item, "voice_id", &v.VoiceID)
		optional(item, "name", &v.Name)
		optional(item, "category", &v.Category)
		optional(item, "labels", &v.Labels)
		optional(item, "description", &v.Description)
		optional(item, "preview_url", &v.PreviewURL)
		voices = append(voices, v)
	}
	var more bool
	var token string
	optional(o, "has_more", &more)
	optional(o, "next_page_token", &token)
	return voices, next(more, token), log.err
}
