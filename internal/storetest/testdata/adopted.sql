-- A Henk database as the web app leaves it: its types, tables, references to auth.users, triggers, constraints, row
-- level security, and some data. Written for tests of adoption.
create schema auth;
create table auth.users (id uuid primary key default gen_random_uuid(), email text);
create function auth.uid() returns uuid language sql stable as $$ select nullif(current_setting('request.jwt.claim.sub', true), '')::uuid $$;

do $$ begin
    if not exists (select from pg_roles where rolname = 'authenticated') then create role authenticated nologin; end if;
    if not exists (select from pg_roles where rolname = 'service_role') then create role service_role nologin bypassrls; end if;
exception when duplicate_object or unique_violation then null;
end $$;

create type public.agent_status as enum ('active', 'inactive', 'agent_paused', 'training');
create type public.audio_generation_status as enum ('pending', 'generating', 'completed', 'failed', 'cached');
create type public.business_status as enum ('active', 'inactive', 'suspended');
create type public.call_attempt_result as enum ('success', 'no_answer', 'busy', 'failed', 'invalid_number', 'blocked', 'rate_limited', 'error');
create type public.call_outcome as enum ('donated', 'pledged', 'interested', 'not_interested', 'callback_requested', 'voicemail_left', 'wrong_number', 'do_not_call', 'unknown');
create type public.call_status as enum ('queued', 'initiated', 'ringing', 'answered', 'in_progress', 'completed', 'failed', 'busy', 'no_answer', 'voicemail', 'cancelled');
create type public.campaign_execution_status as enum ('pending', 'initializing', 'running', 'paused', 'pausing', 'resuming', 'completing', 'completed', 'cancelled', 'failed');
create type public.campaign_status as enum ('draft', 'active', 'paused', 'completed', 'cancelled');
create type public.conversation_event_type as enum ('call_started', 'intro_played', 'gather_started', 'speech_detected', 'dtmf_received', 'response_processed', 'follow_up_question', 'objection_handled', 'commitment_requested', 'call_ended', 'transfer_requested', 'callback_scheduled');
create type public.conversation_status as enum ('initiated', 'in_progress', 'completed', 'failed', 'no_answer', 'busy', 'voicemail');
create type public.integration_status as enum ('active', 'inactive', 'error', 'pending');
create type public.integration_type as enum ('crm', 'payment', 'communication', 'analytics', 'voice');
create type public.lead_status as enum ('new', 'contacted', 'interested', 'pledged', 'donated', 'not_interested', 'unreachable', 'failed');
create type public.queue_status as enum ('pending', 'scheduled', 'processing', 'completed', 'failed', 'cancelled', 'rate_limited');
create type public.status_update_type as enum ('campaign_started', 'campaign_paused', 'campaign_resumed', 'campaign_completed', 'call_initiated', 'call_answered', 'call_completed', 'call_failed', 'lead_converted', 'error_occurred', 'queue_updated', 'stats_updated');
create type public.team_member_status as enum ('active', 'invited', 'suspended', 'left');
create type public.team_role as enum ('owner', 'admin', 'member', 'viewer');
create type public.voice_type as enum ('ai_generated', 'custom');
create type public.webhook_event_type as enum ('call_initiated', 'call_ringing', 'call_answered', 'call_completed', 'call_failed', 'call_busy', 'call_no_answer', 'gather_speech', 'gather_dtmf', 'recording_completed', 'machine_detection');

create table public.accounts (
    id uuid not null default gen_random_uuid() primary key,
    name varchar(255) not null,
    email varchar(320),
    updated_at timestamptz,
    created_at timestamptz,
    created_by uuid,
    updated_by uuid,
    picture_url varchar(1000),
    public_data jsonb not null default '{}',
    unique (email),
    foreign key (created_by) references auth.users (id),
    foreign key (updated_by) references auth.users (id)
);

