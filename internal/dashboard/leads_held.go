package dashboard

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// heldLists are the leads behind a reason, as campaign.HeldBack counts them: those that a rule of their own holds, those
// that wait, and those that only the hour or a limit holds, zone set by zone set.
func (d *Dashboard) heldLists(ctx context.Context, id uuid.UUID, rule string) ([]list, error) {
	held := func(ctx context.Context, after cursor, limit int32) ([]leadRow, error) {
		rows, err := dbsqlc.New().DashboardLeadsHeld(ctx, d.DB, dbsqlc.DashboardLeadsHeldParams{CampaignID: id, Hold: rule, ID: after.ID, MaxRows: limit})
		return leadRows(rows, func(r dbsqlc.DashboardLeadsHeldRow) dbsqlc.DashboardLeadsByLastNameRow {
			return dbsqlc.DashboardLeadsByLastNameRow(r)
		}), err
	}
	switch rule {
	case campaign.RuleLeadStatus:
		return []list{held, func(ctx context.Context, after cursor, limit int32) ([]leadRow, error) {
			rows, err := dbsqlc.New().DashboardLeadsInProgress(ctx, d.DB, dbsqlc.DashboardLeadsInProgressParams{CampaignID: id, ID: after.ID, MaxRows: limit})
			return leadRows(rows, func(r dbsqlc.DashboardLeadsInProgressRow) dbsqlc.DashboardLeadsByLastNameRow {
				return dbsqlc.DashboardLeadsByLastNameRow(r)
			}), err
		}}, nil
	case campaign.RuleRetryInterval:
		return []list{d.waitingLeads(id, true)}, nil
	case campaign.RuleRollingCap:
		return []list{d.waitingLeads(id, false)}, nil
	case campaign.RuleCallWindow:
		return d.readyLists(ctx, id, false)
	case campaign.RuleBudget, campaign.RuleDailyCap, campaign.RuleConcurrency:
		return d.readyLists(ctx, id, true)
	case campaign.RuleCampaignActive, campaign.RuleCampaignDates, campaign.RuleAgentReady: // all of them
		return d.leadLists(ctx, leadQuery{Campaign: id})
	}
	return []list{held}, nil
}

// heldIn is the active campaigns with leads that a rule holds, from the figures of the live page; known is false until
// these are there.
func (d *Dashboard) heldIn(ctx context.Context, rule string) (in []bar, known bool) {
	today, _ := d.today.get(ctx, uuid.Nil, d.patience)
	for _, h := range today.Held {
		if h.Rule != rule {
			continue
		}
		for _, c := range h.In {
			in = append(in, bar{Label: c.Name, Link: heldLink("/leads?campaign="+c.ID.String(), rule), Count: c.Leads, Whole: h.Leads})
		}
	}
	return in, today.Known
}

// waitingLeads continues by the microsecond in which the last one becomes due, and its id.
func (d *Dashboard) waitingLeads(id uuid.UUID, retry bool) list {
	return func(ctx context.Context, after cursor, limit int32) ([]leadRow, error) {
		p := dbsqlc.DashboardLeadsWaitingParams{CampaignID: id, DueAt: time.Unix(0, 0).UTC(), ID: after.ID, Now: d.Clock.Local(), Retry: retry, MaxRows: limit}
		if micro, err := strconv.ParseInt(after.Key1, 10, 64); err == nil && micro >= minMicro && micro <= maxMicro {
			p.DueAt = time.UnixMicro(micro).UTC()
		}
		rows, err := dbsqlc.New().DashboardLeadsWaiting(ctx, d.DB, p)
		return leadRows(rows, func(r dbsqlc.DashboardLeadsWaitingRow) dbsqlc.DashboardLeadsByLastNameRow {
			return dbsqlc.DashboardLeadsByLastNameRow(r)
		}), err
	}
}

// readyLists are the ready leads of the zone sets whose hours are open, or closed, now.
func (d *Dashboard) readyLists(ctx context.Context, id uuid.UUID, open bool) ([]list, error) {
	c, err := campaign.Load(ctx, d.DB, id)
	if errors.Is(err, campaign.ErrNotFound) {
		return nil, errGone
	}
	if err != nil {
		return nil, err
	}
	sets, err := dbsqlc.New().DashboardZoneSets(ctx, d.DB, id)
	if err != nil {
		return nil, fmt.Errorf("listing the zones of ready leads: %w", err)
	}
	now := d.Clock.Local()
	var lists []list
	for _, set := range sets {
		if calltime.Judge(now, calltime.Place{Zones: set.Zones, States: set.States}, c.Rules()).Open == open {
			lists = append(lists, d.readyLeads(id, set.ID))
		}
	}
	return lists, nil
}

// readyLeads continues by the columns of the order in which they are called: three in the first key, the last in the
// second.
func (d *Dashboard) readyLeads(id uuid.UUID, set int32) list {
	return func(ctx context.Context, after cursor, limit int32) ([]leadRow, error) {
		p := dbsqlc.DashboardLeadsReadyParams{CampaignID: id, ZoneSet: set, Rank: -1, LastAt: "-infinity", AddedAt: "-infinity", MaxRows: limit}
		if keys := strings.Split(after.Key1, "|"); len(keys) == 3 && isInstant(keys[1]) && isInstant(keys[2]) {
			rank, err := strconv.ParseInt(keys[0], 10, 64)
			row, idErr := uuid.Parse(after.Key2)
			if err == nil && idErr == nil {
				p.Rank, p.LastAt, p.AddedAt, p.CampaignLeadID = rank, keys[1], keys[2], row
			}
		}
		rows, err := dbsqlc.New().DashboardLeadsReady(ctx, d.DB, p)
		return leadRows(rows, func(r dbsqlc.DashboardLeadsReadyRow) dbsqlc.DashboardLeadsByLastNameRow {
			return dbsqlc.DashboardLeadsByLastNameRow(r)
		}), err
	}
}

// isInstant tells whether Postgres reads the text as an instant; it comes from an address.
func isInstant(text string) bool {
	if text == "-infinity" {
		return true
	}
	micro, err := strconv.ParseInt(text, 10, 64)
	return err == nil && micro >= minMicro && micro <= maxMicro
}
