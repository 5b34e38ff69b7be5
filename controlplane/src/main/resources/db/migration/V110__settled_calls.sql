-- Calls that have no open input and have left the memory of the server: a start does not look at
-- them. An input that is added later takes the note back.
alter table call add column settled boolean not null default false;
update call c set settled = true
  where (select count(*) from input i where i.call_id = c.id)
      = (select count(*) from output o where o.call_id = c.id);
create index call_unsettled on call (created_at) where not settled;
