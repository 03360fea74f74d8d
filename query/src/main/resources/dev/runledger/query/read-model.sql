-- The tables that queries read. Every row comes back by replaying the log, so there are no migrations: another code
-- version makes them anew. No name has a schema: the search path says which tables are meant, those that are shown or
-- those that a rebuild makes. The namespace leads every key.

-- How far the rows are: the last position folded into them, moved in the transaction that writes them; and by whom. One
-- row.
create table projection_token (
  name           text        primary key,
  position       bigint      not null,
  code_version   text        not null, -- of the code that made the tables; no other may read or write them
  rebuild_id     uuid,                 -- what made the tables; null when they are as old as the log
  indexed        boolean     not null, -- whether the tables have their indexes
  owner          text,                 -- the node that folds; null when none does
  claimed_at     timestamptz not null, -- a claim older than ten seconds may be taken over
  paused_at      timestamptz,          -- null unless somebody paused the projection
  stopped_at     bigint,               -- the event that stops the projection; null while none does
  stopped_reason text                  -- null exactly when stopped_at is
) with (fillfactor = 20);

create table executions (
  namespace           text        not null,
  execution_id        uuid        not null,
  version             bigint      not null,
  position            bigint      not null,
  workflow            text,          -- null once erased
  workflow_version    integer,       -- null when the executor named none
  type                text,          -- null when not given
  status              text        not null,
  status_since        bigint      not null,
  attempt             integer     not null,
  agent_id            text,          -- null when not given
  customer_id         text,          -- null when not given
  external_id         text,          -- null when not given
  parent_execution_id uuid,          -- null when it has no parent
  parent_step_id      text,          -- null when it has no parent step
  tags                json        not null,
  metadata            json,          -- null when not given
  input               json,          -- null when not given
  output              json,          -- null unless COMPLETED with one
  error_message       text,          -- null unless FAILED, as the three below
  error_type          text,
  error_stack_trace   text,          -- also null when there is none
  error_details       json,          -- also null when there are none
  created_at          timestamptz not null,
  started_at          timestamptz,   -- null while it has not started
  ended_at            timestamptz,   -- null while it has not ended
  duration_ms         bigint,        -- null while it has not started or not ended
  clock_skew          boolean     not null,
  deadline_at         timestamptz,   -- null when it has none
  timeout_ms          bigint,        -- null when not given
  iterations          integer     not null,
  step_counts         json        not null,
  artifact_count      integer     not null,
  erased              boolean     not null,
  primary key (namespace, execution_id)
) with (fillfactor = 80);

create table execution_tags (
  namespace    text        not null,
  execution_id uuid        not null,
  name         text        not null,
  value        text        not null,
  hash         bigint      not null, -- of name and value, since both may be longer than an index takes
  created_at   timestamptz not null, -- the execution's
  primary key (namespace, execution_id, name)
);

-- Which status an execution had between two positions of the log.
create table execution_states (
  namespace     text   not null,
  execution_id  uuid   not null,
  status        text   not null,
  from_position bigint not null,
  to_position   bigint, -- the position that ended it; null while it lasts
  primary key (namespace, execution_id, from_position)
);

create table steps (
  namespace      text    not null,
  execution_id   uuid    not null,
  step_id        text collate "C" not null,
  iteration      integer not null,
  first_version  bigint  not null,
  first_position bigint  not null,
  version        bigint  not null,
  workflow       text,              -- the execution's; null when it is not known
  name           text,              -- null when not given
  type           text,              -- null when not given
  step_order     integer,           -- null when not given
  depends_on     json,              -- null when not given
  status         text    not null,
  attempt        integer not null,
  max_retries    integer not null,
  agent_id       text,              -- null when the last attempt's start named none
  metadata       json,              -- null when not given
  input          json,              -- null when not given
  output         json,              -- null unless COMPLETED with one
  error_message     text,           -- null without a failure since the last start, as the three below
  error_type        text,
  error_stack_trace text,           -- also null when there is none
  error_details     json,           -- also null when there are none
  next_retry_at  timestamptz,       -- null unless RETRYING and its executor said when
  started_at     timestamptz,       -- null while it has not started
  ended_at       timestamptz,       -- null while it has not ended
  duration_ms    bigint,            -- null while it has not started or not ended
  clock_skew     boolean not null,
  primary key (namespace, execution_id, step_id, iteration)
) with (fillfactor = 80);

create table step_attempts (
  namespace      text    not null,
  execution_id   uuid    not null,
  step_id        text collate "C" not null,
  iteration      integer not null,
  number         integer not null,
  status         text    not null,
  agent_id       text,              -- null when its start named none
  error_message     text,           -- null unless it failed, as the three below
  error_type        text,
  error_stack_trace text,           -- also null when there is none
  error_details     json,           -- also null when there are none
  next_retry_at  timestamptz,       -- null unless it failed and its executor said when to try again
  started_at     timestamptz,       -- null when its start is not known
  ended_at       timestamptz,       -- null while it runs
  primary key (namespace, execution_id, step_id, iteration, number)
);

create table artifacts (
  namespace    text        not null,
  execution_id uuid        not null,
  version      bigint      not null, -- of its event
  position     bigint      not null, -- of its event
  artifact_id  text        not null,
  workflow     text,                 -- the execution's; null when it is not known
  step_id      text,                 -- null when the execution produced it
  iteration    integer,              -- null exactly when step_id is
  type         text        not null,
  name         text        not null,
  uri          text,                 -- null when not given
  path         text,                 -- null when not given
  size_bytes   bigint,               -- null when not given
  content_type text,                 -- null when not given
  sha256       text,                 -- null when not given
  metadata     json,                 -- null when not given
  recorded_at  timestamptz not null,
  primary key (namespace, execution_id, version)
);

create table checkpoints (
  namespace     text        not null,
  execution_id  uuid        not null,
  version       bigint      not null, -- of its event
  checkpoint_id text        not null,
  step_id       text,                 -- null when it belongs to the execution
  iteration     integer,              -- null exactly when step_id is
  state         json        not null,
  recorded_at   timestamptz not null,
  primary key (namespace, execution_id, version)
);
