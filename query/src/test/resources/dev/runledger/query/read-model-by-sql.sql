-- The tables of the read model as views over the log, by SQL alone: what the fold should give, told a second time and by
-- other means. Schema by_sql; each view has the columns of its table. Holds for logs that commands can bring about, and
-- some that they cannot: the first event of an execution says what it is, and no step is scheduled twice.
create schema by_sql;

-- JSON Merge Patch, RFC 7396.
create function by_sql.merge_patch(target jsonb, patch jsonb) returns jsonb
language sql immutable
as $$
select case
  when jsonb_typeof(patch) <> 'object' then patch
  else (
    select coalesce(jsonb_object_agg(key, value), '{}')
    from (
      select key, value
      from jsonb_each(case when jsonb_typeof(target) = 'object' then target else '{}' end)
      where not patch ? key
      union all
      select p.key,
        by_sql.merge_patch(case when jsonb_typeof(target) = 'object' then target -> p.key end, p.value)
      from jsonb_each(patch) as p
      where jsonb_typeof(p.value) <> 'null'
    ) as merged
  )
end
$$;

create aggregate by_sql.merged(jsonb) (sfunc = by_sql.merge_patch, stype = jsonb);

create view by_sql.event as
select namespace, substr(stream, 11)::uuid as execution_id, version, position, type, occurred_at, recorded_at, payload as p
from event_log.event
where stream like 'execution/%';

create view by_sql.first_event as
select namespace, execution_id, position, occurred_at, p,
  exists (
    select
    from by_sql.event as e
    where e.namespace = f.namespace
      and e.execution_id = f.execution_id
      and e.type = 'ExecutionErased'
  ) as erased
from by_sql.event as f
where version = 1;

-- What every event leaves an execution's status at.
create view by_sql.status_after as
select namespace, execution_id, version, position,
  coalesce((array_agg(status) filter (where status is not null) over upto)
    [count(status) over upto], 'PENDING') as status
from (
  select namespace, execution_id, version, position,
    case type
      when 'ExecutionStarted' then 'RUNNING'
      when 'ExecutionRetried' then 'RUNNING'
      when 'ExecutionCompleted' then 'COMPLETED'
      when 'ExecutionFailed' then 'FAILED'
      when 'ExecutionCancelled' then 'CANCELLED'
      when 'ExecutionTimedOut' then 'TIMED_OUT'
    end as status
  from by_sql.event
) as e
window upto as (partition by namespace, execution_id order by version);

create view by_sql.execution_states as
select namespace, execution_id, status, position as from_position,
  lead(position) over (partition by namespace, execution_id order by version) as to_position
from (
  select namespace, execution_id, version, position, status,
    lag(status) over (partition by namespace, execution_id order by version) as before
  from by_sql.status_after
) as s
where before is distinct from status;

create view by_sql.tag as
select distinct on (e.namespace, e.execution_id, t.key)
  e.namespace, e.execution_id, t.key as name, t.value
from by_sql.event as e
cross join json_each_text(e.p -> 'tags') as t
where json_typeof(e.p -> 'tags') = 'object'
  and (e.version = 1 or e.type = 'ExecutionAmended')
order by e.namespace, e.execution_id, t.key, e.version desc;

