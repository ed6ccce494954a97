-- name: get
SELECT experiment_id, workspace, name, description, tags, artifact_location, is_default, lifecycle_state, create_time,
       revision, event_time, delete_time, nullif(current_setting('runlore.purge_after', true), '0')::int AS purge_after
FROM experiment
WHERE workspace = %(workspace)s AND experiment_id = %(experiment_id)s::uuid;

-- name: get_default
SELECT experiment_id, workspace, name, description, tags, artifact_location, is_default, lifecycle_state, create_time,
       revision, event_time, delete_time, nullif(current_setting('runlore.purge_after', true), '0')::int AS purge_after
FROM experiment
WHERE workspace = %(workspace)s AND is_default;

-- name: get_by_name
SELECT experiment_id, workspace, name, description, tags, artifact_location, is_default, lifecycle_state, create_time,
       revision, event_time, delete_time, nullif(current_setting('runlore.purge_after', true), '0')::int AS purge_after
FROM experiment
WHERE workspace = %(workspace)s AND name = %(name)s;

-- name: get_many
SELECT experiment_id, workspace, name, description, tags, artifact_location, is_default, lifecycle_state, create_time,
       revision, event_time, delete_time, nullif(current_setting('runlore.purge_after', true), '0')::int AS purge_after
FROM experiment
WHERE workspace = %(workspace)s AND experiment_id = ANY (%(experiment_ids)s::uuid[]);

-- name: lock
-- By id, or the default one.
SELECT experiment_id, workspace, name, description, tags, artifact_location, is_default, lifecycle_state, create_time,
       revision, event_time, delete_time,
       nullif(current_setting('runlore.purge_after', true), '0')::int AS purge_after,
       greatest(clock_timestamp(), event_time + interval '1 microsecond') AS now
FROM experiment
WHERE workspace = %(workspace)s
  AND (experiment_id = %(experiment_id)s::uuid OR %(experiment_id)s::uuid IS NULL AND is_default)
FOR NO KEY UPDATE;

-- name: insert
INSERT INTO experiment
    (experiment_id, workspace, name, description, tags, artifact_location, is_default, lifecycle_state, create_time,
     revision, event_time)
SELECT %(experiment_id)s::uuid, %(workspace)s, %(name)s, %(description)s, %(tags)s, %(artifact_location)s,
       %(is_default)s, %(active)s, now, 1, now
FROM clock_timestamp() AS now
RETURNING experiment_id, workspace, name, description, tags, artifact_location, is_default, lifecycle_state,
          create_time, revision, event_time, delete_time,
          nullif(current_setting('runlore.purge_after', true), '0')::int AS purge_after;

-- name: update
UPDATE experiment
SET name              = %(name)s,
    description       = %(description)s,
    artifact_location = %(artifact_location)s,
    tags              = %(tags)s,
    lifecycle_state   = %(lifecycle_state)s,
    delete_time       = CASE WHEN %(deleted)s THEN coalesce(delete_time, %(now)s::timestamptz) END,
    revision          = %(revision)s,
    event_time        = %(now)s
WHERE experiment_id = %(experiment_id)s::uuid
RETURNING experiment_id, workspace, name, description, tags, artifact_location, is_default, lifecycle_state,
          create_time, revision, event_time, delete_time,
          nullif(current_setting('runlore.purge_after', true), '0')::int AS purge_after;
