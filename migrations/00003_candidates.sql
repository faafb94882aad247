-- +goose Up
-- One row per campaign_leads row: what the lead-level rules said of it, in the order in which it would be called.
-- A tick reads the index over state 'ready' and so costs what it selects, not what the campaign holds. It reads nothing
-- else: what an attempt needs is here (number: the next attempt's; inputs: digest of the lead's whereabouts).
--   dirty    something it depends on changed: to be judged again
--   held     a lead-level rule holds it (hold says which)
--   waiting  callable from due_at on
--   ready    callable now as far as the lead goes; zone_set says which window decides. A lead whose attempt is in
--            progress stays ready, and a tick skips it: reserving writes nothing here
create table henk.candidates (
    campaign_id uuid not null,
    lead_id uuid not null,
    campaign_lead_id uuid not null,
    state text not null default 'dirty' check (state in ('dirty', 'held', 'waiting', 'ready')),
    hold text,
    zone_set integer,
    due_at timestamptz,
    rank bigint not null default 0,
    last_at timestamptz not null default '-infinity',
    added_at timestamptz not null default '-infinity',
    phone text,
    tail text,
    number integer,
    inputs text,
    primary key (lead_id, campaign_id),
    check (state not in ('ready', 'waiting')
        or (zone_set is not null and phone is not null and due_at is not null and number is not null and inputs is not null)),
    check (state <> 'held' or hold is not null)
);
create index candidates_dirty_idx on henk.candidates (campaign_id) where state = 'dirty';
create index candidates_waiting_idx on henk.candidates (campaign_id, due_at) where state = 'waiting';
create index candidates_ready_idx on henk.candidates
    (campaign_id, zone_set, rank, last_at, added_at, campaign_lead_id) include (lead_id) where state = 'ready';
create index candidates_held_idx on henk.candidates (campaign_id, hold) where state = 'held';
create index candidates_tail_idx on henk.candidates (tail) where state <> 'dirty';