create view by_sql.steps as
with step_event as (
  select namespace, execution_id, version, position, type, occurred_at, p,
    p ->> 'stepId' as step_id, (p ->> 'iteration')::integer as iteration
  from by_sql.event
  where type like 'Step%'
), step as (
  select namespace, execution_id, step_id, iteration, min(version) as first_version, min(position) as first_position,
    max(version) as version,
    max(version) filter (where type <> 'StepScheduled') as last_change,
    max(version) filter (where type = 'StepStarted') as last_start,
    max(version) filter (where type in ('StepStarted', 'StepCompleted', 'StepFailed', 'StepReopened')) as last_result,
    coalesce(max(version) filter (where type = 'StepReopened'), 0) as reopened,
    max(version) filter (where type = 'StepScheduled') as scheduled
  from step_event
  group by namespace, execution_id, step_id, iteration
)
select s.namespace, s.execution_id, s.step_id, s.iteration, s.first_version, s.first_position, s.version,
  f.p ->> 'workflow' as workflow,
  d.p ->> 'name' as name,
  d.p ->> 'type' as type,
  (d.p ->> 'order')::integer as step_order,
  d.p -> 'dependsOn' as depends_on,
  case c.type
    when 'StepStarted' then 'RUNNING'
    when 'StepCompleted' then 'COMPLETED'
    when 'StepFailed' then case when (c.p ->> 'willRetry')::boolean then 'RETRYING' else 'FAILED' end
    when 'StepSkipped' then 'SKIPPED'
    when 'StepCancelled' then 'CANCELLED'
    when 'StepTimedOut' then 'TIMED_OUT'
    else 'PENDING'
  end as status,
  coalesce((t.p ->> 'attempt')::integer, 0) as attempt,
  coalesce((d.p ->> 'maxRetries')::integer, 0) as max_retries,
  t.p ->> 'agentId' as agent_id,
  d.p -> 'metadata' as metadata,
  d.p -> 'input' as input,
  case when r.type = 'StepCompleted' then r.p -> 'output' end as output,
  case when r.type = 'StepFailed' then r.p -> 'error' ->> 'message' end as error_message,
  case when r.type = 'StepFailed' then r.p -> 'error' ->> 'type' end as error_type,
  case when r.type = 'StepFailed' then r.p -> 'error' ->> 'stackTrace' end as error_stack_trace,
  case when r.type = 'StepFailed' then r.p -> 'error' -> 'details' end as error_details,
  case
    when c.type = 'StepFailed' and (c.p ->> 'willRetry')::boolean then (c.p ->> 'nextRetryAt')::timestamptz
  end as next_retry_at,
  span.started_at, span.ended_at,
  case
    when span.ended_at >= span.started_at then
      floor(extract(epoch from span.ended_at - span.started_at) * 1000)::bigint
    when span.ended_at < span.started_at then 0
  end as duration_ms,
  coalesce(span.ended_at < span.started_at, false) as clock_skew
from step as s
join by_sql.first_event as f using (namespace, execution_id)
left join step_event as c
  on (c.namespace, c.execution_id, c.version) = (s.namespace, s.execution_id, s.last_change)
left join step_event as t
  on (t.namespace, t.execution_id, t.version) = (s.namespace, s.execution_id, s.last_start)
left join step_event as r
  on (r.namespace, r.execution_id, r.version) = (s.namespace, s.execution_id, s.last_result)
left join step_event as d
  on (d.namespace, d.execution_id, d.version)
    = (s.namespace, s.execution_id, coalesce(s.scheduled, s.first_version))
  and d.type in ('StepScheduled', 'StepStarted')
cross join lateral (
  select
    (array_agg(occurred_at order by e.version) filter (where type = 'StepStarted'))[1] as started_at,
    (array_agg(occurred_at order by e.version desc) filter (
      where type in ('StepCompleted', 'StepSkipped', 'StepCancelled', 'StepTimedOut')
        or type = 'StepFailed' and not (p ->> 'willRetry')::boolean))[1] as ended_at
  from step_event as e
  where e.namespace = s.namespace
    and e.execution_id = s.execution_id
    and e.step_id = s.step_id
    and e.iteration = s.iteration
    and e.version > s.reopened
) as span
where not f.erased;

