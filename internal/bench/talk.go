package bench

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
)

// turns is the length of a call's transcript.
const turns = 20

// endings are how the benchmark's calls end, after what all of them begin with, and how many in twenty end like that.
// Agent and donor take turns.
var endings = []struct {
	share int
	said  []string
}{
	{4, []string{"Could we count on you for fifty dollars this year?", "Yes, put me down for fifty dollars.", "Thank you so much.", "You are welcome."}},
	{8, []string{"Could we count on you for a gift this year?", "No, I am not interested, money is tight.", "I understand.", "Good luck with it."}},
	{3, []string{"Would you give twenty five dollars?", "This is a bad time, can you call me back tomorrow at five?", "Of course.", "Thanks."}},
	{4, []string{"Would you give twenty five dollars?", "Tell me more about it, it sounds interesting.", "I will send you our report.", "Please do that."}},
	{1, []string{"Would you give anything at all?", "Take me off your list and never call me again.", "I will, I am sorry.", "Bye."}},
}

var opening = []string{
	"Hello, this is Ann calling for the river fund, am I speaking with the donor?", "Yes, that is me.",
	"I am calling about the floods of last winter, did you hear of them?", "I read about them in the paper.",
	"Many houses along the river are still empty.", "That must be hard for the families.",
	"It is. We have rebuilt forty of them since then.", "With volunteers, I suppose?",
	"With volunteers and two paid builders.", "How long does one house take?",
	"About six weeks when the weather holds.", "I had thought it was longer.",
	"The roofs take most of the time.", "My brother is a roofer, I know.",
	"Then you know what it costs as well.", "I do, more than people think.",
}

// talkative is a provider all of whose calls are over: it answers GET /v1/convai/conversations/{id} with twenty
// messages. It makes its bodies in advance, so that little of what is measured is its own.
func talkative() (client *elevenlabs.Client, asked func() int64, stop func(), err error) {
	var bodies [][2]string
	for _, ending := range endings {
		body, err := talk(append(opening[:len(opening):len(opening)], ending.said...), noon().Add(-10*time.Minute))
		if err != nil {
			return nil, nil, nil, err
		}
		for range ending.share {
			bodies = append(bodies, body)
		}
	}
	var n atomic.Int64
	handler := func(w http.ResponseWriter, r *http.Request) {
		id := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		h := fnv.New32a()
		_, _ = h.Write([]byte(id)) // never fails
		body := bodies[h.Sum32()%uint32(len(bodies))]
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, body[0], id, body[1])
		n.Add(1)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, nil, fmt.Errorf("listening for the provider: %w", err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(handler), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = srv.Serve(listener) }()
	client, err = elevenlabs.New(elevenlabs.Config{APIKey: "bench", BaseURL: "http://" + listener.Addr().String()})
	return client, n.Load, func() { _ = srv.Close() }, err
}

// talk renders a conversation in the provider's form, in two parts between which its id belongs.
func talk(said []string, began time.Time) (parts [2]string, err error) {
	if len(said) != turns {
		return parts, fmt.Errorf("a dialogue has %d turns instead of %d", len(said), turns)
	}
	transcript := make([]map[string]any, len(said))
	for i, text := range said {
		transcript[i] = map[string]any{"role": []string{"agent", "user"}[i%2], "message": text, "time_in_call_secs": 4 * i,
			"tool_calls": []any{}, "tool_results": []any{}, "feedback": nil, "llm_override": nil, "interrupted": false,
			"conversation_turn_metrics": map[string]any{"metrics": map[string]any{"convai_llm_service_ttfb": map[string]any{"elapsed_time": 0.4}}}}
	}
	body, err := json.Marshal(map[string]any{
		"agent_id": "agent_1", "conversation_id": "\x00", "status": "done", "transcript": transcript, "has_audio": false,
		"metadata": map[string]any{"start_time_unix_secs": began.Unix(), "accepted_time_unix_secs": began.Unix() + 6,
			"call_duration_secs": 4 * len(said), "cost": 120, "termination_reason": "Call ended by user", "main_language": "en",
			"phone_call": map[string]any{"type": "twilio", "direction": "outbound", "call_sid": nil}},
		"analysis": map[string]any{"call_successful": "success", "transcript_summary": "A call.", "data_collection_results": map[string]any{},
			"evaluation_criteria_results": map[string]any{}},
		"conversation_initiation_client_data": map[string]any{"dynamic_variables": map[string]any{}},
	})
	if err != nil {
		return parts, fmt.Errorf("rendering a conversation: %w", err)
	}
	before, after, _ := strings.Cut(string(body), `\u0000`)
	return [2]string{before, after}, nil
}
