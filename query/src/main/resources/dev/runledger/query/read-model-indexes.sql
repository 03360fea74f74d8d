-- The indexes of the read model, made after the rows. The namespace leads every one, the equality filter follows, then
-- the order of the list, so that a page is a range of one index. Each statement may be repeated.

-- GET /executions, newest or oldest first
create index if not exists executions_by_created_at on executions (namespace, created_at, execution_id);
-- GET /executions?workflow=, /workflows/{name}/executions
create index if not exists executions_by_workflow on executions (namespace, workflow, created_at, execution_id);
-- GET /executions?workflow=&version=
create index if not exists executions_by_workflow_version
  on executions (namespace, workflow, workflow_version, created_at, execution_id)
  where workflow_version is not null;
-- GET /executions?status=
create index if not exists executions_by_status on executions (namespace, status, created_at, execution_id);
-- GET /executions?type=
create index if not exists executions_by_type on executions (namespace, type, created_at, execution_id)
  where type is not null;
-- GET /executions?agentId=
create index if not exists executions_by_agent on executions (namespace, agent_id, created_at, execution_id)
  where agent_id is not null;
-- GET /executions?customerId=
create index if not exists executions_by_customer on executions (namespace, customer_id, created_at, execution_id)
  where customer_id is not null;
-- GET /executions?externalId=
create index if not exists executions_by_external_id on executions (namespace, external_id, created_at, execution_id)
  where external_id is not null;
-- GET /executions?parentExecutionId=, /executions/{id}/children
create index if not exists executions_by_parent on executions (namespace, parent_execution_id, created_at, execution_id)
  where parent_execution_id is not null;
-- GET /executions?sort=±startedAt
create index if not exists executions_by_started_at on executions (namespace, started_at, execution_id)
  where started_at is not null;
-- GET /executions?sort=±endedAt
create index if not exists executions_by_ended_at on executions (namespace, ended_at, execution_id)
  where ended_at is not null;
-- GET /executions?sort=±durationMs
create index if not exists executions_by_duration on executions (namespace, duration_ms, execution_id)
  where duration_ms is not null;
-- GET /agents/{agentId}: its running executions, latest started first
create index if not exists executions_running_by_agent on executions (namespace, agent_id, started_at, execution_id)
  where status = 'RUNNING' and agent_id is not null;

-- GET /executions?tag=name:value
create index if not exists execution_tags_by_tag on execution_tags (namespace, hash, created_at, execution_id);

-- GET /executions?at=, the latest change of a status first
create index if not exists execution_states_by_position on execution_states (namespace, from_position);
-- GET /executions?at=&status=: what lasted at a position began within as many positions before as it lasted at most, so
-- that how long it lasted (in octal digits; 0 while it lasts) bounds where to look. The sign keeps lists of all statuses
-- to the index above.
create index if not exists execution_states_by_status
  on execution_states (namespace, status, coalesce((length(ltrim((to_position - from_position)::bit(64)::text, '0')) + 2) / 3, 0), (-from_position));

-- GET /executions/{id}/steps; a step without an order comes after those that have one
create index if not exists steps_of_execution
  on steps (namespace, execution_id, coalesce(step_order, 2147483647), first_version);
-- GET /steps, newest first
create index if not exists steps_by_position on steps (namespace, first_position);
-- GET /steps?status=
create index if not exists steps_by_status on steps (namespace, status, first_position);
-- GET /steps?type=
create index if not exists steps_by_type on steps (namespace, type, first_position) where type is not null;
-- GET /steps?name=
create index if not exists steps_by_name on steps (namespace, name, first_position) where name is not null;
-- GET /steps?workflow=
create index if not exists steps_by_workflow on steps (namespace, workflow, first_position) where workflow is not null;
-- GET /agents/{agentId}: how many steps it runs
create index if not exists steps_running_by_agent on steps (namespace, agent_id)
  where status = 'RUNNING' and agent_id is not null;

-- GET /artifacts, newest first
create index if not exists artifacts_by_position on artifacts (namespace, position);
-- GET /artifacts?type=
create index if not exists artifacts_by_type on artifacts (namespace, type, position);
-- GET /artifacts?name=
create index if not exists artifacts_by_name on artifacts (namespace, name, position);
-- GET /artifacts?workflow=
create index if not exists artifacts_by_workflow on artifacts (namespace, workflow, position) where workflow is not null;
