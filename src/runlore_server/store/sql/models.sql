-- name: get
SELECT model_id, workspace, name, description, tags, latest_version, created_by, create_time, revision, event_time, chain_hash, reason_required
FROM registered_model
WHERE workspace = %(workspace)s AND name = %(name)s;

-- name: lock
SELECT model_id, workspace, name, description, tags, latest_version, created_by, create_time, revision, event_time, chain_hash, reason_required,
       greatest(clock_timestamp(), event_time + interval '1 microsecond') AS now
FROM registered_model
WHERE workspace = %(workspace)s AND name = %(name)s
FOR NO KEY UPDATE;

-- name: page
SELECT model_id, workspace, name, description, tags, latest_version, created_by, create_time, revision, event_time, chain_hash, reason_required
FROM registered_model
WHERE workspace = %(workspace)s AND name > %(after)s
ORDER BY name
LIMIT %(limit)s;

-- name: insert
INSERT INTO registered_model
    (model_id, workspace, name, description, tags, latest_version, created_by, create_time, revision, event_time, chain_hash)
SELECT %(model_id)s::uuid, %(workspace)s, %(name)s, %(description)s, %(tags)s, 0, %(created_by)s, now, 1, now, ''::bytea
FROM clock_timestamp() AS now
RETURNING model_id, workspace, name, description, tags, latest_version, created_by, create_time, revision, event_time, chain_hash, reason_required;

-- name: advance
UPDATE registered_model
SET revision       = %(revision)s,
    event_time     = %(now)s,
    chain_hash     = %(chain_hash)s,
    latest_version = greatest(latest_version, %(latest_version)s)
WHERE model_id = %(model_id)s::uuid;

-- name: aliases
SELECT a.*, m.name AS model_name
FROM model_alias a
JOIN registered_model m USING (model_id)
WHERE a.model_id = ANY (%(model_ids)s::uuid[])
ORDER BY a.model_id, a.alias COLLATE "C";
