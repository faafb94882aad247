package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/callhenk/henk-worker/internal/elevenlabs"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// workspace is what the provider has: its agents, as far as campaigns name them, and its numbers.
type workspace struct {
	client  *elevenlabs.Client
	agents  map[string]*elevenlabs.AgentDetail // nil = it has none with this id
	numbers []elevenlabs.PhoneNumber
}

// campaigns checks that the provider knows each active campaign's agent and caller id. Those that are well share a line.
func campaigns(ctx context.Context, o *Options) []Check {
	rows, err := dbsqlc.New().DoctorCampaigns(ctx, o.DB, many+1)
	if err != nil {
		return unread("campaign", err)
	}
	if len(rows) == 0 {
		return one(ok("campaign", "None is active."))
	}
	more := len(rows) > many
	rows = rows[:min(len(rows), many)]
	ws, problem := o.workspace(ctx, rows)
	var lines []Check
	well := 0
	for _, row := range rows {
		if c := judge(ctx, row, ws); c.Status != OK {
			lines = append(lines, c)
		} else {
			well++
		}
	}
	switch {
	case problem != nil:
		lines = append(lines, *problem)
	case well > 0:
		lines = append(lines, ok("campaign", fmt.Sprintf("%d active: ElevenLabs has their agents and their phone numbers.", well)))
	}
	if more {
		lines = append(lines, warn("campaign", fmt.Sprintf("More than %d are active; the rest was not checked.", many), ""))
	}
	return lines
}

// workspace asks the provider for what the campaigns name; nil with what kept it from that.
func (o *Options) workspace(ctx context.Context, rows []dbsqlc.DoctorCampaignsRow) (*workspace, *Check) {
	if o.Config.ElevenLabsAPIKey == "" {
		c := warn("campaign", "Whether ElevenLabs has the campaigns' agents and phone numbers is not known: "+noKey+" here.", "")
		return nil, &c
	}
	client, err := o.client()
	if err != nil {
		return nil, nil // said by the key's check
	}
	defer client.Close()
	ws := &workspace{client: client, agents: map[string]*elevenlabs.AgentDetail{}}
	var ids []string
	for _, row := range rows {
		if row.Agent != "" {
			ids = append(ids, row.Agent)
		}
	}
	slices.Sort(ids)
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	g.Go(func() error {
		var err error
		ws.numbers, err = client.PhoneNumbers(ctx)
		return err
	})
	for _, id := range slices.Compact(ids) {
		g.Go(func() error {
			a, err := client.Agent(ctx, id)
			if e := elevenlabs.AsError(err); e != nil && (e.Kind == elevenlabs.KindNotFound || e.Kind == elevenlabs.KindRefused) {
				a, err = nil, nil
			}
			mu.Lock()
			defer mu.Unlock()
			ws.agents[id] = a
			return err
		})
	}
	if err := g.Wait(); err != nil {
		c := refusedBy("campaign", err, "Give the key the right to read agents and phone numbers.")
		c.Message = "Whether ElevenLabs has the campaigns' agents and phone numbers is not known. " + c.Message
		c.Status = Warn // calls may go through all the same
		return nil, &c
	}
	return ws, nil
}

// judge looks at one campaign; ws nil = only at what we hold ourselves.
func judge(ctx context.Context, row dbsqlc.DoctorCampaignsRow, ws *workspace) Check {
	name := fmt.Sprintf("%s (%s)", row.Name, row.ID)
	if row.Blocked {
		return fail("campaign", fmt.Sprintf("%s is blocked by its %s. %s", name, row.BlockedBy, sentence(row.BlockedReason)), "Correct it; the edit ends the block.")
	}
	switch {
	case row.AgentStatus == "":
		return fail("campaign", name+" has no agent.", "Choose one in the app.")
	case row.AgentStatus != "active":
		return fail("campaign", name+": its agent is "+row.AgentStatus+".", "Activate the agent in the app.")
	case row.Agent == "":
		return fail("campaign", name+": its agent has no ElevenLabs id.", "Set elevenlabs_agent_id of the agent.")
	case strings.TrimSpace(row.CallerID) == "":
		return fail("campaign", name+": its agent has no caller id.", "Set caller_id of the agent: a phone number of the ElevenLabs workspace, or its id.")
	case ws == nil:
		return ok("campaign", name)
	}
	agent := ws.agents[row.Agent]
	if agent == nil {
		return fail("campaign", name+": ElevenLabs does not have its agent.", "Set elevenlabs_agent_id to an agent of the workspace that the key belongs to.")
	}
	reason, err := ws.cannotCallFrom(ctx, row.CallerID)
	switch {
	case err != nil:
		return refusedBy("campaign", err, "")
	case reason != "":
		return fail("campaign", name+": its caller id cannot be used. "+sentence(reason), "Set caller_id of the agent to a Twilio number of the workspace, or to its id.")
	}
	switch {
	case agent.CallLimits != nil && agent.CallLimits.DailyLimit == 0, agent.CallLimits != nil && agent.CallLimits.AgentConcurrencyLimit == 0:
		return fail("campaign", name+": its agent may not call at all (a limit of 0 at ElevenLabs).", "Raise the agent's limits at ElevenLabs.")
	case agent.Queueing != nil && agent.Queueing.Enabled:
		return warn("campaign", name+": its agent queues calls over the limit; people who pick up could hear hold music.", "Switch queueing off in the agent's settings at ElevenLabs.")
	}
	return ok("campaign", name)
}

// cannotCallFrom says why calls cannot go out from a caller id; "" = they can. It never repeats the number. The error is that
// of asking.
func (ws *workspace) cannotCallFrom(ctx context.Context, callerID string) (string, error) {
	callerID = strings.TrimSpace(callerID)
	if !strings.HasPrefix(callerID, "+") {
		i := slices.IndexFunc(ws.numbers, func(n elevenlabs.PhoneNumber) bool { return n.PhoneNumberID == callerID })
		if i < 0 {
			return "ElevenLabs has no phone number with this id", nil
		}
		callerID = ws.numbers[i].PhoneNumber
	}
	_, err := ws.client.ResolveCallerID(ctx, callerID)
	if e := elevenlabs.AsError(err); e != nil && e.Kind == elevenlabs.KindRefused {
		return e.Message, nil
	}
	return "", err
}
