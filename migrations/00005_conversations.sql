-- +goose Up
-- Null until the provider's last word on a conversation has been taken in; until then it is asked again.
alter table public.conversations
    add column if not exists settled_at timestamptz;

-- Who wrote an event. Rows from before adoption, and the app's own, have none: they may repeat a sequence number, ours
-- may not (see henk_conversation_events_key).
alter table public.conversation_events
    add column if not exists source text;

-- What a conversation was read as, with the evidence, and what was written elsewhere on its account, so that a second
-- reading of the same call takes back exactly that and counts nothing twice. A person's correction has columns of its
-- own; no reading ever touches them.
create table henk.conversation_outcomes (
    conversation_id uuid primary key references public.conversations (id) on delete cascade,

    -- how far the provider's record has been taken in
    provider_status text,
    failure_reason text,
    closed_because text check (closed_because in ('missing', 'deleted', 'never_answered', 'never_ended')),
    events integer not null default 0,
    events_digest bytea,
    foreign_events boolean not null default false,

    -- the reading; outcome is null while the call runs
    version text,
    outcome text check (outcome in ('donated', 'pledged', 'interested', 'not_interested', 'callback_requested',
        'voicemail_left', 'wrong_number', 'do_not_call', 'unknown')),
    confidence real,
    source text,
    amount_cents bigint,
    amount_range boolean not null default false,
    monthly boolean not null default false,
    callback_at timestamptz,
    opt_out boolean not null default false,
    needs_review boolean not null default false,
    evidence jsonb not null default '[]',
    analysis jsonb,
    read_at timestamptz,

    -- what was written on its account to conversations.outcome, to campaign_leads and to call_logs
    written_outcome text,
    lead_status text,
    next_attempt_at timestamptz,
    pledged numeric(10, 2),
    donated numeric(10, 2),
    talk_seconds integer not null default 0,

    corrected_outcome text check (corrected_outcome in ('donated', 'pledged', 'interested', 'not_interested',
        'callback_requested', 'voicemail_left', 'wrong_number', 'do_not_call', 'unknown')),
    corrected_by text,
    corrected_at timestamptz
);

-- +goose Down
drop table henk.conversation_outcomes;
