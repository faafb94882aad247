package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/callhenk/henk-worker/internal/config"
	"github.com/callhenk/henk-worker/internal/server"
	"github.com/callhenk/henk-worker/internal/storage"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/tracing"
	"github.com/callhenk/henk-worker/jobs"
)

// stopWithin bounds the stop of the worker: above the job client's soft stop (35 s), and with the web side's ten seconds
// below the platform's kill (60 s).
const stopWithin = 45 * time.Second

func serveCommand(ctx context.Context, args []string, out streams) error {
	fs := flags("serve", "serve", "DATABASE_URL=postgres://... ELEVENLABS_API_KEY=... henk serve", out)
	if _, err := parse(fs, args, 0); err != nil {
		return err
	}
	return serve(ctx, true, true, nil)
}

func webCommand(ctx context.Context, args []string, out streams) error {
	fs := flags("web", "web", "DATABASE_URL=postgres://... HENK_WEB_USERNAME=ops HENK_WEB_PASSWORD=... henk web", out)
	if _, err := parse(fs, args, 0); err != nil {
		return err
	}
	return serve(ctx, true, false, nil)
}

func workerCommand(ctx context.Context, args []string, out streams) error {
	fs := flags("worker", "worker [--queues a,b]", "DATABASE_URL=postgres://... ELEVENLABS_API_KEY=... henk worker --queues dial,sync", out)
	queues := fs.String("queues", "", "work on these queues only, of "+strings.Join(jobs.Queues(), ", ")+" (default all)")
	if _, err := parse(fs, args, 0); err != nil {
		return err
	}
	var names []string
	for name := range strings.SplitSeq(*queues, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	if err := jobs.CheckQueues(names); err != nil {
		return usageError{err.Error()}
	}
	return serve(ctx, false, true, names)
}

// serve runs the web side, the worker, or both, until the context ends.
func serve(ctx context.Context, web, worker bool, queues []string) error {
	tr, err := tracing.Start(ctx, version())
	if err != nil {
		return err
	}
	cfg, db, log, err := openMigratedTraced(ctx, tr.Queries())
	if err != nil {
		return err
	}
	defer db.Close()
	tr.Report(log)
	for _, s := range strangeSettings(os.Environ()) {
		log.WarnContext(ctx, "A variable is not understood", "reason", s)
	}
	o := newObserver(db, log, tr)
	defer o.stop(ctx, log)
	if err := o.listen(ctx, cfg, log); err != nil {
		return err
	}
	addr := net.JoinHostPort("", strconv.Itoa(cfg.Port))
	if web {
		if addr, err = listenAddress(cfg, worker); err != nil {
			return err
		}
		if cfg.WebUsername == "" || cfg.WebPassword == "" {
			log.WarnContext(ctx, "No HENK_WEB_USERNAME and HENK_WEB_PASSWORD: the web side listens on this machine only", "addr", addr)
		}
	}
	if !worker {
		return serveWeb(ctx, cfg, db, log, nil, addr, o)
	}
	rt, err := newRuntime(ctx, cfg, db, log, queues, o)
	if err != nil {
		return err
	}
	if err := rt.Start(ctx); err != nil {
		return err
	}
	log.InfoContext(ctx, "Worker ready", "client_id", rt.ID(), "pooled", db.Pooled)
	var webErr error
	if web {
		webErr = serveWeb(ctx, cfg, db, log, rt, addr, o)
	} else {
		<-ctx.Done()
	}
	log.InfoContext(ctx, "Stopping; running jobs may finish")
	stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if err := rt.Stop(stopCtx); err != nil {
		return errors.Join(webErr, fmt.Errorf("stopping the worker: %w", err))
	}
	return webErr
}

// listenAddress is all interfaces where a login is set. Without one, `web` refuses and `serve` keeps to this machine.
func listenAddress(cfg *config.Config, alsoWorker bool) (string, error) {
	addr := net.JoinHostPort("", strconv.Itoa(cfg.Port))
	err := server.CheckPublic(addr, cfg.WebUsername, cfg.WebPassword)
	if err == nil {
		return addr, nil
	}
	if alsoWorker {
		return net.JoinHostPort("127.0.0.1", strconv.Itoa(cfg.Port)), nil
	}
	return "", err
}

// serveWeb serves the web side; rt is the worker of this process, if it has one.
func serveWeb(ctx context.Context, cfg *config.Config, db *store.DB, log *slog.Logger, rt *jobs.Runtime, addr string, o *observer) error {
	inserter, err := jobs.NewInserter(db, log)
	if err != nil {
		return err
	}
	client := inserter
	if rt != nil {
		client = rt.Client
	}
	hook, err := newWebhook(cfg, db, log, inserter, rt)
	if err != nil {
		return err
	}
	media, err := webStorage(cfg, log, rt)
	if err != nil {
		return err
	}
	options := server.Options{Client: client, DB: db, Log: log, Webhook: hook, Storage: media, AccountConcurrent: cfg.ElevenLabsMaxConcurrent, Username: cfg.WebUsername, Password: cfg.WebPassword, Version: version(),
		APITokens: []string{cfg.APIToken, cfg.SupabaseServiceRoleKey}, JWTSecret: cfg.SupabaseJWTSecret, BasePath: cfg.BasePath}
	options.Doctor, options.SalesforceQuota = doctorPage(cfg, db, media, rt == nil), salesforceQuota(cfg, db)
	o.watchServer(&options)
	if cfg.WebUsername != "" && cfg.WebPassword != "" {
		// Sessions outlive a restart and hold on every machine that has the same login.
		if options.SessionKey, err = server.SessionKeyFor(cfg.WebUsername, cfg.WebPassword); err != nil {
			return err
		}
	}
	if os.Getenv("FLY_APP_NAME") != "" {
		options.ClientIPHeader = "Fly-Client-IP"
	}
	srv, err := server.New(options)
	if err != nil {
		return err
	}
	return srv.ListenAndServe(ctx, addr)
}

// webStorage is where recordings are listened to from: the worker's storage where this process has one.
func webStorage(cfg *config.Config, log *slog.Logger, rt *jobs.Runtime) (storage.Store, error) {
	if rt != nil {
		return rt.Storage, nil
	}
	return openStorage(cfg, log)
}
