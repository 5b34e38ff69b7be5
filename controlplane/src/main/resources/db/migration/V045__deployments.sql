-- Every definition that a function ever had: versions of an app name those that belong to them.
create table function_definition (
  function_id       text not null,
  id                text not null,
  -- The client's own message, given back unchanged.
  message           bytea not null,
  created_at        timestamptz not null,
  primary key (function_id, id)
);
insert into function_definition (function_id, id, message, created_at)
  select id, definition_id, definition, created_at from function where definition is not null;

-- The definition that arrived last, which is valid until the app is published; null before the
-- first, and for variants.
alter table function rename column definition_id to latest_definition_id;
alter table function alter column latest_definition_id drop not null;
update function set latest_definition_id = null where definition is null;
alter table function drop column definition;

-- Of a variant that stays with one version of its app.
alter table function add column pinned_version integer;
alter table function add column pinned_definition_id text;

-- Function id to the id of the definition that is valid.
alter table app add column definition_ids jsonb not null default '{}';
update app set definition_ids = coalesce(
  (select jsonb_object_agg(f.id, f.latest_definition_id) from function f
   where f.app_id = app.id and f.latest_definition_id is not null), '{}');

-- The versions of deployed apps. A version is never changed.
create table app_version (
  app_id            text not null,
  version           integer not null,
  kind              text not null,
  function_ids      jsonb not null,
  class_ids         jsonb not null,
  definition_ids    jsonb not null,
  client_version    text not null,
  deployed_by       text not null,
  tag               text not null,
  -- The client's own message about the state of the source tree; null when there is none.
  commit_info       bytea,
  -- The version that this one repeats, of a rollback or a promotion.
  source_version    integer,
  deployed_at       timestamptz not null,
  primary key (app_id, version)
);
insert into app_version (app_id, version, kind, function_ids, class_ids, definition_ids,
                         client_version, deployed_by, tag, deployed_at)
  select id, version, 'STANDARD', function_ids, class_ids, definition_ids, client_version, '', '',
         coalesce(deployed_at, created_at)
  from app where version > 0;
