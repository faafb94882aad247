-- +goose Up
-- One row for every change that a person made, in the transaction that made it. Nothing points at other tables: the
-- record outlives what it is about. It holds ids, settings and reasons that people typed, never a number or a name.
create table henk.audit (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    actor text not null,
    action text not null,
    campaign_id uuid,
    lead_id uuid,
    conversation_id uuid,
    detail jsonb not null default '{}',
    request_id text not null default ''
);
create index audit_campaign_idx on henk.audit (campaign_id, id) where campaign_id is not null;
create index audit_lead_idx on henk.audit (lead_id, id) where lead_id is not null;
create index audit_conversation_idx on henk.audit (conversation_id, id) where conversation_id is not null;

-- The amount that a person heard, beside the outcome they corrected.
alter table henk.conversation_outcomes add column if not exists corrected_amount_cents bigint check (corrected_amount_cents >= 0);

-- +goose Down
drop table henk.audit;
alter table henk.conversation_outcomes drop column corrected_amount_cents;
