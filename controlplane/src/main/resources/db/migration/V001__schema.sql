-- The fingerprint of the migrations that this database has: one row at most. A program whose own
-- migrations have the same fingerprint has nothing to bring up to date.
create table slipway_schema (
  singleton boolean primary key default true check (singleton),
  fingerprint text not null
);
