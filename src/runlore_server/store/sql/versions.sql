-- name: get
SELECT v.model_id, v.version, v.run_id, v.logged_model_id, v.artifact_path, v.manifest_digest, v.size, v.file_count,
       v.status, v.status_message, v.description, v.tags, v.evidence, v.created_by, v.create_time, v.stage, v.stage_time,
       v.stage_by, v.stage_reason, v.update_time, v.revision AS version_revision, m.name AS model_name, m.workspace,
       (SELECT array_agg(a.alias ORDER BY a.alias COLLATE "C")
        FROM model_alias a
        WHERE a.model_id = v.model_id AND a.version = v.version) AS aliases
FROM model_version v
JOIN registered_model m USING (model_id)
WHERE v.model_id = %(model_id)s::uuid AND v.version = %(version)s AND v.delete_time IS NULL;

-- name: get_many
SELECT v.model_id, v.version, v.run_id, v.logged_model_id, v.artifact_path, v.manifest_digest, v.size, v.file_count,
       v.status, v.status_message, v.description, v.tags, v.evidence, v.created_by, v.create_time, v.stage, v.stage_time,
       v.stage_by, v.stage_reason, v.update_time, v.revision AS version_revision, m.name AS model_name, m.workspace,
       (SELECT array_agg(a.alias ORDER BY a.alias COLLATE "C")
        FROM model_alias a
        WHERE a.model_id = v.model_id AND a.version = v.version) AS aliases
FROM unnest(%(model_ids)s::uuid[], %(versions)s::int8[]) AS wanted (model_id, version)
JOIN model_version v USING (model_id, version)
JOIN registered_model m USING (model_id)
WHERE v.delete_time IS NULL AND m.delete_time IS NULL;

-- name: insert
INSERT INTO model_version (model_id, version, run_id, logged_model_id, artifact_path, manifest_digest, size, file_count,
                           status, status_message, description, tags, evidence, params, metrics, searched, created_by,
                           create_time)
VALUES (%(model_id)s::uuid, %(version)s, %(run_id)s::uuid, %(logged_model_id)s::uuid, %(artifact_path)s,
        %(manifest_digest)s, %(size)s, %(file_count)s, %(status)s, %(status_message)s, %(description)s, %(tags)s,
        %(evidence)s, %(params)s, %(metrics)s, %(searched)s, %(created_by)s, %(create_time)s);

-- name: update
UPDATE model_version
SET status_message = %(status_message)s,
    description    = %(description)s,
    tags           = %(tags)s,
    update_time    = %(update_time)s,
    revision       = revision + 1
WHERE model_id = %(model_id)s::uuid AND version = %(version)s;

-- name: complete
UPDATE model_version
SET status          = %(status)s,
    artifact_path   = %(artifact_path)s,
    manifest_digest = %(manifest_digest)s,
    size            = %(size)s,
    file_count      = %(file_count)s,
    evidence        = %(evidence)s,
    params          = %(params)s,
    metrics         = %(metrics)s,
    searched        = %(searched)s
WHERE model_id = %(model_id)s::uuid AND version = %(version)s;

-- name: delete
UPDATE model_version SET delete_time = %(delete_time)s WHERE model_id = %(model_id)s::uuid AND version = %(version)s;

-- name: in_stage
-- The other versions of a stage, with what a move of them is about.
SELECT version, stage, stage_time, stage_by, stage_reason, coalesce(update_time, create_time) AS update_time, revision
FROM model_version
WHERE model_id = %(model_id)s::uuid AND stage = %(stage)s AND version <> %(version)s AND delete_time IS NULL
ORDER BY version;

-- name: set_stage
UPDATE model_version
SET stage        = %(stage)s,
    stage_time   = %(time)s,
    stage_by     = %(actor)s,
    stage_reason = %(reason)s,
    update_time  = %(time)s,
    revision     = revision + 1
WHERE model_id = %(model_id)s::uuid AND version = %(version)s;

-- name: note_metrics
INSERT INTO model_version_metric (model_id, version, key, last)
SELECT %(model_id)s::uuid, %(version)s, m.key, m.last
FROM unnest(%(keys)s::text[], %(lasts)s::float8[]) AS m (key, last)
ON CONFLICT (model_id, version, key) DO UPDATE SET last = excluded.last;

-- name: unfilled
SELECT model_id, version, evidence
FROM model_version
WHERE (searched IS NULL OR params IS NULL) AND status <> 1
ORDER BY model_id, version
LIMIT %(limit)s
FOR NO KEY UPDATE;

-- name: fill
UPDATE model_version
SET params = %(params)s, metrics = %(metrics)s, searched = %(searched)s
WHERE model_id = %(model_id)s::uuid AND version = %(version)s;
