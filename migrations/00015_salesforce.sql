-- +goose Up
-- Which integration a lead came from, and the SystemModstamp of the version that is here.
alter table public.leads
    add column if not exists crm_integration_id uuid,
    add column if not exists crm_modstamp timestamptz;

-- One row an integration: who syncs it now. A run that has not renewed its lease is taken for dead.
create table henk.crm_syncs (
    integration_id uuid primary key references public.integrations (id) on delete cascade,
    run_id uuid,
    lease_until timestamptz,
    full_token text, -- the last request for a full sync that was begun
    reconciled_at timestamptz
);

-- How far each object is in. A scan reads the records from below watermark to upper_bound in the order
-- (SystemModstamp, Id), over REST, or unordered from a bulk job; at_stamp and at_id are the last record that is stored.
-- It moves in the transaction that stores the page.
create table henk.crm_cursors (
    integration_id uuid not null references public.integrations (id) on delete cascade,
    object text not null,
    fingerprint text not null,       -- of what is read and how it is mapped; another one begins anew
    described text not null default '', -- digest of the fields that describe showed
    refused text[] not null default '{}', -- fields that describe shows and queries refuse
    watermark timestamptz,           -- when the last finished scan began, by Salesforce's clock; null: none has finished
    upper_bound timestamptz,         -- of the scan under way; null: none is
    at_stamp timestamptz,
    at_id text not null default '',
    bulk_job text,
    bulk_locator text not null default '',
    bulk_refused boolean not null default false,
    reconcile_from timestamptz,      -- when the comparison under way began, by our clock; null: none is
    reconcile_id text not null default '',
    reconcile_seen bigint not null default 0,
    primary key (integration_id, object)
);

-- Records that cannot be leads, and why.
create table henk.crm_rejects (
    integration_id uuid not null references public.integrations (id) on delete cascade,
    source_id text not null,
    object text not null,
    modstamp timestamptz,
    reason text not null,
    primary key (source_id, integration_id)
);

-- Who goes on for whom: the survivor of a merge, the Contact of a converted Lead. An opt-out follows this way.
create table henk.crm_successors (
    integration_id uuid not null references public.integrations (id) on delete cascade,
    source_id text not null,
    successor_id text not null,
    do_not_call boolean not null default false, -- Salesforce's flag on the one that is gone
    handed_over boolean not null default false, -- its places in campaigns are the successor's
    primary key (source_id, integration_id)
);
create index crm_successors_successor_idx on henk.crm_successors (successor_id, integration_id);

-- Leads that are not dialed because of what Salesforce says (leads.sync_status says what), and the status they had.
create table henk.crm_holds (
    lead_id uuid primary key references public.leads (id) on delete cascade,
    status text
);

-- What a comparison found in Salesforce so far. Empty after a crash of the server: then it begins again.
create unlogged table henk.crm_reconcile (
    integration_id uuid not null,
    object text not null,
    source_id text not null,
    modstamp timestamptz not null,
    settled boolean not null default false, -- the difference has been looked into
    primary key (integration_id, object, source_id)
);

-- +goose Down
drop table henk.crm_reconcile;
drop table henk.crm_holds;
drop table henk.crm_successors;
drop table henk.crm_rejects;
drop table henk.crm_cursors;
drop table henk.crm_syncs;
alter table public.leads drop column crm_integration_id, drop column crm_modstamp;
