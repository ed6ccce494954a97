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

-- name: page
SELECT v.*, v.revision AS version_revision, m.name AS model_name, m.workspace,
       (SELECT array_agg(a.alias ORDER BY a.alias COLLATE "C")
        FROM model_alias a
        WHERE a.model_id = v.model_id AND a.version = v.version) AS aliases
FROM model_version v
JOIN registered_model m USING (model_id)
WHERE v.model_id = %(model_id)s::uuid AND (%(before)s::int8 IS NULL OR v.version < %(before)s::int8)
ORDER BY v.version DESC
LIMIT %(limit)s;

-- name: insert
INSERT INTO model_version (model_id, version, run_id, logged_model_id, artifact_path, manifest_digest, size, file_count,
                           status, description, tags, evidence, created_by, create_time)
VALUES (%(model_id)s::uuid, %(version)s, %(run_id)s::uuid, %(logged_model_id)s::uuid, %(artifact_path)s,
        %(manifest_digest)s, %(size)s, %(file_count)s, %(status)s, %(description)s, %(tags)s, %(evidence)s,
        %(created_by)s, %(create_time)s);
