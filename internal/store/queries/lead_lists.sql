-- name: LeadImportLock :exec
-- One batch of an import at a time for a business: two files that hold the same person make one lead.
SELECT pg_advisory_xact_lock(hashtextextended('henk.import:' || sqlc.arg(business_id)::uuid::text, 0));

-- name: LeadListFind :one
SELECT id FROM public.lead_lists
WHERE business_id = sqlc.arg(business_id) AND name = sqlc.arg(name) AND NOT coalesce(is_archived, false)
ORDER BY created_at, id LIMIT 1;

-- name: LeadListAdd :one
INSERT INTO public.lead_lists (business_id, name, source) VALUES (sqlc.arg(business_id), sqlc.arg(name), sqlc.arg(source)::text) RETURNING id;

-- name: LeadListLock :one
SELECT coalesce(lead_count, 0)::int AS lead_count FROM public.lead_lists WHERE id = sqlc.arg(id) FOR NO KEY UPDATE;

-- name: LeadListAddMembers :execrows
INSERT INTO public.lead_list_members (lead_list_id, lead_id)
SELECT sqlc.arg(list_id)::uuid, l FROM unnest(sqlc.arg(lead_ids)::uuid[]) AS l
ON CONFLICT (lead_list_id, lead_id) DO NOTHING;

-- name: LeadListSetCount :exec
-- The web app's trigger counts members too; where it is there, this finds the count right and writes nothing.
UPDATE public.lead_lists SET lead_count = sqlc.arg(lead_count)::int, last_updated_at = now()
WHERE id = sqlc.arg(id) AND lead_count IS DISTINCT FROM sqlc.arg(lead_count)::int;

-- name: LeadListRecount :exec
UPDATE public.lead_lists l SET lead_count = c.members, last_updated_at = now()
FROM (SELECT count(*)::int AS members FROM public.lead_list_members m WHERE m.lead_list_id = sqlc.arg(id)) c
WHERE l.id = sqlc.arg(id) AND l.lead_count IS DISTINCT FROM c.members;

-- name: LeadImportMatch :many
-- Which leads these rows of a file are: by the source's id; else by number or address where no name speaks against it and
-- the source does not know the lead by another id. The oldest of several. Each arm is one probe of an index by the number
-- or address; "is true" keeps the planner from going through the whole business instead, and LeadImportProbe from going
-- through the table, whose statistics are from before the import.
WITH i AS MATERIALIZED (
    SELECT (r ->> 'n')::int AS n, r ->> 'source_id' AS source_id, ARRAY[r ->> 'tail', r ->> 'mobile_tail'] AS tails, r ->> 'email_key' AS email,
        lower(r ->> 'first_name') AS first_name, lower(r ->> 'last_name') AS last_name
    FROM (SELECT unnest(sqlc.arg(rows)::jsonb[]) AS r) u
)
SELECT i.n, coalesce(own.id, other.id)::uuid AS id, (own.id IS NOT NULL)::boolean AS own
FROM i
LEFT JOIN LATERAL (
    SELECT l.id FROM public.leads l
    WHERE l.business_id = sqlc.arg(business_id)::uuid AND l.source = sqlc.arg(source)::text AND l.source_id = i.source_id
) own ON true
LEFT JOIN LATERAL (
    SELECT l.id FROM (
        SELECT p.id, p.source, p.source_id, p.first_name, p.last_name, p.created_at FROM public.leads p
        WHERE ((p.business_id = sqlc.arg(business_id)::uuid) IS TRUE) AND p.phone IS NOT NULL AND henk.phone_tail(p.phone) COLLATE "C" = ANY (i.tails)
        UNION ALL
        SELECT m.id, m.source, m.source_id, m.first_name, m.last_name, m.created_at FROM public.leads m
        WHERE ((m.business_id = sqlc.arg(business_id)::uuid) IS TRUE) AND m.mobile_phone IS NOT NULL AND henk.phone_tail(m.mobile_phone) COLLATE "C" = ANY (i.tails)
        UNION ALL
        SELECT e.id, e.source, e.source_id, e.first_name, e.last_name, e.created_at FROM public.leads e
        WHERE ((e.business_id = sqlc.arg(business_id)::uuid) IS TRUE) AND e.email IS NOT NULL AND lower(e.email) COLLATE "C" = i.email
    ) l
    WHERE own.id IS NULL
        AND (i.source_id IS NULL OR l.source_id IS NULL OR l.source <> sqlc.arg(source)::text)
        AND coalesce(nullif(lower(btrim(l.first_name)), ''), i.first_name, '') = coalesce(i.first_name, nullif(lower(btrim(l.first_name)), ''), '')
        AND coalesce(nullif(lower(btrim(l.last_name)), ''), i.last_name, '') = coalesce(i.last_name, nullif(lower(btrim(l.last_name)), ''), '')
    ORDER BY l.created_at, l.id LIMIT 1
) other ON true
WHERE coalesce(own.id, other.id) IS NOT NULL;

