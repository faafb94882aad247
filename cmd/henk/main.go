// Command henk runs AI fundraising calls for charities on nothing but Postgres. One file per command; each wires what
// it needs by hand.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	// Calling windows must not depend on the zones that a slim container happens to have.
	_ "time/tzdata"
)

// command is one word on the command line.
type command struct {
	name, summary string
	run           func(ctx context.Context, args []string, out streams) error
}

// streams are where a command writes: results on stdout, everything else on stderr.
type streams struct{ stdout, stderr io.Writer }

func commands() []command {
	return []command{
		{"demo", "a private Postgres, simulated providers, sample data, worker and web together", demoCommand},
		{"serve", "web and worker in one process", serveCommand},
		{"web", "the web side alone", webCommand},
		{"worker", "the worker alone", workerCommand},
		{"migrate", "bring a fresh or an existing Henk database to this version's schema", migrateCommand},
		{"doctor", "checks everything that calls depend on, and says how to mend what is wrong", doctorCommand},
		{"plan", "whom a tick would call at a given time, and what holds the others; changes nothing", planCommand},
		{"explain", "every rule's verdict on a lead", explainCommand},
		{"audit", "which past calls another rule pack, or what is known today, would have refused", auditCommand},
		{"enqueue", "insert a job", enqueueCommand},
		{"import", "leads or do-not-call numbers out of a file", importCommand},
		{"export", "calls, conversations or leads of a campaign into a file", exportCommand},
		{"voices", "the voices that speech can be made with", voicesCommand},
		{"eval", "the outcome rules over labelled calls", evalCommand},
		{"bench", "the load programs behind docs/performance.md", benchCommand},
		{"simulate", "a provider's simulator on its own", simulateCommand},
		{"secrets", "seal stored credentials with the current key", secretsCommand},
		{"config", "effective settings, secrets masked", configCommand},
		{"health", "exit code for container health checks", healthCommand},
		{"version", "what was built", versionCommand},
	}
}

func main() {
	ctx, stop := untilStopped()
	code := run(ctx, os.Args[1:], streams{os.Stdout, os.Stderr})
	stop()
	os.Exit(code)
}

// untilStopped ends its context at Ctrl-C or SIGTERM, for the program to stop in order. A second Ctrl-C ends the process at
// once; a second SIGTERM does not, for platforms send several.
func untilStopped() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() { signal.Reset(os.Interrupt) })
	return ctx, stop
}

// run is the whole program: 0 ok, 1 failed, 2 bad usage.
func run(ctx context.Context, args []string, out streams) int {
	if len(args) == 2 && args[0] == "help" {
		args = []string{args[1], "-h"}
	}
	if len(args) == 0 || args[0] == "-h" || args[0] == "--help" || args[0] == "help" {
		usage(out.stdout)
		if len(args) == 0 {
			return 2
		}
		return 0
	}
	if args[0] == "--version" {
		args = []string{"version"}
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return exitCode(ctx, c.run(ctx, args[1:], out), c.name, out)
		}
	}
	fmt.Fprintf(out.stderr, "henk: there is no command %q; `henk help` lists them\n", args[0])
	return 2
}

func usage(w io.Writer) {
	fmt.Fprint(w, "henk runs AI fundraising calls for charities on nothing but Postgres.\n\n")
	for _, c := range commands() {
		fmt.Fprintf(w, "  henk %-9s %s\n", c.name, c.summary)
	}
	fmt.Fprint(w, "\n`henk COMMAND -h` shows a command's flags and an example.\n")
}

// flags returns a flag set whose help shows the synopsis and an example.
func flags(name, synopsis, example string, out streams) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {
		fmt.Fprintf(out.stdout, "Usage: henk %s\n\n", synopsis)
		fs.SetOutput(out.stdout)
		fs.PrintDefaults()
		fs.SetOutput(io.Discard)
		fmt.Fprintf(out.stdout, "\nExample: %s\n", example)
	}
	return fs
}

// parse reads flags that may stand before and after at most maxArgs words.
func parse(fs *flag.FlagSet, args []string, maxArgs int) ([]string, error) {
	help := fs.Usage
	fs.Usage = func() {} // a mistake gets its one line on stderr; stdout belongs to results
	var words []string
	for {
		if err := fs.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				help()
				return nil, err
			}
			return nil, usageError{err.Error()}
		}
		if args = fs.Args(); len(args) == 0 {
			break
		}
		words, args = append(words, args[0]), args[1:]
	}
	if len(words) > maxArgs {
		return nil, usagef("too many arguments: %s", strings.Join(words[maxArgs:], " "))
	}
	return words, nil
}