create view by_sql.step_attempts as
with step_event as (
  select namespace, execution_id, version, type, occurred_at, p,
    p ->> 'stepId' as step_id, (p ->> 'iteration')::integer as iteration
  from by_sql.event
  where type like 'Step%'
), start as (
  select namespace, execution_id, version, occurred_at, p, step_id, iteration,
    lead(version) over (partition by namespace, execution_id, step_id, iteration order by version) as next_start
  from step_event
  where type = 'StepStarted'
)
select s.namespace, s.execution_id, s.step_id, s.iteration, (s.p ->> 'attempt')::integer as number,
  case e.type
    when 'StepCompleted' then 'COMPLETED'
    when 'StepFailed' then 'FAILED'
    when 'StepSkipped' then 'SKIPPED'
    when 'StepCancelled' then 'CANCELLED'
    when 'StepTimedOut' then 'TIMED_OUT'
    else 'RUNNING'
  end as status,
  s.p ->> 'agentId' as agent_id,
  e.p -> 'error' ->> 'message' as error_message,
  e.p -> 'error' ->> 'type' as error_type,
  e.p -> 'error' ->> 'stackTrace' as error_stack_trace,
  e.p -> 'error' -> 'details' as error_details,
  case when (e.p ->> 'willRetry')::boolean then (e.p ->> 'nextRetryAt')::timestamptz end as next_retry_at,
  s.occurred_at as started_at,
  e.occurred_at as ended_at
from start as s
join by_sql.first_event as f using (namespace, execution_id)
left join lateral (
  select type, p, occurred_at
  from step_event as e
  where e.namespace = s.namespace
    and e.execution_id = s.execution_id
    and e.step_id = s.step_id
    and e.iteration = s.iteration
    and e.version > s.version
    and e.version < coalesce(s.next_start, e.version + 1)
    and e.type in ('StepCompleted', 'StepFailed', 'StepSkipped', 'StepCancelled', 'StepTimedOut')
  order by e.version
  limit 1
) as e on true
where not f.erased;

create view by_sql.artifacts as
select e.namespace, e.execution_id, e.version, e.position, e.p ->> 'artifactId' as artifact_id,
  f.p ->> 'workflow' as workflow, e.p ->> 'stepId' as step_id, (e.p ->> 'iteration')::integer as iteration,
  e.p ->> 'type' as type, e.p ->> 'name' as name, e.p ->> 'uri' as uri, e.p ->> 'path' as path,
  (e.p ->> 'sizeBytes')::bigint as size_bytes, e.p ->> 'contentType' as content_type, e.p ->> 'sha256' as sha256,
  e.p -> 'metadata' as metadata, e.recorded_at
from by_sql.event as e
join by_sql.first_event as f using (namespace, execution_id)
where e.type = 'ArtifactRecorded'
  and not f.erased;

create view by_sql.checkpoints as
select e.namespace, e.execution_id, e.version, e.p ->> 'checkpointId' as checkpoint_id, e.p ->> 'stepId' as step_id,
  (e.p ->> 'iteration')::integer as iteration, e.p -> 'state' as state, e.recorded_at
from by_sql.event as e
join by_sql.first_event as f using (namespace, execution_id)
where e.type = 'CheckpointRecorded'
  and not f.erased;

-- Without the hash, which is an index's own.
create view by_sql.execution_tags as
select t.namespace, t.execution_id, t.name, t.value, f.occurred_at as created_at
from by_sql.tag as t
join by_sql.first_event as f using (namespace, execution_id)
where t.value is not null
  and not f.erased;

