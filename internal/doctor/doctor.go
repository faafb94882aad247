// Package doctor looks at an installation and says of each part whether it works and, if not, how to mend it: for
// `henk doctor` and for a page. It changes nothing, dials nobody, and shows no key, number or person's name.
//
// It may import config, the clients, crm, calltime, store and clock; it knows neither jobs nor pages.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/config"
	"github.com/callhenk/henk-worker/internal/storage"
	"github.com/callhenk/henk-worker/internal/store"
)

// What a check finds.
const (
	OK   = "ok"
	Warn = "warn" // works, but not as well as it should, or could not be judged
	Fail = "fail" // something does not work until somebody mends it
)

// Check is one finding. Texts are a sentence or two; Mend is empty where nothing has to be done.
type Check struct {
	Name    string `json:"name"`
	Status  string `json:"status"` // ok, warn or fail
	Message string `json:"message"`
	Mend    string `json:"mend,omitempty"`
}

// Options say what to look at. What could not be had is given by its error.
type Options struct {
	Config     *config.Config // required; with ConfigErr, what could be read of it
	ConfigErr  error
	DB         *store.DB // nil = not connected, and DBErr says why
	DBErr      error
	Storage    storage.Store // nil = none is set, or StorageErr
	StorageErr error

	Clock   clock.Clock  // the rules' clock
	Log     *slog.Logger // for what River's migrator has to say; nil = nowhere
	Queues  []string     // that workers must serve, the dialing ones first
	WebOnly bool         // this process only shows: that it has no provider's key is no fault of the installation

	within time.Duration // for each check; 0 = 5 s
}

const (
	defaultWithin = 5 * time.Second
	// many bounds the lines about campaigns and about integrations.
	many = 25
)

// check is one look at something. It gives no, one or several lines.
type check struct {
	name string
	run  func(context.Context, *Options) []Check
}

// Run makes all checks, each within five seconds, and gives their findings in a fixed order. It never fails itself.
func Run(ctx context.Context, o Options) []Check {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.within == 0 {
		o.within = defaultWithin
	}
	first := o.together(ctx, []check{{"config", settings}, {"database", database}, {"pooler", pooler}, {"schema", schema}})
	rest := []check{
		{"cron", cron}, {"workers", workers}, {"rules", rules}, {"encryption", encryption}, {"storage", files}, {"elevenlabs", provider},
		{"concurrency", concurrency}, {"dialing", dialing}, {"campaign", campaigns}, {"webhook", webhooks}, {"salesforce", connections},
	}
	if why := unusable(first); why != "" {
		for i, c := range rest {
			if needsDatabase[c.name] {
				rest[i].run = func(context.Context, *Options) []Check { return one(warn(c.name, "Not checked: "+why+".", "")) }
			}
		}
	}
	return append(first, o.together(ctx, rest)...)
}

// needsDatabase are the checks that read our tables.
var needsDatabase = map[string]bool{"cron": true, "workers": true, "encryption": true, "dialing": true, "campaign": true, "webhook": true, "salesforce": true}

// unusable says why our tables cannot be read; "" = they can.
func unusable(first []Check) string {
	for _, c := range first {
		if c.Status == Fail && (c.Name == "database" || c.Name == "schema") {
			return map[string]string{"database": "the database cannot be used", "schema": "the schema has to be migrated first"}[c.Name]
		}
	}
	return ""
}

// together runs the checks at the same time. One that does not come back is left behind; its context has ended.
func (o *Options) together(ctx context.Context, checks []check) []Check {
	found := make([][]Check, len(checks))
	var wg sync.WaitGroup
	for i, c := range checks {
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, o.within)
			defer cancel()
			done := make(chan []Check, 1)
			go func() { done <- c.run(ctx, o) }()
			select {
			case found[i] = <-done:
			case <-time.After(o.within + time.Second):
				found[i] = one(warn(c.name, fmt.Sprintf("Not known: no answer within %s.", o.within), ""))
			}
		})
	}
	wg.Wait()
	var all []Check
	for _, lines := range found {
		for _, c := range lines {
			c.Message, c.Mend = oneLine(c.Message), oneLine(c.Mend)
			all = append(all, c)
		}
	}
	return all
}

// oneLine keeps what people named their campaigns, and what providers answer, from moving a terminal's cursor.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return ' '
		}
		return r
	}, text)
}

// Failed says whether any check failed.
func Failed(checks []Check) bool {
	for _, c := range checks {
		if c.Status == Fail {
			return true
		}
	}
	return false
}

func ok(name, message string) Check         { return Check{name, OK, message, ""} }
func warn(name, message, mend string) Check { return Check{name, Warn, message, mend} }
func fail(name, message, mend string) Check { return Check{name, Fail, message, mend} }
func one(c Check) []Check                   { return []Check{c} }

// unread is the finding where the database did not answer a question.
func unread(name string, err error) []Check {
	if errors.Is(err, context.DeadlineExceeded) {
		return one(warn(name, "Not known: the database did not answer in time.", ""))
	}
	return one(warn(name, "Not known: "+err.Error()+".", ""))
}
