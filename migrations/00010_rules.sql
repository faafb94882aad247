-- +goose Up
-- A set is the zones whose clocks count and the states whose hours bind: leads with equal ones are judged together.
alter table henk.zone_sets add column if not exists states text[] not null default '{}';
alter table henk.zone_sets drop constraint if exists zone_sets_zones_key;
alter table henk.zone_sets drop constraint if exists zone_sets_place_key;
alter table henk.zone_sets add constraint zone_sets_place_key unique (zones, states);

-- retry_at: when the lead itself is due; due_at is later where its number has had too many calls. caps: the number's
-- limits as seconds and calls in turn, null for the business's own. disclose: rows of the rule pack that ask for a
-- disclosure. attempted, final: what other leads with the same number need to know.
alter table henk.candidates
    add column if not exists retry_at timestamptz,
    add column if not exists caps integer[],
    add column if not exists disclose text,
    add column if not exists attempted boolean not null default false,
    add column if not exists final boolean not null default false;

-- How often a number is called, by whichever campaign of the business and for whichever lead.
--   number_turn     the how-many-th attempt to this number it is; unique, so that of two that were reserved on the same
--                   history one fails
--   number_free_at  the caps allow the call from here on; it cannot be dialed before
--   number_caps     those caps, for the fence
--   rule_pack       version of the rule pack it was reserved by; null where no plan made it
alter table public.call_attempts
    add column if not exists business_id uuid,
    add column if not exists number_tail text,
    add column if not exists number_turn integer,
    add column if not exists number_free_at timestamptz,
    add column if not exists number_caps integer[],
    add column if not exists disclose text,
    add column if not exists rule_pack text;

alter table public.call_attempts drop constraint if exists henk_call_attempts_free_check;
alter table public.call_attempts add constraint henk_call_attempts_free_check
    check (dialing_at >= number_free_at) not valid;

-- What an earlier version reserved was not judged by these rules: the fence releases it.
update public.call_attempts set rule_pack = '' where state = 'reserved' and rule_pack is null;

-- The attempts of the last month, for the caps.
update public.call_attempts a set business_id = n.business_id, number_tail = n.tail, number_turn = n.turn
from (
    select x.id, k.business_id, henk.phone_tail(x.phone_number) as tail,
        row_number() over (partition by k.business_id, henk.phone_tail(x.phone_number) order by x.created_at, x.id) as turn
    from public.call_attempts x join public.campaigns k on k.id = x.campaign_id
    where x.counts and x.scheduled_at > now() - interval '31 days'
) n
where a.id = n.id and a.number_tail is null;

-- +goose StatementBegin
-- The instant from which caps (seconds, calls, seconds, calls ...) allow another call to a number; ahead more calls are
-- being reserved before it in the same statement, -1 leaves out the attempt that asks. Attempts that rang or may have
-- count from the moment they are reserved. Its twin in Go is caps.freeAt of package campaign.
create or replace function henk.number_free_at(business uuid, tail text, caps integer[], at timestamptz, ahead integer) returns timestamptz
language plpgsql stable
set search_path = ''
as $$
declare
    free timestamptz := '-infinity';
    gate timestamptz;
begin
    for i in 1 .. coalesce(pg_catalog.cardinality(caps), 0) - 1 by 2 loop
        if caps[i + 1] <= 0 then
            return 'infinity';
        elsif caps[i + 1] <= ahead then
            gate := at + caps[i] * interval '1 second';
        else
            gate := null;
            select r.rang + caps[i] * interval '1 second' into gate
            from (
                select case when a.in_progress and a.state <> 'placed' then at else coalesce(a.dialing_at, a.attempted_at, a.scheduled_at) end as rang
                from public.call_attempts a
                where a.business_id = business and a.number_tail = tail and a.counts
            ) r
            where r.rang <= at
            order by r.rang desc
            offset caps[i + 1] - ahead - 1 limit 1;
        end if;
        free := greatest(free, gate);
    end loop;
    return free;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- As before (00002), and an attempt that no plan reserved takes its number's next turn here, so that it counts, and may
-- not be dialed before the business's own caps allow it.
create or replace function henk.guard_attempt_state() returns trigger
language plpgsql
set search_path = ''
as $$
declare
    calling jsonb;
