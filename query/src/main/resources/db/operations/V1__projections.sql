-- What happened to projections. It cannot be replayed from the log, so it stands beside it and outlives the tables that
-- the projections fill. Everything is qualified: the search path of the login that migrates does not matter.

create table operations.projection_rebuild (
  id                uuid        primary key,
  projection        text        not null,
  reason            text        not null,
  state             text        not null check (state in ('RUNNING', 'DONE', 'FAILED', 'CANCELLED')),
  code_version      text        not null, -- of the code that rebuilds
  node              text,                 -- the one that works, or did last; null before one does
  requested_at      timestamptz not null,
  ended_at          timestamptz,          -- null while it runs
  position          bigint      not null, -- up to where the log is folded
  head              bigint      not null, -- where the log ended when that was written
  rows_read         bigint      not null, -- events read, again after a break too
  events_per_second double precision,     -- null before anybody knows
  error             text,                 -- null unless it failed
  failed_position   bigint                -- the event at fault; null when it did not fail, or not because of one
);

-- One at a time; and the question which one it is.
create unique index projection_rebuild_running on operations.projection_rebuild (projection) where state = 'RUNNING';
-- The last one of a projection.
create index projection_rebuild_requested on operations.projection_rebuild (projection, requested_at);

create table operations.projection_drift (
  id           uuid        primary key,
  projection   text        not null,
  rebuild_id   uuid references operations.projection_rebuild, -- null when tables were verified, not rebuilt
  kind         text        not null check (kind in ('REBUILD', 'SAMPLE', 'FULL')),
  verified_at  timestamptz not null,
  position     bigint      not null, -- of the rows that were compared
  executions   bigint      not null, -- how many were compared
  missing      bigint      not null, -- rows that the log gives and the tables do not have
  extra        bigint      not null, -- rows that the tables have and the log does not give
  different    bigint      not null,
  examples     json        not null  -- the first of them, with the names of the fields that differ
);

-- The last report of a projection, and the one of a rebuild.
create index projection_drift_verified on operations.projection_drift (projection, verified_at);
create index projection_drift_rebuild on operations.projection_drift (rebuild_id) where rebuild_id is not null;

-- Events that a person decided to skip; every fold of the projection skips them.
create table operations.projection_skip (
  projection text        not null,
  position   bigint      not null,
  reason     text        not null,
  error      text        not null, -- why the event could not be folded
  skipped_at timestamptz not null,
  primary key (projection, position)
);
