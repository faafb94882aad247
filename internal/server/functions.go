package server

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/riverqueue/river"

	"github.com/callhenk/henk-worker/jobs"
)

const (
	// functionsPath is where the edge functions were that these routes replace; their callers need not change.
	functionsPath = "/functions/v1/"
	// maxWait bounds ?wait=, in seconds. Platforms' proxies give up earlier: Heroku after 30, Fly after 60.
	maxWait = 300
	// maxWaiting callers may wait at once; each costs two to ten small queries a second.
	maxWaiting = 32
)

// function is a tick that can be asked for by its old address.
type function struct {
	name string
	read func(body map[string]json.RawMessage) (river.JobArgs, error)
}

func functions() []function {
	nothing := func(args river.JobArgs) func(map[string]json.RawMessage) (river.JobArgs, error) {
		return func(map[string]json.RawMessage) (river.JobArgs, error) { return args, nil }
	}
	return []function{
		{"campaign-orchestrator", nothing(jobs.CampaignOrchestratorArgs{})},
		{"conversation-orchestrator", readConversationTick},
		{"sync-salesforce-leads", nothing(jobs.SyncSalesforceLeadsArgs{})},
	}
}

// readConversationTick reads {"lookbackHours": n, "batchLimit": n}; what is left out is as configured. Other fields are
// ignored, as the edge function did: schedulers send what they like.
func readConversationTick(body map[string]json.RawMessage) (river.JobArgs, error) {
	var args jobs.ConversationOrchestratorArgs
	for name, field := range map[string]struct {
		to   *int
		high int
	}{"lookbackHours": {&args.LookbackHours, jobs.MaxLookbackHours}, "batchLimit": {&args.BatchLimit, jobs.MaxBatchLimit}} {
		raw, given := body[name]
		if !given || string(raw) == "null" {
			continue
		}
		n, err := strconv.Atoi(string(raw))
		if err != nil || n < 1 || n > field.high {
			return nil, badRequest{name + " must be a whole number from 1 to " + strconv.Itoa(field.high) + ", or left out for the configured one"}
		}
		*field.to = n
	}
	return args, nil
}

// functionHandler answers as the edge function did. The method is judged first: it was so there, and a browser's
// preflight carries no token.
func (s *Server) functionHandler(rt route, f function) http.Handler {
	guarded := s.admit(rt, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.callFunction(w, r, f) }))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// What Supabase's edge functions send; no cookie counts here, so any origin may ask.
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Headers", "authorization, x-client-info, apikey, content-type")
		w.Header().Set("Access-Control-Allow-Methods", "POST, OPTIONS")
		switch r.Method {
		case http.MethodOptions:
			plain(w, http.StatusOK, "ok")
		case http.MethodPost:
			// A browser's cookie of the operator's is not asked here: bearers only.
			if _, given := bearer(r); !given {
				s.turnAway(w, r, rt)
				return
			}
			guarded.ServeHTTP(w, r)
		default:
			w.Header().Set("Allow", "POST, OPTIONS")
			apiError(w, http.StatusMethodNotAllowed, "Method not allowed")
		}
	})
}

// functionAnswer is what a call answers; the last four only with ?wait=.
type functionAnswer struct {
	OK        bool   `json:"ok"`
	Kind      string `json:"kind"`
	JobID     int64  `json:"job_id"`
	Duplicate bool   `json:"duplicate"` // an equal job was pending already and serves
	*waited
}

type waited struct {
	*jobs.Progress
	DurationMS int64 `json:"duration_ms"`
}

func (s *Server) callFunction(w http.ResponseWriter, r *http.Request, f function) {
	wait, err := readWait(r)
	if err != nil {
		s.apiFail(w, r, err)
		return
	}
	body, err := readObject(r)
	if err != nil {
		s.apiFail(w, r, err)
		return
	}
	args, err := f.read(body)
	if err != nil {
		s.apiFail(w, r, err)
		return
	}
	if wait == 0 {
		tick, err := jobs.InsertTick(r.Context(), s.opts.DB, s.opts.Client, args, false)
		if err != nil {
			s.apiFail(w, r, err)
			return
		}
		apiAnswer(w, http.StatusOK, functionAnswer{OK: true, Kind: tick.Kind, JobID: tick.ID, Duplicate: tick.Duplicate})
		return
	}
	if s.waiting.Add(1) > maxWaiting {
		s.waiting.Add(-1)
		w.Header().Set("Retry-After", "5")
		apiError(w, http.StatusServiceUnavailable, "too many callers wait already; leave ?wait= out or come back")
		return
	}
	defer s.waiting.Add(-1)
	// Not every writer has deadlines (tests' recorders have none).
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(wait + writeTimeout))
	answer, err := s.wait(r.Context(), args, wait)
	if err != nil {
		s.apiFail(w, r, err)
		return
	}
	apiAnswer(w, http.StatusOK, answer)
}

// wait asks for the tick and answers when it and what it led to are done, or when the time is over.
func (s *Server) wait(ctx context.Context, args river.JobArgs, limit time.Duration) (*functionAnswer, error) {
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	stop := context.AfterFunc(s.stopping, cancel)
	defer stop()
	answer := &functionAnswer{OK: true, Kind: args.Kind(), waited: &waited{Progress: &jobs.Progress{Jobs: map[string]map[string]int64{}, Counts: map[string]int64{}}}}
	defer func() { answer.DurationMS = time.Since(start).Milliseconds() }()
	tick, err := jobs.InsertTick(ctx, s.opts.DB, s.opts.Client, args, true)
	if err != nil {
		if ctx.Err() == nil {
			return nil, err
		}
		// One was running all the time. Another is asked for all the same.
		if tick, err = jobs.InsertTick(context.WithoutCancel(ctx), s.opts.DB, s.opts.Client, args, false); err != nil {
			return nil, err
		}
		answer.JobID, answer.Duplicate = tick.ID, tick.Duplicate
		return answer, nil
	}
	answer.JobID, answer.Duplicate = tick.ID, tick.Duplicate
	for pause := 50 * time.Millisecond; ; pause = min(pause*3/2, 500*time.Millisecond) {
		p, err := tick.Progress(ctx, s.opts.DB)
		switch {
		case err != nil && ctx.Err() == nil:
			return nil, err
		case err == nil:
			answer.Progress = p
		}
		if answer.Done || ctx.Err() != nil {
			return answer, nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

func readWait(r *http.Request) (time.Duration, error) {
	query := r.URL.Query()
	if !query.Has("wait") {
		return 0, nil
	}
	n, err := strconv.Atoi(query.Get("wait"))
	if err != nil || n < 0 || n > maxWait {
		return 0, badRequest{"wait must be a whole number of seconds from 0 to " + strconv.Itoa(maxWait)}
	}
	return time.Duration(n) * time.Second, nil
}

// readObject reads a body that is a JSON object, or empty.
func readObject(r *http.Request) (map[string]json.RawMessage, error) {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, err
		}
		return nil, badRequest{"the request body could not be read"}
	}
	if len(data) == 0 {
		return nil, nil
	}
	var body map[string]json.RawMessage
	if err := json.Unmarshal(data, &body); err != nil || body == nil {
		return nil, badRequest{"the body must be a JSON object such as {}, or empty"}
	}
	return body, nil
}
