-- +goose NO TRANSACTION
-- +goose Up
-- The last runs of an integration, for its page. Built concurrently because the app keeps writing; a build that was
-- interrupted leaves an invalid index behind, hence the drop before.
drop index concurrently if exists public.henk_sync_logs_integration_idx;
create index concurrently henk_sync_logs_integration_idx on public.sync_logs (integration_id, started_at desc, id);

-- +goose Down
drop index concurrently if exists public.henk_sync_logs_integration_idx;
