// Package journeys is what an operator does, done in a real Chromium against the demo: all of henk in one process, with
// the provider simulated. It holds tests only, and may import everything below cmd.
//
// `make test` finds or installs Chromium. CHROMIUM names another browser, HENK_SCREENSHOTS a directory that keeps the
// pictures.
package journeys

import (
	"testing"
)

// TestJourneys goes through one working day: the parts build on each other and run in order.
func TestJourneys(t *testing.T) {
	w := newWorld(t)
	for _, part := range []struct {
		name string
		run  func(*testing.T, *world)
	}{
		{"log in", logIn},
		{"watch a campaign progress", watchCampaign},
		{"read why a lead is held back", readHeldLead},
		{"correct a conversation's outcome", correctOutcome},
		{"stop and pause", pauseCampaign},
		{"retry a failed job", retryJob},
		{"sync Salesforce", syncSalesforce},
		{"import leads", importLeads},
		{"without JavaScript", withoutJavaScript},
		{"every page", everyPage},
		{"pictures", takePictures},
	} {
		if !t.Run(part.name, func(t *testing.T) { part.run(t, w) }) && part.name == "log in" {
			return
		}
	}
}
