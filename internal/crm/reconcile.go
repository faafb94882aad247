package crm

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

const (
	// fetchIDs is how many records are asked for by id at once: an address may have 16 KB.
	fetchIDs = 200
	// differMost is how many differences are listed at once.
	differMost = 20_000
	// reconcileFresh is how long a comparison that was broken off can be taken up again.
	reconcileFresh = 12 * time.Hour
)

// Reconcile compares every record's id and SystemModstamp with what is here: it finds what was deleted for good, what went
// out of the user's sight or came into it, and what a sync has missed. It reads in the order of ids, which never change,
// and goes on where it was broken off.
func Reconcile(ctx context.Context, db *store.DB, cfg Config, req Request) (Result, error) {
	return perform(ctx, db, cfg, req, "reconcile", func(ctx context.Context, r *run) error {
		if err := r.eachObject(ctx, r.reconcileObject); err != nil || r.more {
			return err
		}
		if err := dbsqlc.New().CrmReconciled(ctx, r.db, r.conn.IntegrationID); err != nil {
			return fmt.Errorf("noting the comparison: %w", err)
		}
		return nil
	})
}

func (r *run) reconcileObject(ctx context.Context, name string) error {
	if r.more {
		return nil
	}
	o := &objectRun{object: objects[name]}
	if err := r.prepare(ctx, o); err != nil {
		return err
	}
	if o.cursor.watermark.IsZero() {
		return nil // the first sync is still under way; it reads everything by itself
	}
	done, err := r.collect(ctx, o)
	if err != nil || !done {
		r.more = err == nil
		return err
	}
	return r.settle(ctx, o)
}

// collect reads ids and stamps into henk.crm_reconcile, a page a transaction.
func (r *run) collect(ctx context.Context, o *objectRun) (done bool, err error) {
	q := dbsqlc.New()
	key := dbsqlc.CrmReconcileBeginParams{IntegrationID: r.conn.IntegrationID, Object: o.object.name, Oldest: time.Now().Add(-reconcileFresh)}
	err = store.InTx(ctx, r.db, func(tx pgx.Tx) error {
		if err := r.holdLease(ctx, tx); err != nil {
			return err
		}
		n, err := q.CrmReconcileBegin(ctx, tx, key)
		if err != nil || n == 0 {
			return err
		}
		return q.CrmReconcileForget(ctx, tx, dbsqlc.CrmReconcileForgetParams{IntegrationID: key.IntegrationID, Object: key.Object})
	})
	if err != nil {
		return false, fmt.Errorf("beginning to compare %s: %w", o.object.name, err)
	}
	fields, err := salesforce.NewFields("Id", "SystemModstamp")
	if err != nil {
		return false, err
	}
	for tries := 0; ; {
		page, err := r.collectPage(ctx, o, fields)
		if err != nil {
			if tries++; !passes(err) || tries > pageTries {
				return false, err
			}
			if err := pause(ctx, tries); err != nil {
				return false, err
			}
			continue
		}
		tries = 0
		if page < idsPage {
			return true, nil
		}
		if !r.until.IsZero() && time.Now().After(r.until) {
			return false, nil
		}
	}
}

// idsPage is how many ids one request asks for: Salesforce's largest page.
const idsPage = 2000

