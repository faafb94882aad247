-- name: SuppressionAdd :exec
-- A number that was suppressed for a while, or no more, is now suppressed for good.
INSERT INTO henk.suppressed_numbers AS s (business_id, phone, source, reason, evidence)
VALUES (sqlc.arg(business_id)::uuid, sqlc.arg(phone), sqlc.arg(source), sqlc.arg(reason)::text, sqlc.arg(evidence)::jsonb)
ON CONFLICT (business_id, phone, source) DO UPDATE SET expires_at = NULL, reason = excluded.reason, evidence = excluded.evidence,
    created_by = NULL, lifted_at = NULL, lifted_by = NULL, lift_reason = NULL
WHERE s.expires_at IS NOT NULL OR s.lifted_at IS NOT NULL;

-- name: SuppressionSet :one
-- A number that a person puts on the list: what was said of it before is in henk.suppression_history.
INSERT INTO henk.suppressed_numbers AS s (business_id, phone, source, reason, evidence, expires_at, created_by)
VALUES (sqlc.narg(business_id)::uuid, sqlc.arg(phone), sqlc.arg(source), sqlc.arg(reason)::text, sqlc.arg(evidence)::jsonb,
    sqlc.narg(expires_at)::timestamptz, sqlc.arg(created_by)::text)
ON CONFLICT (business_id, phone, source) DO UPDATE SET expires_at = excluded.expires_at, reason = excluded.reason,
    evidence = excluded.evidence, created_by = excluded.created_by, lifted_at = NULL, lifted_by = NULL, lift_reason = NULL
RETURNING id;

-- name: SuppressionLift :execrows
UPDATE henk.suppressed_numbers SET lifted_at = sqlc.arg(now)::timestamptz, lifted_by = sqlc.arg(lifted_by)::text, lift_reason = sqlc.arg(reason)::text
WHERE business_id IS NOT DISTINCT FROM sqlc.narg(business_id)::uuid AND phone = sqlc.arg(phone)
    AND (expires_at IS NULL OR expires_at > sqlc.arg(now)::timestamptz) AND (lifted_at IS NULL OR lifted_at > sqlc.arg(now)::timestamptz);

-- name: SuppressionList :many
-- What binds, or bound, the numbers of a business and of all, the newest first; list entries only for one number.
SELECT s.id, s.business_id, s.phone, s.source, s.reason, s.evidence, s.expires_at, s.created_at, s.created_by, s.lifted_at, s.lifted_by, s.lift_reason
FROM henk.suppressed_numbers s
WHERE (s.business_id IS NULL OR s.business_id = sqlc.arg(business_id)::uuid) AND (sqlc.narg(phone)::text IS NULL OR s.phone = sqlc.narg(phone)::text)
    AND s.id < sqlc.arg(before)::bigint
ORDER BY s.id DESC LIMIT sqlc.arg(count)::int;

-- name: SuppressionEntryLift :many
-- The number is lifted from the versions in force; the next import of the list brings it back.
WITH gone AS (
    UPDATE henk.suppression_entries e SET expires_at = sqlc.arg(now)::timestamptz
    FROM henk.suppression_versions v
    WHERE e.phone = sqlc.arg(phone) AND v.id = e.version AND v.state = 'in_force' AND v.business_id IS NOT DISTINCT FROM sqlc.narg(business_id)::uuid
        AND (e.expires_at IS NULL OR e.expires_at > sqlc.arg(now)::timestamptz)
    RETURNING e.phone, e.version, e.reason
)
INSERT INTO henk.suppression_history (phone, was)
SELECT g.phone, jsonb_build_object('version', g.version, 'reason', g.reason, 'lifted_by', sqlc.arg(lifted_by)::text, 'lift_reason', sqlc.arg(lift_reason)::text)
FROM gone g
RETURNING id;

-- name: SuppressionListEnsure :one
INSERT INTO henk.suppression_lists AS l (business_id, name) VALUES (sqlc.narg(business_id)::uuid, sqlc.arg(name))
ON CONFLICT (business_id, name) DO UPDATE SET name = excluded.name
RETURNING id;

-- name: SuppressionListLock :exec
SELECT id FROM henk.suppression_lists WHERE id = sqlc.arg(id) FOR NO KEY UPDATE;

