-- name: SuppressionAdd :exec
-- A number that was suppressed for a while is now suppressed for good.
INSERT INTO henk.suppressions AS s (business_id, phone, source, reason, evidence)
VALUES (sqlc.arg(business_id)::uuid, sqlc.arg(phone), sqlc.arg(source), sqlc.arg(reason)::text, sqlc.arg(evidence)::jsonb)
ON CONFLICT (business_id, phone, source) DO UPDATE SET expires_at = NULL, reason = excluded.reason, evidence = excluded.evidence
WHERE s.expires_at IS NOT NULL;