create table public.businesses (
    id uuid not null default gen_random_uuid() primary key,
    name varchar(255) not null,
    description text,
    status public.business_status not null default 'active',
    account_id uuid not null,
    industry varchar(100),
    website varchar(500),
    phone varchar(50),
    address text,
    logo_url text,
    settings jsonb default '{}',
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    created_by uuid,
    updated_by uuid,
    foreign key (account_id) references public.accounts (id) on delete cascade,
    foreign key (created_by) references auth.users (id),
    foreign key (updated_by) references auth.users (id)
);

create table public.team_members (
    id uuid not null default gen_random_uuid() primary key,
    business_id uuid not null,
    user_id uuid not null,
    role public.team_role not null default 'member',
    status public.team_member_status not null default 'invited',
    permissions jsonb default '{}',
    invited_by uuid,
    invited_at timestamptz default now(),
    accepted_at timestamptz,
    last_active_at timestamptz,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    unique (business_id, user_id),
    foreign key (business_id) references public.businesses (id) on delete cascade,
    foreign key (invited_by) references auth.users (id),
    foreign key (user_id) references auth.users (id) on delete cascade
);

create table public.agents (
    id uuid not null default gen_random_uuid() primary key,
    name varchar(255) not null,
    description text,
    status public.agent_status not null default 'active',
    voice_type public.voice_type not null default 'ai_generated',
    voice_id varchar(255),
    speaking_tone varchar(100) not null default 'Professional',
    organization_info text,
    donor_context text,
    faqs jsonb default '[]',
    knowledge_base jsonb default '{}',
    workflow_config jsonb default '{}',
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    created_by uuid,
    updated_by uuid,
    business_id uuid not null,
    voice_settings jsonb default '{"stability": 0.5, "similarity_boost": 0.75}',
    personality text,
    script_template text,
    elevenlabs_agent_id text,
    starting_message text,
    caller_id text,
    foreign key (business_id) references public.businesses (id),
    foreign key (created_by) references auth.users (id),
    foreign key (updated_by) references auth.users (id)
);

create table public.campaigns (
    id uuid not null default gen_random_uuid() primary key,
    name varchar(255) not null,
    description text,
    status public.campaign_status not null default 'draft',
    agent_id uuid,
    start_date timestamptz,
    end_date timestamptz,
    max_attempts integer not null default 3,
    daily_call_cap integer not null default 100,
    script text not null,
    retry_logic text not null default 'Wait 24 hours before retry',
    budget numeric(10,2),
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    created_by uuid,
    updated_by uuid,
    business_id uuid not null,
    goal_metric varchar(50),
    disclosure_line text,
    call_window_start time with time zone,
    call_window_end time with time zone,
    audience_list_id uuid,
    dedupe_by_phone boolean not null default false,
    exclude_dnc boolean not null default true,
    audience_contact_count integer not null default 0,
    foreign key (agent_id) references public.agents (id) on delete set null,
    foreign key (business_id) references public.businesses (id),
    foreign key (created_by) references auth.users (id),
    foreign key (updated_by) references auth.users (id)
);

create table public.lead_lists (
    id uuid not null default gen_random_uuid() primary key,
    business_id uuid not null,
    name varchar(255) not null,
    description text,
    color varchar(7) default '#3B82F6',
    list_type varchar(50) default 'static',
    source varchar(50),
    source_id varchar(255),
    filter_criteria jsonb,
    lead_count integer default 0,
    last_updated_at timestamptz default now(),
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    created_by uuid,
    updated_by uuid,
    is_archived boolean default false,
    tags jsonb default '[]',
    metadata jsonb default '{}',
    foreign key (business_id) references public.businesses (id) on delete cascade,
    foreign key (created_by) references auth.users (id),
    foreign key (updated_by) references auth.users (id)
);

