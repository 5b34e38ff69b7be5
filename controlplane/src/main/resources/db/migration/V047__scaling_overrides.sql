-- What was changed of a function's scaling while it ran, until its next deployment. Null leaves the
-- definition's own value.
create table scaling_override (
  function_id           text primary key,
  -- The version of its app for which it was changed.
  app_version           integer not null,
  min_containers        integer,
  max_containers        integer,
  buffer_containers     integer,
  scaledown_window_secs integer
);
