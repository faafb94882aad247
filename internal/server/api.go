package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/callhenk/henk-worker/internal/auth"
	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
	"github.com/callhenk/henk-worker/jobs"
)

// maxPlans are worked out at once: each reads a whole campaign.
const maxPlans = 2

// planWithin bounds one, with the answer's time on the wire below the write time-out.
const planWithin = 50 * time.Second

// limits are those of the plans that workers make.
func (s *Server) limits() campaign.Limits {
	return campaign.Limits{AccountConcurrent: s.opts.AccountConcurrent}
}

// contextWithin ends with the request or after the time.
func contextWithin(r *http.Request, limit time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(r.Context(), limit)
}

func unavailable(err error) bool { return store.Unavailable(err) }

// userJobs is what an app user may ask for: the argument that names the thing, which must be of a business of theirs.
// Everything else is for operators and programs.
var userJobs = map[string]struct {
	arg   string
	thing auth.Thing
}{
	jobs.PlanCampaignArgs{}.Kind():              {"campaign_id", auth.Campaign},
	jobs.SyncConversationArgs{}.Kind():          {"conversation_id", auth.Conversation},
	jobs.ArchiveRecordingArgs{}.Kind():          {"conversation_id", auth.Conversation},
	jobs.GenerateAudioArgs{}.Kind():             {"audio_generation_id", auth.AudioGeneration},
	jobs.SyncSalesforceIntegrationArgs{}.Kind(): {"integration_id", auth.Integration},
}

// jobRequest is the body of POST /api/v1/jobs.
type jobRequest struct {
	Kind  string          `json:"kind"`
	Args  json.RawMessage `json:"args"`
	RunAt *time.Time      `json:"run_at"` // nil = now
}

// jobAnswer is what it answers: 201, or 200 where an equal job is pending already, whose id it is then.
type jobAnswer struct {
	OK        bool   `json:"ok"`
	ID        int64  `json:"id"`
	Kind      string `json:"kind"`
	Queue     string `json:"queue"`
	State     string `json:"state"`
	Duplicate bool   `json:"duplicate"`
}

func (s *Server) insertJob(w http.ResponseWriter, r *http.Request) {
	req, args, err := readJob(r)
	if err == nil {
		err = s.mayInsert(r, req)
	}
	if err != nil {
		s.apiFail(w, r, err)
		return
	}
	opts := &river.InsertOpts{}
	if req.RunAt != nil {
		opts.ScheduledAt = *req.RunAt
	}
	var res *rivertype.JobInsertResult
	err = store.InTx(r.Context(), s.opts.DB, func(tx pgx.Tx) error {
		var err error
		if res, err = s.opts.Client.InsertTx(r.Context(), tx, args, opts); err != nil {
			return fmt.Errorf("inserting the job: %w", err)
		}
		return s.auditJob(r, tx, res)
	})
	if err != nil {
		s.apiFail(w, r, err)
		return
	}
	status := http.StatusCreated
	if res.UniqueSkippedAsDuplicate {
		status = http.StatusOK
	}
	apiAnswer(w, status, jobAnswer{OK: true, ID: res.Job.ID, Kind: res.Job.Kind, Queue: res.Job.Queue, State: string(res.Job.State), Duplicate: res.UniqueSkippedAsDuplicate})
}

// auditJob notes what a person asked for, in the transaction of the job. What programs ask for is seen in River's tables.
func (s *Server) auditJob(r *http.Request, tx pgx.Tx, res *rivertype.JobInsertResult) error {
	p := auth.From(r.Context())
	if p.Kind == auth.Service || res.UniqueSkippedAsDuplicate {
		return nil
	}
	actor := s.actor(r)
	if p.Kind == auth.User {
		actor = p.Actor()
	}
	detail, err := json.Marshal(map[string]any{"job_id": res.Job.ID, "kind": res.Job.Kind, "args": json.RawMessage(res.Job.EncodedArgs)})
	if err != nil {
		return fmt.Errorf("writing the audit: %w", err)
	}
	err = dbsqlc.New().AuditInsert(r.Context(), tx, dbsqlc.AuditInsertParams{Actor: actor, Action: "jobs.insert", Detail: detail, RequestID: requestID(r)})
	if err != nil {
		return fmt.Errorf("writing the audit: %w", err)
	}
	return nil
}

