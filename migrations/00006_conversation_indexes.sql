-- +goose NO TRANSACTION
-- +goose Up
-- Built concurrently because these tables may be large and the app keeps writing. A build that was interrupted
-- leaves an invalid index behind, hence the drop before each.

-- One row of ours for each item of a transcript. Nulls are distinct, so rows without a source, which an adopted
-- database may hold twice, are not bound by it; reading a conversation in order uses it all the same.
drop index concurrently if exists public.henk_conversation_events_key;
create unique index concurrently henk_conversation_events_key on public.conversation_events
    (conversation_id, sequence_number, source);

-- The backlog of conversations to ask the provider about, least recently asked first. The predicate is repeated by the
-- queries that walk it.
drop index concurrently if exists public.henk_conversations_unsettled_idx;
create index concurrently henk_conversations_unsettled_idx on public.conversations
    ((coalesce(synced_at, timestamptz 'epoch')), id)
    where settled_at is null and conversation_id is not null
        and (status in ('initiated', 'in_progress') or attempt_id is not null or (status = 'completed' and transcript is null));

-- +goose Down
drop index concurrently if exists public.henk_conversation_events_key;
drop index concurrently if exists public.henk_conversations_unsettled_idx;
