-- +goose NO TRANSACTION
-- +goose Up
-- What became of a call's recording: kept in our storage, or missing because the provider has none. Null: not asked for
-- yet, or somebody else's recording_url was there before.
alter table henk.conversation_outcomes
    add column if not exists recording text,
    add column if not exists recording_bytes bigint,
    add column if not exists recording_at timestamptz;
alter table henk.conversation_outcomes drop constraint if exists conversation_outcomes_recording_check;
alter table henk.conversation_outcomes
    add constraint conversation_outcomes_recording_check check (recording in ('archived', 'missing'));

-- Speech that waits to be made; what the app inserts is found by this. The predicate is repeated by the query.
drop index concurrently if exists public.henk_audio_generations_open_idx;
create index concurrently henk_audio_generations_open_idx on public.audio_generations (created_at, id)
    where status in ('pending', 'generating');

-- Speech that was made of the same text, voice, settings and model, or is being made.
drop index concurrently if exists public.henk_audio_generations_cache_idx;
create index concurrently henk_audio_generations_cache_idx on public.audio_generations (cache_key)
    where status in ('generating', 'completed', 'cached');

-- +goose Down
drop index concurrently if exists public.henk_audio_generations_open_idx;
drop index concurrently if exists public.henk_audio_generations_cache_idx;
alter table henk.conversation_outcomes drop column recording, drop column recording_bytes, drop column recording_at;