func readJob(r *http.Request) (*jobRequest, river.JobArgs, error) {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, nil, err
	}
	var req jobRequest
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&req); err != nil || dec.More() {
		return nil, nil, badRequest{`the body must be one JSON object such as {"kind": "plan-campaign", "args": {"campaign_id": "UUID"}}; run_at, a time such as 2026-11-23T18:00:00Z, may be added`}
	}
	if len(req.Args) == 0 || string(req.Args) == "null" {
		req.Args = json.RawMessage("{}")
	}
	args, err := jobs.ParseArgs(req.Kind, req.Args)
	if err != nil {
		return nil, nil, badRequest{err.Error()}
	}
	if at := req.RunAt; at != nil && (at.Year() < 2000 || time.Until(*at) > 10*365*24*time.Hour) {
		return nil, nil, badRequest{"run_at must be a time within the next ten years"}
	}
	return &req, args, nil
}

// mayInsert keeps app users to their own businesses' things.
func (s *Server) mayInsert(r *http.Request, req *jobRequest) error {
	if auth.From(r.Context()).All() {
		return nil
	}
	rule, ok := userJobs[req.Kind]
	if !ok {
		return auth.ErrOperators
	}
	var args map[string]any
	if err := json.Unmarshal(req.Args, &args); err != nil {
		return badRequest{"args must be a JSON object"}
	}
	text, _ := args[rule.arg].(string)
	id, err := uuid.Parse(text)
	if err != nil {
		return badRequest{rule.arg + " must be an id"}
	}
	return auth.Check(r.Context(), s.opts.DB, rule.thing, id, true)
}

// plan answers GET /api/v1/campaigns/{id}/plan?at=: as `henk plan --json`.
func (s *Server) plan(w http.ResponseWriter, r *http.Request) {
	id, at, err := s.campaignAt(r)
	if err != nil {
		s.apiFail(w, r, err)
		return
	}
	select {
	case s.plans <- struct{}{}:
		defer func() { <-s.plans }()
	default:
		w.Header().Set("Retry-After", "10")
		apiError(w, http.StatusServiceUnavailable, "other plans are being worked out; try again in a moment")
		return
	}
	ctx, cancel := contextWithin(r, planWithin)
	defer cancel()
	p, err := campaign.PlanOnPaper(ctx, s.opts.DB, id, at, s.limits(), nil)
	s.answerCampaign(w, r, p, err)
}

// explain answers GET /api/v1/campaigns/{id}/explain?lead=&at=: as `henk explain --json`.
func (s *Server) explain(w http.ResponseWriter, r *http.Request) {
	id, at, err := s.campaignAt(r)
	if err != nil {
		s.apiFail(w, r, err)
		return
	}
	lead, err := uuid.Parse(r.URL.Query().Get("lead"))
	if err != nil || lead == uuid.Nil {
		s.apiFail(w, r, badRequest{"name the lead: ?lead= and its id (leads.id), such as 6f9619ff-8b86-4011-b42d-00cf4fc964ff"})
		return
	}
	if err := auth.Check(r.Context(), s.opts.DB, auth.Lead, lead, false); err != nil {
		s.apiFail(w, r, err)
		return
	}
	ctx, cancel := contextWithin(r, planWithin)
	defer cancel()
	e, err := campaign.Explain(ctx, s.opts.DB, id, lead, at, s.limits())
	s.answerCampaign(w, r, e, err)
}

func (s *Server) answerCampaign(w http.ResponseWriter, r *http.Request, body any, err error) {
	switch {
	case errors.Is(err, campaign.ErrNotFound):
		s.apiFail(w, r, auth.ErrNotFound)
	case errors.Is(err, campaign.ErrNotInCampaign):
		apiError(w, http.StatusNotFound, "the lead is not in this campaign")
	case err != nil:
		s.apiFail(w, r, err)
	default:
		apiAnswer(w, http.StatusOK, body)
	}
}

// campaignAt reads the campaign of a route, which the principal must be allowed to see, and ?at=, by default now.
func (s *Server) campaignAt(r *http.Request) (uuid.UUID, time.Time, error) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil || len(r.PathValue("id")) != 36 {
		return uuid.Nil, time.Time{}, auth.ErrNotFound
	}
	if err := auth.Check(r.Context(), s.opts.DB, auth.Campaign, id, false); err != nil {
		return uuid.Nil, time.Time{}, err
	}
	text := r.URL.Query().Get("at")
	if text == "" {
		at, err := s.opts.Clock.Now(r.Context(), s.opts.DB)
		return id, at, err
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return uuid.Nil, time.Time{}, badRequest{"at must be a time with its zone, such as 2026-11-23T18:00:00Z (write + as %2B): " + url.QueryEscape(shorten(text, 40))}
	}
	return id, at.UTC(), nil
}
