-- +goose Up
-- A lead whose call is under way is judged when it is over, so that is asked before its candidate is looked for: the
-- dialer's record of a call, which writes campaign_leads, finds nothing further to do.
-- +goose StatementBegin
create or replace function henk.campaign_leads_updated() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    update henk.candidates c set state = 'dirty'
    from (
        select d.campaign_id, d.lead_id
        from (
            select campaign_id, lead_id, status, outcome, attempts, last_attempt_at, next_attempt_at, lead_list_id, added_at from new_rows
            except
            select campaign_id, lead_id, status, outcome, attempts, last_attempt_at, next_attempt_at, lead_list_id, added_at from old_rows
        ) d
        where not exists (select from public.call_attempts a where a.campaign_id = d.campaign_id and a.lead_id = d.lead_id and a.in_progress)
        offset 0
    ) n
    where c.lead_id = n.lead_id and c.campaign_id = n.campaign_id and c.state <> 'dirty';
    return null;
end
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
create or replace function henk.campaign_leads_updated() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
    update henk.candidates c set state = 'dirty'
    from (
        select campaign_id, lead_id, status, outcome, attempts, last_attempt_at, next_attempt_at, lead_list_id, added_at from new_rows
        except
        select campaign_id, lead_id, status, outcome, attempts, last_attempt_at, next_attempt_at, lead_list_id, added_at from old_rows
    ) n
    where c.lead_id = n.lead_id and c.campaign_id = n.campaign_id and c.state <> 'dirty'
        and not exists (select from public.call_attempts a where a.campaign_id = n.campaign_id and a.lead_id = n.lead_id and a.in_progress);
    return null;
end
$$;
-- +goose StatementEnd
