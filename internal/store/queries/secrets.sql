-- name: SecretIntegrations :many
-- The integrations whose credentials are ours to seal. Those of other types are read by the web app alone.
SELECT id FROM public.integrations WHERE type = 'crm' AND name = 'Salesforce' ORDER BY id;

-- name: SecretLock :one
SELECT credentials FROM public.integrations WHERE id = sqlc.arg(id) FOR UPDATE;

-- name: SecretSet :exec
UPDATE public.integrations SET credentials = sqlc.arg(credentials)::jsonb, updated_at = now() WHERE id = sqlc.arg(id);
