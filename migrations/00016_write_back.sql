-- +goose Up
-- What is to be written to Salesforce and what became of it: a call as a Task, what it came to as the status of the Lead
-- and of the campaign's member, and an opt-out, which is the lead's and not one call's (conversation_id null).
--
-- A row is claimed (sending, with a lease) in a transaction that commits before the request leaves. One that is found
-- in sending after its lease was interrupted in between: unsure, and looked up in Salesforce before it is sent again.
-- revision grows when what is to be written changes; a row is done only when the revision that was sent is the last.
create table henk.write_backs (
    id bigint generated always as identity primary key,
    integration_id uuid not null references public.integrations (id) on delete cascade,
    lead_id uuid not null references public.leads (id) on delete cascade,
    conversation_id uuid references public.conversations (id) on delete cascade,
    action text not null check (action in ('task', 'do_not_call', 'lead_status', 'member_status')),
    state text not null default 'pending' check (state in ('pending', 'sending', 'done', 'failed', 'skipped')),
    revision integer not null default 1,
    sent_revision integer,
    attempts integer not null default 0,
    due_at timestamptz not null default clock_timestamp(),
    lease_until timestamptz,
    unsure boolean not null default false,
    target_id text,
    salesforce_id text,
    written jsonb,
    error_code text,
    error text,
    mend text,
    created_at timestamptz not null default clock_timestamp(),
    done_at timestamptz,
    unique nulls not distinct (lead_id, action, conversation_id),
    check ((action = 'do_not_call') = (conversation_id is null)),
    check ((state = 'sending') = (lease_until is not null))
);
create index write_backs_conversation_idx on henk.write_backs (conversation_id) where conversation_id is not null;
create index write_backs_due_idx on henk.write_backs (integration_id, action, due_at, id) where state in ('pending', 'sending');
create index write_backs_failed_idx on henk.write_backs (integration_id, id) where state = 'failed';

-- How far the calls and opt-outs from before write-back was enabled have been looked through.
create table henk.write_back_state (
    integration_id uuid primary key references public.integrations (id) on delete cascade,
    settings text not null,
    walked_at timestamptz
);

-- +goose StatementBegin
-- Where a lead's calls are written back to: the Salesforce integration of its business that has it enabled; the one that
-- the lead came from, where that is known. The integration's state does not matter here: what it cannot take now waits.
create function henk.write_back_integration(business uuid, source text, source_id text, integration uuid) returns uuid
language sql stable
as $$
    select i.id from public.integrations i
    where i.business_id = business and i.type = 'crm' and i.name = 'Salesforce' and i.status in ('active', 'error')
      and i.config #>> '{writeBack,enabled}' = 'true'
      and source = 'salesforce' and source_id is not null
      and coalesce(integration, i.id) = i.id
    order by i.created_at, i.id
    limit 1
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- A person's correction of a call that has been, or is about to be, written back makes it due again. It runs as its owner: whoever
-- corrects an outcome in the app may not see schema henk.
create function henk.write_back_again() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    update henk.write_backs w set revision = w.revision + 1, attempts = 0, due_at = pg_catalog.clock_timestamp(),
        state = case when w.state = 'sending' then w.state else 'pending' end
    where w.conversation_id = case when tg_table_name = 'conversations' then (to_jsonb(new) ->> 'id')::uuid else (to_jsonb(new) ->> 'conversation_id')::uuid end;
    return null;
end
$$;
-- +goose StatementEnd

create trigger write_back_again after update of corrected_outcome on henk.conversation_outcomes
    for each row when (old.corrected_outcome is distinct from new.corrected_outcome) execute function henk.write_back_again();
drop trigger if exists henk_write_back_again on public.conversations;
create trigger henk_write_back_again after update of outcome on public.conversations
    for each row when (old.outcome is not null and old.outcome is distinct from new.outcome) execute function henk.write_back_again();

-- +goose Down
drop trigger if exists henk_write_back_again on public.conversations;
drop trigger if exists write_back_again on henk.conversation_outcomes;
drop function henk.write_back_again();
drop function henk.write_back_integration(uuid, text, text, uuid);
drop table henk.write_back_state;
drop table henk.write_backs;
