-- name: ProviderStateGet :one
-- A campaign's own limit is a race for a slot as well, so the fence asks whether there is any.
SELECT breaker, coalesce(reason, '')::text AS reason, failures, paused_until, next_call_at, probe_at, clock_timestamp()::timestamptz AS now,
    exists (SELECT FROM henk.campaign_state WHERE max_concurrent IS NOT NULL)::boolean AS campaign_limits
FROM henk.provider_state WHERE provider = sqlc.arg(provider);

-- name: ProviderStateLock :one
-- Taken by every fence while a limit is in force: workers that race for the last slot queue here.
SELECT breaker, coalesce(reason, '')::text AS reason, failures, paused_until, next_call_at, probe_at, clock_timestamp()::timestamptz AS now
FROM henk.provider_state WHERE provider = sqlc.arg(provider) FOR UPDATE;

-- name: ProviderStateClaimProbe :one
-- Lets one worker probe, and moves the next probe further away: 2 s, 4 s, .. 5 min.
UPDATE henk.provider_state SET probe_at = clock_timestamp() + least(interval '2 seconds' * power(2, least(failures, 8)), interval '5 minutes'),
    failures = failures + 1
WHERE provider = sqlc.arg(provider) AND breaker = 'open' AND (probe_at <= clock_timestamp() OR sqlc.arg(force)::boolean)
RETURNING reason;

-- name: ProviderStateHalfOpen :execrows
-- The account answers again: one call may try. probe_at is then when it began to.
UPDATE henk.provider_state SET breaker = 'half_open', paused_until = NULL, probe_at = clock_timestamp() WHERE provider = sqlc.arg(provider) AND breaker = 'open';

-- name: ProviderStateOpen :exec
UPDATE henk.provider_state SET breaker = 'open', reason = left(sqlc.arg(reason)::text, 500), opened_at = coalesce(opened_at, clock_timestamp()),
    probe_at = CASE WHEN breaker = 'open' THEN probe_at
        ELSE clock_timestamp() + least(interval '2 seconds' * power(2, least(failures, 8)), interval '5 minutes') END
WHERE provider = sqlc.arg(provider);

-- name: ProviderStatePause :one
-- Holds all dialing back: as long as the provider asked for, or growing from 1 s to 60 s while it keeps failing.
UPDATE henk.provider_state SET failures = failures + 1, reason = left(sqlc.arg(reason)::text, 500),
    paused_until = greatest(paused_until, clock_timestamp() + CASE WHEN sqlc.arg(retry_after_ms)::bigint > 0
        THEN make_interval(secs => sqlc.arg(retry_after_ms)::bigint / 1000.0)
        ELSE least(interval '1 second' * power(2, least(failures, 6)), interval '60 seconds') END)
WHERE provider = sqlc.arg(provider)
RETURNING paused_until;

-- name: ProviderStateSucceeded :execrows
-- A call went through. It closes a half-open breaker and forgets failures, but not a pause that others were asked for.
UPDATE henk.provider_state SET breaker = 'closed', reason = NULL, opened_at = NULL, failures = 0, probe_at = NULL, paused_until = NULL
WHERE provider = sqlc.arg(provider)
  AND (breaker = 'half_open' OR (breaker = 'closed' AND failures > 0 AND coalesce(paused_until, 'epoch') <= clock_timestamp()));

-- name: ProviderStateTake :exec
UPDATE henk.provider_state SET next_call_at = sqlc.arg(next_call_at) WHERE provider = sqlc.arg(provider);
