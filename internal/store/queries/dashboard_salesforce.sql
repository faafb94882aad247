-- name: DashboardSalesforceList :many
-- Salesforce integrations with what is going on, those that need a person first.
SELECT i.id, i.business_id, i.status::text AS status, coalesce(b.name, '')::text AS business_name, coalesce(i.config, '{}'::jsonb)::jsonb AS config,
    coalesce(i.last_sync_at, 'epoch')::timestamptz AS last_sync_at,
    coalesce(s.run_id IS NOT NULL AND s.lease_until > clock_timestamp(), false)::boolean AS running,
    (CASE i.status WHEN 'error' THEN 0 WHEN 'active' THEN 1 ELSE 2 END)::int AS place
FROM public.integrations i
LEFT JOIN public.businesses b ON b.id = i.business_id
LEFT JOIN henk.crm_syncs s ON s.integration_id = i.id
WHERE i.type = 'crm' AND i.name = 'Salesforce'
    AND (CASE i.status WHEN 'error' THEN 0 WHEN 'active' THEN 1 ELSE 2 END, i.id) > (sqlc.arg(after_place)::int, sqlc.arg(after_id)::uuid)
ORDER BY CASE i.status WHEN 'error' THEN 0 WHEN 'active' THEN 1 ELSE 2 END, i.id
LIMIT sqlc.arg(max_rows);

-- name: DashboardSalesforce :one
-- An integration as its page shows it, in one statement: it runs once a second while somebody watches. Members of a list
-- are counted by the list, never here. age is how many transactions ago a row was written: it orders the writes of
-- cursors and runs, which no clock does, since watermarks are by Salesforce's.
SELECT jsonb_build_object(
    'id', i.id, 'status', i.status, 'business', coalesce(b.name, ''), 'config', coalesce(i.config, '{}'), 'last_sync_at', i.last_sync_at,
    'now', clock_timestamp(), 'reconciled_at', s.reconciled_at, 'run_id', s.run_id,
    'running', coalesce(s.run_id IS NOT NULL AND s.lease_until > clock_timestamp(), false),
    'objects', coalesce((
        SELECT jsonb_agg(x ORDER BY x.object) FROM (
            SELECT c.object, c.watermark, c.upper_bound, c.at_stamp, c.bulk_job IS NOT NULL AS bulk, c.bulk_locator <> '' AS bulk_begun,
                c.reconcile_from, c.reconcile_seen, age(c.xmin) AS age,
                (SELECT coalesce(l.lead_count, 0) FROM public.lead_lists l
                 WHERE l.business_id = i.business_id AND l.source = 'salesforce_sync' AND (l.source_id = c.object OR l.name = 'Salesforce ' || c.object || 's') ORDER BY l.created_at, l.id LIMIT 1) AS members
            FROM henk.crm_cursors c WHERE c.integration_id = i.id) x), '[]'),
    'runs', coalesce((
        SELECT jsonb_agg(x) FROM (
            SELECT l.id, l.sync_type, l.sync_status, l.started_at, l.completed_at, coalesce(l.duration_ms, 0) AS duration_ms,
                coalesce(l.records_processed, 0) AS processed, coalesce(l.records_created, 0) AS created, coalesce(l.records_updated, 0) AS updated,
                coalesce(l.records_failed, 0) AS failed, left(l.error_message, 1000) AS error, l.metadata ->> 'kind' AS kind, l.metadata ->> 'run' AS run,
                age(l.xmin) AS age
            FROM public.sync_logs l WHERE l.integration_id = i.id ORDER BY l.started_at DESC, l.id LIMIT 10) x), '[]')
)::jsonb AS integration
FROM public.integrations i
LEFT JOIN public.businesses b ON b.id = i.business_id
LEFT JOIN henk.crm_syncs s ON s.integration_id = i.id
WHERE i.id = sqlc.arg(id) AND i.type = 'crm' AND i.name = 'Salesforce';

-- name: DashboardSalesforceLock :one
-- Of two people who press a button at once the second waits here and sees what the first has done.
SELECT status::text AS status, coalesce(config ->> 'syncEnabled', 'true')::text AS sync_enabled FROM public.integrations
WHERE id = sqlc.arg(id) AND type = 'crm' AND name = 'Salesforce' FOR NO KEY UPDATE;

-- name: DashboardSalesforceActivate :exec
-- After a person has mended what stopped it. A config that is no object is left as it is.
UPDATE public.integrations SET status = 'active', updated_at = now(),
    config = CASE WHEN jsonb_typeof(config) = 'object' THEN config - 'syncHealth' ELSE config END
WHERE id = sqlc.arg(id) AND status = 'error';

-- name: DashboardSalesforceRejects :many
-- Records that cannot be leads, by their id.
SELECT source_id, object, modstamp, reason FROM henk.crm_rejects
WHERE integration_id = sqlc.arg(integration_id) AND source_id > sqlc.arg(after)::text
ORDER BY source_id LIMIT sqlc.arg(max_rows);

-- name: DashboardWriteBacksFailed :many
-- What could not be written to Salesforce, the latest first.
SELECT w.id, w.action, w.lead_id, w.conversation_id, coalesce(w.error, '')::text AS error, coalesce(w.mend, '')::text AS mend
FROM henk.write_backs w WHERE w.integration_id = sqlc.arg(integration_id) AND w.state = 'failed'
ORDER BY w.id DESC LIMIT sqlc.arg(max_rows);

-- name: DashboardAuditOfSalesforce :many
-- What people did to an integration, among the latest changes: henk.audit has no index for it.
SELECT a.at, a.actor, a.action, a.detail FROM henk.audit a
WHERE a.id > (SELECT coalesce(max(m.id), 0) - 5000 FROM henk.audit m) AND a.action LIKE 'salesforce.%'
    AND a.detail ->> 'integration' = sqlc.arg(integration)::text
ORDER BY a.id DESC LIMIT 30;
