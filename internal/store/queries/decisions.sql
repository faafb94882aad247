-- name: DecisionSettingsKeep :exec
INSERT INTO henk.decision_settings (campaign_id, digest, settings)
VALUES (sqlc.arg(campaign_id), sqlc.arg(digest), sqlc.arg(settings)::jsonb)
ON CONFLICT DO NOTHING;

-- name: DecisionSettingsGet :one
SELECT settings FROM henk.decision_settings WHERE campaign_id = sqlc.arg(campaign_id) AND digest = sqlc.arg(digest);

-- name: DecisionState :one
-- What the log says last of the campaign and of its zone sets; null before it says anything.
SELECT decided FROM henk.campaign_state WHERE campaign_id = sqlc.arg(campaign_id);

-- name: DecisionStateSet :exec
UPDATE henk.campaign_state SET decided = sqlc.arg(decided)::jsonb WHERE campaign_id = sqlc.arg(campaign_id);

-- name: DecisionsOfLead :many
-- The latest decisions about a lead up to an instant, by the rules' clock, the latest first.
SELECT u.id, u.at, u.zone_set, u.attempt_id, u.verdict, coalesce(u.first_failing, '')::text AS first_failing, u.failing, u.inputs,
    coalesce(u.settings, '')::text AS settings, u.rule_pack
FROM (
    (SELECT d.* FROM henk.decisions d
     WHERE d.lead_id = sqlc.arg(lead_id)::uuid AND d.verdict <> 'call' AND d.campaign_id = sqlc.arg(campaign_id) AND d.at <= sqlc.arg(at)::timestamptz
     ORDER BY d.logged_at DESC, d.id DESC LIMIT sqlc.arg(count)::int)
    UNION ALL
    SELECT d.* FROM (
        SELECT a.id FROM public.call_attempts a WHERE a.counts AND a.lead_id = sqlc.arg(lead_id)::uuid AND a.campaign_id = sqlc.arg(campaign_id)
        UNION ALL
        SELECT a.id FROM public.call_attempts a WHERE a.voided AND a.lead_id = sqlc.arg(lead_id)::uuid AND a.campaign_id = sqlc.arg(campaign_id)
    ) made
    JOIN henk.decisions d ON d.attempt_id = made.id AND d.verdict = 'call' AND d.at <= sqlc.arg(at)::timestamptz
) u
ORDER BY u.logged_at DESC, u.id DESC LIMIT sqlc.arg(count)::int;

-- name: DecisionsOfCampaign :many
-- The latest about all leads of a campaign, and the latest about one zone set, up to an instant.
(SELECT d.id, d.at, d.zone_set, d.verdict, coalesce(d.first_failing, '')::text AS first_failing, d.inputs, d.rule_pack
 FROM henk.decisions d
 WHERE d.campaign_id = sqlc.arg(campaign_id) AND d.lead_id IS NULL AND d.zone_set IS NULL AND d.at <= sqlc.arg(at)::timestamptz
 ORDER BY d.logged_at DESC, d.id DESC LIMIT 1)
UNION ALL
(SELECT d.id, d.at, d.zone_set, d.verdict, coalesce(d.first_failing, '')::text, d.inputs, d.rule_pack
 FROM henk.decisions d
 WHERE d.campaign_id = sqlc.arg(campaign_id) AND d.lead_id IS NULL AND d.zone_set = sqlc.arg(zone_set)::int AND d.at <= sqlc.arg(at)::timestamptz
 ORDER BY d.logged_at DESC, d.id DESC LIMIT 1);

-- name: DecisionCandidate :one
SELECT c.state, coalesce(c.hold, '')::text AS hold, coalesce(c.logged, '')::text AS logged, coalesce(c.zone_set, 0)::int AS zone_set
FROM henk.candidates c WHERE c.campaign_id = sqlc.arg(campaign_id) AND c.lead_id = sqlc.arg(lead_id);

-- name: DecisionSample :many
-- Some of the decisions about leads since an instant, from random blocks of the log.
SELECT d.id, d.at, d.campaign_id, d.lead_id::uuid AS lead_id, d.attempt_id, d.verdict, coalesce(d.first_failing, '')::text AS first_failing,
    d.failing, d.inputs, coalesce(d.settings, '')::text AS settings, d.rule_pack
FROM henk.decisions d TABLESAMPLE SYSTEM (sqlc.arg(percent)::float8)
WHERE d.logged_at >= sqlc.arg(since)::timestamptz AND d.lead_id IS NOT NULL
ORDER BY random() LIMIT sqlc.arg(count)::int;

-- name: DecisionAttempts :many
-- What is known of attempts that the log says were decided on, and of their leads today.
SELECT a.id, a.campaign_id, a.lead_id, a.number_free_at, a.dial_after, a.dial_before, coalesce(a.window_inputs, '')::text AS window_inputs,
    a.phone_number, l.phone, l.mobile_phone, l.timezone, l.postal_code, l.state, l.country,
    henk.lead_inputs(l.phone, l.mobile_phone, l.timezone, l.postal_code, l.state, l.country) AS inputs
FROM public.call_attempts a JOIN public.leads l ON l.id = a.lead_id
WHERE a.id = ANY (sqlc.arg(ids)::uuid[]);

