-- Lets supabase-js ask for work with the service role. PostgREST serves the schemas that the project exposes, by default
-- public, and henk's are not among them; so a function in public passes the call on. Run it once, as a migration of the
-- app. It runs with the rights of its caller, and henk.enqueue checks them again: nobody gains anything by it.
create or replace function public.henk_enqueue(kind text, args jsonb default '{}', run_at timestamptz default now())
returns bigint
language sql volatile security invoker
set search_path = ''
as $$ select henk.enqueue(kind, args, run_at) $$;

-- Supabase grants new functions in public to everybody.
revoke all on function public.henk_enqueue(text, jsonb, timestamptz) from public, anon, authenticated;
grant execute on function public.henk_enqueue(text, jsonb, timestamptz) to service_role;
