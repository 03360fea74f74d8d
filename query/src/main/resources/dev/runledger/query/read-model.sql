-- The tables that queries read. Every row comes back by replaying the log, so there are no migrations: another code
-- version drops the schema and creates it anew. The namespace leads every key, the equality filter follows, then the
-- order of the list, so that a page is a range of one index.
create schema read_model;

-- Which code made the tables, and up to where the log is to be folded before they may be shown. One row.
create table read_model.schema_version (
  id           smallint primary key check (id = 1),
  code_version text     not null,
  replay_to    bigint   not null
);

-- How far the rows are: the last position folded into them, moved in the transaction that writes them. One row.
create table read_model.projection_token (
  name       text        primary key,
  position   bigint      not null,
  owner      text,                  -- the node that folds; null when none does
  claimed_at timestamptz not null   -- a claim older than ten seconds may be taken over
) with (fillfactor = 20);

create table read_model.executions (
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

-- GET /executions, newest or oldest first
create index executions_by_created_at on read_model.executions (namespace, created_at, execution_id);
-- GET /executions?workflow=, /workflows/{name}/executions
create index executions_by_workflow on read_model.executions (namespace, workflow, created_at, execution_id);
-- GET /executions?workflow=&version=
create index executions_by_workflow_version
  on read_model.executions (namespace, workflow, workflow_version, created_at, execution_id)
  where workflow_version is not null;
-- GET /executions?status=
create index executions_by_status on read_model.executions (namespace, status, created_at, execution_id);
-- GET /executions?type=
create index executions_by_type on read_model.executions (namespace, type, created_at, execution_id)
  where type is not null;
-- GET /executions?agentId=
create index executions_by_agent on read_model.executions (namespace, agent_id, created_at, execution_id)
  where agent_id is not null;
-- GET /executions?customerId=
create index executions_by_customer on read_model.executions (namespace, customer_id, created_at, execution_id)
  where customer_id is not null;
-- GET /executions?externalId=
create index executions_by_external_id on read_model.executions (namespace, external_id, created_at, execution_id)
  where external_id is not null;
-- GET /executions?parentExecutionId=, /executions/{id}/children
create index executions_by_parent on read_model.executions (namespace, parent_execution_id, created_at, execution_id)
  where parent_execution_id is not null;
-- GET /executions?sort=±startedAt
create index executions_by_started_at on read_model.executions (namespace, started_at, execution_id)
  where started_at is not null;
-- GET /executions?sort=±endedAt
create index executions_by_ended_at on read_model.executions (namespace, ended_at, execution_id)
  where ended_at is not null;
-- GET /executions?sort=±durationMs
create index executions_by_duration on read_model.executions (namespace, duration_ms, execution_id)
  where duration_ms is not null;
-- GET /agents/{agentId}: its running executions, latest started first
create index executions_running_by_agent on read_model.executions (namespace, agent_id, started_at, execution_id)
  where status = 'RUNNING' and agent_id is not null;

create table read_model.execution_tags (
  namespace    text        not null,
  execution_id uuid        not null,
  name         text        not null,
  value        text        not null,
  hash         bigint      not null, -- of name and value, since both may be longer than an index takes
  created_at   timestamptz not null, -- the execution's
  primary key (namespace, execution_id, name)
);

-- GET /executions?tag=name:value
create index execution_tags_by_tag on read_model.execution_tags (namespace, hash, created_at, execution_id);

-- Which status an execution had between two positions of the log.
create table read_model.execution_states (
  namespace     text   not null,
  execution_id  uuid   not null,
  status        text   not null,
  from_position bigint not null,
  to_position   bigint, -- the position that ended it; null while it lasts
  primary key (namespace, execution_id, from_position)
);

-- GET /executions?at=, the latest change of a status first
create index execution_states_by_position on read_model.execution_states (namespace, from_position);
-- GET /executions?at=&status=
create index execution_states_by_status on read_model.execution_states (namespace, status, from_position);

create table read_model.steps (
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

-- GET /executions/{id}/steps; a step without an order comes after those that have one
create index steps_of_execution
  on read_model.steps (namespace, execution_id, coalesce(step_order, 2147483647), first_version);
-- GET /steps, newest first
create index steps_by_position on read_model.steps (namespace, first_position);
-- GET /steps?status=
create index steps_by_status on read_model.steps (namespace, status, first_position);
-- GET /steps?type=
create index steps_by_type on read_model.steps (namespace, type, first_position) where type is not null;
-- GET /steps?name=
create index steps_by_name on read_model.steps (namespace, name, first_position) where name is not null;
-- GET /steps?workflow=
create index steps_by_workflow on read_model.steps (namespace, workflow, first_position) where workflow is not null;
-- GET /agents/{agentId}: how many steps it runs
create index steps_running_by_agent on read_model.steps (namespace, agent_id)
  where status = 'RUNNING' and agent_id is not null;

create table read_model.step_attempts (
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

create table read_model.artifacts (
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

-- GET /artifacts, newest first
create index artifacts_by_position on read_model.artifacts (namespace, position);
-- GET /artifacts?type=
create index artifacts_by_type on read_model.artifacts (namespace, type, position);
-- GET /artifacts?name=
create index artifacts_by_name on read_model.artifacts (namespace, name, position);
-- GET /artifacts?workflow=
create index artifacts_by_workflow on read_model.artifacts (namespace, workflow, position) where workflow is not null;

create table read_model.checkpoints (
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
