-- The partitions of queues: one is there from the first put until its time is over, or for a while
-- after it is empty.
create table queue_partition (
  queue_id   text not null references shared_object on delete cascade,
  key        bytea not null,
  items      integer not null,
  bytes      bigint not null,
  expires_at timestamptz not null,
  primary key (queue_id, key)
) with (fillfactor = 50);

-- Items, front to back by position. Positions grow over all queues, so that who reads on behind a
-- position misses nothing that comes later.
create sequence queue_position;
create table queue_item (
  queue_id  text not null references shared_object on delete cascade,
  partition bytea not null,
  position  bigint not null default nextval('queue_position'),
  value     bytea not null,
  primary key (queue_id, partition, position)
) with (autovacuum_vacuum_scale_factor = 0.02);

-- Puts that are done, by the key that the client repeats on every attempt: it may try for ever, also
-- over a restart, and its items must be there once.
create table queue_put (
  queue_id        text not null references shared_object on delete cascade,
  idempotency_key text not null,
  done_at         timestamptz not null,
  primary key (queue_id, idempotency_key)
);
create index queue_put_by_age on queue_put (done_at);
