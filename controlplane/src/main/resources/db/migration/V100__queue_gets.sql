-- Items that are out of their queue and on their way to whoever gets them, until it is known that
-- they arrived.
create table queue_taken (
  queue_id  text not null references shared_object on delete cascade,
  partition bytea not null,
  position  bigint not null,
  value     bytea not null,
  -- The get that they were given to, by the key that it repeats on every attempt. Null until it is
  -- about to be answered: after the death of the server nobody has them.
  given_to  text,
  taken_at  timestamptz not null,
  primary key (queue_id, partition, position)
) with (autovacuum_vacuum_scale_factor = 0.02);
create index queue_taken_by_age on queue_taken (taken_at);
