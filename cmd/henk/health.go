package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/callhenk/henk-worker/internal/config"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

func healthCommand(ctx context.Context, args []string, out streams) error {
	fs := flags("health", "health [--worker]", "henk health", out)
	worker := fs.Bool("worker", false, "ask for the beat of a worker on this host instead of the web side on PORT")
	if _, err := parse(fs, args, 0); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if *worker {
		return workerHealth(ctx)
	}
	cfg, err := config.Load()
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/readyz", cfg.Port), nil)
	if err != nil {
		return fmt.Errorf("asking for health: %w", err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("no web side answers on port %d of this host: is `henk serve` or `henk web` running, with this PORT? (%w)", cfg.Port, err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		why, _ := io.ReadAll(io.LimitReader(res.Body, 300)) // what comes of a broken answer is good enough
		return fmt.Errorf("not ready: %s: %s", res.Status, strings.TrimSpace(string(why)))
	}
	return nil
}

func workerHealth(ctx context.Context) error {
	_, db, err := openDatabase(ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	host, err := os.Hostname()
	if err != nil {
		return fmt.Errorf("asking for this host's name: %w", err)
	}
	live, err := dbsqlc.New().WorkerCountLive(ctx, db, host)
	if err != nil {
		return fmt.Errorf("looking for the worker's beat: %w", err)
	}
	if live == 0 {
		return errors.New("no worker on this host has beaten in the last 30 s: is `henk worker` or `henk serve` running here?")
	}
	return nil
}
