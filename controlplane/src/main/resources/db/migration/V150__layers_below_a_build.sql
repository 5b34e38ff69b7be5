-- The layers that a build stands on, so that the logs of their builds are found though it failed.
alter table image add column layers_below text[] not null default '{}';
