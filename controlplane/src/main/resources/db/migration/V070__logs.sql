-- Output of containers, and what the platform says beside it. One row is what one transaction
-- brought of one task: the entries are packed together, because lines are short and rows are not
-- free.
create table log_chunk (
  entry bigint generated always as identity primary key,
  app_id text not null,
  task_id text not null,
  function_id text,
  first_ns bigint not null,
  last_ns bigint not null,
  bytes integer not null,
  entries bytea not null
);

create index log_chunk_app on log_chunk (app_id, entry);
create index log_chunk_age on log_chunk (last_ns);

-- Apps that have said everything: their streams may end.
create table log_finished_app (
  app_id text primary key,
  finished_at timestamptz not null default now()
);
