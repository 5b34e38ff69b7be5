-- Blobs: bytes too large for a message, uploaded and downloaded over HTTP. The bytes themselves are
-- in the content store.
create table blob (
  id text primary key,
  workspace_id text not null,
  declared_length bigint not null,
  -- Null when the uploader did not say.
  declared_sha256 text,
  created_at timestamptz not null default now(),
  -- Null until the upload is complete; never changed afterwards.
  sha256 text,
  length bigint,
  entity_tag text
);

create index blob_unfinished on blob (created_at) where sha256 is null;
create index blob_content on blob (sha256);

-- The parts of a multipart upload that is not complete yet.
create table blob_part (
  blob_id text not null references blob (id) on delete cascade,
  number integer not null,
  sha256 text not null,
  length bigint not null,
  md5 text not null,
  primary key (blob_id, number)
);

create index blob_part_content on blob_part (sha256);

-- The key that seals the addresses of blobs: one row, made at the first start.
create table blob_seal (
  only_row boolean primary key default true check (only_row),
  key bytea not null
);