// collectPage stores one page of ids. Each page is a query of its own, from the last id on: a locator would have to be
// kept, and a page may hold fewer records than it could.
func (r *run) collectPage(ctx context.Context, o *objectRun, fields *salesforce.Fields) (records int, err error) {
	q := dbsqlc.New()
	after, err := q.CrmReconcileAt(ctx, r.db, dbsqlc.CrmReconcileAtParams{IntegrationID: r.conn.IntegrationID, Object: o.object.name})
	if err != nil {
		return 0, fmt.Errorf("reading how far the comparison is: %w", err)
	}
	var where salesforce.Condition
	if after != "" {
		where = salesforce.Where("Id", ">", salesforce.ID(after))
	}
	soql, err := salesforce.Select{Object: o.object.name, Fields: fields, Where: where, OrderBy: []string{"Id"}, Limit: idsPage}.SOQL()
	if err != nil {
		return 0, err
	}
	var ids []string
	var stamps []time.Time
	each := func(row salesforce.Row) error {
		id, ok := longID(row[0])
		stamp, err := row.Time(1)
		if !ok || err != nil {
			return &salesforce.Error{Op: "query", Kind: salesforce.KindProtocol, Message: "a record without Id or SystemModstamp"}
		}
		ids, stamps = append(ids, string(id[:])), append(stamps, stamp)
		return nil
	}
	page, err := r.conn.Client.Query(ctx, soql, fields, each)
	for err == nil && !page.Done {
		page, err = r.conn.Client.QueryMore(ctx, page.Next, fields, each)
	}
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	err = store.InTx(ctx, r.db, func(tx pgx.Tx) error {
		if err := r.holdLease(ctx, tx); err != nil {
			return err
		}
		return q.CrmReconcileAdd(ctx, tx, dbsqlc.CrmReconcileAddParams{IntegrationID: r.conn.IntegrationID, Object: o.object.name, Ids: ids, Stamps: stamps, LastID: ids[len(ids)-1]})
	})
	if err != nil {
		return 0, fmt.Errorf("storing ids of %s: %w", o.object.name, err)
	}
	r.stored++
	return len(ids), r.fault("ids stored")
}

// differSQL lists the ids that one side has and the other has not, or in another version. What was changed after the
// comparison began differs too, and is fetched like the rest. Rejected records are known, as they are.
const differSQL = `
SELECT coalesce(c.source_id, h.source_id) AS id
FROM (SELECT source_id, modstamp, settled FROM henk.crm_reconcile WHERE integration_id = $2 AND object = $3) c
FULL JOIN (
    SELECT l.source_id, CASE WHEN l.sync_status IN ('deleted', 'merged', 'not_visible') THEN NULL ELSE l.crm_modstamp END AS modstamp, l.sync_status
    FROM public.leads l
    WHERE l.business_id = $1 AND l.source = 'salesforce' AND left(l.source_id, 3) = $4 AND (l.crm_integration_id = $2
        OR (l.crm_integration_id IS NULL AND (SELECT count(*) FROM public.integrations i WHERE i.business_id = $1 AND i.type = 'crm' AND i.name = 'Salesforce') = 1))
    UNION ALL
    SELECT r.source_id, r.modstamp, 'rejected' FROM henk.crm_rejects r
    WHERE r.integration_id = $2 AND r.object = $3
      AND (SELECT true FROM public.leads l WHERE l.business_id = $1 AND l.source = 'salesforce' AND l.source_id = r.source_id) IS NULL
) h ON h.source_id = c.source_id
WHERE c.settled IS NOT TRUE AND CASE
    WHEN c.source_id IS NULL THEN h.sync_status NOT IN ('deleted', 'merged', 'not_visible')
    ELSE h.source_id IS NULL OR h.modstamp IS DISTINCT FROM c.modstamp END
LIMIT $5`

// settle fetches what differs, by id, and takes what Salesforce does not give for gone.
func (r *run) settle(ctx context.Context, o *objectRun) error {
	q := dbsqlc.New()
	key := dbsqlc.CrmReconcileWholeParams{IntegrationID: r.conn.IntegrationID, Object: o.object.name}
	whole, err := q.CrmReconcileWhole(ctx, r.db, key)
	if err != nil {
		return fmt.Errorf("checking the comparison of %s: %w", o.object.name, err)
	}
	if !whole {
		// The server lost the unlogged table in a crash. Comparing with a part would take the rest of the org for gone.
		if err := q.CrmReconcileEnd(ctx, r.db, dbsqlc.CrmReconcileEndParams(key)); err != nil {
			return fmt.Errorf("beginning the comparison anew: %w", err)
		}
		r.more = true
		return nil
	}
	for last := false; !last; {
		ids, err := r.differing(ctx, o)
		if err != nil {
			return err
		}
		last = len(ids) < differMost
		for from := 0; from < len(ids); from += fetchIDs {
			if !r.until.IsZero() && time.Now().After(r.until) {
				r.more = true
				return nil
			}
			some := ids[from:min(from+fetchIDs, len(ids))]
			if err := r.fetch(ctx, o, some); err != nil {
				return err
			}
			if err := q.CrmReconcileSettle(ctx, r.db, dbsqlc.CrmReconcileSettleParams{IntegrationID: key.IntegrationID, Object: key.Object, Ids: some}); err != nil {
				return fmt.Errorf("settling differences of %s: %w", o.object.name, err)
			}
		}
	}
	return store.InTx(ctx, r.db, func(tx pgx.Tx) error {
		if err := r.holdLease(ctx, tx); err != nil {
			return err
		}
		if err := q.CrmListRecount(ctx, tx, o.target.list); err != nil {
			return fmt.Errorf("counting the list anew: %w", err)
		}
		if err := q.CrmReconcileEnd(ctx, tx, dbsqlc.CrmReconcileEndParams(key)); err != nil {
			return fmt.Errorf("ending the comparison of %s: %w", o.object.name, err)
		}
		return nil
	})
}

