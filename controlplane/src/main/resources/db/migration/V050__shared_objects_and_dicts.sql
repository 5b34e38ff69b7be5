-- Objects that programs share by name or by id.
create table shared_object (
  id             text primary key,
  kind           text not null,
  workspace_id   text not null,
  environment_id text not null,
  -- Null for ephemeral objects.
  name           text,
  created_at     timestamptz not null,
  created_by     text not null,
  -- The last sign that an ephemeral object is needed; null for those with a name.
  heartbeat_at   timestamptz
);
create unique index shared_object_by_name on shared_object (environment_id, kind, name)
  where name is not null;
create index shared_object_by_age on shared_object (environment_id, kind, created_at desc);
create index shared_object_by_heartbeat on shared_object (heartbeat_at) where name is null;

-- The entries of dicts. Keys and values are opaque.
create table dict_entry (
  dict_id    text not null references shared_object on delete cascade,
  -- SHA-256 of the key, which itself may be too long for an index.
  key_digest bytea not null,
  key        bytea not null,
  value      bytea not null,
  -- Not written at every use, but often enough to see for days that an entry is not used.
  used_at    timestamptz not null,
  primary key (dict_id, key_digest)
);