create table public.leads (
    id uuid not null default gen_random_uuid() primary key,
    business_id uuid not null,
    source varchar(50) not null default 'manual',
    source_id varchar(255),
    source_metadata jsonb default '{}',
    first_name varchar(255),
    last_name varchar(255),
    email varchar(255),
    phone varchar(50),
    mobile_phone varchar(50),
    street text,
    city varchar(100),
    state varchar(100),
    postal_code varchar(20),
    country varchar(100),
    company varchar(255),
    title varchar(255),
    department varchar(255),
    lead_source varchar(100),
    description text,
    owner_id varchar(255),
    do_not_call boolean default false,
    do_not_email boolean default false,
    email_opt_out boolean default false,
    timezone varchar(100),
    preferred_language varchar(50),
    tags jsonb default '[]',
    custom_fields jsonb default '{}',
    last_synced_at timestamptz,
    sync_status varchar(50) default 'active',
    sync_error text,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    created_by uuid,
    updated_by uuid,
    status varchar(50) default 'new',
    notes text,
    dnc boolean default false,
    lead_score integer default 0,
    quality_rating varchar(20) default 'unrated',
    last_activity_at timestamptz,
    unique (business_id, source, source_id),
    foreign key (business_id) references public.businesses (id) on delete cascade,
    constraint leads_has_contact_info check (((phone is not null) or (mobile_phone is not null) or (email is not null))),
    foreign key (created_by) references auth.users (id),
    foreign key (updated_by) references auth.users (id)
);

create table public.conversations (
    id uuid not null default gen_random_uuid() primary key,
    campaign_id uuid not null,
    agent_id uuid not null,
    lead_id uuid not null,
    status public.conversation_status not null default 'initiated',
    duration_seconds integer,
    call_sid varchar(255),
    recording_url text,
    transcript text,
    sentiment_score numeric(3,2),
    key_points jsonb default '[]',
    outcome text,
    notes text,
    started_at timestamptz default now(),
    ended_at timestamptz,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    created_by uuid,
    updated_by uuid,
    conversation_id text,
    foreign key (agent_id) references public.agents (id) on delete cascade,
    foreign key (campaign_id) references public.campaigns (id) on delete cascade,
    foreign key (created_by) references auth.users (id),
    foreign key (updated_by) references auth.users (id)
);

create unique index conversations_conversation_id_key on public.conversations (conversation_id) where conversation_id is not null;

create table public.call_logs (
    id uuid not null default gen_random_uuid() primary key,
    campaign_id uuid not null,
    agent_id uuid not null,
    lead_id uuid not null,
    conversation_id uuid,
    call_sid varchar(255),
    parent_call_sid varchar(255),
    from_number varchar(20) not null,
    to_number varchar(20) not null,
    status public.call_status not null default 'queued',
    outcome public.call_outcome,
    direction varchar(20) not null default 'outbound',
    queued_at timestamptz default now(),
    initiated_at timestamptz,
    answered_at timestamptz,
    ended_at timestamptz,
    duration_seconds integer,
    ring_duration_seconds integer,
    audio_url text,
    recording_url text,
    recording_duration_seconds integer,
    machine_detection_result varchar(50),
    sentiment_score numeric(3,2),
    quality_score integer,
    call_cost numeric(6,4),
    pledged_amount numeric(10,2),
    donated_amount numeric(10,2),
    error_code varchar(20),
    error_message text,
    metadata jsonb default '{}',
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    created_by uuid,
    unique (call_sid),
    foreign key (agent_id) references public.agents (id) on delete cascade,
    foreign key (campaign_id) references public.campaigns (id) on delete cascade,
    foreign key (conversation_id) references public.conversations (id) on delete set null,
    foreign key (created_by) references auth.users (id)
);

create table public.integrations (
    id uuid not null default gen_random_uuid() primary key,
    name varchar(255) not null,
    description text,
    type public.integration_type not null,
    status public.integration_status not null default 'inactive',
    config jsonb default '{}',
    credentials jsonb default '{}',
    last_sync_at timestamptz,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    created_by uuid,
    updated_by uuid,
    business_id uuid not null,
    foreign key (business_id) references public.businesses (id),
    foreign key (created_by) references auth.users (id),
    foreign key (updated_by) references auth.users (id)
);

