-- name: DashboardBusinesses :many
-- For whom a file may be imported.
SELECT id, name FROM public.businesses ORDER BY lower(name), id LIMIT 500;

-- name: DashboardBusiness :one
SELECT name FROM public.businesses WHERE id = sqlc.arg(id);
