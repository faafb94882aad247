-- name: MetricsNow :one
-- What the operator's gauges show, from partial indexes. Each count is bounded by what is open or by a recent time.
SELECT jsonb_build_object(
    'attempts', coalesce((SELECT jsonb_object_agg(s.state, s.n) FROM (
        SELECT coalesce(a.state, '') AS state, count(*) AS n FROM public.call_attempts a WHERE a.in_progress GROUP BY 1) s), '{}'),
    'webhooks', coalesce((SELECT jsonb_object_agg(s.state, s.n) FROM (
        SELECT e.state, count(*) AS n FROM henk.webhook_inbox e WHERE e.received_at > clock_timestamp() - interval '1 hour' GROUP BY 1) s), '{}'),
    'webhook_oldest', (SELECT extract(epoch FROM clock_timestamp() - min(e.received_at)) FROM henk.webhook_inbox e WHERE e.state IN ('pending', 'unmatched')),
    'breaker', coalesce((SELECT jsonb_object_agg(p.provider, p.breaker) FROM henk.provider_state p), '{}'),
    'workers', (SELECT count(*) FROM henk.workers w WHERE w.beat_at > clock_timestamp() - interval '30 seconds'),
    'campaigns', (SELECT count(*) FROM public.campaigns c WHERE c.status = 'active'),
    'integrations', (SELECT count(*) FROM public.integrations i WHERE i.type = 'crm' AND i.name = 'Salesforce' AND i.status = 'active'),
    'conversations', (SELECT jsonb_build_object('n', count(*), 'lag', coalesce(extract(epoch FROM max(sqlc.arg(now)::timestamptz - u.ended_at)), 0)) FROM (
        SELECT v.ended_at FROM public.conversations v
        WHERE v.settled_at IS NULL AND v.conversation_id IS NOT NULL
            AND (v.status IN ('initiated', 'in_progress') OR v.attempt_id IS NOT NULL OR (v.status = 'completed' AND v.transcript IS NULL))
            AND v.started_at > sqlc.arg(now)::timestamptz - interval '2 days' LIMIT 100001) u),
    'sync_lag', (SELECT max(extract(epoch FROM clock_timestamp() - coalesce(c.watermark, i.created_at))) FROM public.integrations i
        LEFT JOIN henk.crm_cursors c ON c.integration_id = i.id WHERE i.type = 'crm' AND i.name = 'Salesforce' AND i.status = 'active'),
    'scans_open', (SELECT count(*) FROM henk.crm_cursors c WHERE c.upper_bound IS NOT NULL OR c.bulk_job IS NOT NULL),
    'sync_rejects', (SELECT count(*) FROM (SELECT FROM henk.crm_rejects LIMIT 100001) r),
    'write_backs', (SELECT count(*) FROM (SELECT FROM henk.write_backs w WHERE w.state IN ('pending', 'sending') LIMIT 100001) r)
)::jsonb AS now;

-- name: MetricsOptOuts :one
-- People who asked on a call not to be called again: how many, and the longest time from the end of the call until that
-- was on record. No call passes the fence after it.
SELECT count(*) AS n, coalesce(max(extract(epoch FROM o.read_at - v.ended_at)), 0)::float8 AS longest
FROM public.conversations v
JOIN henk.conversation_outcomes o ON o.conversation_id = v.id
WHERE v.started_at BETWEEN sqlc.arg(now)::timestamptz - interval '30 minutes' AND sqlc.arg(now)::timestamptz AND o.opt_out AND v.ended_at IS NOT NULL;
