-- A deleted model is a tombstone, which nothing finds by its name.

-- name: get
SELECT m.model_id, m.workspace, m.name, m.description, m.tags, m.owner, m.team, m.reason_required, m.created_by,
       m.create_time, m.revision, m.event_time, m.chain_hash,
       ARRAY(SELECT (SELECT max(v.version)
                     FROM model_version v
                     WHERE v.model_id = m.model_id AND v.stage = s.stage AND v.delete_time IS NULL)
             FROM generate_series(1, 4) AS s (stage)
             ORDER BY s.stage) AS latest_by_stage
FROM registered_model m
WHERE m.workspace = %(workspace)s AND m.name = %(name)s AND m.delete_time IS NULL;

-- name: get_many
SELECT m.model_id, m.workspace, m.name, m.description, m.tags, m.owner, m.team, m.reason_required, m.created_by,
       m.create_time, m.revision, m.event_time, m.chain_hash,
       ARRAY(SELECT (SELECT max(v.version)
                     FROM model_version v
                     WHERE v.model_id = m.model_id AND v.stage = s.stage AND v.delete_time IS NULL)
             FROM generate_series(1, 4) AS s (stage)
             ORDER BY s.stage) AS latest_by_stage
FROM registered_model m
WHERE m.workspace = %(workspace)s AND m.model_id = ANY (%(model_ids)s::uuid[]) AND m.delete_time IS NULL;

-- name: lock
SELECT model_id, workspace, name, description, tags, owner, team, reason_required, created_by, create_time, revision,
       event_time, chain_hash, latest_version AS last_number,
       greatest(clock_timestamp(), event_time + interval '1 microsecond') AS now
FROM registered_model
WHERE workspace = %(workspace)s AND name = %(name)s AND delete_time IS NULL
FOR NO KEY UPDATE;

-- name: insert
INSERT INTO registered_model
    (model_id, workspace, name, description, tags, owner, team, reason_required, latest_version, created_by, create_time,
     revision, event_time, chain_hash)
SELECT %(model_id)s::uuid, %(workspace)s, %(name)s, %(description)s, %(tags)s, %(owner)s, %(team)s, %(reason_required)s,
       0, %(created_by)s, now, 0, now, ''::bytea
FROM clock_timestamp() AS now
RETURNING event_time;

-- name: update
UPDATE registered_model
SET name            = %(name)s,
    description     = %(description)s,
    tags            = %(tags)s,
    owner           = %(owner)s,
    team            = %(team)s,
    reason_required = %(reason_required)s
WHERE model_id = %(model_id)s::uuid;

-- name: bury
UPDATE registered_model
SET name = '/' || replace(model_id::text, '-', ''), delete_time = %(delete_time)s
WHERE model_id = %(model_id)s::uuid;

-- name: advance
UPDATE registered_model
SET revision       = %(revision)s,
    event_time     = %(event_time)s,
    chain_hash     = %(chain_hash)s,
    latest_version = %(last_number)s
WHERE model_id = %(model_id)s::uuid;

-- name: aliases
SELECT a.model_id, a.alias, a.version, a.set_time, a.set_by, a.reason, m.name AS model_name
FROM model_alias a
JOIN registered_model m USING (model_id)
WHERE a.model_id = ANY (%(model_ids)s::uuid[])
ORDER BY a.model_id, a.alias COLLATE "C";