func (r *run) differing(ctx context.Context, o *objectRun) ([]string, error) {
	rows, err := r.db.Query(ctx, differSQL, r.conn.BusinessID, r.conn.IntegrationID, o.object.name, o.object.prefix, differMost)
	if err != nil {
		return nil, fmt.Errorf("comparing %s: %w", o.object.name, err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("comparing %s: %w", o.object.name, err)
	}
	return ids, nil
}

// fetch takes in records by id, and lets those go that Salesforce does not know.
func (r *run) fetch(ctx context.Context, o *objectRun, ids []string) error {
	values := make([]salesforce.Literal, len(ids))
	for i, id := range ids {
		values[i] = salesforce.ID(id)
	}
	soql, err := salesforce.Select{Object: o.object.name, Fields: o.plan.fields, Where: salesforce.In("Id", values...)}.SOQL()
	if err != nil {
		return err
	}
	for tries := 1; ; tries++ {
		w := &writer{plan: o.plan, seen: map[[18]byte]struct{}{}}
		st, err := r.load(ctx, w, func(func(salesforce.Row) error) error {
			page, err := r.conn.Client.QueryAll(ctx, soql, o.plan.fields, w.write)
			for err == nil && !page.Done {
				page, err = r.conn.Client.QueryMore(ctx, page.Next, o.plan.fields, w.write)
			}
			return err
		})
		if err == nil {
			var gone []string
			for _, id := range ids {
				if _, found := w.seen[[18]byte([]byte(id))]; !found {
					gone = append(gone, id)
				}
			}
			st.gone = gone
			err = r.put(ctx, st, o, nil)
		}
		if err == nil || !passes(err) || tries > pageTries {
			return err
		}
		if err := pause(ctx, tries); err != nil {
			return err
		}
	}
}

// vanishSQL holds leads whose records Salesforce does not show any more. They stay: what was said on the phone is theirs.
const vanishSQL = `
WITH g AS MATERIALIZED (
    SELECT l.id, l.status FROM public.leads l
    WHERE l.business_id = $1::uuid AND l.source = 'salesforce' AND l.source_id = ANY ($3::text[]) AND l.sync_status <> 'not_visible'
    FOR NO KEY UPDATE
), held AS (
    INSERT INTO henk.crm_holds (lead_id, status) SELECT g.id, g.status FROM g ON CONFLICT (lead_id) DO NOTHING
), upd AS (
    UPDATE public.leads l SET sync_status = 'not_visible', status = 'unreachable', crm_modstamp = NULL, crm_integration_id = $2::uuid,
        sync_error = 'Salesforce does not show this record any more: it was deleted for good, or the user may not see it.',
        last_synced_at = now(), updated_at = now()
    FROM g WHERE l.id = g.id
), left_list AS (
    DELETE FROM public.lead_list_members m USING g WHERE m.lead_list_id = $4::uuid AND m.lead_id = g.id RETURNING 1
), known AS (
    DELETE FROM henk.crm_rejects r WHERE r.integration_id = $2::uuid AND r.source_id = ANY ($3::text[])
)
SELECT ARRAY(SELECT g.id FROM g), (SELECT count(*) FROM left_list)`

func (t *target) vanish(ctx context.Context, tx pgx.Tx, ids []string) (leads []uuid.UUID, left int, err error) {
	err = tx.QueryRow(ctx, vanishSQL, t.business, t.integration, ids, t.list).Scan(&leads, &left)
	if err != nil {
		return nil, 0, fmt.Errorf("holding leads that Salesforce does not show: %w", err)
	}
	return leads, left, nil
}
