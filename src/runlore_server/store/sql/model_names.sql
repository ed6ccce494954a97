-- name: take
INSERT INTO model_name (workspace, name, model_id, since_revision)
VALUES (%(workspace)s, %(name)s, %(model_id)s::uuid, %(revision)s);

-- name: leave
UPDATE model_name
SET until_revision = %(revision)s
WHERE workspace = %(workspace)s AND name = %(name)s AND model_id = %(model_id)s::uuid AND until_revision IS NULL;
