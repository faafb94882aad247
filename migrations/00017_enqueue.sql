-- +goose Up
-- Work asked for in SQL, in the caller's own transaction. What package jobs knows of each kind is written here a second
-- time; a test holds the two together (TestEnqueueInSQLIsRiversInsert).
create table henk.job_kinds (
    kind text primary key,
    queue text not null,
    priority smallint not null default 1,
    max_attempts smallint not null default 25,
    one_pending boolean not null default true -- a second equal job is not added while one waits or runs
);
create table henk.job_args (
    kind text not null references henk.job_kinds (kind),
    name text not null,
    type text not null check (type in ('uuid', 'whole', 'flag', 'word')),
    required boolean not null default false,
    one_of boolean not null default false, -- of the kind's arguments with this, exactly one is given
    in_key boolean not null default true, -- two jobs that differ in it are not equal
    high integer,                         -- of a whole number; the lowest is 0
    words text[],                         -- that a word may be
    primary key (kind, name)
);

insert into henk.job_kinds (kind, queue, priority, max_attempts, one_pending) values
    ('campaign-orchestrator', 'orchestrate', 1, 25, true),
    ('plan-campaign', 'orchestrate', 1, 25, true),
    ('dial-lead', 'dial', 1, 25, false),
    ('reconcile-attempt', 'dial', 1, 10000, true),
    ('conversation-orchestrator', 'orchestrate', 1, 25, true),
    ('sync-conversation', 'sync', 2, 25, true),
    ('apply-webhook', 'sync', 1, 25, true),
    ('archive-recording', 'media', 1, 25, true),
    ('generate-audio', 'media', 1, 10, true),
    ('sync-salesforce-leads', 'orchestrate', 1, 25, true),
    ('sync-salesforce-integration', 'crm', 2, 25, true),
    ('reconcile-salesforce-integration', 'crm', 3, 25, true),
    ('write-back-salesforce', 'crm', 1, 25, true),
    ('housekeeping', 'orchestrate', 1, 25, true);
insert into henk.job_args (kind, name, type, required, in_key, high) values
    ('plan-campaign', 'campaign_id', 'uuid', true, true, null),
    ('plan-campaign', 'wake', 'flag', false, true, null),
    ('dial-lead', 'attempt_id', 'uuid', true, true, null),
    ('reconcile-attempt', 'attempt_id', 'uuid', true, true, null),
    ('conversation-orchestrator', 'lookback_hours', 'whole', false, true, 8760),
    ('conversation-orchestrator', 'batch_limit', 'whole', false, true, 10000),
    ('sync-conversation', 'conversation_id', 'uuid', true, true, null),
    ('sync-conversation', 'new', 'flag', false, false, null),
    ('apply-webhook', 'webhook_event_id', 'uuid', true, true, null),
    ('archive-recording', 'conversation_id', 'uuid', true, true, null),
    ('generate-audio', 'audio_generation_id', 'uuid', true, true, null),
    ('sync-salesforce-integration', 'integration_id', 'uuid', true, true, null),
    ('reconcile-salesforce-integration', 'integration_id', 'uuid', true, true, null),
    ('write-back-salesforce', 'retry', 'flag', false, true, null);
insert into henk.job_args (kind, name, type, words) values
    ('sync-salesforce-integration', 'mode', 'word', '{"", incremental, manual, full}');
insert into henk.job_args (kind, name, type, one_of) values
    ('write-back-salesforce', 'conversation_id', 'uuid', true),
    ('write-back-salesforce', 'integration_id', 'uuid', true);

-- +goose StatementBegin
-- The arguments of a job as the worker will read them: checked, ids in their usual form, nothing that is left at its
-- default. An error says what is wrong and what the kind takes.
create function henk.job_arguments(job_kind text, given jsonb) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
    takes text;
    a record;
    v jsonb;
    out jsonb := '{}';
