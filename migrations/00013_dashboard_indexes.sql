-- +goose NO TRANSACTION
-- +goose Up
-- For the operator's pages: each list is read by keyset from one of these, whatever the size of the table. Built
-- concurrently because the tables may be large and the app keeps writing. A build that was interrupted leaves an invalid
-- index behind, hence the drop before each.

-- Conversations, latest first: all, of a campaign, of an outcome, of both, of a lead.
drop index concurrently if exists public.henk_conversations_started_idx;
create index concurrently henk_conversations_started_idx on public.conversations (started_at, id);
drop index concurrently if exists public.henk_conversations_campaign_idx;
create index concurrently henk_conversations_campaign_idx on public.conversations (campaign_id, started_at, id);
drop index concurrently if exists public.henk_conversations_outcome_idx;
create index concurrently henk_conversations_outcome_idx on public.conversations (outcome, started_at, id)
    where outcome is not null;
drop index concurrently if exists public.henk_conversations_campaign_outcome_idx;
create index concurrently henk_conversations_campaign_outcome_idx on public.conversations (campaign_id, outcome, started_at, id)
    where outcome is not null;
drop index concurrently if exists public.henk_conversations_lead_idx;
create index concurrently henk_conversations_lead_idx on public.conversations (lead_id, started_at, id);

-- Recorded cost of a campaign. The cost itself is left out: the end of a call then writes no index.
drop index concurrently if exists public.henk_call_logs_campaign_idx;
create index concurrently henk_call_logs_campaign_idx on public.call_logs (campaign_id);

-- Leads by the beginning of a name, an address or a number. Collation "C" serves both the order and the prefix. Plain
-- columns and lower() only: an import pays for each of these, and henk.phone_tail() costs more than the index. Numbers of
-- leads on a campaign are found by their digits in henk.candidates (candidates_number_idx), others as they are stored.
drop index concurrently if exists public.henk_leads_last_name_idx;
create index concurrently henk_leads_last_name_idx on public.leads
    (lower(coalesce(last_name, '')) collate "C", lower(coalesce(first_name, '')) collate "C", id);
drop index concurrently if exists public.henk_leads_first_name_idx;
create index concurrently henk_leads_first_name_idx on public.leads
    (lower(coalesce(first_name, '')) collate "C", lower(coalesce(last_name, '')) collate "C", id);
drop index concurrently if exists public.henk_leads_email_idx;
create index concurrently henk_leads_email_idx on public.leads (lower(email) collate "C", id) where email is not null;
drop index concurrently if exists public.henk_leads_phone_idx;
create index concurrently henk_leads_phone_idx on public.leads (phone collate "C", id) where phone is not null;
drop index concurrently if exists public.henk_leads_flagged_idx;
create index concurrently henk_leads_flagged_idx on public.leads
    (lower(coalesce(last_name, '')) collate "C", lower(coalesce(first_name, '')) collate "C", id) where do_not_call or dnc;

-- The leads behind a reason; takes the place of candidates_held_idx, which had no order within a reason.
drop index concurrently if exists henk.candidates_held_lead_idx;
create index concurrently candidates_held_lead_idx on henk.candidates (campaign_id, hold, lead_id) where state = 'held';
drop index concurrently if exists henk.candidates_held_idx;

-- What a person should look at, and what a person has corrected.
drop index concurrently if exists henk.conversation_outcomes_review_idx;
create index concurrently conversation_outcomes_review_idx on henk.conversation_outcomes (read_at, conversation_id)
    where needs_review and corrected_outcome is null;
drop index concurrently if exists henk.conversation_outcomes_corrected_idx;
create index concurrently conversation_outcomes_corrected_idx on henk.conversation_outcomes (corrected_at, conversation_id)
    where corrected_outcome is not null;

-- +goose Down
drop index concurrently if exists public.henk_conversations_started_idx;
drop index concurrently if exists public.henk_conversations_campaign_idx;
drop index concurrently if exists public.henk_conversations_outcome_idx;
drop index concurrently if exists public.henk_conversations_campaign_outcome_idx;
drop index concurrently if exists public.henk_conversations_lead_idx;
drop index concurrently if exists public.henk_call_logs_campaign_idx;
drop index concurrently if exists public.henk_leads_last_name_idx;
drop index concurrently if exists public.henk_leads_first_name_idx;
drop index concurrently if exists public.henk_leads_email_idx;
drop index concurrently if exists public.henk_leads_phone_idx;
drop index concurrently if exists public.henk_leads_flagged_idx;
create index concurrently if not exists candidates_held_idx on henk.candidates (campaign_id, hold) where state = 'held';
drop index concurrently if exists henk.candidates_held_lead_idx;
drop index concurrently if exists henk.conversation_outcomes_review_idx;
drop index concurrently if exists henk.conversation_outcomes_corrected_idx;
