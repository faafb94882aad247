-- +goose Up
-- What providers told us unasked, as it came, until housekeeping forgets it. A row and the job that applies it are
-- inserted in one transaction; the provider is told 200 only after that. Not webhook_events: that is a table of the web
-- app's, and a role named henk finds this schema before public.
create table henk.webhook_inbox (
    id uuid primary key default gen_random_uuid(),
    provider text not null,
    -- Providers send no id of the event, and a repeat may carry a new time: the key is a hash of what the event is about
    -- and what it says (see package webhook).
    dedupe_key bytea not null unique,
    type text not null,

    -- what it can be matched by
    provider_conversation_id text,
    call_sid text,
    attempt_id uuid,

    event_at timestamptz,
    received_at timestamptz not null default clock_timestamp(),
    -- As bytes: neither jsonb nor text takes NULs and invalid UTF-8, and a body must be kept whatever is in it. Null
    -- once it is not needed any more. Audio is cut out before: the recording is fetched from the provider's API.
    body bytea,

    -- pending: its job has not run. unmatched: it names a call that we do not know (yet); other programs of the same
    -- account may place calls too. applied: taken in, or nothing in it was new. ignored: nothing to do, see the
    -- reason. failed: it cannot be taken in, see the reason.
    state text not null default 'pending' check (state in ('pending', 'unmatched', 'applied', 'ignored', 'failed')),
    reason text,
    settled_at timestamptz,
    -- What was said on a call goes when the call's row is deleted.
    conversation_id uuid references public.conversations (id) on delete cascade
);

-- What is not settled, for the sweep; what is about one call, for the deletion and for finding a later event.
create index webhook_inbox_open_idx on henk.webhook_inbox (received_at) where state in ('pending', 'unmatched');
create index webhook_inbox_conversation_idx on henk.webhook_inbox (conversation_id) where conversation_id is not null;
create index webhook_inbox_received_idx on henk.webhook_inbox (received_at);

-- +goose Down
drop table henk.webhook_inbox;
