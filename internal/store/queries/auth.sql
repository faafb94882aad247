-- name: AuthMemberships :many
-- The businesses in which an app user is an active member.
SELECT m.business_id, m.role::text AS role FROM public.team_members m WHERE m.user_id = sqlc.arg(user_id) AND m.status = 'active';

-- name: AuthBusinessOfCampaign :one
SELECT business_id FROM public.campaigns WHERE id = sqlc.arg(id);

-- name: AuthBusinessOfLead :one
SELECT business_id FROM public.leads WHERE id = sqlc.arg(id);

-- name: AuthBusinessOfLeadList :one
SELECT business_id FROM public.lead_lists WHERE id = sqlc.arg(id);

-- name: AuthBusinessOfConversation :one
SELECT c.business_id FROM public.conversations v JOIN public.campaigns c ON c.id = v.campaign_id WHERE v.id = sqlc.arg(id);

-- name: AuthBusinessOfAttempt :one
SELECT c.business_id FROM public.call_attempts a JOIN public.campaigns c ON c.id = a.campaign_id WHERE a.id = sqlc.arg(id);

-- name: AuthBusinessOfIntegration :one
SELECT business_id FROM public.integrations WHERE id = sqlc.arg(id);

-- name: AuthBusinessOfAudioGeneration :one
SELECT coalesce(c.business_id, g.business_id, l.business_id)::uuid AS business_id
FROM public.audio_generations a
LEFT JOIN public.campaigns c ON c.id = a.campaign_id
LEFT JOIN public.agents g ON g.id = a.agent_id
LEFT JOIN public.leads l ON l.id = a.lead_id
WHERE a.id = sqlc.arg(id) AND coalesce(c.business_id, g.business_id, l.business_id) IS NOT NULL;
