package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/callhenk/henk-worker/internal/elevenlabssim"
)

// simulateCommand hands over to the simulator that the words name; flags may stand before and after it.
func simulateCommand(ctx context.Context, args []string, out streams) error {
	simulators := map[string]func(context.Context, []string, streams) error{"elevenlabs": simulateElevenLabs, "salesforce": simulateSalesforce}
	if i := slices.IndexFunc(args, func(word string) bool { return simulators[word] != nil }); i >= 0 {
		return simulators[args[i]](ctx, slices.Delete(slices.Clone(args), i, i+1), out)
	}
	fs := flags("simulate", "simulate (elevenlabs|salesforce) [--addr 127.0.0.1:PORT] [--faults SPEC] [--seed N]; each has -h of its own",
		"henk simulate salesforce -h", out)
	if _, err := parse(fs, args, 1); err != nil {
		return err
	}
	return usagef("name what to simulate: elevenlabs or salesforce")
}

func simulateElevenLabs(ctx context.Context, args []string, out streams) error {
	fs := flags("simulate elevenlabs", "simulate elevenlabs [--addr 127.0.0.1:PORT] [--faults SPEC] [--seed N] [--speed X] [--webhook URL]",
		"henk simulate elevenlabs --addr 127.0.0.1:8085 --faults 429=5%,drop=2%", out)
	addr := fs.String("addr", "127.0.0.1:8085", "where to listen")
	faults := fs.String("faults", "", "faults to inject, such as 429=5%,503=2%,drop=3%")
	seed := fs.Int64("seed", 1, "the same seed gives the same conversations")
	speed := fs.Float64("speed", 20, "seconds of a call that pass in one")
	webhook := fs.String("webhook", "", "deliver signed webhooks to this URL")
	if _, err := parse(fs, args, 0); err != nil {
		return err
	}
	spec, err := elevenlabssim.ParseFaults(*faults)
	if err != nil {
		return usageError{err.Error()}
	}
	if *speed <= 0 {
		return usagef("--speed must be above 0")
	}
	key := cmp.Or(os.Getenv("ELEVENLABS_API_KEY"), "sk_sim_"+rand.Text())
	secret := cmp.Or(os.Getenv("ELEVENLABS_WEBHOOK_SECRET"), "wsec_sim_"+rand.Text())
	sim := elevenlabssim.New(elevenlabssim.Options{APIKey: key, WebhookSecret: secret, WebhookURL: *webhook, Seed: *seed, Speed: *speed, Clock: time.Now, Faults: spec})
	defer func() { _ = sim.Close() }()
	return serveSimulator(ctx, *addr, sim, out.stdout, func(url string) string {
		return fmt.Sprintf("ELEVENLABS_API_KEY=%s\nELEVENLABS_WEBHOOK_SECRET=%s\nELEVENLABS_BASE_URL=%s\n", key, secret, url)
	})
}

// serveSimulator listens, prints what a client needs, and serves until the context ends.
func serveSimulator(ctx context.Context, addr string, sim http.Handler, stdout io.Writer, credentials func(url string) string) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listening for the simulator (--addr chooses another address): %w", err)
	}
	fmt.Fprint(stdout, credentials("http://"+listener.Addr().String()))
	srv := &http.Server{Handler: sim, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = srv.Close()
	}()
	if err := srv.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving the simulator: %w", err)
	}
	return nil
}
