-- The read tables from the log by SQL alone, a set at a time, into empty tables of the search path. Knows the events that
-- the benchmark brings about and no others: nothing is retried, amended or erased.
create temp table events on commit drop as
select position, namespace, substring(stream from 11)::uuid as execution_id, version, type, occurred_at, recorded_at,
  payload::jsonb as p
from event_log.event
where stream like 'execution/%';

create temp table summaries on commit drop as
select namespace, execution_id, max(version) as version, max(position) as position,
  (array_agg(p) filter (where version = 1))[1] as p,
  max(type) filter (where type in (
    'ExecutionCompleted', 'ExecutionFailed', 'ExecutionCancelled', 'ExecutionTimedOut'
  )) as ending,
  max(position) filter (where type like 'Execution%') as status_since,
  (array_agg(p) filter (where type in ('ExecutionCompleted', 'ExecutionFailed')))[1] as ended_p,
  min(occurred_at) filter (where version = 1) as started_at,
  max(occurred_at) filter (where type like 'Execution%' and version > 1) as ended_at,
  count(*) filter (where type = 'StepStarted') as started,
  count(*) filter (where type = 'StepCompleted') as completed,
  count(*) filter (where type = 'ArtifactRecorded') as artifacts
from events
group by namespace, execution_id;

insert into executions (
  namespace, execution_id, version, position, workflow, status, status_since, attempt, agent_id, tags, input, output,
  error_message, created_at, started_at, ended_at, duration_ms, clock_skew, iterations, step_counts, artifact_count,
  erased
)
select namespace, execution_id, version, position, p ->> 'workflow',
  coalesce(upper(substring(ending from 10)), 'RUNNING'), status_since, 1, p ->> 'agentId',
  coalesce(p -> 'tags', '{}')::json, (p -> 'input')::json, (ended_p -> 'output')::json,
  ended_p -> 'error' ->> 'message', started_at, started_at, ended_at,
  extract(epoch from ended_at - started_at) * 1000, coalesce(ended_at < started_at, false), 0,
  json_build_object('RUNNING', started - completed, 'COMPLETED', completed), artifacts, false
from summaries;

insert into execution_tags (namespace, execution_id, name, value, hash, created_at)
select namespace, execution_id, tag.key, tag.value, hashtextextended(tag.key || tag.value, 0), started_at
from summaries
cross join jsonb_each_text(p -> 'tags') as tag;

insert into execution_states (namespace, execution_id, status, from_position, to_position)
select namespace, execution_id,
  case type when 'ExecutionStarted' then 'RUNNING' else upper(substring(type from 10)) end, position,
  lead(position) over (partition by namespace, execution_id order by position)
from events
where type like 'Execution%';

create temp table step_summaries on commit drop as
select namespace, execution_id, p ->> 'stepId' as step_id, min(version) as first_version,
  min(position) as first_position, max(version) as version,
  (array_agg(p) filter (where type = 'StepStarted'))[1] as p,
  (array_agg(p) filter (where type = 'StepCompleted'))[1] as completed_p,
  min(occurred_at) filter (where type = 'StepStarted') as started_at,
  max(occurred_at) filter (where type = 'StepCompleted') as ended_at
from events
where type like 'Step%'
group by namespace, execution_id, p ->> 'stepId';

insert into steps (
  namespace, execution_id, step_id, iteration, first_version, first_position, version, workflow, name, step_order,
  status, attempt, max_retries, agent_id, input, output, started_at, ended_at, duration_ms, clock_skew
)
select step.namespace, step.execution_id, step.step_id, 0, step.first_version, step.first_position, step.version,
  execution.p ->> 'workflow', step.p ->> 'name', (step.p ->> 'order')::integer,
  case when step.completed_p is null then 'RUNNING' else 'COMPLETED' end, 1, 0, step.p ->> 'agentId',
  (step.p -> 'input')::json, (step.completed_p -> 'output')::json, step.started_at, step.ended_at,
  extract(epoch from step.ended_at - step.started_at) * 1000, coalesce(step.ended_at < step.started_at, false)
from step_summaries as step
join summaries as execution using (namespace, execution_id);

insert into step_attempts (
  namespace, execution_id, step_id, iteration, number, status, agent_id, started_at, ended_at
)
select namespace, execution_id, step_id, 0, 1, case when completed_p is null then 'RUNNING' else 'COMPLETED' end,
  p ->> 'agentId', started_at, ended_at
from step_summaries;

insert into artifacts (
  namespace, execution_id, version, position, artifact_id, workflow, step_id, iteration, type, name, uri, path,
  size_bytes, content_type, sha256, metadata, recorded_at
)
select event.namespace, event.execution_id, event.version, event.position, event.p ->> 'artifactId',
  execution.p ->> 'workflow', event.p ->> 'stepId', 0, event.p ->> 'type', event.p ->> 'name', event.p ->> 'uri',
  event.p ->> 'path', (event.p ->> 'sizeBytes')::bigint, event.p ->> 'contentType', event.p ->> 'sha256',
  (event.p -> 'metadata')::json, event.recorded_at
from events as event
join summaries as execution using (namespace, execution_id)
where event.type = 'ArtifactRecorded';
