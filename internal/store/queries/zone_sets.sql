-- name: ZoneSetList :many
SELECT id, zones FROM henk.zone_sets;

-- name: ZoneSetUpsert :one
-- The update changes nothing; it makes the row be returned when it exists already.
INSERT INTO henk.zone_sets (zones) VALUES (sqlc.arg(zones)::text[])
ON CONFLICT (zones) DO UPDATE SET zones = excluded.zones
RETURNING id;
