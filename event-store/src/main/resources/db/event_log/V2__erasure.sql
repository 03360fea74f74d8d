-- Erasure: the one way in which an event may change. Payload and salt go, digests
-- stay, so the chain still verifies; and an event of the same stream, further on
-- in the chain, says that they went.

create table event_log.erasure_type (
  type text primary key   -- stored name of a kind of event that erases all before it in its stream
);

-- Lets a row through when payload and salt become null, nothing else changes, and
-- a later event of the stream erases it. The newest such event is found first.
create or replace function event_log.refuse_update() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  if old.payload is null or new.payload is not null or new.payload_salt is not null
     or row(new.position, new.namespace, new.stream, new.version, new.event_id, new.type, new.revision,
            new.occurred_at, new.recorded_at, new.metadata::text, new.payload_hash, new.digest, new.hash)
        is distinct from
        row(old.position, old.namespace, old.stream, old.version, old.event_id, old.type, old.revision,
            old.occurred_at, old.recorded_at, old.metadata::text, old.payload_hash, old.digest, old.hash)
  then
    raise exception 'event_log.event is append only: position % cannot be changed', old.position
      using errcode = 'restrict_violation';
  end if;
  perform 1
  from event_log.event as later
  where later.namespace = old.namespace
    and later.stream = old.stream
    and later.version > old.version
    and later.type in (select erasure_type.type from event_log.erasure_type)
  order by later.version desc
  limit 1;
  if not found then
    raise exception 'event_log.event is append only: no later event of its stream erases position %', old.position
      using errcode = 'restrict_violation';
  end if;
  return new;
end
$$;

alter function event_log.refuse_removal() set search_path = pg_catalog, pg_temp;

-- Removes the payloads of all events before the stream's newest erasing event, and
-- the stream's snapshots, and returns how many payloads went. Idempotent. It runs
-- with the owner's rights and holds its own rule, whoever calls it: without an
-- erasing event in the log there is nothing that it removes.
--
-- The bytes leave the server's files with the next vacuum, its write-ahead log and
-- its backups when those are recycled.
create function event_log.erase(of_namespace text, of_stream text) returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  erasing bigint;
  erased  bigint;
begin
  select event.version
  into erasing
  from event_log.event
  where event.namespace = of_namespace
    and event.stream = of_stream
    and event.type in (select erasure_type.type from event_log.erasure_type)
  order by event.version desc
  limit 1;
  if erasing is null then
    raise exception 'no event of this stream erases it'
      using errcode = 'object_not_in_prerequisite_state';
  end if;

  update event_log.event
  set payload = null, payload_salt = null
  where event.namespace = of_namespace
    and event.stream = of_stream
    and event.version < erasing
    and event.payload is not null;
  get diagnostics erased = row_count;

  delete from event_log.snapshot
  where snapshot.namespace = of_namespace
    and snapshot.stream = of_stream;
  return erased;
end
$$;

revoke all on function event_log.erase(text, text) from public;
