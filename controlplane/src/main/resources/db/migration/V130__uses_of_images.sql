-- When an image was last asked for: what nobody has asked for lately, and nobody needs, may go.
alter table image add column last_used_at timestamptz;
update image set last_used_at = coalesce(finished_at, started_at);
alter table image alter column last_used_at set not null;

-- The image that a definition names; null for those that were kept before this column was.
alter table function_definition add column image_id text;
