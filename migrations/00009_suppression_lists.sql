-- +goose Up
-- Suppression lists: files of up to millions of numbers, replaced as a whole, beside the single numbers that calls and
-- people add. henk.suppressions shows both and is what the rules ask; a number costs one index probe in each.
alter table henk.suppressions rename to suppressed_numbers;
alter index henk.suppressions_phone_idx rename to suppressed_numbers_phone_idx;
alter table henk.suppressed_numbers
    add column created_by text,
    add column lifted_at timestamptz,
    add column lifted_by text,
    add column lift_reason text;

-- A list of one business, or of all (business_id null).
create table henk.suppression_lists (
    id integer generated always as identity primary key,
    business_id uuid references public.businesses (id) on delete cascade,
    name text not null check (name <> ''),
    created_at timestamptz not null default now(),
    unique nulls not distinct (business_id, name)
);

-- One import of a list. Its entries bind while in_force_until is in the future; the same statement that puts a version
-- in force takes that from the one before.
--   loading   being filled; beat_at is old when its import died
--   in_force
--   removing  replaced or abandoned; its entries are being deleted
create table henk.suppression_versions (
    id integer generated always as identity primary key,
    list_id integer not null references henk.suppression_lists (id) on delete cascade,
    business_id uuid,
    state text not null default 'loading' check (state in ('loading', 'in_force', 'removing')),
    in_force_until timestamptz not null default 'epoch',
    source text not null,
    imported_by text not null,
    entries bigint not null default 0,
    rejected bigint not null default 0,
    expires_at timestamptz,
    started_at timestamptz not null default clock_timestamp(),
    beat_at timestamptz not null default clock_timestamp(),
    imported_at timestamptz,
    check (state = 'in_force' or in_force_until = 'epoch')
);
create unique index suppression_versions_in_force_key on henk.suppression_versions (list_id) where state = 'in_force';

-- Millions of rows: no id, no foreign key, one index. A number that a file holds twice may be here twice.
create table henk.suppression_entries (
    phone text not null check (phone ~ '^\+[0-9]{7,15}$'),
    version integer not null,
    expires_at timestamptz,
    reason text
);
create index suppression_entries_phone_idx on henk.suppression_entries (phone);

-- What a suppression was before it was changed, lifted or deleted.
create table henk.suppression_history (
    id bigint generated always as identity primary key,
    phone text not null,
    changed_at timestamptz not null default clock_timestamp(),
    was jsonb not null
);
create index suppression_history_phone_idx on henk.suppression_history (phone);

-- +goose StatementBegin
create function henk.suppressed_number_changed() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    insert into henk.suppression_history (phone, was) values (old.phone, to_jsonb(old));
    return null;
end
$$;
-- +goose StatementEnd
create trigger suppressed_number_changed after update or delete on henk.suppressed_numbers
    for each row execute function henk.suppressed_number_changed();

-- A row binds while expires_at is null or in the future. What a version says is looked up by subqueries in the select
-- list and not by a join: a plain arm is what lets the planner take the index on phone from any query around it.
create view henk.suppressions as
select n.id, n.business_id, n.phone, n.source, n.reason, n.evidence, least(n.expires_at, n.lifted_at) as expires_at, n.created_at
from henk.suppressed_numbers n
union all
select null::bigint, (select v.business_id from henk.suppression_versions v where v.id = e.version), e.phone, 'list'::text, e.reason,
    (select jsonb_build_object('list', l.name, 'version', v.id, 'source', v.source, 'imported_at', v.imported_at)
     from henk.suppression_versions v join henk.suppression_lists l on l.id = v.list_id where v.id = e.version),
    nullif(least(e.expires_at, coalesce((select v.in_force_until from henk.suppression_versions v where v.id = e.version), 'epoch')), 'infinity'),
    (select v.imported_at from henk.suppression_versions v where v.id = e.version)
from henk.suppression_entries e;

-- Single numbers can still be written through the view's name, by hand too.
-- +goose StatementBegin
create function henk.suppressions_write() returns trigger
language plpgsql set search_path = ''
as $$
begin
    if tg_op <> 'INSERT' and old.id is null then
        raise exception 'this number is on an imported list: import the list anew, or lift the number';
    end if;
    if tg_op = 'DELETE' then
        delete from henk.suppressed_numbers where id = old.id;
        return old;
    elsif tg_op = 'UPDATE' then
        update henk.suppressed_numbers set business_id = new.business_id, phone = new.phone, source = new.source, reason = new.reason,
            evidence = new.evidence, expires_at = new.expires_at,
            lifted_at = case when new.expires_at is distinct from old.expires_at then null else lifted_at end
        where id = old.id;
        return new;
    end if;
    insert into henk.suppressed_numbers (business_id, phone, source, reason, evidence, expires_at)
    values (new.business_id, new.phone, new.source, new.reason, coalesce(new.evidence, '{}'), new.expires_at)
    returning id into new.id;
    return new;
end
$$;
-- +goose StatementEnd
create trigger suppressions_write instead of insert or update or delete on henk.suppressions
    for each row execute function henk.suppressions_write();

-- +goose Down
drop view henk.suppressions;
drop function henk.suppressions_write();
drop table henk.suppression_history, henk.suppression_entries, henk.suppression_versions, henk.suppression_lists;
drop trigger suppressed_number_changed on henk.suppressed_numbers;
drop function henk.suppressed_number_changed();
alter table henk.suppressed_numbers drop column created_by, drop column lifted_at, drop column lifted_by, drop column lift_reason;
alter index henk.suppressed_numbers_phone_idx rename to suppressions_phone_idx;
alter table henk.suppressed_numbers rename to suppressions;
