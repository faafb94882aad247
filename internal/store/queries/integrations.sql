-- name: IntegrationGet :one
SELECT business_id, status::text AS status, config, credentials FROM public.integrations
WHERE id = sqlc.arg(id) AND type = 'crm' AND name = 'Salesforce';

-- name: IntegrationListSalesforce :many
-- Those to be synced: active, and not switched off in their config.
SELECT i.id FROM public.integrations i
WHERE i.type = 'crm' AND i.name = 'Salesforce' AND i.status = 'active' AND coalesce(i.config ->> 'syncEnabled', 'true') <> 'false'
ORDER BY i.last_sync_at NULLS FIRST, i.id;

-- name: IntegrationLock :one
-- One worker at a time exchanges a token; the app's own update waits.
SELECT config, credentials FROM public.integrations WHERE id = sqlc.arg(id) FOR UPDATE;

-- name: IntegrationSetHealth :exec
-- What a person should know, where the app can show it; status changes only to error and only when asked. A config that is
-- no object is left as it is.
UPDATE public.integrations i SET
    status = CASE WHEN sqlc.arg(failed)::boolean THEN 'error'::public.integration_status ELSE i.status END,
    config = n.config, updated_at = now()
FROM (
    SELECT x.id, CASE
        WHEN jsonb_typeof(coalesce(x.config, '{}')) <> 'object' THEN x.config
        WHEN sqlc.arg(health)::jsonb = '{}' THEN coalesce(x.config, '{}') - 'syncHealth'
        ELSE coalesce(x.config, '{}') || jsonb_build_object('syncHealth', sqlc.arg(health)::jsonb) END AS config
    FROM public.integrations x WHERE x.id = sqlc.arg(id) FOR UPDATE
) n
WHERE i.id = n.id AND ((sqlc.arg(failed)::boolean AND i.status <> 'error') OR i.config IS DISTINCT FROM n.config);

-- name: IntegrationSetSynced :exec
UPDATE public.integrations SET last_sync_at = greatest(last_sync_at, now()), updated_at = now() WHERE id = sqlc.arg(id);

-- name: IntegrationSetToken :exec
UPDATE public.integrations SET credentials = sqlc.arg(credentials)::jsonb,
    config = coalesce(config, '{}') || jsonb_build_object('instanceUrl', sqlc.arg(instance_url)::text), updated_at = now()
WHERE id = sqlc.arg(id);
