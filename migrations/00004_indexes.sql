-- +goose NO TRANSACTION
-- +goose Up
-- Built concurrently because these tables may be large and the app keeps writing. A build that was interrupted
-- leaves an invalid index behind, hence the drop before each.

-- Added without a look at existing rows by 00002; validating takes no lock that would stop the app.
alter table public.call_attempts validate constraint henk_call_attempts_state_check;

-- At most one attempt in progress for a lead in a campaign, and each attempt number used once.
drop index concurrently if exists public.henk_call_attempts_open_key;
create unique index concurrently henk_call_attempts_open_key on public.call_attempts (campaign_id, lead_id)
    where in_progress;
drop index concurrently if exists public.henk_call_attempts_number_key;
create unique index concurrently henk_call_attempts_number_key on public.call_attempts (campaign_id, lead_id, attempt_number)
    where counts;

-- Attempts of a lead that did not ring; those that did are found by their number's key.
drop index concurrently if exists public.henk_call_attempts_void_idx;
create index concurrently henk_call_attempts_void_idx on public.call_attempts (campaign_id, lead_id)
    where voided;

drop index concurrently if exists public.henk_call_attempts_day_idx;
create index concurrently henk_call_attempts_day_idx on public.call_attempts (campaign_id, business_day)
    where counts;

-- Calls that are not over, for slots; calls nobody's attempt led to, for quotas of the day of adoption.
drop index concurrently if exists public.henk_conversations_open_idx;
create index concurrently henk_conversations_open_idx on public.conversations (campaign_id, started_at)
    where status in ('initiated', 'in_progress');
drop index concurrently if exists public.henk_conversations_foreign_idx;
create index concurrently henk_conversations_foreign_idx on public.conversations (campaign_id, started_at)
    where attempt_id is null;
drop index concurrently if exists public.henk_conversations_attempt_key;
create unique index concurrently henk_conversations_attempt_key on public.conversations (attempt_id)
    where attempt_id is not null;
drop index concurrently if exists public.henk_call_logs_conversation_idx;
create index concurrently henk_call_logs_conversation_idx on public.call_logs (conversation_id)
    where conversation_id is not null;
drop index concurrently if exists public.henk_campaigns_active_idx;
create index concurrently henk_campaigns_active_idx on public.campaigns (id) where status = 'active';

-- Flagged numbers, found by the numbers' last ten digits whichever lead carries them.
drop index concurrently if exists public.henk_leads_flagged_phone_idx;
create index concurrently henk_leads_flagged_phone_idx on public.leads (business_id, henk.phone_tail(phone))
    where do_not_call or dnc;
drop index concurrently if exists public.henk_leads_flagged_mobile_idx;
create index concurrently henk_leads_flagged_mobile_idx on public.leads (business_id, henk.phone_tail(mobile_phone))
    where do_not_call or dnc;

-- +goose Down
drop index concurrently if exists public.henk_call_attempts_open_key;
drop index concurrently if exists public.henk_call_attempts_number_key;
drop index concurrently if exists public.henk_call_attempts_void_idx;
drop index concurrently if exists public.henk_call_attempts_day_idx;
drop index concurrently if exists public.henk_conversations_open_idx;
drop index concurrently if exists public.henk_conversations_foreign_idx;
drop index concurrently if exists public.henk_conversations_attempt_key;
drop index concurrently if exists public.henk_call_logs_conversation_idx;
drop index concurrently if exists public.henk_campaigns_active_idx;
drop index concurrently if exists public.henk_leads_flagged_phone_idx;
drop index concurrently if exists public.henk_leads_flagged_mobile_idx;
