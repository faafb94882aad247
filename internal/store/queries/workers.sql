-- name: WorkerBeat :exec
INSERT INTO henk.workers (client_id, queues, version) VALUES (sqlc.arg(client_id), sqlc.arg(queues)::text[], sqlc.arg(version))
ON CONFLICT (client_id) DO UPDATE SET beat_at = clock_timestamp();

-- name: WorkerDelete :exec
DELETE FROM henk.workers WHERE client_id = sqlc.arg(client_id);

-- name: WorkerDeleteStale :execrows
DELETE FROM henk.workers WHERE beat_at < clock_timestamp() - interval '1 day';

-- name: WorkerCountLive :one
SELECT count(*) FROM henk.workers
WHERE client_id LIKE 'henk-' || left(sqlc.arg(host)::text, 40) || '-%' AND beat_at > clock_timestamp() - interval '30 seconds';
