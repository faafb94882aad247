package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/callhenk/henk-worker/internal/elevenlabssim"
)

func simulateCommand(ctx context.Context, args []string, out streams) error {
	fs := flags("simulate", "simulate elevenlabs [--addr 127.0.0.1:PORT] [--faults SPEC] [--seed N] [--speed X] [--webhook URL]",
		"henk simulate elevenlabs --addr 127.0.0.1:8085 --faults 429=5%,drop=2%", out)
	addr := fs.String("addr", "127.0.0.1:8085", "where to listen")
	faults := fs.String("faults", "", "faults to inject, such as 429=5%,503=2%,drop=3%")
	seed := fs.Int64("seed", 1, "the same seed gives the same conversations")
	speed := fs.Float64("speed", 20, "seconds of a call that pass in one")
	webhook := fs.String("webhook", "", "deliver signed webhooks to this URL")
	words, err := parse(fs, args, 1)
	if err != nil {
		return err
	}
	if len(words) != 1 || words[0] != "elevenlabs" {
		return usagef("name what to simulate: elevenlabs")
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
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return fmt.Errorf("listening for the simulator: %w", err)
	}
	fmt.Fprintf(out.stdout, "ELEVENLABS_API_KEY=%s\nELEVENLABS_WEBHOOK_SECRET=%s\nELEVENLABS_BASE_URL=http://%s\n", key, secret, listener.Addr())
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
