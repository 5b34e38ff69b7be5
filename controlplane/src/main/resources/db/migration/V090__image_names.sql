-- Publications of images under names (with their tags) in environments. The latest of a name is what
-- the name stands for; the earlier ones are its history.
create table image_publication (
  sequence       bigint generated always as identity primary key,
  revision_id    text not null unique,
  environment_id text not null,
  name           text not null,
  image_id       text not null,
  published_at   timestamptz not null
);

create index image_publication_of_name on image_publication (environment_id, name, sequence desc);
