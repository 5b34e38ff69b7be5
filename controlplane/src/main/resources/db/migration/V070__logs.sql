-- What containers said, and what the platform said beside it: one row per line, or per piece of a
-- line that was written in pieces.
create table log_line (
  -- The place in an app's log. Lines of one app become visible in this order, because their
  -- writers take turns at the app's row of log_app.
  entry             bigint generated always as identity primary key,
  app_id            text not null,
  task_id           text not null,
  function_id       text not null,
  -- 1 standard output, 2 standard error, 3 the platform.
  channel           smallint not null,
  -- Nanoseconds since the epoch, by the clock of the machine that ran the container.
  at_ns             bigint not null,
  data              text not null
);
create index log_line_by_entry on log_line (app_id, entry);
create index log_line_by_time on log_line (app_id, at_ns, entry);
create index log_line_by_task on log_line (task_id, entry);
-- Old lines lie together: the small index is enough to find them.
create index log_line_by_age on log_line using brin (at_ns);

-- How much is kept of each app, so that nobody has to count it.
create table log_app (
  app_id            text primary key,
  bytes             bigint not null
);
