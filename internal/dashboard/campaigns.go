package dashboard

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
	"github.com/callhenk/henk-worker/web"
)

// campaignRows is how many campaigns a page lists: each has its day counted.
const campaignRows = 25

type campaignsView struct {
	Rows  []campaignRow
	Pager pager
}

type campaignRow struct {
	ID                           uuid.UUID
	Name, Business, Status, Hold string
	Used, Cap                    int64
	Planned                      string
}

// campaignList lists campaigns, active ones first.
func (d *Dashboard) campaignList(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), pageWithin)
	defer cancel()
	after, more, err := cursorOf(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	// The key is the place of the status, the age in microseconds and the id.
	p := dbsqlc.DashboardCampaignListParams{AfterPlace: -1, MaxRows: campaignRows + 1}
	if more {
		p.AfterPlace, p.AfterCreated, p.AfterID = int32(after.Phase), float64(after.At)/1e6, after.ID
	}
	rows, err := dbsqlc.New().DashboardCampaignList(ctx, d.DB, p)
	if err != nil {
		d.fail(w, r, fmt.Errorf("listing campaigns: %w", err))
		return
	}
	var next *cursor
	if len(rows) > campaignRows {
		rows = rows[:campaignRows]
		last := rows[len(rows)-1]
		next = &cursor{Phase: int(last.Place), ID: last.ID}
		if last.CreatedAt != nil {
			next.At = -last.CreatedAt.UnixMicro()
		}
	}
	view := campaignsView{Pager: pagerOf(r, !more, next)}
	if view.Rows, err = d.campaignRows(ctx, rows); err != nil {
		d.fail(w, r, err)
		return
	}
	d.render(w, r, http.StatusOK, "campaigns", web.Page{Title: "Campaigns", Here: "/campaigns", Body: view})
}

func (d *Dashboard) campaignRows(ctx context.Context, rows []dbsqlc.DashboardCampaignListRow) ([]campaignRow, error) {
	now := d.Clock.Local()
	var days dbsqlc.DashboardQuotaParams
	list := make([]campaignRow, len(rows))
	place := map[uuid.UUID]int{}
	for i, r := range rows {
		date, start := dayOf(r.Calling, now)
		days.CampaignIds, days.Days, days.Since = append(days.CampaignIds, r.ID), append(days.Days, date), append(days.Since, start)
		list[i] = campaignRow{ID: r.ID, Name: r.Name, Business: r.BusinessName, Status: string(r.Status), Cap: max(int64(r.DailyCallCap), 0),
			Hold: holdOf(r.Status, r.Blocked, r.BlockedReason, r.Plan), Planned: agoOf(r.PlannedSecondsAgo)}
		place[r.ID] = i
	}
	quota, err := dbsqlc.New().DashboardQuota(ctx, d.DB, days)
	if err != nil {
		return nil, fmt.Errorf("counting today's calls: %w", err)
	}
	for _, q := range quota {
		c := &list[place[q.CampaignID]]
		if c.Used = q.Used; c.Hold == "" && c.Used >= c.Cap {
			c.Hold = "The daily cap is reached."
		}
	}
	return list, nil
}

// agoOf words how long ago something was; "" for what has never been.
func agoOf(secondsAgo float64) string {
	if secondsAgo < 0 {
		return ""
	}
	if d := seconds(secondsAgo); d >= time.Second {
		return web.Span(d) + " ago"
	}
	return "just now"
}
