package jobs

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"github.com/callhenk/henk-worker/internal/call"
	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/conversation"
	"github.com/callhenk/henk-worker/internal/crm"
	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/storage"
	"github.com/callhenk/henk-worker/internal/store"
)

// Config is what a worker process needs.
type Config struct {
	DB         *store.DB
	ElevenLabs *elevenlabs.Client // nil = no key: nothing is planned, dialed or synced
	Storage    storage.Store      // nil = recordings stay with the provider, and no speech is made
	Salesforce crm.Config         // what all Salesforce integrations share
	Clock      clock.Clock
	Log        *slog.Logger
	Version    string

	MaxConcurrent  int     // calls at once over all workers; 0 = no limit
	CallsPerSecond float64 // over all workers; 0 = no pacing

	Lookback  time.Duration // how far back unfinished conversations are looked for
	SyncBatch int           // conversations fanned out per insert
	EventsMax int           // conversation events per insert
	PollBase  time.Duration // pace of polling a running call; default 5 s

	CampaignInterval, ConversationInterval, SalesforceInterval time.Duration // tick schedules

	Queues      []string      // to work on; nil = all
	DialWorkers int           // dials under way in this process; default 64
	SyncWorkers int           // conversations being asked for in this process; default 24
	SoftStop    time.Duration // how long running jobs may finish on stop; default 35 s
	PollJobs    time.Duration // how often queues are looked at without being notified; default 1 s
	NoTicks     bool          // for load programs: no schedule

	// Hooks and Middleware are River's, for what watches the process from outside (metrics, traces).
	Hooks      []rivertype.Hook
	Middleware []rivertype.Middleware
	// Dialed is told how each dial-lead job ended: call_attempts.state and reason. nil = nobody asks.
	Dialed func(state, reason string)
}

// Runtime is a worker process: River's client, the workers and what watches over them.
type Runtime struct {
	Config
	Client    *Client
	id        string
	dialer    *call.Dialer
	refresher *campaign.Refresher
	syncer    *conversation.Syncer
	working   sync.Map // ids of the jobs that run in this process
	served    []string // the queues that it works
	stopWatch context.CancelFunc
	watching  chan struct{}
}

// clientIDPrefix marks the River clients whose death the sweeper notices.
const clientIDPrefix = "henk-"

// New builds a worker process; Start starts it.
func New(cfg Config) (*Runtime, error) {
	r := &Runtime{Config: cfg, id: newClientID()}
	r.dialer = call.New(call.Options{
		DB: cfg.DB, Client: cfg.ElevenLabs, Clock: cfg.Clock, Log: cfg.Log, WorkerID: r.id,
		MaxConcurrent: cfg.MaxConcurrent, CallsPerSecond: cfg.CallsPerSecond,
		FinalStatuses: campaign.FinalStatuses, FollowUp: r.afterCall,
	})
	r.refresher = campaign.NewRefresher(cfg.DB, cfg.Clock)
	r.syncer = conversation.New(conversation.Options{
		DB: cfg.DB, Client: cfg.ElevenLabs, Clock: cfg.Clock, FollowUp: r.afterConversation,
		EventsBatch: cfg.EventsMax, PollBase: cfg.PollBase,
	})
	workers := river.NewWorkers()
	for _, add := range []func() error{
		func() error { return river.AddWorkerSafely(workers, &campaignOrchestrator{Runtime: r}) },
		func() error { return river.AddWorkerSafely(workers, &planCampaign{Runtime: r}) },
		func() error { return river.AddWorkerSafely(workers, &dialLead{Runtime: r}) },
		func() error { return river.AddWorkerSafely(workers, &reconcileAttempt{Runtime: r}) },
		func() error { return river.AddWorkerSafely(workers, &conversationOrchestrator{Runtime: r}) },
		func() error { return river.AddWorkerSafely(workers, &syncConversation{Runtime: r}) },
		func() error { return river.AddWorkerSafely(workers, &applyWebhook{Runtime: r}) },
		func() error { return river.AddWorkerSafely(workers, &archiveRecording{Runtime: r}) },
		func() error { return river.AddWorkerSafely(workers, &generateAudio{Runtime: r}) },
		func() error { return river.AddWorkerSafely(workers, &syncSalesforceLeads{Runtime: r}) },
		func() error { return river.AddWorkerSafely(workers, &syncSalesforceIntegration{Runtime: r}) },
		func() error { return river.AddWorkerSafely(workers, &reconcileSalesforceIntegration{Runtime: r}) },
		func() error { return river.AddWorkerSafely(workers, &writeBackSalesforce{Runtime: r}) },
		func() error { return river.AddWorkerSafely(workers, &housekeeping{Runtime: r}) },
	} {
		if err := add(); err != nil {
			return nil, fmt.Errorf("registering workers: %w", err)
		}
	}
	queues, err := queueConfig(cfg)
	if err != nil {
		return nil, err
	}
	r.served = slices.Sorted(maps.Keys(queues))
	client, err := river.NewClient(riverpgxv5.New(cfg.DB.Pool), &river.Config{
		ID:                   r.id,
		Schema:               store.RiverSchema,
		Logger:               store.Quiet(cfg.Log),
		Workers:              workers,
		Queues:               queues,
		PeriodicJobs:         r.schedule(),
		Hooks:                cfg.Hooks,
		Middleware:           append([]rivertype.Middleware{river.WorkerMiddlewareFunc(r.note), &follower{db: cfg.DB}}, cfg.Middleware...),
		PollOnly:             cfg.DB.Pooled,
		FetchCooldown:        20 * time.Millisecond,
		FetchPollInterval:    orDefault(cfg.PollJobs, time.Second),
		JobTimeout:           2 * time.Minute,
		RescueStuckJobsAfter: 5 * time.Minute,
		SoftStopTimeout:      orDefault(cfg.SoftStop, 35*time.Second),
	})
	if err != nil {
		return nil, fmt.Errorf("building the job client: %w", err)
	}
	r.Client = client
	return r, nil
}

