-- Axon's own tables as its entities want them, with bytea for what it calls LOBs, and the baseline's read model.
create sequence domain_event_entry_seq increment by 50;

create table domain_event_entry (
  global_index         bigint       primary key,
  event_identifier     varchar(255) not null unique,
  meta_data            bytea,
  payload              bytea        not null,
  payload_revision     varchar(255),
  payload_type         varchar(255) not null,
  time_stamp           varchar(255) not null,
  aggregate_identifier varchar(255) not null,
  sequence_number      bigint       not null,
  type                 varchar(255),
  unique (aggregate_identifier, sequence_number)
);

create table snapshot_event_entry (
  aggregate_identifier varchar(255) not null,
  sequence_number      bigint       not null,
  type                 varchar(255) not null,
  event_identifier     varchar(255) not null unique,
  meta_data            bytea,
  payload              bytea        not null,
  payload_revision     varchar(255),
  payload_type         varchar(255) not null,
  time_stamp           varchar(255) not null,
  primary key (aggregate_identifier, sequence_number, type)
);

create table token_entry (
  processor_name varchar(255) not null,
  segment        integer      not null,
  owner          varchar(255),
  timestamp      varchar(255) not null,
  token          bytea,
  token_type     varchar(255),
  primary key (processor_name, segment)
);

create table executions (
  id              uuid        primary key,
  workflow        text        not null,
  agent_id        text,
  status          text        not null,
  started_at      timestamptz not null,
  ended_at        timestamptz,
  steps_completed integer     not null
);

create table steps (
  id           text        primary key,
  execution_id uuid        not null,
  name         text,
  status       text        not null,
  attempt      integer     not null,
  rows_out     bigint      not null,
  started_at   timestamptz not null,
  ended_at     timestamptz
);

create index steps_of_execution on steps (execution_id);
