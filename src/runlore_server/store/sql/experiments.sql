-- name: get
SELECT experiment_id, workspace, name, description, tags, is_default, lifecycle_state, create_time, revision, event_time
FROM experiment
WHERE workspace = %(workspace)s AND experiment_id = %(experiment_id)s::uuid;

-- name: get_default
SELECT experiment_id, workspace, name, description, tags, is_default, lifecycle_state, create_time, revision, event_time
FROM experiment
WHERE workspace = %(workspace)s AND is_default;

-- name: get_by_name
SELECT experiment_id, workspace, name, description, tags, is_default, lifecycle_state, create_time, revision, event_time
FROM experiment
WHERE workspace = %(workspace)s AND name = %(name)s;

-- name: page
SELECT experiment_id, workspace, name, description, tags, is_default, lifecycle_state, create_time, revision, event_time
FROM experiment
WHERE workspace = %(workspace)s AND name > %(after)s AND lifecycle_state = %(active)s
ORDER BY name
LIMIT %(limit)s;

-- name: insert
INSERT INTO experiment
    (experiment_id, workspace, name, description, tags, is_default, lifecycle_state, create_time, revision, event_time)
SELECT %(experiment_id)s::uuid, %(workspace)s, %(name)s, %(description)s, %(tags)s, %(is_default)s, %(active)s, now, 1, now
FROM clock_timestamp() AS now
RETURNING experiment_id, workspace, name, description, tags, is_default, lifecycle_state, create_time, revision, event_time;