// NewInserter returns a client that only inserts, for programs that do not work jobs.
func NewInserter(db *store.DB, log *slog.Logger) (*Client, error) {
	// A client keeps back notifications within its cooldown of the last one, and a job that is not announced waits for
	// the workers' next look at the queue.
	client, err := river.NewClient(riverpgxv5.New(db.Pool), &river.Config{Schema: store.RiverSchema, Logger: store.Quiet(log),
		FetchCooldown: time.Millisecond})
	if err != nil {
		return nil, fmt.Errorf("building the job client: %w", err)
	}
	return client, nil
}

func queueConfig(cfg Config) (map[string]river.QueueConfig, error) {
	size := map[string]int{QueueOrchestrate: 4, QueueDial: orDefault(cfg.DialWorkers, 64), QueueSync: orDefault(cfg.SyncWorkers, 24), QueueMedia: 4, QueueCRM: 4}
	if err := CheckQueues(cfg.Queues); err != nil {
		return nil, err
	}
	queues := map[string]river.QueueConfig{}
	for _, name := range Queues() {
		wanted := len(cfg.Queues) == 0 || slices.Contains(cfg.Queues, name)
		// Without a provider there is nobody to ask: these jobs wait for a worker that has one.
		if wanted && (cfg.ElevenLabs != nil || name == QueueOrchestrate || name == QueueCRM) {
			queues[name] = river.QueueConfig{MaxWorkers: size[name]}
		}
	}
	if len(queues) == 0 {
		return nil, errors.New("without ELEVENLABS_API_KEY there is nothing to do on these queues")
	}
	return queues, nil
}

func (r *Runtime) schedule() []*river.PeriodicJob {
	if r.NoTicks {
		return nil
	}
	every := func(d time.Duration, args river.JobArgs) *river.PeriodicJob {
		return river.NewPeriodicJob(river.PeriodicInterval(d), func() (river.JobArgs, *river.InsertOpts) { return args, nil },
			&river.PeriodicJobOpts{ID: args.Kind()})
	}
	return []*river.PeriodicJob{
		every(orDefault(r.CampaignInterval, 5*time.Minute), CampaignOrchestratorArgs{}),
		every(orDefault(r.ConversationInterval, 10*time.Minute), ConversationOrchestratorArgs{}),
		every(orDefault(r.SalesforceInterval, 15*time.Minute), SyncSalesforceLeadsArgs{}),
		every(time.Hour, HousekeepingArgs{}),
	}
}

// note keeps account of what runs here, for reclaim.
func (r *Runtime) note(ctx context.Context, job *rivertype.JobRow, work func(context.Context) error) error {
	r.working.Store(job.ID, nil)
	defer r.working.Delete(job.ID)
	return work(ctx)
}

// ID is the name by which jobs (attempted_by) and henk.workers know this process.
func (r *Runtime) ID() string { return r.id }

// Start begins to work jobs: the process announces itself, runs each tick once and then keeps the schedule.
func (r *Runtime) Start(ctx context.Context) error {
	if err := r.beat(ctx); err != nil {
		return fmt.Errorf("announcing the worker: %w", err)
	}
	if err := r.Client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("starting the job client: %w", err)
	}
	watchCtx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r.stopWatch, r.watching = cancel, make(chan struct{})
	go r.watch(watchCtx)
	if r.NoTicks {
		return nil
	}
	return pgx.BeginFunc(ctx, r.DB, func(tx pgx.Tx) error {
		if _, err := InsertCampaignOrchestratorTx(ctx, tx, r.Client); err != nil {
			return err
		}
		if _, err := InsertConversationOrchestratorTx(ctx, tx, r.Client, ConversationOrchestratorArgs{}); err != nil {
			return err
		}
		_, err := InsertSyncSalesforceLeadsTx(ctx, tx, r.Client)
		return err
	})
}

// Stop lets running jobs finish for the soft stop's time, then cancels them. The beat goes on meanwhile, so that
// nobody takes their work away.
func (r *Runtime) Stop(ctx context.Context) error {
	err := r.Client.Stop(ctx)
	r.stopWatch()
	<-r.watching
	return errors.Join(err, r.sayGoodbye(ctx))
}

func newClientID() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s%.40s-%d-%s", clientIDPrefix, host, os.Getpid(), rand.Text()[:8])
}

func (r *Runtime) limits() campaign.Limits {
	return campaign.Limits{AccountConcurrent: r.MaxConcurrent}
}

func orDefault[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}
