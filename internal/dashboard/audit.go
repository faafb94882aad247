package dashboard

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sort"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// change is what a person did, for henk.audit. Detail holds settings and the reason they gave, never a number or a name.
type change struct {
	Action                  string
	Campaign, Lead, Convers *uuid.UUID
	Detail                  map[string]any
}

// actions says each in words.
var actions = map[string]string{
	"campaign.paused": "paused the campaign", "campaign.stopped": "stopped the campaign", "campaign.resumed": "resumed the campaign",
	"campaign.edited": "edited the limits", "lead.do_not_call": "set do not call", "lead.lifted": "lifted do not call",
	"conversation.corrected": "corrected the outcome", "campaign.exported": "took out a file",
	"salesforce.sync": "asked for a sync", "salesforce.reconcile": "asked for a full reconcile", "salesforce.resumed": "let the sync go on",
	"salesforce.retried": "had the failed writes tried again", "import.started": "started an import", "import.ended": "had an import end",
}

// record writes the audit row in the transaction of the change.
func (d *Dashboard) record(ctx context.Context, tx pgx.Tx, w http.ResponseWriter, r *http.Request, c change) error {
	return recordBy(ctx, tx, d.Actor(r), requestID(w), c)
}

// recordBy is record for what goes on after its request.
func recordBy(ctx context.Context, db dbsqlc.DBTX, actor, request string, c change) error {
	detail, err := json.Marshal(c.Detail)
	if err != nil || c.Detail == nil {
		detail = []byte("{}")
	}
	err = dbsqlc.New().AuditInsert(ctx, db, dbsqlc.AuditInsertParams{Actor: actor, Action: c.Action, CampaignID: c.Campaign,
		LeadID: c.Lead, ConversationID: c.Convers, Detail: detail, RequestID: request})
	if err != nil {
		return fmt.Errorf("writing the audit: %w", err)
	}
	return nil
}

// auditRow is one line of a page's history.
type auditRow struct {
	Actor, What, Detail string
	At                  time.Time
}

func newAuditRow(at time.Time, actor, action string, detail []byte) auditRow {
	row := auditRow{Actor: actor, What: action, At: at}
	if text, ok := actions[action]; ok {
		row.What = text
	}
	var fields map[string]any
	if json.Unmarshal(detail, &fields) != nil {
		return row
	}
	names := make([]string, 0, len(fields))
	for name := range fields {
		if name != "at" && name != "integration" { // the moment by the rules' clock, for stopOf; what the page is about
			names = append(names, name)
		}
	}
	sort.Strings(names)
	parts := make([]string, 0, len(names))
	for _, name := range names {
		label := strings.ReplaceAll(name, "_", " ")
		switch v := fields[name].(type) {
		case []any: // before and after
			if len(v) == 2 {
				parts = append(parts, fmt.Sprintf("%s %s → %s", label, shown(v[0]), shown(v[1])))
			}
		default:
			parts = append(parts, label+": "+shown(v))
		}
	}
	row.Detail = strings.Join(parts, "; ")
	return row
}

func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return "none"
	case string:
		if v == "" {
			return "none"
		}
		return strings.ReplaceAll(v, "_", " ")
	}
	return fmt.Sprint(v)
}
