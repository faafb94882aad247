-- +goose Up
-- Numbers are compared byte by byte and not by the rules of the database's language, which cost a large tick a
-- twentieth of its time (a lookup in an index of ten million numbers makes some thirty comparisons). In a comparison
-- with a column of another collation "C" wins, so every column with an index that such a comparison is to use must have
-- it. The indexes on these columns are built anew, of 10,000,000 suppressed numbers in about ten seconds.
alter table public.call_attempts alter column number_tail type text collate "C";
alter table henk.candidates alter column phone type text collate "C", alter column tail type text collate "C";
drop view henk.suppressions;
alter table henk.suppressed_numbers alter column phone type text collate "C";
alter table henk.suppression_entries alter column phone type text collate "C";

-- As before.
create view henk.suppressions as
select n.id, n.business_id, n.phone, n.source, n.reason, n.evidence, least(n.expires_at, n.lifted_at) as expires_at, n.created_at
from henk.suppressed_numbers n
union all
select null::bigint, (select v.business_id from henk.suppression_versions v where v.id = e.version), e.phone, 'list'::text, e.reason,
    (select jsonb_build_object('list', l.name, 'version', v.id, 'source', v.source, 'imported_at', v.imported_at)
     from henk.suppression_versions v join henk.suppression_lists l on l.id = v.list_id where v.id = e.version),
    nullif(least(e.expires_at, coalesce((select v.in_force_until from henk.suppression_versions v where v.id = e.version), 'epoch')), 'infinity'),
    (select v.imported_at from henk.suppression_versions v where v.id = e.version)
from henk.suppression_entries e;
create trigger suppressions_write instead of insert or update or delete on henk.suppressions
    for each row execute function henk.suppressions_write();

-- +goose Down
drop view henk.suppressions;
alter table henk.suppression_entries alter column phone type text collate "default";
alter table henk.suppressed_numbers alter column phone type text collate "default";
alter table henk.candidates alter column phone type text collate "default", alter column tail type text collate "default";
alter table public.call_attempts alter column number_tail type text collate "default";
create view henk.suppressions as
select n.id, n.business_id, n.phone, n.source, n.reason, n.evidence, least(n.expires_at, n.lifted_at) as expires_at, n.created_at
from henk.suppressed_numbers n
union all
select null::bigint, (select v.business_id from henk.suppression_versions v where v.id = e.version), e.phone, 'list'::text, e.reason,
    (select jsonb_build_object('list', l.name, 'version', v.id, 'source', v.source, 'imported_at', v.imported_at)
     from henk.suppression_versions v join henk.suppression_lists l on l.id = v.list_id where v.id = e.version),
    nullif(least(e.expires_at, coalesce((select v.in_force_until from henk.suppression_versions v where v.id = e.version), 'epoch')), 'infinity'),
    (select v.imported_at from henk.suppression_versions v where v.id = e.version)
from henk.suppression_entries e;
create trigger suppressions_write instead of insert or update or delete on henk.suppressions
    for each row execute function henk.suppressions_write();