create table public.sync_logs (
    id uuid not null default gen_random_uuid() primary key,
    integration_id uuid not null,
    business_id uuid not null,
    sync_type varchar(50) not null,
    sync_status varchar(50) not null,
    records_processed integer default 0,
    records_created integer default 0,
    records_updated integer default 0,
    records_failed integer default 0,
    started_at timestamptz not null default now(),
    completed_at timestamptz,
    duration_ms integer,
    error_message text,
    error_details jsonb,
    metadata jsonb default '{}',
    created_at timestamptz default now(),
    foreign key (business_id) references public.businesses (id) on delete cascade,
    foreign key (integration_id) references public.integrations (id) on delete cascade,
    constraint sync_logs_sync_status_check check (((sync_status) = any ((array['running', 'success', 'partial', 'failed'])))),
    constraint sync_logs_sync_type_check check (((sync_type) = any ((array['full', 'incremental', 'manual']))))
);

create table public.audio_generations (
    id uuid not null default gen_random_uuid() primary key,
    campaign_id uuid,
    agent_id uuid,
    lead_id uuid,
    text_content text not null,
    voice_id varchar(255) not null,
    voice_settings jsonb default '{}',
    status public.audio_generation_status not null default 'pending',
    audio_url text,
    file_size_bytes bigint,
    duration_seconds numeric(8,2),
    elevenlabs_request_id varchar(255),
    elevenlabs_voice_name varchar(255),
    model_id varchar(100) default 'eleven_multilingual_v2',
    generation_time_ms integer,
    cost_cents integer,
    cache_hit boolean default false,
    cache_key varchar(255),
    error_code varchar(50),
    error_message text,
    retry_count integer default 0,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    created_by uuid,
    foreign key (agent_id) references public.agents (id) on delete cascade,
    foreign key (campaign_id) references public.campaigns (id) on delete cascade,
    foreign key (created_by) references auth.users (id)
);

create table public.webhook_events (
    id uuid not null default gen_random_uuid() primary key,
    event_type public.webhook_event_type not null,
    call_sid varchar(255),
    account_sid varchar(255),
    campaign_id uuid,
    call_log_id uuid,
    event_data jsonb not null default '{}',
    raw_payload jsonb not null default '{}',
    processed boolean not null default false,
    processed_at timestamptz,
    processing_error text,
    source_ip varchar(45),
    user_agent text,
    twilio_signature varchar(255),
    signature_valid boolean,
    received_at timestamptz default now(),
    created_at timestamptz default now(),
    foreign key (call_log_id) references public.call_logs (id) on delete set null,
    foreign key (campaign_id) references public.campaigns (id) on delete set null
);

create table public.status_updates (
    id uuid not null default gen_random_uuid() primary key,
    update_type public.status_update_type not null,
    campaign_id uuid,
    account_id uuid not null,
    title varchar(255) not null,
    message text,
    data jsonb default '{}',
    websocket_sent boolean not null default false,
    websocket_sent_at timestamptz,
    email_sent boolean not null default false,
    email_sent_at timestamptz,
    priority integer not null default 100,
    expires_at timestamptz,
    created_at timestamptz default now(),
    foreign key (account_id) references public.accounts (id) on delete cascade,
    foreign key (campaign_id) references public.campaigns (id) on delete cascade
);

create table public.campaign_executions (
    id uuid not null default gen_random_uuid() primary key,
    campaign_id uuid not null,
    status public.campaign_execution_status not null default 'pending',
    execution_node varchar(255),
    process_id varchar(255),
    total_leads integer not null default 0,
    leads_processed integer not null default 0,
    leads_queued integer not null default 0,
    calls_made integer not null default 0,
    calls_successful integer not null default 0,
    calls_failed integer not null default 0,
    started_at timestamptz,
    paused_at timestamptz,
    resumed_at timestamptz,
    completed_at timestamptz,
    estimated_completion_at timestamptz,
    calls_today integer not null default 0,
    calls_this_hour integer not null default 0,
    audio_generations_today integer not null default 0,
    average_call_duration_seconds numeric(8,2),
    success_rate_percentage numeric(5,2),
    current_throughput_calls_per_hour numeric(8,2),
    config_snapshot jsonb not null default '{}',
    last_error text,
    error_count integer not null default 0,
    retry_count integer not null default 0,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    created_by uuid,
    foreign key (campaign_id) references public.campaigns (id) on delete cascade,
    foreign key (created_by) references auth.users (id)
);

