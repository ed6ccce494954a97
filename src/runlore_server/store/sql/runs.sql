-- name: get
SELECT r.*, e.name AS experiment_name
FROM run r
JOIN experiment e USING (experiment_id)
WHERE r.run_id = ANY (%(run_ids)s::uuid[]) AND r.workspace = %(workspace)s;

-- name: metrics
SELECT run_id, key, last, last_step, last_time, min, min_step, max, max_step, count
FROM run_metric
WHERE run_id = ANY (%(run_ids)s::uuid[])
ORDER BY run_id, key COLLATE "C";

-- name: exists
SELECT 1 FROM run WHERE run_id = %(run_id)s::uuid AND workspace = %(workspace)s FOR KEY SHARE;

-- name: exists_anywhere
SELECT 1 FROM run WHERE run_id = %(run_id)s::uuid;

-- name: lock
SELECT r.*,
       (SELECT name FROM experiment e WHERE e.experiment_id = r.experiment_id)     AS experiment_name,
       greatest(clock_timestamp(), r.event_time + interval '1 microsecond') AS now
FROM run r
WHERE r.run_id = %(run_id)s::uuid AND r.workspace = %(workspace)s
FOR NO KEY UPDATE OF r;

-- name: insert
INSERT INTO run (run_id, workspace, experiment_id, parent_run_id, name, status, start_time, end_time, params, tags,
                 lifecycle_state, created_by, create_time, revision, event_time)
SELECT %(run_id)s::uuid, %(workspace)s, %(experiment_id)s::uuid, %(parent_run_id)s::uuid, %(name)s, %(status)s,
       coalesce(%(start_time)s::timestamptz, now), CASE WHEN %(ended)s THEN now END, %(params)s, %(tags)s,
       %(active)s, %(created_by)s, now, 1, now
FROM clock_timestamp() AS now
RETURNING *, %(experiment_name)s AS experiment_name;

-- name: update
UPDATE run
SET name       = %(name)s,
    status     = %(status)s,
    end_time   = %(end_time)s,
    revision   = %(revision)s,
    event_time = %(now)s
WHERE run_id = %(run_id)s::uuid;

-- name: log
UPDATE run
SET params     = params || %(params)s,
    tags       = tags || %(tags)s,
    revision   = %(revision)s,
    event_time = %(now)s
WHERE run_id = %(run_id)s::uuid;

-- name: set_manifest
UPDATE run
SET manifest_digest = %(manifest_digest)s,
    revision        = %(revision)s,
    event_time      = %(now)s
WHERE run_id = %(run_id)s::uuid;
