package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"sort"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/callhenk/henk-worker/internal/demo"
	"github.com/callhenk/henk-worker/internal/doctor"
	"github.com/callhenk/henk-worker/internal/server"
	"github.com/callhenk/henk-worker/jobs"
)

// demoTimeout bounds `demo --once`: a call that has no outcome by then is reported as lost.
const demoTimeout = 5 * time.Minute

func demoCommand(ctx context.Context, args []string, out streams) (err error) {
	fs := flags("demo", "demo [--once] [--leads N] [--seed N] [--addr host:port] [--json]", "henk demo --once", out)
	once := fs.Bool("once", false, "exit when every call has its outcome; 0 only if no invariant was violated")
	leads := fs.Int("leads", 150, "how many people to invent")
	seed := fs.Int64("seed", 1, "the same seed gives the same people and conversations")
	addr := fs.String("addr", "127.0.0.1:8080", "where the dashboard listens; port 0 = any free one")
	asJSON := fs.Bool("json", false, "print the summary as one JSON document")
	if _, err := parse(fs, args, 0); err != nil {
		return err
	}
	if *leads < 1 || *leads > 100_000 {
		return usagef("--leads must be from 1 to 100000")
	}
	log := slog.New(slog.NewTextHandler(out.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	fmt.Fprintln(out.stderr, "Starting a private Postgres, the simulators of Salesforce and ElevenLabs, a worker and the web side ...")
	d, err := demo.Start(ctx, demo.Options{DatabaseURL: os.Getenv("DATABASE_URL"), Leads: *leads, Seed: *seed, Log: log, Version: version(),
		Speed: 20, Concurrent: 20})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if !*once {
		return stayUp(ctx, d, *addr, log, out)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, demoTimeout, errors.New("the demo did not come to an end in time"))
	defer cancel()
	if err := watchDemo(ctx, d, out.stderr, true); err != nil {
		return err
	}
	return report(ctx, d, *asJSON, out)
}

func report(ctx context.Context, d *demo.Demo, asJSON bool, out streams) error {
	s, err := d.Summarize(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	if asJSON {
		if err := json.NewEncoder(out.stdout).Encode(s); err != nil {
			return fmt.Errorf("printing the summary: %w", err)
		}
	} else {
		printSummary(out.stdout, s)
	}
	if !s.OK {
		return fmt.Errorf("the demo did not go as it must: %s; see the summary", strings.Join(s.Problems, "; "))
	}
	return nil
}

func printSummary(w io.Writer, s *demo.Summary) {
	fmt.Fprintf(w, "%d leads, %d synced from Salesforce, %d calls placed, %d answered, %d conversations with an outcome, in %.1f s\n",
		s.Leads, s.LeadsSynced, s.CallsPlaced, s.CallsAnswered, s.ConversationsCompleted, float64(s.DurationMS)/1000)
	fmt.Fprintf(w, "outcomes    %s\nheld back   %s\n", counts(s.Outcomes), counts(s.HeldBack))
	b, v := s.WrittenBack, s.Violations
	fmt.Fprintf(w, "written     tasks %d, do not call %d, lead status %d, campaign members %d; missing %d, twice %d, failed %d\n",
		b.Tasks, b.DoNotCall, b.LeadStatus, b.CampaignMembers, b.Missing, b.Duplicates, b.Failed)
	fmt.Fprintf(w, "violations  called twice %d, do not call %d, outside window %d, over cap %d, lost %d\n",
		v.DoubleDials, v.DNCCalls, v.OutsideWindow, v.OverCap, v.Lost)
}

// stayUp serves the dashboard until it is interrupted, and prints a link that opens it logged in.
func stayUp(ctx context.Context, d *demo.Demo, addr string, log *slog.Logger, out streams) error {
	username, password := os.Getenv("HENK_WEB_USERNAME"), os.Getenv("HENK_WEB_PASSWORD")
	if username == "" && password == "" {
		username, password = "demo", rand.Text()
	}
	token := rand.Text()
	options := demoServer(d, username, password)
	options.Log, options.LoginToken, options.APITokens = log, token, []string{os.Getenv("HENK_API_TOKEN")}
	srv, err := server.New(options)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return fmt.Errorf("listening for the dashboard: %w", err)
		}
	}
	fmt.Fprintf(out.stdout, "Dashboard  http://%s/login?token=%s\nJobs       http://%s/riverui/\nCtrl-C stops everything and removes the database.\n",
		listener.Addr(), token, listener.Addr())
	watched := make(chan error, 1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		watched <- watchDemo(ctx, d, out.stderr, false)
		cancel() // a demo that nobody can watch ends with the reason
	}()
	serveErr := srv.Serve(ctx, listener)
	return errors.Join(serveErr, <-watched)
}

// demoServer is the web side of a demo as far as the demo has a say in it.
func demoServer(d *demo.Demo, username, password string) server.Options {
	cfg := d.Config()
	cfg.WebUsername, cfg.WebPassword = username, password
	check := doctor.Options{Config: cfg, DB: d.DB, Storage: d.Runtime.Storage, Queues: jobs.Queues(), Clock: d.Clock()}
	return server.Options{Client: d.Runtime.Client, DB: d.DB, Version: version(), Username: username, Password: password, Clock: d.Clock(), Webhook: d.Webhook,
		Storage: d.Runtime.Storage, AccountConcurrent: d.Concurrent, Doctor: doctorPageOf(check), SalesforceQuota: salesforceQuota(cfg, d.DB)}
}

// watchDemo shows what happens: one line redrawn on a terminal, a plain log elsewhere.
func watchDemo(ctx context.Context, d *demo.Demo, w io.Writer, untilDone bool) error {
	live, width := false, func() int { return 0 }
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		live, width = true, func() int { columns, _, _ := term.GetSize(int(f.Fd())); return columns }
	}
	every, last := 2*time.Second, ""
	if live {
		every = 200 * time.Millisecond
	}
	shown := time.Time{}
	for quiet := 0; ; {
		p, err := d.Progress(ctx)
		if ctx.Err() != nil {
			if untilDone {
				return context.Cause(ctx)
			}
			return nil
		}
		if err != nil {
			return err
		}
		line := progressLine(p)
		if line != last && time.Since(shown) >= every {
			if live {
				fmt.Fprintf(w, "\r\x1b[K%s", fitted(line, width()))
			} else {
				fmt.Fprintln(w, line)
			}
			last, shown = line, time.Now()
		}
		// A state between two transactions can look finished; it has to stay so.
		if quiet++; !p.Done() {
			quiet = 0
		}
		if untilDone && quiet >= 4 {
			if live {
				fmt.Fprintln(w)
			}
			return nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(150 * time.Millisecond):
		}
	}
}

// fitted cuts a line to a terminal's width: one that wraps cannot be redrawn. 0 is a width that is not known.
func fitted(line string, width int) string {
	if runes := []rune(line); width > 1 && len(runes) >= width {
		return string(runes[:width-2]) + "…"
	}
	return line
}

func progressLine(p *demo.Progress) string {
	return fmt.Sprintf("%d synced from Salesforce, %d calls placed, %d answered, %d talking now, %d over, %d written back; held back: %s",
		p.Synced, p.Placed, p.Answered, p.Active, p.Ended, p.Written, counts(p.Held))
}

func counts[N int | int64](m map[string]N) string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		return m[names[i]] > m[names[j]] || (m[names[i]] == m[names[j]] && names[i] < names[j])
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d", name, m[name])
	}
	if len(names) == 0 {
		return "-"
	}
	return strings.Join(names, ", ")
}