create table public.campaign_queue (
    id uuid not null default gen_random_uuid() primary key,
    campaign_id uuid not null,
    lead_id uuid not null,
    status public.queue_status not null default 'pending',
    priority integer not null default 100,
    scheduled_for timestamptz not null,
    processing_started_at timestamptz,
    processing_node varchar(255),
    attempt_number integer not null default 1,
    retry_reason varchar(255),
    requires_audio_generation boolean not null default true,
    audio_generation_id uuid,
    calls_made_today integer not null default 0,
    last_call_at timestamptz,
    error_count integer not null default 0,
    last_error text,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    foreign key (audio_generation_id) references public.audio_generations (id) on delete set null,
    foreign key (campaign_id) references public.campaigns (id) on delete cascade
);

create unique index campaign_queue_open_key on public.campaign_queue (campaign_id, lead_id) where status = any (array['pending'::public.queue_status, 'scheduled'::public.queue_status, 'processing'::public.queue_status]);

create table public.performance_metrics (
    id uuid not null default gen_random_uuid() primary key,
    metric_name varchar(100) not null,
    metric_type varchar(50) not null,
    value numeric(15,6) not null,
    unit varchar(20),
    campaign_id uuid,
    service_name varchar(100),
    node_id varchar(255),
    tags jsonb default '{}',
    recorded_at timestamptz default now(),
    foreign key (campaign_id) references public.campaigns (id) on delete cascade
);

create table public.campaign_leads (
    id uuid not null default gen_random_uuid() primary key,
    campaign_id uuid not null,
    lead_id uuid not null,
    lead_list_id uuid,
    status varchar(50) default 'new',
    attempts integer default 0,
    last_attempt_at timestamptz,
    next_attempt_at timestamptz,
    outcome varchar(100),
    pledged_amount numeric,
    donated_amount numeric,
    notes text,
    total_talk_time integer default 0,
    last_call_duration integer,
    added_at timestamptz default now(),
    contacted_at timestamptz,
    converted_at timestamptz,
    unique (campaign_id, lead_id),
    foreign key (campaign_id) references public.campaigns (id) on delete cascade,
    foreign key (lead_id) references public.leads (id) on delete cascade,
    foreign key (lead_list_id) references public.lead_lists (id) on delete set null
);

create table public.campaign_lead_lists (
    id uuid not null default gen_random_uuid() primary key,
    campaign_id uuid not null,
    lead_list_id uuid not null,
    assigned_at timestamptz default now(),
    assigned_by uuid,
    priority integer default 1,
    max_attempts_override integer,
    filter_criteria jsonb,
    total_leads integer default 0,
    contacted_leads integer default 0,
    successful_leads integer default 0,
    is_active boolean default true,
    completed_at timestamptz,
    unique (campaign_id, lead_list_id),
    foreign key (campaign_id) references public.campaigns (id) on delete cascade,
    foreign key (lead_list_id) references public.lead_lists (id) on delete cascade,
    foreign key (assigned_by) references auth.users (id)
);

create table public.lead_list_members (
    id uuid not null default gen_random_uuid() primary key,
    lead_list_id uuid not null,
    lead_id uuid not null,
    added_at timestamptz default now(),
    added_by uuid,
    notes text,
    unique (lead_list_id, lead_id),
    foreign key (lead_id) references public.leads (id) on delete cascade,
    foreign key (lead_list_id) references public.lead_lists (id) on delete cascade,
    foreign key (added_by) references auth.users (id)
);