-- name: LeadImportProbe :exec
SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true);

-- name: LeadImportKeep :many
-- Those of the leads that are still there; they stay until the transaction ends.
SELECT id FROM public.leads WHERE id = ANY (sqlc.arg(ids)::uuid[]) ORDER BY id FOR KEY SHARE;

-- name: LeadImportInsert :exec
INSERT INTO public.leads (id, business_id, source, source_id, first_name, last_name, email, phone, mobile_phone, street, city, state,
    postal_code, country, company, title, department, lead_source, description, notes, timezone, preferred_language, tags,
    do_not_call, do_not_email, email_opt_out, lead_score, quality_rating)
SELECT (r ->> 'id')::uuid, sqlc.arg(business_id)::uuid, sqlc.arg(source)::text, r ->> 'source_id', r ->> 'first_name', r ->> 'last_name',
    r ->> 'email', r ->> 'phone', r ->> 'mobile_phone', r ->> 'street', r ->> 'city', r ->> 'state', r ->> 'postal_code', r ->> 'country',
    r ->> 'company', r ->> 'title', r ->> 'department', r ->> 'lead_source', r ->> 'description', r ->> 'notes', r ->> 'timezone',
    r ->> 'preferred_language', coalesce(r -> 'tags', '[]'), coalesce((r ->> 'do_not_call')::boolean, false),
    coalesce((r ->> 'do_not_email')::boolean, false), coalesce((r ->> 'email_opt_out')::boolean, false),
    coalesce((r ->> 'lead_score')::int, 0), coalesce(r ->> 'quality_rating', 'unrated')
FROM (SELECT unnest(sqlc.arg(rows)::jsonb[]) AS r) u;

-- name: LeadImportUpdate :execrows
-- What the file knows of leads that are there. Where they were found by the source's own id (own) the file's words replace ours,
-- else they only fill what is empty: the lead belongs to another system. Flags are raised and never taken back. Rows in
-- which nothing changes are not written.
WITH i AS MATERIALIZED (
    SELECT (r ->> 'id')::uuid AS id, (r ->> 'own')::boolean AS own, r FROM (SELECT unnest(sqlc.arg(rows)::jsonb[]) AS r) u
)
UPDATE public.leads l SET
    first_name = n.first_name, last_name = n.last_name, email = n.email, phone = n.phone, mobile_phone = n.mobile_phone, street = n.street,
    city = n.city, state = n.state, postal_code = n.postal_code, country = n.country, company = n.company, title = n.title,
    department = n.department, lead_source = n.lead_source, description = n.description, notes = n.notes, timezone = n.timezone,
    preferred_language = n.preferred_language, tags = n.tags, do_not_call = n.do_not_call, do_not_email = n.do_not_email,
    email_opt_out = n.email_opt_out, lead_score = n.lead_score, quality_rating = n.quality_rating, updated_at = now()
