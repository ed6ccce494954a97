-- name: get
SELECT body_sha256, response
FROM request
WHERE workspace = %(workspace)s AND actor = %(actor)s AND method = %(method)s AND request_id = %(request_id)s;

-- name: insert
INSERT INTO request (workspace, actor, method, request_id, body_sha256, response)
VALUES (%(workspace)s, %(actor)s, %(method)s, %(request_id)s, %(body_sha256)s, %(response)s);

-- name: delete_old
DELETE FROM request WHERE create_time < now() - make_interval(hours => %(hours)s);