create table public.conversation_events (
    id uuid not null default gen_random_uuid() primary key,
    conversation_id uuid not null,
    call_log_id uuid,
    event_type public.conversation_event_type not null,
    sequence_number integer not null,
    agent_text text,
    user_response text,
    confidence_score numeric(3,2),
    audio_url text,
    audio_duration_seconds numeric(6,2),
    processing_time_ms integer,
    ai_model_used varchar(100),
    metadata jsonb default '{}',
    started_at timestamptz default now(),
    completed_at timestamptz,
    created_at timestamptz default now(),
    foreign key (call_log_id) references public.call_logs (id) on delete set null,
    foreign key (conversation_id) references public.conversations (id) on delete cascade
);

create table public.call_attempts (
    id uuid not null default gen_random_uuid() primary key,
    campaign_id uuid not null,
    lead_id uuid not null,
    call_log_id uuid,
    attempt_number integer not null,
    result public.call_attempt_result,
    scheduled_at timestamptz not null,
    attempted_at timestamptz,
    next_attempt_at timestamptz,
    retry_reason varchar(255),
    retry_delay_minutes integer,
    phone_number varchar(20) not null,
    audio_generation_id uuid,
    error_code varchar(50),
    error_message text,
    created_at timestamptz default now(),
    updated_at timestamptz default now(),
    foreign key (audio_generation_id) references public.audio_generations (id) on delete set null,
    foreign key (call_log_id) references public.call_logs (id) on delete set null,
    foreign key (campaign_id) references public.campaigns (id) on delete cascade
);

create index conversation_events_conversation_sequence_idx on public.conversation_events (conversation_id, sequence_number);
create index campaign_leads_campaign_idx on public.campaign_leads (campaign_id, status);
create index leads_business_idx on public.leads (business_id);

create function public.set_updated_at() returns trigger language plpgsql as $$
begin new.updated_at = now(); return new; end $$;
create function public.touch_campaign() returns trigger language plpgsql as $$
begin
    update public.campaigns set updated_at = now() where id = coalesce(new.campaign_id, old.campaign_id);
    return coalesce(new, old);
end $$;
create function public.recount_campaign_list() returns trigger language plpgsql as $$
begin
    update public.campaign_lead_lists set
        total_leads = (select count(*) from public.campaign_leads where campaign_id = new.campaign_id and lead_list_id = new.lead_list_id),
        contacted_leads = (select count(*) from public.campaign_leads
            where campaign_id = new.campaign_id and lead_list_id = new.lead_list_id and status <> 'new')
    where campaign_id = new.campaign_id and lead_list_id = new.lead_list_id;
    return new;
end $$;
create function public.count_list() returns trigger language plpgsql as $$
begin
    update public.lead_lists set lead_count = lead_count + case tg_op when 'INSERT' then 1 else -1 end, last_updated_at = now()
    where id = coalesce(new.lead_list_id, old.lead_list_id);
    return coalesce(new, old);
end $$;
create function public.fill_duration() returns trigger language plpgsql as $$
begin
    if new.completed_at is not null then
        new.duration_ms = (extract(epoch from new.completed_at - new.started_at) * 1000)::int;
    end if;
    return new;
end $$;

create trigger touch after insert or update or delete on public.conversations for each row execute function public.touch_campaign();
create trigger touch after insert or update or delete on public.call_logs for each row execute function public.touch_campaign();
create trigger recount after insert or update on public.campaign_leads for each row execute function public.recount_campaign_list();
create trigger count_list after insert or delete on public.lead_list_members for each row execute function public.count_list();
create trigger fill_duration before insert or update on public.sync_logs for each row execute function public.fill_duration();

do $$
declare t text;
begin
    foreach t in array array['accounts', 'businesses', 'team_members', 'agents', 'campaigns', 'lead_lists', 'leads', 'conversations',
        'call_logs', 'call_attempts', 'integrations', 'audio_generations', 'campaign_executions', 'campaign_queue'] loop
        execute format('create trigger set_updated_at before update on public.%I for each row execute function public.set_updated_at()', t);
    end loop;
    for t in select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' loop
        execute format('alter table public.%I enable row level security', t);
        execute format('grant all on public.%I to service_role', t);
        execute format('grant select, insert, update, delete on public.%I to authenticated', t);
        execute format('create policy service on public.%I to service_role using (true) with check (true)', t);
    end loop;
