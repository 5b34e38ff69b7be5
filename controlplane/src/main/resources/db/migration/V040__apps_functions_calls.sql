-- Apps: what one program publishes together.
create table app (
  id                text primary key,
  workspace_id      text not null,
  environment_id    text not null,
  environment_name  text not null,
  -- The name of a deployed app; null for ephemeral ones.
  name              text,
  description       text not null,
  state             text not null,
  version           integer not null default 0,
  client_version    text not null default '',
  tags              jsonb not null default '{}',
  -- Tag to id, as published last.
  function_ids      jsonb not null default '{}',
  class_ids         jsonb not null default '{}',
  created_at        timestamptz not null,
  deployed_at       timestamptz,
  stopped_at        timestamptz
);
create unique index app_by_name on app (environment_id, name)
  where name is not null and state <> 'STOPPED';
create index app_by_environment on app (environment_id, created_at desc);

-- Functions, and their variants bound to parameters or options.
create table function (
  id                text primary key,
  app_id            text not null,
  -- The function that a variant was made of; null for a function of its own.
  base_function_id  text,
  name              text not null,
  definition_id     text not null,
  -- The client's own message, given back unchanged; null between the announcement and the definition.
  definition        bytea,
  -- The announcement, from which handles are made until the definition arrives.
  announcement      bytea not null,
  serialized_params bytea not null default '',
  options           bytea not null default '',
  created_at        timestamptz not null
);
create index function_by_app on function (app_id);

create table class (
  id                text primary key,
  app_id            text not null,
  created_at        timestamptz not null
);

-- Calls. No foreign keys on this path: rows of one call are written by several transactions at once.
create table call (
  id                text primary key,
  function_id       text not null,
  app_id            text not null,
  kind              text not null,
  invocation        smallint not null,
  parent_input_id   text,
  idempotency_key   text,
  created_at        timestamptz not null,
  cancelled_at      timestamptz
);
create index call_by_function on call (function_id, created_at desc);

create table input (
  call_id           text not null,
  idx               integer not null,
  id                text not null,
  -- The client's own message, opaque to the platform.
  payload           bytea not null,
  attempt           integer not null default 0,
  created_at        timestamptz not null,
  primary key (call_id, idx)
);

-- One row per input that is finished: the key makes a second result of the same input impossible.
create table output (
  call_id           text not null,
  idx               integer not null,
  -- Order of arrival, for callers that read with a cursor.
  position          bigint generated always as identity,
  input_id          text not null,
  task_id           text,
  status            text not null,
  -- The container's own result message; null when the platform made the result.
  payload           bytea,
  -- The platform's sentence; null when the container made the result.
  message           text,
  data_format       integer not null,
  started_at        timestamptz,
  created_at        timestamptz not null,
  primary key (call_id, idx)
);

-- Chunks that generators yield and web requests carry, until their call is over.
create table call_data (
  call_id           text not null,
  direction         text not null,
  idx               bigint not null,
  payload           bytea not null,
  primary key (call_id, direction, idx)
);
