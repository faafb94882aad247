package dashboard

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/callhenk/henk-worker/web"
)

const (
	// silentAfter is when a worker that has not beaten is taken for dead; it beats every 5 s.
	silentAfter = 30 * time.Second
	// webhookSilentAfter: calls end all the time and tell of it within seconds.
	webhookSilentAfter = 20 * time.Minute
)

// problemsOf lists what needs a person, the worst first.
func problemsOf(row *liveRow, workers []workerRow, today todayFigures) []problem {
	var list []problem
	add := func(tone, text, link, linkText string) { list = append(list, problem{tone, text, link, linkText}) }
	if p := row.Provider; p != nil {
		switch {
		case p.Breaker == "open":
			add("bad", "No calls are placed: the ElevenLabs account refuses them. "+p.Reason, "", "")
		case p.Breaker == "half_open":
			add("warn", "The ElevenLabs account answers again; one call tries before the rest follow.", "", "")
		case p.PauseSeconds != nil && *p.PauseSeconds > 0:
			add("warn", fmt.Sprintf("Dialing pauses for %s, as ElevenLabs asked or because it keeps failing. %s", web.Span(seconds(*p.PauseSeconds)), p.Reason), "", "")
		}
	}
	list = append(list, workerProblems(workers)...)
	for _, b := range row.Blocked {
		add("bad", fmt.Sprintf("Campaign %s is blocked by its %s. %s", b.Name, b.By, b.Reason), "/campaigns/"+b.ID.String(), "Open the campaign")
	}
	for _, c := range today.Campaigns {
		if c.Problem != "" {
			add("bad", "Campaign "+c.Name+": "+c.Problem, "/campaigns/"+c.ID.String(), "Open the campaign")
		}
	}
	for _, i := range row.Integrations {
		add("bad", fmt.Sprintf("Salesforce of %s is not synced any more. %s", cmp.Or(i.Business, "a business"), i.Error), "/salesforce/"+i.ID.String(), "Open the integration")
	}
	if n := row.OverdueUnknown; n > 0 {
		add("warn", fmt.Sprintf("%s: ElevenLabs was asked to dial and did not answer. They are looked up and never dialed again on their own.",
			count(n, "call is", "calls are")+" unclear"), "/riverui/jobs?kind=reconcile-attempt", "Look at the jobs")
	}
	switch since := row.WebhookSecondsAgo; {
	case row.EndedLately < 5:
	case since == nil:
		add("warn", "Calls have ended and no webhook has ever come: conversations arrive by polling, later than they could. Enter the webhook's address at ElevenLabs and set ELEVENLABS_WEBHOOK_SECRET.", "", "")
	case seconds(*since) > webhookSilentAfter:
		add("warn", "The webhook has been silent for "+web.Span(seconds(*since))+" although calls have ended. Conversations arrive by polling.", "", "")
	}
	return list
}

func workerProblems(workers []workerRow) []problem {
	alive := map[string]bool{}
	silent := 0
	for _, w := range workers {
		if w.State != "alive" {
			silent++
			continue
		}
		for queue := range strings.SplitSeq(w.Queues, ", ") {
			alive[queue] = true
		}
	}
	switch {
	case len(alive) == 0:
		return []problem{{"bad", "No worker is running: nothing is planned, dialed or synced. Start one with `henk worker` or `henk serve`.", "", ""}}
	case !alive["dial"]:
		return []problem{{"bad", "No worker dials: the workers that run serve other queues, or have no ELEVENLABS_API_KEY.", "", ""}}
	case silent > 0:
		return []problem{{"warn", count(int64(silent), "worker has", "workers have") + " stopped without saying goodbye; the others have taken over the work.", "", ""}}
	}
	return nil
}

func count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
