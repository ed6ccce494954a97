-- name: get
SELECT a.alias, a.version, a.set_time, a.set_by, a.reason, m.name AS model_name
FROM model_alias a
JOIN registered_model m USING (model_id)
WHERE a.model_id = %(model_id)s::uuid AND a.alias = %(alias)s;

-- name: standing
-- One row with all that a move is decided on, and whether it was made before; columns of what is not there are null.
SELECT EXISTS (SELECT
               FROM request r
               WHERE r.workspace = %(workspace)s AND r.actor = %(actor)s AND r.method = %(method)s
                 AND r.request_id = %(request_id)s) AS answered,
       m.model_id, m.workspace, m.name, m.description, m.tags, m.owner, m.team, m.reason_required, m.created_by,
       m.create_time, m.revision, m.event_time, m.chain_hash, m.latest_version AS last_number,
       greatest(clock_timestamp(), m.event_time + interval '1 microsecond') AS now,
       m.name AS model_name, a.alias, a.version, a.set_time, a.set_by, a.reason,
       c.version AS candidate, c.status, c.tags AS candidate_tags,
       CASE WHEN %(with_evidence)s THEN c.evidence END AS evidence,
       CASE WHEN %(with_evidence)s THEN h.evidence END AS held_evidence
FROM (VALUES (1)) AS always
LEFT JOIN registered_model m ON m.workspace = %(workspace)s AND m.name = %(name)s AND m.delete_time IS NULL
LEFT JOIN model_alias a ON a.model_id = m.model_id AND a.alias = %(alias)s
LEFT JOIN model_version c ON c.model_id = m.model_id AND c.version = %(version)s AND c.delete_time IS NULL
LEFT JOIN model_version h ON h.model_id = m.model_id AND h.version = a.version;

-- name: put
-- A move, its event, the head of the chain and what the caller is answered, unless the model has had another event since
-- all that was read. Movers that come at once wait for the row of the model; the first one changes its revision, and the
-- others then find nothing to update, without having held a lock for longer than that takes.
WITH head AS (
    UPDATE registered_model
    SET revision = %(revision)s, event_time = %(time)s, chain_hash = %(hash)s
    WHERE model_id = %(resource_id)s::uuid AND revision = %(revision)s - 1
    RETURNING model_id
), logged AS (
    INSERT INTO event (resource_id, revision, workspace, kind, subject, version, time, hash, body, actor)
    SELECT model_id, %(revision)s, %(workspace)s, %(kind)s, %(subject)s, %(version)s, %(time)s, %(hash)s, %(body)s,
           %(actor_name)s
    FROM head
), answered AS (
    INSERT INTO request (workspace, actor, method, request_id, body_sha256, response)
    SELECT %(workspace)s, %(actor)s, %(method)s, %(request_id)s, %(body_sha256)s, %(response)s
    FROM head
    WHERE %(request_id)s <> ''
)
INSERT INTO model_alias (model_id, alias, version, set_time, set_by, reason)
SELECT model_id, %(alias)s, %(version)s, %(time)s, %(set_by)s, %(reason)s
FROM head
ON CONFLICT (model_id, alias) DO UPDATE
SET version  = excluded.version,
    set_time = excluded.set_time,
    set_by   = excluded.set_by,
    reason   = excluded.reason
RETURNING alias;

-- name: delete
DELETE FROM model_alias WHERE model_id = %(model_id)s::uuid AND alias = %(alias)s;

-- name: at_version
SELECT a.alias, a.version, a.set_time, a.set_by, a.reason, m.name AS model_name
FROM model_alias a
JOIN registered_model m USING (model_id)
WHERE a.model_id = %(model_id)s::uuid AND (%(version)s::int8 IS NULL OR a.version = %(version)s::int8)
ORDER BY a.alias COLLATE "C";
