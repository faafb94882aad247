-- +goose NO TRANSACTION
-- +goose Up
-- Built concurrently because the table may be large and the app keeps writing. A build that was interrupted leaves an
-- invalid index behind, hence the drop before each.

-- Leads of a business by number or address, so that an import finds who is there already.
drop index concurrently if exists public.henk_leads_phone_tail_idx;
create index concurrently henk_leads_phone_tail_idx on public.leads (business_id, henk.phone_tail(phone)) where phone is not null;
drop index concurrently if exists public.henk_leads_mobile_tail_idx;
create index concurrently henk_leads_mobile_tail_idx on public.leads (business_id, henk.phone_tail(mobile_phone)) where mobile_phone is not null;
drop index concurrently if exists public.henk_leads_email_idx;
create index concurrently henk_leads_email_idx on public.leads (business_id, lower(email)) where email is not null;

-- +goose Down
drop index concurrently if exists public.henk_leads_phone_tail_idx;
drop index concurrently if exists public.henk_leads_mobile_tail_idx;
drop index concurrently if exists public.henk_leads_email_idx;
