-- The log: one head row that arbitrates between writers, the events in one total
-- order, and snapshots, which are a cache. Everything is qualified: the search
-- path of the login that migrates does not matter.

create table event_log.head (
  id          smallint    primary key check (id = 1),  -- one row
  log_id      uuid        not null,                    -- names this log for ever; the chain starts at its hash
  position    bigint      not null,                    -- of the newest event; 0 in an empty log
  recorded_at timestamptz not null,                    -- of the newest event; never decreases
  hash        bytea       not null                     -- of the newest event; sha256(log_id) in an empty log
) with (fillfactor = 20);                              -- room for in-page updates: every append writes this row

create table event_log.event (
  position     bigint      primary key,   -- 1, 2, 3 … without a gap, in commit order
  namespace    text        not null,
  stream       text        not null,
  version      bigint      not null,      -- 1, 2, 3 … in its stream
  event_id     uuid        not null,
  type         text        not null,
  revision     integer     not null,      -- of the type's format; 0 when the type declares none
  occurred_at  timestamptz not null,
  recorded_at  timestamptz not null,      -- never decreases along position
  metadata     json        not null,
  payload      json,                      -- null once erased
  payload_salt bytea,                     -- 16 random bytes; null once erased
  payload_hash bytea       not null,      -- sha256(payload_salt ‖ payload)
  digest       bytea       not null,
  hash         bytea       not null,
  -- Serves reading one stream and its last version; keeps a stream from branching
  -- should two writers ever pass the head row at once.
  constraint event_stream_version unique (namespace, stream, version)
);

-- Serves the feed of one namespace: where namespace = ? and position > ? order by position.
create index event_namespace_position on event_log.event (namespace, position);

create table event_log.snapshot (
  namespace    text        not null,
  stream       text        not null,
  version      bigint      not null,      -- of the last event that the state contains
  code_version text        not null,      -- of the code that wrote it; other code ignores it
  event_id     uuid        not null,
  type         text        not null,
  revision     integer     not null,
  occurred_at  timestamptz not null,
  metadata     json        not null,
  payload      json        not null,
  -- Serves reading a stream's newest snapshot.
  primary key (namespace, stream, version, code_version)
);

insert into event_log.head (id, log_id, position, recorded_at, hash)
with fresh as materialized (
  select gen_random_uuid() as log_id
)
select 1, log_id, 0, clock_timestamp(), sha256(uuid_send(log_id))
from fresh;

-- An upper bound of the bytes that reading one event moves, without fetching or
-- decompressing what is stored out of line: exact unless compressed, where pglz
-- gains at most a factor of 91 and the limits of one event cap the guess.
create function event_log.read_cost(metadata json, payload json) returns integer
language sql stable parallel safe
return case
         when pg_column_compression(metadata) is null then pg_column_size(metadata)
         else least(pg_column_size(metadata) * 91, 65536)
       end
     + case
         when payload is null then 0
         when pg_column_compression(payload) is null then pg_column_size(payload)
         else least(pg_column_size(payload) * 91, 1048576)
       end;

-- Append only, for every login: also the owner's, also with
-- session_replication_role = replica.
--
-- The one door is erasure. Its migration replaces refuse_update() by a version
-- that lets a row through when payload and payload_salt become null and no other
-- column changes, and adds the function that does so (security definer, owned by
-- the schema's owner). Until then nothing changes an event.
create function event_log.refuse_update() returns trigger
language plpgsql
as $$
begin
  raise exception 'event_log.event is append only: position % cannot be changed', old.position
    using errcode = 'restrict_violation';
end
$$;

create function event_log.refuse_removal() returns trigger
language plpgsql
as $$
begin
  raise exception 'event_log.event is append only: % is refused', lower(tg_op)
    using errcode = 'restrict_violation';
end
$$;

create trigger event_refuses_update
  before update on event_log.event
  for each row execute function event_log.refuse_update();

create trigger event_refuses_removal
  before delete or truncate on event_log.event
  for each statement execute function event_log.refuse_removal();

alter table event_log.event enable always trigger event_refuses_update;
alter table event_log.event enable always trigger event_refuses_removal;
