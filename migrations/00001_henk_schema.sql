-- +goose Up
-- Worker-private tables. They stay out of schema public because PostgREST serves public to browsers. (The schema
-- exists already: it holds the table of versions.)
create schema if not exists henk;

-- What the planner remembers of a campaign, kept apart from public.campaigns: that row is hot in an adopted
-- database (every conversation touches it) and belongs to the app.
create table henk.campaign_state (
    campaign_id uuid primary key references public.campaigns (id) on delete cascade,
    seeded_at timestamptz,
    rules_fingerprint text,
    max_concurrent integer check (max_concurrent > 0),
    agent_faults integer not null default 0,
    blocked_at timestamptz,
    blocked_until timestamptz,
    blocked_by text check (blocked_by in ('agent', 'account')),
    blocked_reason text,
    blocked_fingerprint text,
    planned_at timestamptz,
    plan jsonb not null default '{}'
);

-- Distinct sets of zones a phone may be in. A calling window is judged once per set, not once per lead.
create table henk.zone_sets (
    id integer generated always as identity primary key,
    zones text[] not null unique
);

-- Numbers that must not be called, of one business or of all (business_id null).
create table henk.suppressions (
    id bigint generated always as identity primary key,
    business_id uuid references public.businesses (id) on delete cascade,
    phone text not null check (phone ~ '^\+[0-9]{7,15}$'),
    source text not null,
    reason text,
    evidence jsonb not null default '{}',
    expires_at timestamptz,
    created_at timestamptz not null default now(),
    unique nulls not distinct (business_id, phone, source)
);
create index suppressions_phone_idx on henk.suppressions (phone);

-- One row a provider: the breaker and the pause that all workers obey.
create table henk.provider_state (
    provider text primary key,
    breaker text not null default 'closed' check (breaker in ('closed', 'open', 'half_open')),
    reason text,
    opened_at timestamptz,
    failures integer not null default 0,
    probe_at timestamptz,
    paused_until timestamptz,
    next_call_at timestamptz not null default 'epoch'
);
insert into henk.provider_state (provider) values ('elevenlabs');

-- Live processes. A River job whose client has no fresh beat here is handed on.
create table henk.workers (
    client_id text primary key,
    started_at timestamptz not null default clock_timestamp(),
    beat_at timestamptz not null default clock_timestamp(),
    queues text[] not null default '{}',
    version text not null default ''
);
create index workers_beat_idx on henk.workers (beat_at);

-- +goose StatementBegin
-- The last ten digits of a number as somebody typed it, without an extension: numbers that share them are
-- taken for the same phone. internal/phone.Tail is its twin in Go and a test holds the two together.
-- Names are qualified instead of a search_path being set, which would keep it from being inlined into queries.
create function henk.phone_tail(raw text) returns text
language sql immutable parallel safe strict
as $$
    select case when pg_catalog.length(d) < 7 then '' else pg_catalog.right(d, 10) end
    from (select pg_catalog.regexp_replace(
        pg_catalog.regexp_replace(pg_catalog.lower(raw), '(x|ext|#|;).*$', ''), '[^0-9]', '', 'g') as d) s
$$;
-- +goose StatementEnd

-- +goose Down
drop schema henk cascade;
