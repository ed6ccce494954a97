-- name: get
SELECT a.*, m.name AS model_name
FROM model_alias a
JOIN registered_model m USING (model_id)
WHERE a.model_id = %(model_id)s::uuid AND a.alias = %(alias)s;

-- name: put
INSERT INTO model_alias (model_id, alias, version, set_time, set_by, reason)
VALUES (%(model_id)s::uuid, %(alias)s, %(version)s, %(set_time)s, %(set_by)s, %(reason)s)
ON CONFLICT (model_id, alias) DO UPDATE
SET version  = excluded.version,
    set_time = excluded.set_time,
    set_by   = excluded.set_by,
    reason   = excluded.reason;
