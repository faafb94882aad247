package doctor

import (
	"context"
	"fmt"
	"time"

	"github.com/callhenk/henk-worker/internal/crm"
	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// webhookSilentAfter: calls end all the time and tell of it within seconds.
const webhookSilentAfter = 20 * time.Minute

// webhooks says whether ElevenLabs tells us when calls end. Without, all goes on a little later, by polling.
func webhooks(ctx context.Context, o *Options) []Check {
	const enter = "Enter https://YOUR-HOST/webhooks/elevenlabs at ElevenLabs, and its secret as ELEVENLABS_WEBHOOK_SECRET of web or serve."
	now, err := o.Clock.Now(ctx, o.DB)
	if err != nil {
		return unread("webhook", err)
	}
	w, err := dbsqlc.New().DoctorWebhooks(ctx, o.DB, now)
	if err != nil {
		return unread("webhook", err)
	}
	silent := time.Duration(w.Silent * float64(time.Second)).Round(time.Second)
	text := "None has come yet."
	if w.Silent >= 0 {
		text = fmt.Sprintf("The last one came %s ago.", silent)
	}
	switch {
	case o.Config.ElevenLabsWebhookSecret == "" && w.Silent < 0:
		return one(warn("webhook", "No secret is set and none has ever come: conversations arrive by polling, later than they could.", enter))
	case w.EndedLately >= 5 && (w.Silent < 0 || silent > webhookSilentAfter):
		return one(warn("webhook", text+" Calls have ended since; their conversations arrive by polling.", enter+" ElevenLabs switches a webhook off after many failures: look whether it is on."))
	case w.Stuck > 0:
		return one(warn("webhook", fmt.Sprintf("%s %d wait to be taken in for over five minutes.", text, w.Stuck), "Look whether a worker serves queue sync."))
	case w.Failed > 0:
		return one(warn("webhook", fmt.Sprintf("%s %d of the last day could not be taken in; polling brought those calls.", text, w.Failed), "henk.webhook_inbox says why: select reason from henk.webhook_inbox where state = 'failed'."))
	case o.Config.ElevenLabsWebhookSecret == "":
		return one(ok("webhook", text+" The secret is not set here, only where webhooks are received."))
	}
	return one(ok("webhook", "The secret is set. "+text))
}

// connections looks at what syncs left behind, and whether an integration can be opened with the keys set here. Nothing is
// sent: a request could turn a refresh token over.
func connections(ctx context.Context, o *Options) []Check {
	rows, err := dbsqlc.New().DoctorIntegrations(ctx, o.DB, many+1)
	if err != nil {
		return unread("salesforce", err)
	}
	if len(rows) == 0 {
		return one(ok("salesforce", "No connection is set up."))
	}
	var lines []Check
	for _, row := range rows[:min(len(rows), many)] {
		lines = append(lines, o.connection(ctx, row))
	}
	if len(rows) > many {
		lines = append(lines, warn("salesforce", fmt.Sprintf("There are more than %d connections; the rest was not checked.", many), ""))
	}
	return lines
}

func (o *Options) connection(ctx context.Context, row dbsqlc.DoctorIntegrationsRow) Check {
	name := "Connection " + row.ID.String()
	const again = "Authorise the connection again in the app."
	if row.Status != "active" {
		message := name + " has stopped (" + row.Status + ") and waits for a person."
		if row.Error != "" {
			message += " " + sentence(row.Error)
		}
		mend := again
		if row.Mend != "" {
			mend = sentence(row.Mend)
		}
		return fail("salesforce", message, mend)
	}
	if row.Off {
		return ok("salesforce", name+" is switched off (syncEnabled).")
	}
	c, err := crm.Open(ctx, o.DB, row.ID, crm.Config{ClientID: o.Config.SalesforceClientID, ClientSecret: salesforce.NewSecret(o.Config.SalesforceClientSecret),
		LoginURL: o.Config.SalesforceLoginURL, APIVersion: o.Config.SalesforceAPIVersion, Keys: o.Config.Keys})
	if err != nil {
		return fail("salesforce", name+" cannot be used: "+sentence(err.Error()), "Correct its settings, or authorise it again in the app.")
	}
	c.Close()
	since := row.LastSyncAt
	if since == nil {
		since = row.CreatedAt
	}
	late := 4*o.Config.SalesforceInterval + time.Hour
	switch {
	case row.LastStatus == "failed":
		return warn("salesforce", name+": the last sync failed. "+sentence(row.LastError), "It is tried again by itself. If it lasts: "+again)
	case since != nil && row.Now.Sub(*since) > late:
		return warn("salesforce", fmt.Sprintf("%s has not been synced for %s.", name, row.Now.Sub(*since).Round(time.Minute)), "Look whether a worker serves queue crm, and at its jobs in River UI.")
	case row.Warning != "":
		return warn("salesforce", name+": "+sentence(row.Warning), "")
	case row.LastSyncAt == nil:
		return ok("salesforce", name+" is new; its first sync is to come.")
	}
	return ok("salesforce", fmt.Sprintf("%s was synced %s ago.", name, row.Now.Sub(*row.LastSyncAt).Round(time.Second)))
}
