-- Mounts: sets of files. A mount's id is made from its contents, so equal mounts are one row.
create table mount (
  id text primary key,
  checksum text not null,
  file_count integer not null,
  total_bytes bigint not null,
  created_at timestamptz not null default now()
);

create table mount_file (
  mount_id text not null references mount (id) on delete cascade,
  path text not null,
  sha256 text not null,
  size bigint not null,
  mode integer not null,
  primary key (mount_id, path)
);

create index mount_file_content on mount_file (sha256);

-- Which workspaces made, and therefore see, a mount.
create table mount_owner (
  workspace_id text not null,
  mount_id text not null references mount (id) on delete cascade,
  primary key (workspace_id, mount_id)
);

-- Which files a workspace has sent. To know a digest is not enough to read somebody else's file.
create table mount_upload (
  workspace_id text not null,
  sha256 text not null,
  size bigint not null,
  checked_at timestamptz not null default now(),
  primary key (workspace_id, sha256)
);

create index mount_upload_content on mount_upload (sha256);

-- Mounts that the platform itself supplies, under the names that clients ask for or our own.
create table platform_mount (
  name text primary key,
  mount_id text not null references mount (id),
  created_at timestamptz not null default now()
);
