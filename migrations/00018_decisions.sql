-- +goose Up
-- What was decided about whom and why, written when it changes and never changed again: the leads of a campaign one by
-- one (lead_id), the leads of a zone set (zone_set) when its window opens or closes, or all of a campaign (neither).
--   at             the instant judged, by the rules' clock; logged_at is the database's
--   verdict        call: an attempt was reserved. hold: first_failing says which rule. free: nothing holds it any more,
--                  as far as the row goes (of a lead: no rule of its own)
--   failing        all the rules of the lead's own that failed
--   inputs         what they were judged by; of a call, the attempt's row has it
--   settings       what they took from campaign and business, in henk.decision_settings
-- A partition for each month of logged_at; decisions_rest takes what has none. Nothing points at other tables: the record
-- outlives what it is about. It holds no number and no name.
create sequence henk.decisions_id_seq;
create table henk.decisions (
    id bigint not null default nextval('henk.decisions_id_seq'),
    logged_at timestamptz not null default clock_timestamp(),
    at timestamptz not null,
    campaign_id uuid not null,
    lead_id uuid,
    zone_set integer,
    attempt_id uuid,
    verdict text not null check (verdict in ('call', 'hold', 'free')),
    first_failing text check ((verdict = 'hold') = (first_failing is not null)),
    failing text[] not null default '{}',
    inputs jsonb,
    settings text,
    rule_pack text not null default ''
) partition by range (logged_at);
create index decisions_lead_idx on henk.decisions (lead_id, campaign_id, logged_at) where lead_id is not null and verdict <> 'call';
-- Calls are found by their attempts, which come in order: by lead, a large tick would write all over the index.
create index decisions_attempt_idx on henk.decisions (attempt_id) where verdict = 'call';
create index decisions_campaign_idx on henk.decisions (campaign_id, logged_at) where lead_id is null;
create table henk.decisions_rest partition of henk.decisions default;

-- The settings of a campaign and its business at the time of decisions, once for each difference.
create table henk.decision_settings (
    campaign_id uuid not null,
    digest text not null,
    settings jsonb not null,
    first_at timestamptz not null default clock_timestamp(),
    primary key (campaign_id, digest)
);