-- The app writes plain rows into campaign_leads and leads at any time and calls nobody. These statement triggers
-- are how the worker notices: set-based, and they run as their owner because the app's users cannot see schema henk.
-- Old and new rows are compared by EXCEPT and INTERSECT, which hash: a join of the two would be planned for one row and
-- cost the square of a large statement.
-- +goose StatementBegin
create or replace function henk.campaign_leads_inserted() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    insert into henk.candidates (campaign_id, lead_id, campaign_lead_id)
    select n.campaign_id, n.lead_id, n.id from new_rows n
    on conflict (lead_id, campaign_id) do update
        set campaign_lead_id = excluded.campaign_lead_id, state = 'dirty';
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function henk.campaign_leads_updated() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    update henk.candidates c set state = 'dirty'
    from (
        select campaign_id, lead_id, status, outcome, attempts, last_attempt_at, next_attempt_at, lead_list_id, added_at from new_rows
        except
        select campaign_id, lead_id, status, outcome, attempts, last_attempt_at, next_attempt_at, lead_list_id, added_at from old_rows
    ) n
    where c.lead_id = n.lead_id and c.campaign_id = n.campaign_id and c.state <> 'dirty'
        and not exists (select from public.call_attempts a where a.campaign_id = n.campaign_id and a.lead_id = n.lead_id and a.in_progress);
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function henk.campaign_leads_deleted() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    delete from henk.candidates c using old_rows o where c.lead_id = o.lead_id and c.campaign_id = o.campaign_id;
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- A changed lead is judged again, and so is every lead of the business that shares a number with one whose
-- do-not-call flags or numbers changed.
create or replace function henk.leads_updated() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    update henk.candidates c set state = 'dirty'
    from (
        select id, phone, mobile_phone, do_not_call, dnc, timezone, postal_code, state, country, status, lead_score, quality_rating, sync_status from new_rows
        except
        select id, phone, mobile_phone, do_not_call, dnc, timezone, postal_code, state, country, status, lead_score, quality_rating, sync_status from old_rows
    ) n
    where c.lead_id = n.id and c.state <> 'dirty';

    update henk.candidates c set state = 'dirty'
    from (
        select distinct d.business_id, henk.phone_tail(t.raw) as tail
        from (
            (select id, business_id, phone, mobile_phone, do_not_call, dnc from new_rows where do_not_call or dnc
             except select id, business_id, phone, mobile_phone, do_not_call, dnc from old_rows)
            union all
            (select id, business_id, phone, mobile_phone, do_not_call, dnc from old_rows where do_not_call or dnc
             except select id, business_id, phone, mobile_phone, do_not_call, dnc from new_rows)
        ) d
        cross join lateral (values (d.phone), (d.mobile_phone)) t (raw)
        where t.raw is not null
    ) s, public.campaigns k
    where c.tail = s.tail and s.tail <> '' and k.id = c.campaign_id and k.business_id = s.business_id
      and c.state <> 'dirty';
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function henk.leads_inserted() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    update henk.candidates c set state = 'dirty'
    from (
        select distinct n.business_id, henk.phone_tail(t.raw) as tail
        from new_rows n cross join lateral (values (n.phone), (n.mobile_phone)) t (raw)
        where t.raw is not null and (n.do_not_call or n.dnc)
    ) s, public.campaigns k
    where c.tail = s.tail and s.tail <> '' and k.id = c.campaign_id and k.business_id = s.business_id
      and c.state <> 'dirty';
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- However an attempt ends, its lead is judged again; nobody has to remember to ask for it. Until then no tick takes the
-- lead, so what the attempt itself writes to campaign_leads does not mark it.
create or replace function henk.call_attempts_updated() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    update henk.candidates c set state = 'dirty'
    from (
        select id, campaign_id, lead_id from old_rows where in_progress
        intersect
        select id, campaign_id, lead_id from new_rows where in_progress is null
    ) n
    where c.lead_id = n.lead_id and c.campaign_id = n.campaign_id and c.state <> 'dirty';
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function henk.call_attempts_deleted() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    update henk.candidates c set state = 'dirty' from old_rows o
    where o.state is not null and c.lead_id = o.lead_id and c.campaign_id = o.campaign_id and c.state <> 'dirty';
    return null;
end
$$;
-- +goose StatementEnd

drop trigger if exists henk_campaign_leads_inserted on public.campaign_leads;
create trigger henk_campaign_leads_inserted after insert on public.campaign_leads
    referencing new table as new_rows for each statement execute function henk.campaign_leads_inserted();
drop trigger if exists henk_campaign_leads_updated on public.campaign_leads;
create trigger henk_campaign_leads_updated after update on public.campaign_leads
    referencing old table as old_rows new table as new_rows for each statement execute function henk.campaign_leads_updated();
drop trigger if exists henk_campaign_leads_deleted on public.campaign_leads;
create trigger henk_campaign_leads_deleted after delete on public.campaign_leads
    referencing old table as old_rows for each statement execute function henk.campaign_leads_deleted();
drop trigger if exists henk_leads_updated on public.leads;
create trigger henk_leads_updated after update on public.leads
    referencing old table as old_rows new table as new_rows for each statement execute function henk.leads_updated();
drop trigger if exists henk_leads_inserted on public.leads;
create trigger henk_leads_inserted after insert on public.leads
    referencing new table as new_rows for each statement execute function henk.leads_inserted();
drop trigger if exists henk_call_attempts_updated on public.call_attempts;
create trigger henk_call_attempts_updated after update on public.call_attempts
    referencing old table as old_rows new table as new_rows for each statement execute function henk.call_attempts_updated();
drop trigger if exists henk_call_attempts_deleted on public.call_attempts;
create trigger henk_call_attempts_deleted after delete on public.call_attempts
    referencing old table as old_rows for each statement execute function henk.call_attempts_deleted();

-- +goose Down
drop table henk.candidates;
