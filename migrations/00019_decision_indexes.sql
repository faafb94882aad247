-- +goose NO TRANSACTION
-- +goose Up
-- Built concurrently because these tables may be large and others keep writing. A build that was interrupted leaves an
-- invalid index behind, hence the drop before each.

-- Attempts in the order in which they were reserved, for the audit. (By dialing_at the index would be written again with
-- each call; by this column it is written once.)
drop index concurrently if exists public.henk_call_attempts_scheduled_idx;
create index concurrently henk_call_attempts_scheduled_idx on public.call_attempts (scheduled_at, id) where counts;

-- When suppressions end, for the plans that look for what has ended since.
drop index concurrently if exists henk.suppressed_numbers_end_idx;
create index concurrently suppressed_numbers_end_idx on henk.suppressed_numbers (least(expires_at, lifted_at))
    where least(expires_at, lifted_at) is not null;
drop index concurrently if exists henk.suppression_entries_end_idx;
create index concurrently suppression_entries_end_idx on henk.suppression_entries (expires_at) where expires_at is not null;

-- +goose Down
drop index concurrently if exists public.henk_call_attempts_scheduled_idx;
drop index concurrently if exists henk.suppressed_numbers_end_idx;
drop index concurrently if exists henk.suppression_entries_end_idx;
