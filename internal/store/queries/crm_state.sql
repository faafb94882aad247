-- name: CrmCursorDeleteAll :exec
-- Everything is read again.
UPDATE henk.crm_cursors SET watermark = NULL, upper_bound = NULL, at_stamp = NULL, at_id = '', bulk_job = NULL, bulk_locator = '', bulk_refused = false, refused = '{}'
WHERE integration_id = sqlc.arg(integration_id);

-- name: CrmCursorGet :one
SELECT * FROM henk.crm_cursors WHERE integration_id = sqlc.arg(integration_id) AND object = sqlc.arg(object);

-- name: CrmCursorSave :execrows
-- Only the run that holds the lease moves a cursor: one that was taken for dead and is not changes nothing.
INSERT INTO henk.crm_cursors AS c (integration_id, object, fingerprint, described, refused, watermark, upper_bound, at_stamp, at_id, bulk_job, bulk_locator, bulk_refused)
SELECT s.integration_id, sqlc.arg(object), sqlc.arg(fingerprint), sqlc.arg(described), sqlc.arg(refused)::text[], sqlc.narg(watermark)::timestamptz, sqlc.narg(upper_bound)::timestamptz,
    sqlc.narg(at_stamp)::timestamptz, sqlc.arg(at_id), sqlc.narg(bulk_job)::text, sqlc.arg(bulk_locator), sqlc.arg(bulk_refused)
FROM (SELECT x.integration_id FROM henk.crm_syncs x WHERE x.integration_id = sqlc.arg(integration_id) AND x.run_id = sqlc.arg(run_id) FOR UPDATE) s
ON CONFLICT (integration_id, object) DO UPDATE SET fingerprint = excluded.fingerprint, described = excluded.described, refused = excluded.refused, watermark = excluded.watermark,
    upper_bound = excluded.upper_bound, at_stamp = excluded.at_stamp, at_id = excluded.at_id, bulk_job = excluded.bulk_job,
    bulk_locator = excluded.bulk_locator, bulk_refused = excluded.bulk_refused;

-- name: CrmLeaseFinish :execrows
UPDATE henk.crm_syncs SET run_id = NULL, lease_until = NULL
WHERE integration_id = sqlc.arg(integration_id) AND run_id = sqlc.arg(run_id);

-- name: CrmLeaseHeld :one
-- Locks the lease until the transaction ends, so that nobody takes it while a page is written.
SELECT count(*) FROM (SELECT FROM henk.crm_syncs
    WHERE integration_id = sqlc.arg(integration_id) AND run_id = sqlc.arg(run_id) FOR UPDATE) s;

-- name: CrmLeaseRenew :execrows
UPDATE henk.crm_syncs SET lease_until = clock_timestamp() + make_interval(secs => sqlc.arg(seconds)::float8)
WHERE integration_id = sqlc.arg(integration_id) AND run_id = sqlc.arg(run_id);

-- name: CrmLeaseTake :execrows
INSERT INTO henk.crm_syncs AS s (integration_id, run_id, lease_until, reconciled_at)
VALUES (sqlc.arg(integration_id), sqlc.arg(run_id)::uuid, clock_timestamp() + make_interval(secs => sqlc.arg(seconds)::float8), now())
ON CONFLICT (integration_id) DO UPDATE SET run_id = excluded.run_id, lease_until = excluded.lease_until
WHERE s.run_id IS NULL OR s.lease_until < clock_timestamp();

-- name: CrmFullBegin :execrows
-- Once per request: a full sync that is retried goes on instead of beginning again.
UPDATE henk.crm_syncs SET full_token = sqlc.arg(token)::text
WHERE integration_id = sqlc.arg(integration_id) AND full_token IS DISTINCT FROM sqlc.arg(token)::text;

-- name: CrmReconciled :exec
UPDATE henk.crm_syncs SET reconciled_at = now() WHERE integration_id = sqlc.arg(integration_id);

-- name: CrmReconcileDue :many
-- Integrations that were not compared since a time.
SELECT i.id FROM public.integrations i LEFT JOIN henk.crm_syncs s ON s.integration_id = i.id
WHERE i.type = 'crm' AND i.name = 'Salesforce' AND i.status = 'active' AND coalesce(i.config ->> 'syncEnabled', 'true') <> 'false'
    AND EXISTS (SELECT FROM henk.crm_cursors c WHERE c.integration_id = i.id AND c.watermark IS NOT NULL)
    AND coalesce(s.reconciled_at, 'epoch') < sqlc.arg(since)::timestamptz;

-- name: CrmReconcileAdd :exec
WITH moved AS (
    UPDATE henk.crm_cursors c SET reconcile_id = sqlc.arg(last_id), reconcile_seen = reconcile_seen + cardinality(sqlc.arg(ids)::text[])
    WHERE c.integration_id = sqlc.arg(integration_id) AND c.object = sqlc.arg(object)
)
INSERT INTO henk.crm_reconcile (integration_id, object, source_id, modstamp)
SELECT sqlc.arg(integration_id), sqlc.arg(object), unnest(sqlc.arg(ids)::text[]), unnest(sqlc.arg(stamps)::timestamptz[]);

-- name: CrmReconcileAt :one
SELECT reconcile_id FROM henk.crm_cursors WHERE integration_id = sqlc.arg(integration_id) AND object = sqlc.arg(object);

-- name: CrmReconcileBegin :execrows
-- Begins unless one is under way that is not too old to be taken up.
UPDATE henk.crm_cursors SET reconcile_from = clock_timestamp(), reconcile_id = '', reconcile_seen = 0
WHERE integration_id = sqlc.arg(integration_id) AND object = sqlc.arg(object)
  AND (reconcile_from IS NULL OR reconcile_from < sqlc.arg(oldest)::timestamptz);

-- name: CrmReconcileEnd :exec
WITH ended AS (
    UPDATE henk.crm_cursors c SET reconcile_from = NULL, reconcile_id = '', reconcile_seen = 0
    WHERE c.integration_id = sqlc.arg(integration_id) AND c.object = sqlc.arg(object)
)
DELETE FROM henk.crm_reconcile x WHERE x.integration_id = sqlc.arg(integration_id) AND x.object = sqlc.arg(object);

-- name: CrmReconcileForget :exec
DELETE FROM henk.crm_reconcile WHERE integration_id = sqlc.arg(integration_id) AND object = sqlc.arg(object);

-- name: CrmReconcileSettle :exec
-- These were asked for by id and need not be compared again. Those that the comparison has not seen are not counted as seen.
INSERT INTO henk.crm_reconcile (integration_id, object, source_id, modstamp, settled)
SELECT sqlc.arg(integration_id), sqlc.arg(object), unnest(sqlc.arg(ids)::text[]), '-infinity', true
ON CONFLICT (integration_id, object, source_id) DO UPDATE SET settled = true;

-- name: CrmReconcileWhole :one
SELECT (c.reconcile_seen = (SELECT count(*) FROM henk.crm_reconcile x
    WHERE x.integration_id = c.integration_id AND x.object = c.object AND x.modstamp > '-infinity'))::boolean AS whole
FROM henk.crm_cursors c WHERE c.integration_id = sqlc.arg(integration_id) AND c.object = sqlc.arg(object);
