package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// tierCalls are the calls at once that ElevenLabs' documentation gives for its plans (help.elevenlabs.io, agents'
// concurrency). Its API tells no limit; a plan that is not here is not judged.
var tierCalls = map[string]int{"free": 4, "starter": 6, "creator": 10, "pro": 20, "scale": 30, "business": 30}

// client talks to the provider without trying twice: a check has five seconds.
func (o *Options) client() (*elevenlabs.Client, error) {
	return elevenlabs.New(elevenlabs.Config{APIKey: o.Config.ElevenLabsAPIKey, BaseURL: o.Config.ElevenLabsBaseURL, Timeout: o.within, RetryDelays: []time.Duration{}})
}

const noKey = "ELEVENLABS_API_KEY is not set"

// provider says whether the key is taken.
func provider(ctx context.Context, o *Options) []Check {
	const mend = "Set ELEVENLABS_API_KEY to a key of the workspace that has the agents, with the right to use them (Agents: write)."
	if o.Config.ElevenLabsAPIKey == "" {
		if o.WebOnly {
			return one(warn("elevenlabs", "This process has no key, and needs none: workers do. Whether theirs works is not checked here.", "Run `henk doctor` with the workers' settings."))
		}
		return one(fail("elevenlabs", noKey+": nothing is dialed and no conversation is brought back.", mend))
	}
	c, err := o.client()
	if err != nil {
		return one(fail("elevenlabs", sentence(err.Error()), mend))
	}
	defer c.Close()
	if err := c.Ping(ctx); err != nil {
		return one(refusedBy("elevenlabs", err, mend))
	}
	s, err := c.Subscription(ctx)
	if err != nil {
		return one(ok("elevenlabs", "The key is taken. The plan is not known: the key may not read it."))
	}
	left, unlimited := s.Remaining()
	plan := fmt.Sprintf("The key is taken; plan %s", s.Tier)
	switch {
	case left == 0 && !unlimited:
		return one(fail("elevenlabs", plan+", and its credits are used up: calls are refused.", "Buy credits or a larger plan at ElevenLabs."))
	case s.Status != "active" && s.Status != "trialing" && s.Status != "free", s.HasOpenInvoices:
		return one(warn("elevenlabs", plan+", whose payment is not in order ("+s.Status+").", "Settle it at ElevenLabs before it stops the calls."))
	case unlimited:
		return one(ok("elevenlabs", plan+"."))
	}
	return one(ok("elevenlabs", fmt.Sprintf("%s, %d credits left.", plan, left)))
}

// refusedBy puts an error of the provider's into a finding. Its texts hold no key and no number.
func refusedBy(name string, err error, mend string) Check {
	e := elevenlabs.AsError(err)
	switch {
	case e == nil:
		return warn(name, "Not known: "+sentence(err.Error()), "")
	case e.Kind == elevenlabs.KindAccount:
		return fail(name, "ElevenLabs refuses the key or the account: "+sentence(e.Message), mend)
	case e.Kind == elevenlabs.KindNotSent:
		return fail(name, "ElevenLabs cannot be reached: "+sentence(e.Message), "Check the network, and ELEVENLABS_BASE_URL.")
	}
	return warn(name, "ElevenLabs does not answer as it should: "+sentence(err.Error()), "If it lasts, look at status.elevenlabs.io.")
}

// concurrency compares the limit that workers keep to with the plan's.
func concurrency(ctx context.Context, o *Options) []Check {
	limit := o.Config.ElevenLabsMaxConcurrent
	text := fmt.Sprintf("At most %d calls at once", limit)
	if limit == 0 {
		text = "No limit of calls at once is set"
	}
	if o.Config.ElevenLabsAPIKey == "" {
		return one(ok("concurrency", text+"; the plan's limit is not known here."))
	}
	c, err := o.client()
	if err != nil {
		return nil // said by the key's check
	}
	defer c.Close()
	if n, err := c.LiveCount(ctx, ""); err == nil {
		text += fmt.Sprintf("; %d under way", n)
	}
	s, err := c.Subscription(ctx)
	if err != nil {
		return one(ok("concurrency", text+"; the plan's limit is not known."))
	}
	allowed, known := tierCalls[strings.ToLower(s.Tier)]
	switch {
	case !known:
		return one(ok("concurrency", text+"; what plan "+s.Tier+" allows is not known."))
	case limit == 0, limit > allowed:
		return one(warn("concurrency", fmt.Sprintf("%s; plan %s usually allows %d. What is over is refused and tried again later.", text, s.Tier, allowed),
			fmt.Sprintf("Set ELEVENLABS_MAX_CONCURRENT_CALLS to %d, unless ElevenLabs granted you more.", allowed)))
	}
	return one(ok("concurrency", fmt.Sprintf("%s; plan %s allows %d.", text, s.Tier, allowed)))
}

// dialing says whether all dialing is held back.
func dialing(ctx context.Context, o *Options) []Check {
	p, err := dbsqlc.New().ProviderStateGet(ctx, o.DB, "elevenlabs")
	switch {
	case err != nil:
		return unread("dialing", err)
	case p.Breaker == "open":
		return one(fail("dialing", "No calls are placed: the account refused them. "+sentence(p.Reason), "Mend the key, the plan or the quota; then `henk enqueue campaign-orchestrator` tries at once."))
	case p.Breaker == "half_open":
		return one(warn("dialing", "The account answers again; one call tries before the rest follow.", ""))
	case p.PausedUntil != nil && p.PausedUntil.After(p.Now):
		return one(warn("dialing", fmt.Sprintf("Paused for %s more, as ElevenLabs asked or because it keeps failing. %s", p.PausedUntil.Sub(p.Now).Round(time.Second), sentence(p.Reason)), ""))
	}
	return one(ok("dialing", "Nothing holds it back."))
}
