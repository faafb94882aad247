package dashboard

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/crm"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
	"github.com/callhenk/henk-worker/web"
)

// salesforceView is what salesforce.html shows.
type salesforceView struct {
	Rows  []salesforceRow
	Pager pager
}

type salesforceRow struct {
	ID                      uuid.UUID
	Business, State, Policy string
	Problem                 string
	LastSync                time.Time
	Running                 bool
}

// orgConfig is what the page shows of integrations.config. It is the web app's to write: a key of another shape is passed
// over here, and crm says what is wrong with it.
type orgConfig struct {
	Env             string `json:"env"`
	InstanceURL     string `json:"instanceUrl"`
	SyncEnabled     any    `json:"syncEnabled"`
	DoNotCallPolicy string `json:"doNotCallPolicy"`
	Health          struct {
		Error    string   `json:"error"`
		Mend     string   `json:"mend"`
		Warnings []string `json:"warnings"`
	} `json:"syncHealth"`
	WriteBack struct {
		Enabled bool `json:"enabled"`
	} `json:"writeBack"`
}

func readOrgConfig(raw []byte) orgConfig {
	var c orgConfig
	// An error of one key leaves the others read.
	_ = json.Unmarshal(raw, &c)
	return c
}

// off is true where the sync is switched off in the config, read as the sync's query does.
func (c orgConfig) off() bool { return fmt.Sprint(c.SyncEnabled) == "false" }

func (c orgConfig) policy() string {
	if c.DoNotCallPolicy == crm.PolicyStrict {
		return "strict"
	}
	return "default"
}

// stateOf is the integration's status in a word.
func stateOf(status string, c orgConfig) string {
	switch {
	case status == "error":
		return "broken"
	case status == "active" && c.off():
		return "switched off"
	}
	return status
}

// salesforceList lists the integrations, broken ones first.
func (d *Dashboard) salesforceList(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), pageWithin)
	defer cancel()
	after, more, err := cursorOf(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	p := dbsqlc.DashboardSalesforceListParams{AfterPlace: -1, MaxRows: pageRows + 1}
	if more {
		p.AfterPlace, p.AfterID = int32(after.Phase), after.ID
	}
	rows, err := dbsqlc.New().DashboardSalesforceList(ctx, d.DB, p)
	if err != nil {
		d.fail(w, r, fmt.Errorf("listing integrations: %w", err))
		return
	}
	var next *cursor
	if len(rows) > pageRows {
		rows = rows[:pageRows]
		last := rows[len(rows)-1]
		next = &cursor{Phase: int(last.Place), ID: last.ID}
	}
	view := salesforceView{Pager: pagerOf(r, !more, next)}
	for _, row := range rows {
		c := readOrgConfig(row.Config)
		line := salesforceRow{ID: row.ID, Business: row.BusinessName, State: stateOf(row.Status, c), Policy: c.policy(), Problem: c.Health.Error,
			LastSync: row.LastSyncAt, Running: row.Running}
		if line.Problem == "" && len(c.Health.Warnings) > 0 {
			line.Problem = c.Health.Warnings[0]
		}
		view.Rows = append(view.Rows, line)
	}
	d.render(w, r, http.StatusOK, "salesforce", web.Page{Title: "Salesforce", Here: "/salesforce", Body: view})
}