begin
    select coalesce(string_agg(d.name || ' (' || d.type || case when d.required then ', required' when d.one_of then ', exactly one of these' else '' end || ')', ', ' order by not d.required, not d.one_of, d.name), 'no arguments')
        into takes from henk.job_args d where d.kind = job_kind;
    if given is null or jsonb_typeof(given) <> 'object' then
        raise exception 'arguments of % must be a JSON object', job_kind using errcode = 'invalid_parameter_value', hint = 'It takes ' || takes || '.';
    end if;
    if exists (select from jsonb_object_keys(given) k where not exists (select from henk.job_args d where d.kind = job_kind and d.name = k)) then
        raise exception 'arguments of % hold one that it does not take', job_kind using errcode = 'invalid_parameter_value', hint = 'It takes ' || takes || '.';
    end if;
    for a in select * from henk.job_args d where d.kind = job_kind order by d.name loop
        v := given -> a.name;
        if v is null or v = 'null' then
            if a.required then
                raise exception 'arguments of %: % is missing', job_kind, a.name using errcode = 'invalid_parameter_value', hint = 'It takes ' || takes || '.';
            end if;
            continue;
        end if;
        case a.type
        when 'uuid' then
            if jsonb_typeof(v) <> 'string' or v #>> '{}' !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' or v #>> '{}' = '00000000-0000-0000-0000-000000000000' then
                raise exception 'arguments of %: % must be an id such as 6f9619ff-8b86-4011-b42d-00cf4fc964ff', job_kind, a.name using errcode = 'invalid_parameter_value';
            end if;
            v := to_jsonb(lower(v #>> '{}'));
        when 'whole' then
            if jsonb_typeof(v) <> 'number' or (v #>> '{}')::numeric not between 0 and a.high or (v #>> '{}')::numeric <> trunc((v #>> '{}')::numeric) then
                raise exception 'arguments of %: % must be a whole number from 0 to %', job_kind, a.name, a.high using errcode = 'invalid_parameter_value';
            end if;
            v := to_jsonb((v #>> '{}')::numeric::integer);
            continue when v = '0';
        when 'flag' then
            if jsonb_typeof(v) <> 'boolean' then
                raise exception 'arguments of %: % must be true or false', job_kind, a.name using errcode = 'invalid_parameter_value';
            end if;
            continue when v = 'false';
        when 'word' then
            if jsonb_typeof(v) <> 'string' or not (v #>> '{}' = any (a.words)) then
                raise exception 'arguments of %: % must be one of %', job_kind, a.name, array_to_string(a.words, ', ') using errcode = 'invalid_parameter_value';
            end if;
            continue when v = '""';
        end case;
        out := out || jsonb_build_object(a.name, v);
    end loop;
    if (select count(*) filter (where out ? d.name) from henk.job_args d where d.kind = job_kind and d.one_of having count(*) > 0) <> 1 then
        raise exception 'arguments of %: exactly one of its ids is wanted', job_kind using errcode = 'invalid_parameter_value', hint = 'It takes ' || takes || '.';
    end if;
    return out;
end
$$;
-- +goose StatementEnd

-- +goose StatementBegin
-- Inserts a job in the caller's transaction, and workers are told at its commit. The id is that of the job, or of the
-- equal one that is pending already.
create function henk.enqueue(kind text, args jsonb default '{}', run_at timestamptz default now()) returns bigint
language plpgsql volatile
set search_path = ''
as $$
declare
    k henk.job_kinds;
    arguments jsonb;
    at timestamptz := coalesce(run_at, now());
    ripe boolean := at <= now();
    unique_by bytea;
    id bigint;
begin
    select * into k from henk.job_kinds j where j.kind = enqueue.kind;
    if not found then
        raise exception 'there is no job kind "%"', coalesce(left(kind, 60), 'null') using errcode = 'invalid_parameter_value',
            hint = 'Kinds are ' || (select string_agg(j.kind, ', ' order by j.kind) from henk.job_kinds j) || '.';
    end if;
    if at not between '2000-01-01' and now() + interval '10 years' then
        raise exception 'run_at must be a time within the next ten years' using errcode = 'invalid_parameter_value';
    end if;
    arguments := henk.job_arguments(k.kind, args);
    if k.one_pending then
        -- as River makes it: the hash of the kind and of the arguments, compact, keys in order
        select sha256(convert_to('&kind=' || k.kind || '&args={' || coalesce(string_agg('"' || d.name || '":' || (arguments -> d.name)::text, ',' order by d.name collate "C"), '') || '}', 'UTF8'))
            into unique_by from henk.job_args d where d.kind = k.kind and d.in_key and arguments ? d.name;
    end if;
    insert into river.river_job (args, kind, max_attempts, metadata, priority, queue, scheduled_at, state, tags, unique_key, unique_states)
    values (arguments, k.kind, k.max_attempts, '{}', k.priority, k.queue, at,
        (case when ripe then 'available' else 'scheduled' end)::river.river_job_state, '{}', unique_by,
        -- available, pending, retryable, running, scheduled
        case when k.one_pending then b'11110001' end)
    on conflict (unique_key) where unique_key is not null and unique_states is not null and river.river_job_state_in_bitmask(unique_states, state)
        do update set kind = excluded.kind
    returning river_job.id into id;
    if ripe then
        perform pg_notify('river.river_insert', '{"queue": "' || k.queue || '"}');
    end if;
    return id;
end
$$;
-- +goose StatementEnd

-- The owner may, and service_role, to whom `henk migrate` grants our functions. Nobody else.
revoke all on function henk.job_arguments(text, jsonb) from public;
revoke all on function henk.enqueue(text, jsonb, timestamptz) from public;

-- +goose Down
drop function henk.enqueue(text, jsonb, timestamptz);
drop function henk.job_arguments(text, jsonb);
drop table henk.job_args;
drop table henk.job_kinds;
