-- name: CrmListCreate :one
INSERT INTO public.lead_lists (business_id, name, description, source, source_id, lead_count)
VALUES (sqlc.arg(business_id), sqlc.arg(name), sqlc.arg(description)::text, 'salesforce_sync', sqlc.arg(object)::text, 0)
RETURNING id;

-- name: CrmListFind :one
SELECT id FROM public.lead_lists
WHERE business_id = sqlc.arg(business_id) AND source = 'salesforce_sync' AND (name = sqlc.arg(name) OR source_id = sqlc.arg(object)::text)
ORDER BY name = sqlc.arg(name) DESC, created_at, id LIMIT 1;

-- name: CrmListLock :one
SELECT coalesce(lead_count, 0)::int AS lead_count FROM public.lead_lists WHERE id = sqlc.arg(id) FOR NO KEY UPDATE;

-- name: CrmListRecount :exec
UPDATE public.lead_lists l SET lead_count = n.members, last_updated_at = now(), updated_at = now()
FROM (SELECT count(*)::int AS members FROM public.lead_list_members m WHERE m.lead_list_id = sqlc.arg(id)) n
WHERE l.id = sqlc.arg(id) AND l.lead_count IS DISTINCT FROM n.members;

-- name: CrmListSetCount :exec
-- Where the web app's trigger has counted the same already, nothing is left to do.
UPDATE public.lead_lists SET lead_count = sqlc.arg(lead_count)::int, last_updated_at = now(), updated_at = now()
WHERE id = sqlc.arg(id) AND lead_count IS DISTINCT FROM sqlc.arg(lead_count)::int;

-- name: CrmListTriggered :one
-- Whether each row of lead_list_members runs a trigger, as in the web app's database.
SELECT EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = 'public.lead_list_members'::regclass AND NOT t.tgisinternal AND (t.tgtype & 1) = 1)::boolean;
