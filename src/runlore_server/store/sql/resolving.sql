-- name: look_up
-- What references mean now, all in one snapshot, with the log's position in it. LATERAL with LIMIT keeps the plan to
-- index look-ups, however large the tables are.
SELECT asked.place, l.log_id, l.last_position,
       m.model_id AS found_id, m.revision AS head_revision, m.chain_hash AS head_hash, m.name AS model_name, m.workspace,
       a.alias, a.set_time, a.set_by, a.reason, a.version AS alias_version,
       v.model_id, v.version, v.run_id, v.logged_model_id, v.artifact_path, v.manifest_digest, v.size, v.file_count,
       v.status, v.description, v.tags, v.evidence, v.created_by, v.create_time, v.status_message, v.stage, v.stage_time,
       v.stage_by, v.stage_reason, v.update_time, v.version_revision, v.aliases
FROM event_log l
CROSS JOIN json_to_recordset(%(asked)s::json) AS asked (place int4, workspace text, name text, alias text, version int8,
                                                        stage int2)
LEFT JOIN LATERAL (
    SELECT model_id, workspace, name, revision, chain_hash
    FROM registered_model
    WHERE workspace = asked.workspace AND name = asked.name
    LIMIT 1
) m ON true
LEFT JOIN LATERAL (
    SELECT alias, set_time, set_by, reason, version
    FROM model_alias
    WHERE model_id = m.model_id AND alias = asked.alias
    LIMIT 1
) a ON true
LEFT JOIN LATERAL (
    SELECT v.model_id, v.version, v.run_id, v.logged_model_id, v.artifact_path, v.manifest_digest, v.size, v.file_count,
           v.status, v.description, v.tags, v.evidence, v.created_by, v.create_time, v.status_message, v.stage,
           v.stage_time, v.stage_by, v.stage_reason, v.update_time, v.revision AS version_revision,
           (SELECT array_agg(x.alias ORDER BY x.alias COLLATE "C")
            FROM model_alias x
            WHERE x.model_id = v.model_id AND x.version = v.version) AS aliases
    FROM model_version v
    WHERE v.model_id = m.model_id
      AND v.version = CASE
          WHEN asked.stage IS NULL THEN coalesce(asked.version, a.version)
          WHEN asked.stage = 0 THEN
              (SELECT n.version
               FROM model_version n
               WHERE n.model_id = m.model_id AND n.status = %(ready)s AND n.delete_time IS NULL
               ORDER BY n.version DESC
               LIMIT 1)
          ELSE
              (SELECT n.version
               FROM model_version n
               WHERE n.model_id = m.model_id AND n.stage = asked.stage AND n.status = %(ready)s AND n.delete_time IS NULL
               ORDER BY n.version DESC
               LIMIT 1)
          END
      AND v.delete_time IS NULL
    LIMIT 1
) v ON true;

-- name: unchanged_since
-- The log's position, if models still have the chain heads that are known of them; no row when one has another. For a
-- Line: $1 are the models' ids, $2 the hashes of their heads in hex. LATERAL as above.
SELECT l.log_id, l.last_position
FROM event_log l
WHERE NOT EXISTS (
    SELECT
    FROM unnest($1::uuid[], $2::text[]) AS known (model_id, hash)
    LEFT JOIN LATERAL (SELECT chain_hash FROM registered_model WHERE model_id = known.model_id LIMIT 1) m ON true
    WHERE m.chain_hash IS DISTINCT FROM decode(known.hash, 'hex'));