FROM (
    SELECT x.id,
        CASE WHEN i.own THEN coalesce(i.r ->> 'first_name', x.first_name) ELSE coalesce(nullif(x.first_name, ''), i.r ->> 'first_name') END AS first_name,
        CASE WHEN i.own THEN coalesce(i.r ->> 'last_name', x.last_name) ELSE coalesce(nullif(x.last_name, ''), i.r ->> 'last_name') END AS last_name,
        CASE WHEN i.own THEN coalesce(i.r ->> 'email', x.email) ELSE coalesce(nullif(x.email, ''), i.r ->> 'email') END AS email,
        CASE WHEN i.own THEN coalesce(i.r ->> 'phone', x.phone) ELSE coalesce(nullif(x.phone, ''), i.r ->> 'phone') END AS phone,
        CASE WHEN i.own THEN coalesce(i.r ->> 'mobile_phone', x.mobile_phone) ELSE coalesce(nullif(x.mobile_phone, ''), i.r ->> 'mobile_phone') END AS mobile_phone,
        CASE WHEN i.own THEN coalesce(i.r ->> 'street', x.street) ELSE coalesce(nullif(x.street, ''), i.r ->> 'street') END AS street,
        CASE WHEN i.own THEN coalesce(i.r ->> 'city', x.city) ELSE coalesce(nullif(x.city, ''), i.r ->> 'city') END AS city,
        CASE WHEN i.own THEN coalesce(i.r ->> 'state', x.state) ELSE coalesce(nullif(x.state, ''), i.r ->> 'state') END AS state,
        CASE WHEN i.own THEN coalesce(i.r ->> 'postal_code', x.postal_code) ELSE coalesce(nullif(x.postal_code, ''), i.r ->> 'postal_code') END AS postal_code,
        CASE WHEN i.own THEN coalesce(i.r ->> 'country', x.country) ELSE coalesce(nullif(x.country, ''), i.r ->> 'country') END AS country,
        CASE WHEN i.own THEN coalesce(i.r ->> 'company', x.company) ELSE coalesce(nullif(x.company, ''), i.r ->> 'company') END AS company,
        CASE WHEN i.own THEN coalesce(i.r ->> 'title', x.title) ELSE coalesce(nullif(x.title, ''), i.r ->> 'title') END AS title,
        CASE WHEN i.own THEN coalesce(i.r ->> 'department', x.department) ELSE coalesce(nullif(x.department, ''), i.r ->> 'department') END AS department,
        CASE WHEN i.own THEN coalesce(i.r ->> 'lead_source', x.lead_source) ELSE coalesce(nullif(x.lead_source, ''), i.r ->> 'lead_source') END AS lead_source,
        CASE WHEN i.own THEN coalesce(i.r ->> 'description', x.description) ELSE coalesce(nullif(x.description, ''), i.r ->> 'description') END AS description,
        CASE WHEN i.own THEN coalesce(i.r ->> 'notes', x.notes) ELSE coalesce(nullif(x.notes, ''), i.r ->> 'notes') END AS notes,
        CASE WHEN i.own THEN coalesce(i.r ->> 'timezone', x.timezone) ELSE coalesce(nullif(x.timezone, ''), i.r ->> 'timezone') END AS timezone,
        CASE WHEN i.own THEN coalesce(i.r ->> 'preferred_language', x.preferred_language) ELSE coalesce(nullif(x.preferred_language, ''), i.r ->> 'preferred_language') END AS preferred_language,
        CASE WHEN i.own OR coalesce(x.tags, '[]') = '[]' THEN coalesce(i.r -> 'tags', x.tags) ELSE x.tags END AS tags,
        CASE WHEN (i.r ->> 'do_not_call')::boolean THEN true ELSE x.do_not_call END AS do_not_call,
        CASE WHEN (i.r ->> 'do_not_email')::boolean THEN true ELSE x.do_not_email END AS do_not_email,
        CASE WHEN (i.r ->> 'email_opt_out')::boolean THEN true ELSE x.email_opt_out END AS email_opt_out,
        CASE WHEN i.own OR coalesce(x.lead_score, 0) = 0 THEN coalesce((i.r ->> 'lead_score')::int, x.lead_score) ELSE x.lead_score END AS lead_score,
        CASE WHEN i.own OR coalesce(x.quality_rating, 'unrated') = 'unrated' THEN coalesce(i.r ->> 'quality_rating', x.quality_rating) ELSE x.quality_rating END AS quality_rating
    FROM i JOIN public.leads x ON x.id = i.id
) n
WHERE l.id = n.id AND (l.first_name, l.last_name, l.email, l.phone, l.mobile_phone, l.street, l.city, l.state, l.postal_code, l.country, l.company,
        l.title, l.department, l.lead_source, l.description, l.notes, l.timezone, l.preferred_language, l.tags, l.do_not_call, l.do_not_email,
        l.email_opt_out, l.lead_score, l.quality_rating)
    IS DISTINCT FROM (n.first_name, n.last_name, n.email, n.phone, n.mobile_phone, n.street, n.city, n.state, n.postal_code, n.country, n.company,
        n.title, n.department, n.lead_source, n.description, n.notes, n.timezone, n.preferred_language, n.tags, n.do_not_call, n.do_not_email,
        n.email_opt_out, n.lead_score, n.quality_rating);