-- name: DecisionLeads :many
SELECT l.id, l.business_id, l.phone, l.mobile_phone, l.timezone, l.postal_code, l.state, l.country,
    henk.lead_inputs(l.phone, l.mobile_phone, l.timezone, l.postal_code, l.state, l.country) AS inputs
FROM public.leads l WHERE l.id = ANY (sqlc.arg(ids)::uuid[]);

-- name: DecisionClock :one
SELECT clock_timestamp()::timestamptz AS now;

-- name: DecisionMakePartition :one
SELECT henk.make_decision_partition(sqlc.arg(month)::timestamptz);

-- name: DecisionDropOld :one
SELECT henk.drop_decisions(sqlc.arg(before)::timestamptz);

-- name: SelfCheckLast :one
-- When the log was checked last, by the database's clock, and what that clock shows.
SELECT coalesce(max(at), 'epoch')::timestamptz AS at, clock_timestamp()::timestamptz AS now FROM henk.self_checks;

-- name: SelfCheckAdd :exec
INSERT INTO henk.self_checks (checked, passed_over, disagreements, detail)
VALUES (sqlc.arg(checked), sqlc.arg(passed_over), sqlc.arg(disagreements), sqlc.arg(detail)::jsonb);

-- name: AuditCount :one
SELECT count(*) FROM public.call_attempts a
WHERE a.counts AND coalesce(a.dialing_at, a.attempted_at, a.scheduled_at) >= sqlc.arg(since)::timestamptz AND a.state IN ('placed', 'unknown', 'dialing')
  AND (sqlc.narg(campaign_id)::uuid IS NULL OR a.campaign_id = sqlc.narg(campaign_id)::uuid);

-- name: AuditPage :many
-- The next attempts that rang or may have, by their ids, which are in the order in which Henk reserved them, with their
-- leads as they are today. All pages together read the attempts once: an index by time would be written with each call
-- and read by nothing else.
SELECT a.id, a.campaign_id, a.lead_id, coalesce(a.dialing_at, a.attempted_at, a.scheduled_at)::timestamptz AS dialing_at, k.business_id, coalesce(a.phone_number, '')::text AS phone_number,
    coalesce(a.number_tail, henk.phone_tail(a.phone_number), '')::text AS tail,
    coalesce(a.rule_pack, '')::text AS rule_pack, l.phone, l.mobile_phone, l.timezone, l.postal_code, l.state, l.country,
    coalesce((SELECT d.settings FROM henk.decisions d WHERE d.attempt_id = a.id AND d.verdict = 'call' LIMIT 1), '')::text AS settings
FROM public.call_attempts a
JOIN public.campaigns k ON k.id = a.campaign_id
LEFT JOIN public.leads l ON l.id = a.lead_id
WHERE a.counts AND a.id > sqlc.arg(after)::uuid AND coalesce(a.dialing_at, a.attempted_at, a.scheduled_at) >= sqlc.arg(since)::timestamptz AND a.state IN ('placed', 'unknown', 'dialing')
  AND (sqlc.narg(campaign_id)::uuid IS NULL OR a.campaign_id = sqlc.narg(campaign_id)::uuid)
ORDER BY a.id LIMIT sqlc.arg(count)::int;

-- name: AuditRings :many
-- The calls to numbers of a business between two instants, the latest first.
SELECT a.id, a.number_tail::text AS tail, coalesce(a.dialing_at, a.attempted_at, a.scheduled_at)::timestamptz AS rang_at
FROM public.call_attempts a
WHERE a.business_id = sqlc.arg(business_id) AND a.number_tail = ANY (sqlc.arg(tails)::text[]) AND a.number_turn IS NOT NULL
  AND a.state IN ('placed', 'unknown', 'dialing')
  AND coalesce(a.dialing_at, a.attempted_at, a.scheduled_at) > sqlc.arg(since)::timestamptz AND coalesce(a.dialing_at, a.attempted_at, a.scheduled_at) <= sqlc.arg(until)::timestamptz;

-- name: AuditSuppressed :many
-- What today's suppressions say of numbers: single ones from when they were added until they ended, lists as they are in
-- force today.
SELECT t.phone::text AS phone, n.created_at::timestamptz AS binds_from, least(n.expires_at, n.lifted_at, '9999-01-01 00:00:00+00')::timestamptz AS binds_until,
    ''::text AS list
FROM unnest(sqlc.arg(phones)::text[]) AS t (phone)
JOIN henk.suppressed_numbers n ON n.phone = t.phone AND (n.business_id IS NULL OR n.business_id = sqlc.arg(business_id))
UNION ALL
SELECT t.phone::text, '0001-01-01 00:00:00+00'::timestamptz, least(e.expires_at, '9999-01-01 00:00:00+00')::timestamptz, l.name
FROM unnest(sqlc.arg(phones)::text[]) AS t (phone)
JOIN henk.suppression_entries e ON e.phone = t.phone
JOIN henk.suppression_versions v ON v.id = e.version AND v.state = 'in_force' AND v.in_force_until > clock_timestamp()
    AND (v.business_id IS NULL OR v.business_id = sqlc.arg(business_id))
JOIN henk.suppression_lists l ON l.id = v.list_id;
