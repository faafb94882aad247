package crm

import (
	"context"
	"errors"

	"github.com/callhenk/henk-worker/internal/salesforce"
)

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
	tooMany := salesforce.KindOf(err) == salesforce.KindQueryTimeout // to count them, even
	if !tooMany && (err != nil || n <= orDefault(r.cfg.BulkThreshold, 50_000)) {
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

// bulk takes in a job's results. again is true when REST has to do it instead. A job that Salesforce does not get done while
// this run may last is for the next one.
func (r *run) bulk(ctx context.Context, o *objectRun) (again bool, err error) {
	waiting, cancel := context.WithCancel(ctx)
	if !r.until.IsZero() {
		waiting, cancel = context.WithDeadline(ctx, r.until)
	}
	defer cancel()
	_, err = r.conn.Client.WaitBulkJob(waiting, o.cursor.bulkJob)
	unfinished := salesforce.KindOf(err) == salesforce.KindUnavailable && errors.Is(err, context.DeadlineExceeded)
	if (unfinished || waiting.Err() != nil) && ctx.Err() == nil {
		r.more = true
		return false, nil
	}
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
