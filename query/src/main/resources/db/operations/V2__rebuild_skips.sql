-- A rebuild that goes on after a break must know which events it has skipped so far: people may have decided otherwise.
alter table operations.projection_rebuild
  add column skips bigint[] not null default '{}'; -- positions, also of events that it has not reached
