create table workspaces (
  id         text primary key,
  name       text not null unique,
  created_at timestamptz not null default now()
);

-- A deleted environment keeps its row, because what happened in it stays on record; its name is free.
create table environments (
  id              text primary key,
  workspace_id    text not null references workspaces,
  name            text not null,
  is_default      boolean not null,
  builder_version text not null,
  web_suffix      text not null,
  created_at      timestamptz not null default now(),
  deleted_at      timestamptz
);
create unique index environments_by_name on environments (workspace_id, name) where deleted_at is null;
create unique index environments_default on environments (workspace_id) where is_default;

-- Secrets are kept as a digest only. They are random enough that a slow digest would add nothing.
create table tokens (
  id            text primary key,
  workspace_id  text not null references workspaces,
  name          text not null,
  salt          bytea not null,
  secret_digest bytea not null,
  created_at    timestamptz not null default now()
);
