package crm

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/store"
)

const (
	// clockLag keeps a scan away from the second that is still being written.
	clockLag = 2 * time.Second
	// pageTries is how often a page that breaks off, or loses against another transaction, is asked for anew.
	pageTries = 5
	// bulkPage is the size of a bulk page. Where each row of the list runs a trigger that updates the list's row, a
	// transaction costs the square of its rows.
	bulkPage, bulkPageTriggered = 20_000, 1_000
)

// objectRun is one object within a run.
type objectRun struct {
	object *object
	plan   *plan
	target target
	cursor cursor // what is stored
	taken  int    // records read in this run
	stored int    // and stored
}

// syncObject takes in what changed of an object. A field that goes away between describe and query is left out.
func (r *run) syncObject(ctx context.Context, name string) error {
	o := &objectRun{object: objects[name]}
	for try := 0; ; try++ {
		if err := r.prepare(ctx, o); err != nil {
			return err
		}
		err := r.scan(ctx, o)
		if salesforce.KindOf(err) != salesforce.KindField || try == 3 {
			return err
		}
		// Remembered with the describe: as long as that shows the same, the field is not asked for again.
		o.cursor.refused = append(o.cursor.refused, refused(err, o.plan)...)
		if err := r.saveCursor(ctx, &o.cursor, o.object); err != nil {
			return err
		}
	}
}

// refused names the fields to leave out: those Salesforce names, else those of parents, which describe does not show.
func refused(err error, p *plan) []string {
	var named, ofParents []string
	for _, name := range p.fields.Names() {
		last := name[strings.LastIndexByte(name, '.')+1:]
		for _, bad := range salesforce.AsError(err).Fields {
			if strings.EqualFold(name, bad) || strings.EqualFold(last, bad) {
				named = append(named, name)
			}
		}
		if last != name {
			ofParents = append(ofParents, name)
		}
	}
	if named != nil {
		return named
	}
	return ofParents
}

// prepare asks Salesforce what there is, and finds the list and the cursor.
func (r *run) prepare(ctx context.Context, o *objectRun) error {
	seen, err := r.conn.Client.Describe(ctx, o.object.name)
	if err != nil {
		return err
	}
	if o.cursor, err = loadCursor(ctx, r.db, r.conn.IntegrationID, o.object); err != nil {
		return err
	}
	if digest := describeDigest(seen); o.cursor.described != digest {
		o.cursor.described, o.cursor.refused = digest, nil
	}
	if o.plan, err = newPlan(o.object, seen, r.conn.Settings, o.cursor.refused); err != nil {
		return err
	}
	r.warn(o.plan.warnings)
	o.target = target{business: r.conn.BusinessID, integration: r.conn.IntegrationID}
	err = store.InTx(ctx, r.db, func(tx pgx.Tx) error {
		o.target.list, err = ensureList(ctx, tx, r.conn.BusinessID, o.object)
		return err
	})
	if err != nil {
		return err
	}
	if c := &o.cursor; c.fingerprint != o.plan.fingerprint {
		*c = cursor{fingerprint: o.plan.fingerprint, described: c.described, refused: c.refused}
	}
	r.full = r.full || o.cursor.watermark.IsZero()
	return nil
}

// scan goes on with the scan under way or begins one. The end of one that an earlier run began lies back a while: what was
// changed since is for another run, at once.
func (r *run) scan(ctx context.Context, o *objectRun) error {
	resumed := o.cursor.scanning()
	if !resumed {
		now, known := r.conn.Client.ServerTime()
		if !known {
			return &salesforce.Error{Op: "sync", Kind: salesforce.KindProtocol, Message: "Salesforce's answers have no Date header, and its clock is needed",
				Mend: "look at what stands between this program and Salesforce"}
		}
		o.cursor.begin(now.Add(-clockLag), orDefault(r.cfg.Lookback, 10*time.Minute))
		if err := r.beginBulk(ctx, o); err != nil {
			return err
		}
		if err := r.saveCursor(ctx, &o.cursor, o.object); err != nil {
			return err
		}
	}
	again, err := o.cursor.bulkJob == "", error(nil)
	if !again {
		again, err = r.bulk(ctx, o)
	}
	if again {
		err = r.rest(ctx, o)
	}
	r.more = r.more || err == nil && resumed
	return err
}

// rest takes in what follows the cursor, up to the records that one run may take. A query that runs too long is asked
// again for half the time.
func (r *run) rest(ctx context.Context, o *objectRun) error {
	limit := orDefault(r.cfg.MaxRecords, 2000)
	var next string // of the query under way
	var asked, got int
	until := o.cursor.upper
	return r.pump(ctx, o, func(ctx context.Context, w *writer, at *cursor, anew bool) (bool, error) {
		var page salesforce.Page
		var err error
		if next != "" && !anew {
			page, err = r.conn.Client.QueryMore(ctx, next, o.plan.fields, w.write)
		}
		if next == "" || anew || salesforce.KindOf(err) == salesforce.KindLocatorGone {
			asked, got = max(limit-o.taken, 1), 0
			page, err = r.query(ctx, o, w, at, until, asked)
			for half := at.half(until); salesforce.KindOf(err) == salesforce.KindQueryTimeout && half.Before(until); half = at.half(until) {
				until = half
				page, err = r.query(ctx, o, w, at, until, asked)
			}
		}
		if err != nil {
			return false, err
		}
		next = page.Next
		got += page.Records
		o.taken += page.Records
		switch {
		case w.last.id != "":
			at.at = w.last
		case page.Records > 0:
			return false, &salesforce.Error{Op: "query", Kind: salesforce.KindProtocol, Message: "a whole page of records without Id or SystemModstamp"}
		}
		switch {
		case !page.Done:
			return false, nil
		case got >= asked: // the limit ended it
			r.more = true
		case until.Before(at.upper):
			at.at, until = position{stamp: until}, at.upper
			return false, nil
		default:
			at.finish()
		}
		return true, nil
	})
}

func (r *run) query(ctx context.Context, o *objectRun, w *writer, at *cursor, until time.Time, limit int) (salesforce.Page, error) {
	soql, err := salesforce.Select{Object: o.object.name, Fields: o.plan.fields, Where: salesforce.Keyset(at.at.stamp, at.at.id, until),
		OrderBy: []string{"SystemModstamp", "Id"}, Limit: limit}.SOQL()
	if err != nil {
		return salesforce.Page{}, err
	}
	return r.conn.Client.QueryAll(ctx, soql, o.plan.fields, w.write)
}
