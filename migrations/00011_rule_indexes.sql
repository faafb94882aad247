-- +goose NO TRANSACTION
-- +goose Up
-- Built concurrently because these tables may be large and the app keeps writing. A build that was interrupted
-- leaves an invalid index behind, hence the drop before each.

-- Added without a look at existing rows by 00010; validating takes no lock that would stop the app.
alter table public.call_attempts validate constraint henk_call_attempts_free_check;

-- The attempts to a number by all campaigns of a business, and one of each turn.
drop index concurrently if exists public.henk_call_attempts_turn_key;
create unique index concurrently henk_call_attempts_turn_key on public.call_attempts (business_id, number_tail, number_turn)
    where number_turn is not null;

-- Leads by their number, those that are to be judged again among them: the fence asks for them.
drop index concurrently if exists henk.candidates_number_idx;
create index concurrently candidates_number_idx on henk.candidates (tail, campaign_id) where tail is not null;
drop index concurrently if exists henk.candidates_tail_idx;

-- +goose Down
drop index concurrently if exists henk.candidates_number_idx;
drop index concurrently if exists public.henk_call_attempts_turn_key;
