// Package webhook receives what providers tell unasked: an event is checked, stored and given a job in one transaction,
// and answered; everything else is the job's (jobs/apply_webhook.go).
//
// Deliveries may be repeated, late, out of order, or never come. Polling is the net below them, so an event that is
// refused here costs time and no data.
//
// It may import jobs, conversation (for the states of an event), elevenlabs and store.
package webhook