end $$;
grant usage on schema public, auth to authenticated, service_role;

create policy members on public.campaigns to authenticated using (business_id in (
    select tm.business_id from public.team_members tm where tm.user_id = auth.uid() and tm.status = 'active'));
create policy members on public.leads to authenticated using (business_id in (
    select tm.business_id from public.team_members tm where tm.user_id = auth.uid() and tm.status = 'active'));
create policy members on public.campaign_leads to authenticated using (campaign_id in (
    select c.id from public.campaigns c join public.team_members tm on tm.business_id = c.business_id
    where tm.user_id = auth.uid() and tm.status = 'active'));

insert into auth.users (id, email) values ('00000000-0000-0000-0000-0000000000a1', 'owner@example.org');
insert into public.accounts (id, name) values ('00000000-0000-0000-0000-0000000000b1', 'Owner');
insert into public.businesses (id, name, account_id, created_by, settings) values
    ('00000000-0000-0000-0000-0000000000c1', 'Charity', '00000000-0000-0000-0000-0000000000b1', '00000000-0000-0000-0000-0000000000a1',
     '{"calling": {"legal_day": {"from": "00:00", "to": "24:00"}, "legal_day_override": true, "window_margin_seconds": 0, "state_pack_exempt": ["IL"]}}');
insert into public.team_members (business_id, user_id, role, status) values
    ('00000000-0000-0000-0000-0000000000c1', '00000000-0000-0000-0000-0000000000a1', 'owner', 'active');
insert into public.agents (id, name, business_id, elevenlabs_agent_id, caller_id) values
    ('00000000-0000-0000-0000-0000000000d1', 'Agent', '00000000-0000-0000-0000-0000000000c1', 'agent_1', 'phnum_1');
insert into public.lead_lists (id, business_id, name) values
    ('00000000-0000-0000-0000-0000000000e1', '00000000-0000-0000-0000-0000000000c1', 'Donors');
insert into public.campaigns (id, name, status, script, agent_id, business_id) values
    ('00000000-0000-0000-0000-0000000000f1', 'Spring', 'active', 'Hello', '00000000-0000-0000-0000-0000000000d1', '00000000-0000-0000-0000-0000000000c1');
insert into public.campaign_lead_lists (campaign_id, lead_list_id) values
    ('00000000-0000-0000-0000-0000000000f1', '00000000-0000-0000-0000-0000000000e1');
insert into public.leads (id, business_id, first_name, phone, timezone)
    select ('00000000-0000-0000-0001-' || lpad(n::text, 12, '0'))::uuid, '00000000-0000-0000-0000-0000000000c1', 'Lead ' || n,
        '+1312555' || lpad(n::text, 4, '0'), 'America/Chicago' from generate_series(1000, 1019) n;
insert into public.lead_list_members (lead_list_id, lead_id) select '00000000-0000-0000-0000-0000000000e1', id from public.leads;
insert into public.campaign_leads (campaign_id, lead_id, lead_list_id)
    select '00000000-0000-0000-0000-0000000000f1', id, '00000000-0000-0000-0000-0000000000e1' from public.leads;
-- What the old functions left behind: an attempt without a state, twice the same number, a call that never ended, and
-- events twice.
insert into public.call_attempts (campaign_id, lead_id, attempt_number, scheduled_at, phone_number)
    select '00000000-0000-0000-0000-0000000000f1', '00000000-0000-0000-0001-000000001000', 1, now() - interval '3 days', '+13125551000' from generate_series(1, 2);
insert into public.conversations (id, campaign_id, agent_id, lead_id, status, conversation_id, started_at) values
    ('00000000-0000-0000-0000-000000000101', '00000000-0000-0000-0000-0000000000f1', '00000000-0000-0000-0000-0000000000d1',
     '00000000-0000-0000-0001-000000001000', 'in_progress', 'conv_old', now() - interval '3 days');
insert into public.conversation_events (conversation_id, event_type, sequence_number)
    select '00000000-0000-0000-0000-000000000101', 'call_started', 1 from generate_series(1, 2);
