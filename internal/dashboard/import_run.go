package dashboard

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/callhenk/henk-worker/internal/lead"
	"github.com/callhenk/henk-worker/internal/leadfile"
)

// importRun is an import under way.
type importRun struct {
	d              *Dashboard
	u              *upload
	force          bool
	actor, request string
}

// maxRejectsKept bounds what a hostile file can make of the disk.
const maxRejectsKept = 64 << 20

func (i importRun) do(ctx context.Context) {
	result, err := i.inTurn(ctx)
	state, problem := stateDone, ""
	switch {
	case err != nil && ctx.Err() != nil:
		state, problem = stateStopped, "Stopped. What was stored until then stays; the same file can be imported again."
		if i.u.kind == kindNumbers {
			problem = "Stopped. The list stays as it was."
		}
	case err != nil:
		state, problem = stateFailed, i.explain(ctx, err)
		if _, shrunk := errors.AsType[*lead.ShrunkError](err); shrunk {
			state, result = stateReady, nil // to be begun again with force
		}
	}
	// The page says so after the audit does.
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), pageWithin)
	defer cancel()
	if err := i.note(late, "import.ended", map[string]any{"state": state, "counts": counts(result)}); err != nil {
		i.d.Log.ErrorContext(late, "Import not noted in the audit", "err", err, "request_id", i.request)
	}
	i.u.end(state, result, problem)
}

// explain words what a person can mend; what the database or the disk says is for the log.
func (i importRun) explain(ctx context.Context, err error) string {
	for _, known := range []error{leadfile.ErrPacked, leadfile.ErrQuotes, leadfile.ErrNoContactColumn, leadfile.ErrListGone, leadfile.ErrChangeList, leadfile.ErrNoPhoneColumn,
		lead.ErrSuperseded, lead.ErrAbandoned, lead.ErrNoNumbers, lead.ErrNoBusiness} {
		if errors.Is(err, known) {
			return sentence(known)
		}
	}
	if shrunk, ok := errors.AsType[*lead.ShrunkError](err); ok {
		return fmt.Sprintf("The file has %d numbers and the list in force %d: is it complete? The list stays as it is. To replace it all the same, tick the box below.", shrunk.Is, shrunk.Was)
	}
	i.d.Log.ErrorContext(ctx, "Import failed", "err", err, "request_id", i.request)
	return "It broke off: the log says why, under request " + i.request + ". What was stored until then stays; the same file can be imported again."
}

func counts(r *importResult) map[string]int64 {
	m := map[string]int64{}
	if r != nil {
		for _, f := range r.Tallies {
			m[f.Name] = f.Count
		}
	}
	return m
}

// inTurn waits for other imports: two at once would only wait for each other's rows.
func (i importRun) inTurn(ctx context.Context) (*importResult, error) {
	select {
	case i.d.imports.turn <- struct{}{}:
		defer func() { <-i.d.imports.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	in, err := i.u.open()
	if err != nil {
		return nil, err
	}
	rejects, err := nameless(i.d.UploadDir)
	if err != nil {
		return nil, err
	}
	i.u.enter(rejects)
	if i.u.kind == kindNumbers {
		return i.numbers(ctx, in, rejects)
	}
	return i.leads(ctx, in, rejects)
}

func (i importRun) progress(bytes, lines int64) {
	i.u.mu.Lock()
	defer i.u.mu.Unlock()
	i.u.bytes, i.u.lines = bytes, lines
}

func (i importRun) leads(ctx context.Context, in io.Reader, rejects io.Writer) (*importResult, error) {
	r, err := leadfile.ImportLeads(ctx, i.d.DB, in, leadfile.LeadOptions{BusinessID: *i.u.business, List: i.u.list, Source: i.u.source, Map: i.u.mapped(),
		Rejects: rejects, RejectsMax: maxRejectsKept, Progress: i.progress})
	if r == nil {
		return nil, err
	}
	result := &importResult{Rejected: r.Rejected, Cut: r.RejectsCut, Problems: r.Problems, Notes: r.Notes, Tallies: []tally{{"rows", r.Rows}, {"created", r.Created},
		{"updated", r.Updated}, {"unchanged", r.Unchanged}, {"same person as another row", r.Joined}, {"new on the list", r.Listed}, {"rejected", r.Rejected},
		{"do not call", r.DoNotCall}, {"without a number that can be called", r.Undialable}, {"texts cut or left out", r.Noted}}}
	for _, c := range r.Columns {
		if c.Field == "" && c.Name != "" {
			result.Unused = append(result.Unused, short(c.Name))
		}
	}
	return result, err
}

func (i importRun) numbers(ctx context.Context, in io.Reader, rejects io.Writer) (*importResult, error) {
	r, err := leadfile.ImportSuppressions(ctx, i.d.DB, in, leadfile.SuppressionOptions{BusinessID: i.u.business, List: i.u.list, Source: "upload", By: i.actor,
		Force: i.force, Rejects: rejects, RejectsMax: maxRejectsKept, Progress: i.progress})
	if r == nil {
		return nil, err
	}
	result := &importResult{Rejected: r.Rejected, Cut: r.RejectsCut, Problems: r.Problems, Tallies: []tally{{"lines", r.Lines}, {"numbers", r.Numbers},
		{"repeated", r.Repeated}, {"rejected", r.Rejected}, {"version", int64(r.Version)}}}
	if err != nil {
		return result, err
	}
	if _, err := lead.RemoveReplaced(ctx, i.d.DB, nil); err != nil { // the next import takes it up
		i.d.Log.WarnContext(ctx, "Replaced numbers not removed", "err", err, "request_id", i.request)
	}
	return result, nil
}

// note writes the audit: which list of which business, never the file's name.
func (i importRun) note(ctx context.Context, action string, more map[string]any) error {
	detail := map[string]any{"kind": i.u.kind, "business": i.u.business, "list": i.u.listName()}
	for name, value := range more {
		detail[name] = value
	}
	return recordBy(ctx, i.d.DB, i.actor, i.request, change{Action: action, Detail: detail})
}
