-- What was encrypted with the master key, to know it again. The key itself is not in the database.
create table secret_master_key (
  id    integer primary key default 1 check (id = 1),
  proof bytea not null
);

-- The data key of each environment, encrypted with the master key.
create table secret_data_key (
  environment_id text primary key,
  wrapped        bytea not null
);

-- Shared objects of the kind SECRET, with what only secrets have.
create table secret (
  id        text primary key references shared_object on delete cascade,
  anonymous boolean not null,
  -- The app that an anonymous secret belongs to, and goes with; null for one without.
  app_id    text,
  -- When a container or a build last got it; not written more often than once a minute.
  used_at   timestamptz
);
create index secret_anonymous on secret (app_id) where anonymous;

create table secret_variable (
  secret_id text not null references secret on delete cascade,
  name      text not null,
  -- The value, encrypted with the environment's data key for this very place.
  sealed    bytea not null,
  primary key (secret_id, name)
);