begin
    if tg_op = 'UPDATE' and old.state is not null and old.state is distinct from new.state
        and (old.state || '>' || coalesce(new.state, '')) not in ('reserved>dialing', 'reserved>released', 'reserved>expired',
            'reserved>skipped', 'dialing>placed', 'dialing>refused', 'dialing>unknown', 'dialing>released', 'unknown>placed',
            'unknown>refused')
    then
        raise exception 'call attempt % cannot go from % to %', old.id, old.state, new.state
            using errcode = 'check_violation', constraint = 'henk_call_attempts_transition';
    end if;
    if new.state is distinct from 'placed' then
        new.in_progress := (new.state in ('reserved', 'dialing', 'unknown') and new.ended_at is null) or null;
    end if;
    new.counts := new.state in ('reserved', 'dialing', 'placed', 'unknown') or null;
    new.voided := new.state in ('released', 'skipped', 'expired', 'refused') or null;
    if tg_op = 'INSERT' and new.number_turn is null then
        select k.business_id, b.settings -> 'calling' into new.business_id, calling
        from public.campaigns k join public.businesses b on b.id = k.business_id where k.id = new.campaign_id;
        new.number_tail := henk.phone_tail(new.phone_number);
        select coalesce(max(a.number_turn), 0) + 1 into new.number_turn
        from public.call_attempts a where a.business_id = new.business_id and a.number_tail = new.number_tail;
        if new.state = 'reserved' and new.number_caps is null then
            new.number_caps := henk.number_caps(calling);
            new.number_free_at := nullif(henk.number_free_at(new.business_id, new.number_tail, new.number_caps,
                new.scheduled_at, 0), '-infinity');
        end if;
    end if;
    return new;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- The caps of a business's own settings: three calls in 24 hours unless it says otherwise, no limit for 30 days.
create or replace function henk.number_caps(calling jsonb) returns integer[]
language sql immutable parallel safe
as $$
    select array[86400, case when pg_catalog.jsonb_typeof(calling -> 'max_per_number_24h') = 'number'
            then greatest(least((calling ->> 'max_per_number_24h')::numeric, 1000000), 0)::integer else 3 end]
        || case when pg_catalog.jsonb_typeof(calling -> 'max_per_number_30d') = 'number'
            then array[2592000, greatest(least((calling ->> 'max_per_number_30d')::numeric, 1000000), 0)::integer] else array[]::integer[] end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Attempts that no plan reserved: their lead, and whoever shares its number, is judged again.
create or replace function henk.call_attempts_inserted() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    if not exists (select from new_rows where state is not null and rule_pack is null) then
        return null;
    end if;
    update henk.candidates c set state = 'dirty'
    from (select distinct campaign_id, lead_id from new_rows where state is not null and rule_pack is null) n
    where c.lead_id = n.lead_id and c.campaign_id = n.campaign_id and c.state <> 'dirty';
    update henk.candidates c set state = 'dirty'
    from (select distinct business_id, number_tail from new_rows where state is not null and rule_pack is null) s, public.campaigns k
    where c.tail = s.number_tail and k.id = c.campaign_id and k.business_id = s.business_id and c.state <> 'dirty';
    return null;
end
$$;
-- +goose StatementEnd

drop trigger if exists henk_call_attempts_inserted on public.call_attempts;
create trigger henk_call_attempts_inserted after insert on public.call_attempts
    referencing new table as new_rows for each statement execute function henk.call_attempts_inserted();

-- +goose StatementBegin
-- As before (00003), and an attempt that ended without a ring gives its place back to whoever waits for the number.
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
    if exists (select from new_rows where voided) then
        update henk.candidates c set state = 'dirty'
        from (
            select business_id, number_tail from old_rows where in_progress
            intersect
            select business_id, number_tail from new_rows where voided
        ) s, public.campaigns k
        where c.tail = s.number_tail and k.id = c.campaign_id and k.business_id = s.business_id
          and c.state = 'waiting' and c.due_at > c.retry_at;
    end if;
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
    update henk.candidates c set state = 'dirty'
    from (select distinct business_id, number_tail from old_rows where state is not null) s, public.campaigns k
    where c.tail = s.number_tail and k.id = c.campaign_id and k.business_id = s.business_id
      and c.state = 'waiting' and c.due_at > c.retry_at;
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- A lead that leaves a campaign leaves its number to the next one with it.
create or replace function henk.campaign_leads_deleted() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    with gone as (
        delete from henk.candidates c using old_rows o where c.lead_id = o.lead_id and c.campaign_id = o.campaign_id
        returning c.campaign_id, c.lead_id, c.tail
    )
    update henk.candidates c set state = 'dirty' from gone g
    where c.tail = g.tail and c.campaign_id = g.campaign_id and c.lead_id <> g.lead_id and c.state = 'held' and c.hold = 'duplicate_phone';
    return null;
end
$$;
-- +goose StatementEnd

-- +goose Down
alter table henk.candidates drop column retry_at, drop column caps, drop column disclose, drop column attempted, drop column final;
drop trigger if exists henk_call_attempts_inserted on public.call_attempts;
