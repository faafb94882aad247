-- +goose NO TRANSACTION
-- +goose Up
-- Only the audit read it, which reads them all; every call wrote it.
drop index concurrently if exists public.henk_call_attempts_scheduled_idx;

-- +goose Down
drop index concurrently if exists public.henk_call_attempts_scheduled_idx;
create index concurrently henk_call_attempts_scheduled_idx on public.call_attempts (scheduled_at, id) where counts;
