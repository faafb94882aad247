package crm

import (
	"encoding/json"
	"math/rand/v2"
	"time"

	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// States of a row of henk.write_backs.
const (
	writePending = "pending" // to be sent when due
	writeDone    = "done"
	writeFailed  = "failed"  // not again without a person; see error and mend
	writeSkipped = "skipped" // there is nothing to write; error says why
)

const (
	lockWait   = 2 * time.Second // a record that somebody else holds
	firstWait  = 15 * time.Second
	quotaWait  = 5 * time.Minute
	personWait = 10 * time.Minute
	maxWait    = time.Hour
	giveUpAge  = 14 * 24 * time.Hour // opt-outs are never given up
)

// verdict is what became of a row, as WriteBackSettle takes it.
type verdict struct {
	ID           int64           `json:"id"`
	State        string          `json:"state"`
	Wait         float64         `json:"wait"` // seconds until it is due
	Unsure       bool            `json:"unsure"`
	Untried      bool            `json:"untried"` // nothing was sent, or it was not the row's fault
	TargetID     *string         `json:"target_id,omitempty"`
	SalesforceID *string         `json:"salesforce_id,omitempty"`
	Written      json.RawMessage `json:"written,omitempty"`
	Code         *string         `json:"code,omitempty"`
	Error        *string         `json:"error,omitempty"`
	Mend         *string         `json:"mend,omitempty"`

	leadStatus string // the Lead's Status that was written
}

func (v *verdict) waits(d time.Duration) { v.State, v.Wait = writePending, d.Seconds() }

func (v *verdict) because(code, text, mend string) {
	v.Code, v.Error, v.Mend = textOrNil(code), textOrNil(text), textOrNil(mend)
}

func textOrNil(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// done is the verdict on a row whose record was written.
func done(row *dbsqlc.WriteBackReadRow, salesforceID string, written map[string]any) verdict {
	v := verdict{ID: row.ID, State: writeDone, SalesforceID: textOrNil(salesforceID), TargetID: textOrNil(row.TargetID)}
	if written != nil {
		v.Written, _ = json.Marshal(written) // of texts, numbers and booleans
	}
	return v
}

// skipped is the verdict on a row of which nothing is to be written.
func skipped(row *dbsqlc.WriteBackReadRow, why string) verdict {
	v := verdict{ID: row.ID, State: writeSkipped, Unsure: row.Unsure}
	v.because("", why, "")
	return v
}

// failed is the verdict on a row that a person must mend.
func failed(row *dbsqlc.WriteBackReadRow, code, why, mend string) verdict {
	v := verdict{ID: row.ID, State: writeFailed, Unsure: row.Unsure, TargetID: textOrNil(row.TargetID)}
	v.because(code, why, mend)
	return v
}

// judge says what an error means for a row. whole: the request failed and not the record alone.
func (w *WriteBack) judge(row *dbsqlc.WriteBackReadRow, err error, whole bool, now time.Time) verdict {
	e := salesforce.AsError(err)
	if e == nil { // not Salesforce's: the database, or the end of this process
		e = &salesforce.Error{Kind: salesforce.KindUnavailable, Message: "the attempt broke off"}
	}
	v := verdict{ID: row.ID, State: writeFailed, TargetID: textOrNil(row.TargetID), Unsure: row.Unsure || e.Unsure && creates(row)}
	v.because(orText(e.Code, e.Kind.String()), orText(e.Message, e.Kind.String()), e.Mend)
	tries := int(row.Attempts)
	kind := e.Kind
	if e.Code == "INVALID_READ_ONLY_USER_DML" { // what maintenance says to each record
		kind = salesforce.KindReadOnly
	}
	switch kind {
	case salesforce.KindRowLock:
		v.waits(backoff(lockWait, tries))
	case salesforce.KindQuota:
		v.Untried = true
		v.waits(max(e.RetryAfter, quotaWait))
	case salesforce.KindConcurrency, salesforce.KindUnavailable, salesforce.KindReadOnly, salesforce.KindNotSent, salesforce.KindNoAnswer:
		v.waits(max(backoff(firstWait, tries), e.RetryAfter))
	default:
		if whole && (kind.NeedsPerson() || kind == salesforce.KindVersion) {
			v.Untried = true
			v.waits(personWait)
		}
	}
	if v.Unsure { // Salesforce may be at it still: what it does not have yet must not be taken for missing
		v.waits(max(time.Duration(v.Wait*float64(time.Second)), w.grace()))
	}
	if v.State == writePending && row.Action != actionOptOut && now.Sub(row.CreatedAt) > giveUpAge {
		v.State = writeFailed
	}
	return v
}

// creates is true for rows whose request, sent twice, would write two records.
func creates(row *dbsqlc.WriteBackReadRow) bool {
	return row.SalesforceID == "" && row.Action == actionTask
}

// backoff doubles with each try and spreads, so that what failed together does not come back together.
func backoff(first time.Duration, tries int) time.Duration {
	d := min(first<<min(max(tries-1, 0), 12), maxWait)
	return d/2 + rand.N(d/2+1)
}

func orText(text, fallback string) string {
	if text == "" {
		return fallback
	}
	return text
}
