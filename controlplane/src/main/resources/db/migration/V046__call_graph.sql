-- The call whose input made the call; null for calls that were made from outside.
alter table call add column parent_call_id text;
create index call_by_parent on call (parent_call_id) where parent_call_id is not null;
-- For the removal of what has expired.
create index call_by_creation on call (created_at);
