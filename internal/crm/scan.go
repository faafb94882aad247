package crm

import (
	"context"
	"errors"
	"fmt"
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
	bulkPage, bulkPageTriggered = 20_000, 2_000
)

// objectRun is one object within a run.
type objectRun struct {
	object *object
	plan   *plan
	target target
	cursor cursor // what is stored
	taken  int    // records read in this run
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

// scan goes on with the scan under way or begins one.
func (r *run) scan(ctx context.Context, o *objectRun) error {
	if !o.cursor.scanning() {
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
	if o.cursor.bulkJob != "" {
		again, err := r.bulk(ctx, o)
		if !again {
			return err
		}
	}
	return r.rest(ctx, o)
}

// beginBulk lets the Bulk API do a first sync that is large. Where it is refused REST does it.
func (r *run) beginBulk(ctx context.Context, o *objectRun) error {
	c := &o.cursor
	if !c.watermark.IsZero() || c.bulkRefused {
		return nil
	}
	before := salesforce.Where("SystemModstamp", "<", salesforce.Timestamp(c.upper))
	soql, err := salesforce.Select{Object: o.object.name, Where: before}.SOQL()
	if err != nil {
		return err
	}
	n, err := r.conn.Client.Count(ctx, soql)
	if err != nil || n <= orDefault(r.cfg.BulkThreshold, 50_000) {
		return err
	}
	// No ORDER BY: it would turn off the chunking that makes bulk jobs fast.
	if soql, err = (salesforce.Select{Object: o.object.name, Fields: o.plan.fields, Where: before}).SOQL(); err != nil {
		return err
	}
	job, err := r.conn.Client.CreateBulkQuery(ctx, soql, true)
	switch salesforce.KindOf(err) {
	case salesforce.KindBulkRefused, salesforce.KindForbidden, salesforce.KindReadOnly:
		c.bulkRefused = true
		r.warn([]string{"Salesforce refuses the Bulk API, so " + o.object.name + " comes over REST, which takes more API requests."})
		return nil
	}
	if err != nil {
		return err
	}
	c.bulkJob = job.ID
	return nil
}

// bulk takes in a job's results. again is true when REST has to do it instead.
func (r *run) bulk(ctx context.Context, o *objectRun) (again bool, err error) {
	_, err = r.conn.Client.WaitBulkJob(ctx, o.cursor.bulkJob)
	if err == nil {
		err = r.pump(ctx, o, r.bulkPages(o))
	}
	switch salesforce.KindOf(err) {
	case salesforce.KindNotFound, salesforce.KindLocatorGone, salesforce.KindBulkFailed, salesforce.KindBulkRefused:
		// What was stored of it stays; REST begins at the beginning, and passes over what has not changed.
		o.cursor.bulkJob, o.cursor.bulkLocator, o.cursor.bulkRefused = "", "", true
		r.warn([]string{"A bulk job of " + o.object.name + " came to nothing, so REST goes on, which takes more API requests."})
		return true, r.saveCursor(ctx, &o.cursor, o.object)
	}
	return false, err
}

// reader reads the page that follows the cursor and moves the cursor behind it. anew: not the page that would follow the
// one read last, which was undone. done: nothing follows.
type reader func(ctx context.Context, w *writer, at *cursor, anew bool) (done bool, err error)

func (r *run) bulkPages(o *objectRun) reader {
	size := orDefault(r.cfg.BulkPage, r.bulkPage)
	job := o.cursor.bulkJob
	return func(ctx context.Context, w *writer, at *cursor, _ bool) (bool, error) {
		page, err := r.conn.Client.BulkResults(ctx, job, at.bulkLocator, size, o.plan.fields, w.write)
		if err != nil {
			return false, err
		}
		o.taken += page.Records
		if at.bulkLocator = page.Locator; page.Locator != "" {
			return false, nil
		}
		at.finish()
		return true, nil
	}
}

// rest takes in what follows the cursor, up to the records that one run may take.
func (r *run) rest(ctx context.Context, o *objectRun) error {
	limit := orDefault(r.cfg.MaxRecords, 2000)
	var next string // of the query under way
	var asked, got int
	return r.pump(ctx, o, func(ctx context.Context, w *writer, at *cursor, anew bool) (bool, error) {
		var page salesforce.Page
		var err error
		if next != "" && !anew {
			page, err = r.conn.Client.QueryMore(ctx, next, o.plan.fields, w.write)
		}
		if next == "" || anew || salesforce.KindOf(err) == salesforce.KindLocatorGone {
			asked, got = max(limit-o.taken, 1), 0
			page, err = r.query(ctx, o, w, at, asked)
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
		default:
			at.finish()
		}
		return true, nil
	})
}

func (r *run) query(ctx context.Context, o *objectRun, w *writer, at *cursor, limit int) (salesforce.Page, error) {
	soql, err := salesforce.Select{Object: o.object.name, Fields: o.plan.fields, Where: salesforce.Keyset(at.at.stamp, at.at.id, at.upper),
		OrderBy: []string{"SystemModstamp", "Id"}, Limit: limit}.SOQL()
	if err != nil {
		return salesforce.Page{}, err
	}
	return r.conn.Client.QueryAll(ctx, soql, o.plan.fields, w.write)
}

// pump stores page after page, and reads the next one while the last is being merged. A page that breaks off is undone
// and asked for again.
func (r *run) pump(ctx context.Context, o *objectRun, read reader) error {
	w := &writer{plan: o.plan, seen: map[[18]byte]struct{}{}}
	var behind chan error // of the page that is being merged
	wait := func() error {
		if behind == nil {
			return nil
		}
		err := <-behind
		behind = nil
		return err
	}
	at := o.cursor
	for tries, done := 0, false; !done; {
		after, taken := at, o.taken
		st, err := r.load(ctx, w, func(each func(salesforce.Row) error) (err error) {
			done, err = read(ctx, w, &after, tries > 0)
			return err
		})
		if behindErr := wait(); behindErr != nil {
			st.discard(ctx)
			st, err = nil, behindErr
			at = o.cursor // the page before is undone as well
		}
		if err != nil {
			done, o.taken = false, taken
			if tries++; !passes(err) || tries > pageTries {
				return err
			}
			if err := pause(ctx, tries); err != nil {
				return err
			}
			continue
		}
		tries, at = 0, after
		done = r.late(&after) || done
		behind = make(chan error, 1)
		go func() {
			err := r.put(ctx, st, o, &after)
			if err == nil {
				o.cursor = after
			}
			behind <- err
		}()
	}
	return wait()
}

// late ends a run that has gone on for long; the next one follows at once.
func (r *run) late(after *cursor) bool {
	if r.until.IsZero() || time.Now().Before(r.until) || !after.scanning() {
		return false
	}
	r.more = true
	return true
}

// passes is true for what may be gone the next moment: the page is worth another try.
func passes(err error) bool {
	switch salesforce.KindOf(err) {
	case salesforce.KindNoAnswer, salesforce.KindUnavailable, salesforce.KindConcurrency, salesforce.KindNotSent:
		return !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
	}
	return store.Retryable(err)
}

func pause(ctx context.Context, try int) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("waiting to read a page again: %w", context.Cause(ctx))
	case <-time.After(time.Duration(try*try) * 100 * time.Millisecond):
		return nil
	}
}
