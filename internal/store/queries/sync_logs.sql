-- name: SyncLogBegin :one
INSERT INTO public.sync_logs (integration_id, business_id, sync_type, sync_status, metadata)
VALUES (sqlc.arg(integration_id), sqlc.arg(business_id), sqlc.arg(sync_type), 'running', sqlc.arg(metadata)::jsonb)
RETURNING id;

-- name: SyncLogFinish :exec
UPDATE public.sync_logs SET sync_status = sqlc.arg(sync_status), records_processed = sqlc.arg(processed)::int, records_created = sqlc.arg(created)::int,
    records_updated = sqlc.arg(updated)::int, records_failed = sqlc.arg(failed)::int, completed_at = clock_timestamp(),
    duration_ms = (least(extract(epoch FROM clock_timestamp() - started_at) * 1000, 2147483647))::int,
    error_message = sqlc.narg(error_message)::text, error_details = sqlc.narg(error_details)::jsonb, metadata = sqlc.arg(metadata)::jsonb,
    sync_type = sqlc.arg(sync_type)
WHERE id = sqlc.arg(id);

-- name: SyncLogCloseStale :execrows
-- Runs whose worker died: they hold no lease any more and say nothing.
UPDATE public.sync_logs l SET sync_status = 'failed', completed_at = clock_timestamp(),
    duration_ms = (least(extract(epoch FROM clock_timestamp() - l.started_at) * 1000, 2147483647))::int,
    error_message = 'The worker stopped in the middle of this run. What it had stored is kept, and the next run went on from there.'
FROM public.integrations i
WHERE l.sync_status = 'running' AND i.id = l.integration_id AND i.type = 'crm' AND i.name = 'Salesforce'
  AND l.started_at < clock_timestamp() - interval '2 minutes'
  AND (sqlc.narg(integration_id)::uuid IS NULL OR l.integration_id = sqlc.narg(integration_id)::uuid)
  AND NOT EXISTS (SELECT FROM henk.crm_syncs s WHERE s.integration_id = l.integration_id AND s.lease_until > clock_timestamp()
      AND s.run_id::text = l.metadata ->> 'run');