create view by_sql.executions as
with last as (
  select namespace, execution_id, max(version) as version, max(position) as position,
    max(version) filter (where type in ('ExecutionStarted', 'ExecutionRetried', 'ExecutionCompleted',
      'ExecutionFailed', 'ExecutionCancelled', 'ExecutionTimedOut')) as change,
    coalesce(max(version) filter (where type = 'ExecutionRetried'), 0) as retry,
    coalesce(max((p ->> 'iteration')::integer) filter (where type like 'Step%'), 0) as iterations,
    count(*) filter (where type = 'ArtifactRecorded') as artifacts
  from by_sql.event
  group by namespace, execution_id
)
select l.namespace, l.execution_id, l.version, l.position,
  d.p ->> 'workflow' as workflow,
  (d.p ->> 'workflowVersion')::integer as workflow_version,
  d.p ->> 'type' as type,
  s.status, s.from_position as status_since,
  case when f.erased then 1 else coalesce((r.p ->> 'attempt')::integer, 1) end as attempt,
  d.p ->> 'agentId' as agent_id,
  d.p ->> 'customerId' as customer_id,
  d.p ->> 'externalId' as external_id,
  (d.p ->> 'parentExecutionId')::uuid as parent_execution_id,
  d.p ->> 'parentStepId' as parent_step_id,
  coalesce((
    select json_object_agg(t.name, t.value)
    from by_sql.execution_tags as t
    where t.namespace = l.namespace
      and t.execution_id = l.execution_id
  ), '{}') as tags,
  (
    select by_sql.merged((e.p -> 'metadata')::jsonb order by e.version)
    from by_sql.event as e
    where e.namespace = l.namespace
      and e.execution_id = l.execution_id
      and (e.version = 1 or e.type = 'ExecutionAmended')
      and e.p -> 'metadata' is not null
      and not f.erased
  )::json as metadata,
  d.p -> 'input' as input,
  case when c.type = 'ExecutionCompleted' then c.p -> 'output' end as output,
  case when c.type = 'ExecutionFailed' then c.p -> 'error' ->> 'message' end as error_message,
  case when c.type = 'ExecutionFailed' then c.p -> 'error' ->> 'type' end as error_type,
  case when c.type = 'ExecutionFailed' then c.p -> 'error' ->> 'stackTrace' end as error_stack_trace,
  case when c.type = 'ExecutionFailed' then c.p -> 'error' -> 'details' end as error_details,
  f.occurred_at as created_at,
  span.started_at, span.ended_at,
  case
    when span.ended_at >= span.started_at then
      floor(extract(epoch from span.ended_at - span.started_at) * 1000)::bigint
    when span.ended_at < span.started_at then 0
  end as duration_ms,
  coalesce(span.ended_at < span.started_at, false) as clock_skew,
  case when not f.erased then coalesce(
    case
      when r.version is null then (f.p ->> 'deadlineAt')::timestamptz
      else coalesce((r.p ->> 'deadlineAt')::timestamptz,
        r.recorded_at + coalesce(r.p ->> 'timeoutMs', f.p ->> 'timeoutMs')::bigint * interval '1 millisecond')
    end,
    span.restarted_at + (f.p ->> 'timeoutMs')::bigint * interval '1 millisecond') end as deadline_at,
  (d.p ->> 'timeoutMs')::bigint as timeout_ms,
  case when f.erased then 0 else l.iterations end as iterations,
  coalesce((
    select json_object_agg(n.status, n.count)
    from (
      select t.status, count(*)
      from by_sql.steps as t
      where t.namespace = l.namespace
        and t.execution_id = l.execution_id
      group by t.status
    ) as n
  ), '{}') as step_counts,
  case when f.erased then 0 else l.artifacts end as artifact_count,
  f.erased
from last as l
join by_sql.first_event as f using (namespace, execution_id)
join by_sql.execution_states as s
  on s.namespace = l.namespace
  and s.execution_id = l.execution_id
  and s.to_position is null
left join by_sql.event as d
  on d.namespace = l.namespace
  and d.execution_id = l.execution_id
  and d.version = 1
  and not f.erased
left join by_sql.event as c
  on c.namespace = l.namespace
  and c.execution_id = l.execution_id
  and c.version = l.change
  and not f.erased
left join by_sql.event as r
  on r.namespace = l.namespace
  and r.execution_id = l.execution_id
  and r.version = l.retry
cross join lateral (
  select
    (array_agg(occurred_at order by e.version) filter (
      where type in ('ExecutionStarted', 'ExecutionRetried')))[1] as started_at,
    (array_agg(occurred_at order by e.version desc) filter (
      where type in ('ExecutionCompleted', 'ExecutionFailed', 'ExecutionCancelled', 'ExecutionTimedOut')
        and e.version > l.retry))[1] as ended_at,
    (array_agg(recorded_at order by e.version) filter (
      where type = 'ExecutionStarted'
        and e.version > l.retry))[1] as restarted_at
  from by_sql.event as e
  where e.namespace = l.namespace
    and e.execution_id = l.execution_id
) as span;
