-- name: AuditInsert :exec
INSERT INTO henk.audit (actor, action, campaign_id, lead_id, conversation_id, detail, request_id)
VALUES (sqlc.arg(actor), sqlc.arg(action), sqlc.narg(campaign_id), sqlc.narg(lead_id), sqlc.narg(conversation_id), sqlc.arg(detail), sqlc.arg(request_id));

-- name: AuditListOfCampaign :many
SELECT at, actor, action, detail FROM henk.audit WHERE campaign_id = sqlc.arg(campaign_id)::uuid ORDER BY id DESC LIMIT 30;

-- name: AuditListOfConversation :many
SELECT at, actor, action, detail FROM henk.audit WHERE conversation_id = sqlc.arg(conversation_id)::uuid ORDER BY id DESC LIMIT 30;

-- name: AuditListOfLead :many
SELECT at, actor, action, detail FROM henk.audit WHERE lead_id = sqlc.arg(lead_id)::uuid ORDER BY id DESC LIMIT 30;
