-- name: ZoneSetList :many
SELECT id, zones, states FROM henk.zone_sets;

-- name: ZoneSetUpsert :one
-- The update changes nothing; it makes the row be returned when it exists already.
INSERT INTO henk.zone_sets (zones, states) VALUES (sqlc.arg(zones)::text[], sqlc.arg(states)::text[])
ON CONFLICT (zones, states) DO UPDATE SET zones = excluded.zones
RETURNING id;
