-- Images by id, with the latest attempt to build each.
create table image (
  id text primary key,
  workspace_id text not null,
  layer_key text not null,
  builder_version text not null,
  build_id text not null unique,
  state text not null check (state in ('BUILDING', 'BUILT', 'FAILED')),
  contents json,
  failure_kind text,
  failure_message text,
  failure_exit_code integer,
  started_at timestamptz not null,
  finished_at timestamptz,
  check (state <> 'BUILT' or contents is not null),
  check (state <> 'FAILED' or (failure_kind is not null and failure_message is not null))
);

create index image_unfinished on image (started_at) where state = 'BUILDING';

-- The image that answers a recipe: what a successful build leaves here, a forced one replaces.
create table image_cache (
  workspace_id text not null,
  layer_key text not null,
  image_id text not null references image (id),
  primary key (workspace_id, layer_key)
);

-- What builds said, numbered within each build from 1.
create table image_log (
  build_id text not null,
  sequence bigint not null,
  stream smallint not null,
  timestamp_ns bigint not null,
  data bytea not null,
  primary key (build_id, sequence)
);
