-- +goose Up
-- The dial protocol lives in call_attempts.state. Rows from before adoption have state null and are left alone.
alter table public.call_attempts
    add column if not exists state text,
    add column if not exists in_progress boolean,
    add column if not exists counts boolean,
    add column if not exists voided boolean,
    add column if not exists reason text,
    add column if not exists fault text,
    add column if not exists business_day date,
    add column if not exists dial_after timestamptz,
    add column if not exists dial_before timestamptz,
    add column if not exists window_inputs text,
    add column if not exists cap_at_reservation integer,
    add column if not exists dialing_at timestamptz,
    add column if not exists ended_at timestamptz,
    add column if not exists worker_id text,
    add column if not exists conversation_id uuid,
    add column if not exists provider_agent_id text,
    add column if not exists provider_conversation_id text,
    add column if not exists reconcile_count integer not null default 0;

alter table public.call_attempts drop constraint if exists henk_call_attempts_state_check;
alter table public.call_attempts add constraint henk_call_attempts_state_check
    check (state in ('reserved', 'dialing', 'placed', 'refused', 'unknown', 'released', 'expired', 'skipped')) not valid;

-- A conversation that an attempt of ours led to names it; calls from before adoption have none and are counted apart.
alter table public.conversations
    add column if not exists attempt_id uuid,
    add column if not exists synced_at timestamptz;

-- +goose StatementBegin
-- One row is one request at most: an attempt reaches 'dialing' once, from 'reserved', and nothing leads back.
-- Enforced here so that no bug, retry, restored job or hand-written update can ring a phone again.
--
-- in_progress, counts (against the daily cap) and voided (ended without a ring) follow from the state. They are columns so that indexes can be partial
-- on them: with the state in their predicates every step of the protocol would write every index anew. An attempt that
-- was placed stays in progress until its call is over; whoever learns of that says so. So a lead never has two calls at
-- once, and the dialer's record of a call writes no index.
create or replace function henk.guard_attempt_state() returns trigger
language plpgsql
set search_path = ''
as $$
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
    return new;
end
$$;
-- +goose StatementEnd

-- The conditions say when there is something to refuse or to fill in, so that the protocol's own statements, which fill
-- in the columns themselves, need not call the function.
drop trigger if exists henk_guard_attempt_insert on public.call_attempts;
create trigger henk_guard_attempt_insert before insert on public.call_attempts
    for each row when ((new.state is distinct from 'placed'
            and new.in_progress is distinct from nullif(new.state in ('reserved', 'dialing', 'unknown') and new.ended_at is null, false))
        or new.counts is distinct from nullif(new.state in ('reserved', 'dialing', 'placed', 'unknown'), false)
        or new.voided is distinct from nullif(new.state in ('released', 'skipped', 'expired', 'refused'), false))
    execute function henk.guard_attempt_state();
drop trigger if exists henk_guard_attempt_state on public.call_attempts;
create trigger henk_guard_attempt_state before update on public.call_attempts
    for each row when ((new.state is distinct from 'placed'
            and new.in_progress is distinct from nullif(new.state in ('reserved', 'dialing', 'unknown') and new.ended_at is null, false))
        or new.counts is distinct from nullif(new.state in ('reserved', 'dialing', 'placed', 'unknown'), false)
        or new.voided is distinct from nullif(new.state in ('released', 'skipped', 'expired', 'refused'), false)
        or (old.state is distinct from new.state and (old.state, new.state) is distinct from ('reserved', 'dialing')
            and (old.state, new.state) is distinct from ('dialing', 'placed')))
    execute function henk.guard_attempt_state();

-- +goose StatementBegin
-- Digests of everything a calling window was computed from: the campaign's part and the lead's. Stored at reservation
-- and compared by the fence, so that an edit of the campaign's window, the business's settings or the lead's
-- whereabouts voids the reservation. Names are qualified instead of a search_path being set, so that they are inlined.
create or replace function henk.campaign_inputs(window_start time with time zone, window_end time with time zone, calling jsonb) returns text
language sql stable parallel safe
as $$
    select pg_catalog.md5(pg_catalog.jsonb_build_array(window_start::pg_catalog.time, window_end::pg_catalog.time, calling)::text)
$$;
-- +goose StatementEnd

-- +goose StatementBegin
create or replace function henk.lead_inputs(phone text, mobile_phone text, timezone text, postal_code text, state text, country text) returns text
language sql stable parallel safe
as $$
    select pg_catalog.md5(pg_catalog.jsonb_build_array(phone, mobile_phone, timezone, postal_code, state, country)::text)
$$;
-- +goose StatementEnd


-- +goose Down
drop trigger if exists henk_guard_attempt_insert on public.call_attempts;
drop trigger if exists henk_guard_attempt_state on public.call_attempts;