-- name: SuppressionListOverview :many
-- The lists of a business and of all, with the version in force if there is one.
SELECT l.id, l.business_id, l.name, v.id AS version, v.source, v.imported_by, v.imported_at, v.entries, v.rejected, v.expires_at
FROM henk.suppression_lists l
LEFT JOIN henk.suppression_versions v ON v.list_id = l.id AND v.state = 'in_force'
WHERE l.business_id IS NULL OR l.business_id = sqlc.narg(business_id)::uuid
ORDER BY l.business_id NULLS FIRST, l.name;

-- name: SuppressionVersionBegin :one
INSERT INTO henk.suppression_versions (list_id, business_id, source, imported_by, expires_at)
SELECT l.id, l.business_id, sqlc.arg(source), sqlc.arg(imported_by), sqlc.narg(expires_at)::timestamptz
FROM henk.suppression_lists l WHERE l.id = sqlc.arg(list_id)
RETURNING id;

-- name: SuppressionVersionBeat :execrows
UPDATE henk.suppression_versions SET entries = entries + sqlc.arg(added)::bigint, beat_at = clock_timestamp()
WHERE id = sqlc.arg(id) AND state = 'loading';

-- name: SuppressionVersionInForce :one
SELECT id, entries FROM henk.suppression_versions WHERE list_id = sqlc.arg(list_id) AND state = 'in_force';

-- name: SuppressionVersionReplace :execrows
-- With SuppressionVersionPut in one transaction: whoever looks finds the one version or the other.
UPDATE henk.suppression_versions v SET state = 'removing', in_force_until = 'epoch'
WHERE v.list_id = sqlc.arg(list_id) AND v.state = 'in_force' AND v.id <> sqlc.arg(id);

-- name: SuppressionVersionPut :execrows
UPDATE henk.suppression_versions v SET state = 'in_force', in_force_until = coalesce(v.expires_at, 'infinity'), imported_at = clock_timestamp(),
    rejected = sqlc.arg(rejected)::bigint
WHERE v.id = sqlc.arg(id) AND v.state = 'loading';

-- name: SuppressionVersionAbandon :exec
UPDATE henk.suppression_versions SET state = 'removing', in_force_until = 'epoch' WHERE id = sqlc.arg(id) AND state = 'loading';

-- name: SuppressionVersionAbandonDead :exec
-- Imports that died: nothing was written for ten minutes, which no batch takes.
UPDATE henk.suppression_versions SET state = 'removing' WHERE state = 'loading' AND beat_at < clock_timestamp() - interval '10 minutes';

-- name: SuppressionVersionRemovable :many
SELECT id FROM henk.suppression_versions WHERE state = 'removing';

-- name: SuppressionVersionForget :exec
DELETE FROM henk.suppression_versions WHERE id = ANY (sqlc.arg(ids)::int[]) AND state = 'removing';

-- name: SuppressionFreed :one
-- Whether anything may have freed a number since the campaign looked last: something was lifted, changed or replaced, or
-- came to its end. Two counters and three looks at an index, whatever the lists hold.
SELECT x.changes, (
    s.freed_at IS NULL OR s.freed_at > sqlc.arg(now)::timestamptz OR s.freed_seen IS DISTINCT FROM x.changes
    OR EXISTS (SELECT FROM henk.suppressed_numbers n
        WHERE least(n.expires_at, n.lifted_at) > s.freed_at AND least(n.expires_at, n.lifted_at) <= sqlc.arg(now)::timestamptz)
    OR EXISTS (SELECT FROM henk.suppression_versions v WHERE v.in_force_until > s.freed_at AND v.in_force_until <= sqlc.arg(now)::timestamptz)
    OR EXISTS (SELECT FROM henk.suppression_entries e WHERE e.expires_at > s.freed_at AND e.expires_at <= sqlc.arg(now)::timestamptz)
)::boolean AS due
FROM henk.suppression_changes x
LEFT JOIN henk.campaign_state s ON s.campaign_id = sqlc.arg(campaign_id)::uuid;

-- name: SuppressionFreedSeen :exec
UPDATE henk.campaign_state SET freed_seen = sqlc.arg(changes)::bigint, freed_at = sqlc.arg(now)::timestamptz
WHERE campaign_id = sqlc.arg(campaign_id);

-- name: SuppressionFreedFromHere :exec
-- A campaign whose leads have not been judged yet holds none for a suppression: whatever was lifted before now frees none.
UPDATE henk.campaign_state SET freed_seen = (SELECT x.changes FROM henk.suppression_changes x), freed_at = sqlc.arg(now)::timestamptz
WHERE campaign_id = sqlc.arg(campaign_id) AND freed_at IS NULL;
