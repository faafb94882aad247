-- +goose Up
-- Whether a lead has said in any campaign of the business that it wants no calls. The setting that lifts imported
-- do-not-call flags does not lift this. Campaign by campaign, because campaign_leads has no index by lead.
-- +goose StatementBegin
create function henk.heard_do_not_call(business uuid, lead uuid) returns boolean
language plpgsql stable parallel safe set search_path = ''
as $$
begin
    return exists (
        select from public.campaigns c
        cross join lateral (
            select from public.campaign_leads l where l.campaign_id = c.id and l.lead_id = lead and l.outcome = 'do_not_call' offset 0
        ) heard
        where c.business_id = business
    );
end
$$;
-- +goose StatementEnd

-- +goose Down
drop function henk.heard_do_not_call(uuid, uuid);