-- +goose StatementBegin
-- The partition of the month, by UTC, that holds an instant; false when it is there already. What came in meanwhile without
-- one moves into it.
create function henk.make_decision_partition(month timestamptz) returns boolean
language plpgsql security definer set search_path = ''
as $$
declare
    first timestamp := date_trunc('month', month at time zone 'UTC');
    lower_bound text := to_char(first, 'YYYY-MM-DD') || ' 00:00:00+00';
    upper_bound text := to_char(first + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00';
    name text := 'decisions_' || to_char(first, 'YYYY_MM');
begin
    perform pg_advisory_xact_lock(hashtext('henk.decisions'));
    if to_regclass('henk.' || name) is not null then
        return false;
    end if;
    execute format('create table henk.%I (like henk.decisions including defaults including constraints including indexes)', name);
    lock table henk.decisions_rest in access exclusive mode;
    execute format('with moved as (delete from henk.decisions_rest where logged_at >= %L and logged_at < %L returning *)
        insert into henk.%I select * from moved', lower_bound, upper_bound, name);
    execute format('alter table henk.decisions attach partition henk.%I for values from (%L) to (%L)', name, lower_bound, upper_bound);
    return true;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Drops the partitions of months that ended before an instant; returns how many.
create function henk.drop_decisions(before timestamptz) returns integer
language plpgsql security definer set search_path = ''
as $$
declare
    last text := 'decisions_' || to_char(date_trunc('month', before at time zone 'UTC'), 'YYYY_MM');
    dropped integer := 0;
    name text;
begin
    for name in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'henk.decisions'::regclass and c.relname ~ '^decisions_[0-9]{4}_[0-9]{2}$' and c.relname < last
        order by 1
    loop
        execute format('drop table henk.%I', name);
        dropped := dropped + 1;
    end loop;
    delete from henk.decisions_rest where logged_at < before;
    return dropped;
end
$$;
-- +goose StatementEnd
revoke all on function henk.make_decision_partition(timestamptz) from public;
revoke all on function henk.drop_decisions(timestamptz) from public;
select henk.make_decision_partition(clock_timestamp() + m * interval '1 month') from generate_series(0, 2) m;

-- What the log says last of a lead: call, free, or the rule that holds it; null before it says anything.
alter table henk.candidates add column if not exists logged text;

-- decided: what the log says last of the campaign and of its zone sets. freed_seen, freed_at: up to where lifted and
-- expired suppressions were looked for.
alter table henk.campaign_state
    add column if not exists decided jsonb,
    add column if not exists freed_seen bigint,
    add column if not exists freed_at timestamptz;

-- +goose StatementBegin
-- As before (00010), and what the fence decided goes into the log. An attempt that was called or withdrawn leaves its lead
-- with a verdict that the log has; a lead that was judged while its attempt was in progress has a later one.
create or replace function henk.call_attempts_updated() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    update henk.candidates c set state = 'dirty', logged = case when c.logged = 'lead_status' then c.logged else 'call' end
    from (
        select id, campaign_id, lead_id from old_rows where in_progress
        intersect
        select id, campaign_id, lead_id from new_rows where in_progress is null
    ) n
    where c.lead_id = n.lead_id and c.campaign_id = n.campaign_id and (c.state <> 'dirty' or c.logged is distinct from 'call');
    if exists (select from new_rows where voided) then
        update henk.candidates c set state = 'dirty'
        from (
            select business_id, number_tail from old_rows where in_progress
            intersect
            select business_id, number_tail from new_rows where voided
        ) s, public.campaigns k
        where c.tail = s.number_tail and k.id = c.campaign_id and k.business_id = s.business_id
          and c.state = 'waiting' and c.due_at > c.retry_at;
        with ended as (
            insert into henk.decisions (at, campaign_id, lead_id, attempt_id, verdict, first_failing, failing, inputs, rule_pack)
            select n.ended_at, n.campaign_id, n.lead_id, n.id, 'hold', n.rule, array[n.rule], '{"by": "fence"}', coalesce(n.rule_pack, '')
            from (
                select f.id, f.campaign_id, f.lead_id, f.ended_at, f.rule_pack,
                    case f.reason when 'agent_blocked' then 'agent_ready' else f.reason end as rule
                from new_rows f
                where f.voided and f.ended_at is not null and f.lead_id is not null
                    and (f.state in ('skipped', 'expired') or f.state = 'released' and f.reason = 'agent_blocked')
                    and f.reason is not null
            ) n
            where n.id in (select o.id from old_rows o where o.state = 'reserved')
            returning lead_id, campaign_id, first_failing
        )
        update henk.candidates c set logged = e.first_failing from ended e
        where c.lead_id = e.lead_id and c.campaign_id = e.campaign_id;
    end if;
    return null;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- As before (00010), and it says that the attempt has a turn, without which the index of turns does not serve: it read all
-- attempts for each number.
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
                where a.business_id = business and a.number_tail = tail and a.number_turn is not null and a.counts
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

-- Counts what may have freed a number: a suppression changed, lifted or deleted, a list replaced. What time frees is not
-- counted: expiry dates are indexed (00019).
create table henk.suppression_changes (
    one boolean primary key default true check (one),
    changes bigint not null default 0
);
insert into henk.suppression_changes default values;

-- +goose StatementBegin
create function henk.suppression_freed() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    -- A statement that found nothing to change fires as well.
    if exists (select from old_rows) then
        update henk.suppression_changes set changes = changes + 1;
    end if;
    return null;
end
$$;
-- +goose StatementEnd
create trigger suppressed_numbers_freed_by_update after update on henk.suppressed_numbers
    referencing old table as old_rows for each statement execute function henk.suppression_freed();
create trigger suppressed_numbers_freed_by_delete after delete on henk.suppressed_numbers
    referencing old table as old_rows for each statement execute function henk.suppression_freed();
create trigger suppression_entries_freed_by_update after update on henk.suppression_entries
    referencing old table as old_rows for each statement execute function henk.suppression_freed();
create trigger suppression_entries_freed_by_delete after delete on henk.suppression_entries
    referencing old table as old_rows for each statement execute function henk.suppression_freed();
create trigger suppression_versions_freed_by_delete after delete on henk.suppression_versions
    referencing old table as old_rows for each statement execute function henk.suppression_freed();

-- +goose StatementBegin
create function henk.suppression_version_freed() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    update henk.suppression_changes set changes = changes + 1;
    return null;
end
$$;
-- +goose StatementEnd
create trigger suppression_versions_freed_by_update after update of in_force_until on henk.suppression_versions
    for each row when (old.in_force_until is distinct from new.in_force_until) execute function henk.suppression_version_freed();

-- What the nightly check of the log found.
create table henk.self_checks (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    checked integer not null,
    passed_over integer not null,
    disagreements integer not null,
    detail jsonb not null default '[]'
);

-- +goose Down
drop table henk.self_checks;
drop trigger suppressed_numbers_freed_by_update on henk.suppressed_numbers;
drop trigger suppressed_numbers_freed_by_delete on henk.suppressed_numbers;
drop trigger suppression_entries_freed_by_update on henk.suppression_entries;
drop trigger suppression_entries_freed_by_delete on henk.suppression_entries;
drop trigger suppression_versions_freed_by_delete on henk.suppression_versions;
drop trigger suppression_versions_freed_by_update on henk.suppression_versions;
drop function henk.suppression_freed();
drop function henk.suppression_version_freed();
drop table henk.suppression_changes;
drop function henk.make_decision_partition(timestamptz);
drop function henk.drop_decisions(timestamptz);
drop table henk.decisions;
drop table henk.decision_settings;
drop sequence henk.decisions_id_seq;
alter table henk.candidates drop column logged;
alter table henk.campaign_state drop column decided, drop column freed_seen, drop column freed_at;
-- +goose StatementBegin
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
