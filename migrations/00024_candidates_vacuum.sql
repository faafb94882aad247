-- +goose Up
-- A plan reads the index of ready leads from its front, which is where the leads were that have been called since: with
-- the default of a fifth of the table, hundreds of thousands of dead entries would be passed over by every plan.
alter table henk.candidates set (autovacuum_vacuum_scale_factor = 0.02);

-- +goose Down
alter table henk.candidates reset (autovacuum_vacuum_scale_factor);
