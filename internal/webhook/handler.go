package webhook

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/conversation"
	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/jobs"
)

// DefaultMaxBody bounds a body. A transcript of an hour has some 200 kB; only audio is larger, and that is fetched.
const DefaultMaxBody = 5 << 20

const (
	storeTimeout = 5 * time.Second  // then the provider is told to come back
	retryAfter   = 30 * time.Second // which is when ElevenLabs tries for the second time
)

// Options are what the handler needs. DB, Client and Log are required.
type Options struct {
	DB     *store.DB
	Client *jobs.Client
	Log    *slog.Logger
	// Secret is the webhook's, as ElevenLabs shows it once. Empty = no event is taken.
	Secret  string
	MaxBody int64 // bytes; 0 = DefaultMaxBody
	// Tolerance bounds the age of a signature; zero = 30 minutes past, 5 minutes future.
	Tolerance elevenlabs.Tolerance
	Now       func() time.Time // what signatures are judged by; nil = time.Now
	// Apply, where set, takes the event in before it is answered, so that nobody has to wait for a worker that only
	// looks at its queue now and then. The job finds it done.
	Apply func(ctx context.Context, event uuid.UUID) (conversation.Delivery, error)
}

// ElevenLabs answers ElevenLabs' webhooks.
type ElevenLabs struct {
	Options
	keep     func(ctx context.Context, w *elevenlabs.Webhook) (kept, error)
	unset    atomic.Bool // it was logged that the secret is not set
	oversize atomic.Bool
}

// NewElevenLabs returns the handler of POST /webhooks/elevenlabs.
func NewElevenLabs(o Options) *ElevenLabs {
	if o.MaxBody <= 0 {
		o.MaxBody = DefaultMaxBody
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	h := &ElevenLabs{Options: o}
	h.keep = h.store
	return h
}

// answer is the JSON of every answer.
type answer struct {
	OK     bool   `json:"ok"`
	ID     string `json:"id,omitempty"`     // henk.webhook_inbox.id
	Repeat bool   `json:"repeat,omitempty"` // it was received before
	Error  string `json:"error,omitempty"`
}

// ServeHTTP answers 401 before it reads the body where the header alone suffices, so that strangers cannot make it read
// megabytes; then 413 too large, 401 bad signature, 400 not the JSON it should be, 503 not stored, 200 stored.
func (h *ElevenLabs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		refuse(w, http.StatusMethodNotAllowed, "webhooks are posted here")
		return
	}
	// Several headers are one list (RFC 9110); two signatures then have two timestamps and are refused.
	signature := strings.Join(r.Header.Values("ElevenLabs-Signature"), ",")
	if err := elevenlabs.CheckSignatureHeader(signature, h.Now(), h.Tolerance); err != nil {
		h.unauthorized(w, r, err)
		return
	}
	if h.Secret == "" {
		if !h.unset.Swap(true) {
			h.Log.ErrorContext(r.Context(), "A webhook came and cannot be checked: set ELEVENLABS_WEBHOOK_SECRET to the secret that ElevenLabs showed when the webhook was created")
		}
		h.unavailable(w, "no secret to check signatures with: set ELEVENLABS_WEBHOOK_SECRET")
		return
	}
	body, ok := h.read(w, r)
	if !ok {
		return
	}
	if err := elevenlabs.VerifySignature(signature, body, h.Secret, h.Now(), h.Tolerance); err != nil {
		h.unauthorized(w, r, err)
		return
	}
	event, err := elevenlabs.DecodeWebhook(body)
	if err != nil {
		h.Log.WarnContext(r.Context(), "Webhook refused: it is signed but not what it should be", "err", err)
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	h.accept(w, r, event)
}

func (h *ElevenLabs) accept(w http.ResponseWriter, r *http.Request, event *elevenlabs.Webhook) {
	// A caller that hangs up has sent its event all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), storeTimeout)
	defer cancel()
	k, err := h.keep(ctx, event)
	if err != nil {
		h.Log.ErrorContext(ctx, "Webhook not stored; the provider is told to come back", "err", err)
		h.unavailable(w, "it could not be stored; try again")
		return
	}
	if h.Apply != nil && !k.repeat && k.state == conversation.EventPending {
		if _, err := h.Apply(ctx, k.id); err != nil {
			h.Log.WarnContext(ctx, "Webhook not taken in at once; its job will", "err", err)
		}
	}
	a := answer{OK: true, Repeat: k.repeat}
	if !k.repeat {
		a.ID = k.id.String()
	}
	write(w, http.StatusOK, a)
}

// read reads the body; false when it has answered.
func (h *ElevenLabs) read(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	tooLarge := r.ContentLength > h.MaxBody
	var body []byte
	if !tooLarge {
		var err error
		body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, h.MaxBody))
		var limit *http.MaxBytesError
		if tooLarge = errors.As(err, &limit); err != nil && !tooLarge {
			refuse(w, http.StatusRequestTimeout, "the body did not arrive whole; try again")
			return nil, false
		}
	}
	if !tooLarge {
		return body, true
	}
	if !h.oversize.Swap(true) {
		h.Log.WarnContext(r.Context(), "A webhook's body is over the limit and was refused. If it is audio, switch that event off at ElevenLabs: recordings are fetched anyway",
			"limit_bytes", h.MaxBody)
	}
	refuse(w, http.StatusRequestEntityTooLarge, "the body is over the limit of "+strconv.FormatInt(h.MaxBody, 10)+" bytes")
	return nil, false
}

func (h *ElevenLabs) unauthorized(w http.ResponseWriter, r *http.Request, err error) {
	level := slog.LevelWarn
	if errors.Is(err, elevenlabs.ErrSignatureMalformed) {
		level = slog.LevelInfo // a passer-by
	}
	h.Log.LogAttrs(r.Context(), level, "Webhook refused", slog.Any("err", err))
	refuse(w, http.StatusUnauthorized, err.Error())
}

func (h *ElevenLabs) unavailable(w http.ResponseWriter, text string) {
	w.Header().Set("Retry-After", strconv.Itoa(int(retryAfter/time.Second)))
	refuse(w, http.StatusServiceUnavailable, text)
}

func refuse(w http.ResponseWriter, status int, text string) {
	if status == http.StatusRequestEntityTooLarge || status == http.StatusUnauthorized {
		w.Header().Set("Connection", "close") // the rest of the body is not worth reading
	}
	write(w, status, answer{Error: text})
}

func write(w http.ResponseWriter, status int, a answer) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(a) // whoever asked has gone
}
