-- name: AudioClaim :one
-- The row under a lock that the claimer of another row of the same cache key waits for too.
SELECT id, text_content, voice_id, coalesce(voice_settings::text, '')::text AS voice_settings, status,
    coalesce(model_id, '')::text AS model_id
FROM public.audio_generations WHERE id = sqlc.arg(id) FOR NO KEY UPDATE;

-- name: AudioClaimed :exec
UPDATE public.audio_generations SET status = 'generating', cache_key = sqlc.arg(cache_key)::text, error_code = NULL, error_message = NULL, updated_at = now()
WHERE id = sqlc.arg(id);

-- name: AudioDone :execrows
-- Only a row that is still being made: one that was cancelled or deleted meanwhile stays as it is.
UPDATE public.audio_generations SET
    status = sqlc.arg(status)::public.audio_generation_status, audio_url = sqlc.arg(audio_url)::text, file_size_bytes = sqlc.arg(bytes)::bigint,
    duration_seconds = sqlc.narg(seconds)::float8::numeric(8, 2), elevenlabs_request_id = sqlc.narg(request_id)::text,
    generation_time_ms = sqlc.arg(milliseconds)::int, cache_hit = sqlc.arg(cache_hit)::boolean, cache_key = sqlc.arg(cache_key)::text,
    error_code = NULL, error_message = NULL, updated_at = now()
WHERE id = sqlc.arg(id) AND status = 'generating';

-- name: AudioFailed :exec
-- pending: it is tried again; failed: it is not.
UPDATE public.audio_generations SET status = sqlc.arg(status)::public.audio_generation_status, error_code = sqlc.arg(code)::text,
    error_message = sqlc.arg(message)::text, retry_count = coalesce(retry_count, 0) + 1, updated_at = now()
WHERE id = sqlc.arg(id) AND status IN ('pending', 'generating', 'failed');

-- name: AudioLockKey :exec
-- One row at a time decides about a cache key.
SELECT pg_advisory_xact_lock(hashtextextended(sqlc.arg(cache_key)::text, 0));

-- name: AudioMade :many
-- The newest speech of the same key, and whether somebody makes it now.
SELECT id, status, coalesce(audio_url, '')::text AS audio_url, coalesce(file_size_bytes, -1)::bigint AS bytes, coalesce(duration_seconds, 0)::float8 AS seconds
FROM public.audio_generations
WHERE cache_key = sqlc.arg(cache_key)::text AND id <> sqlc.arg(id)
  AND (status = 'completed' AND audio_url IS NOT NULL OR status = 'generating' AND updated_at > clock_timestamp() - sqlc.arg(fresh)::interval)
ORDER BY status = 'completed' DESC, created_at DESC
LIMIT 3;
