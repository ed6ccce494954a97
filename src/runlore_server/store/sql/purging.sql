-- A purged run's own row goes first, and with it what a commit of points must find. Everything else that has its
-- run_id follows in pieces, from `purged_run` on: a new table about runs gets its DELETE in `remove_rest`.

-- name: date_deletions
-- Of a binary that did not know the column.
WITH runs AS (
    UPDATE run SET delete_time = event_time WHERE lifecycle_state = 2 AND delete_time IS NULL
)
UPDATE experiment SET delete_time = event_time WHERE lifecycle_state = 2 AND delete_time IS NULL;

-- name: past_runs
-- Runs deleted by themselves. Another server that is at it has others.
SELECT run_id AS id
FROM run
WHERE lifecycle_state = 2 AND delete_time <= clock_timestamp() - make_interval(days => %(days)s)
ORDER BY delete_time
LIMIT %(limit)s
FOR UPDATE SKIP LOCKED;

-- name: past_experiments
SELECT experiment_id, workspace
FROM experiment
WHERE lifecycle_state = 2 AND delete_time <= clock_timestamp() - make_interval(days => %(days)s)
ORDER BY delete_time
LIMIT %(limit)s;

-- name: runs_of
-- The experiment is locked too, so that it is not restored in between.
SELECT r.run_id AS id
FROM run r
JOIN experiment e USING (experiment_id)
WHERE r.experiment_id = %(experiment_id)s::uuid AND e.workspace = %(workspace)s
  AND e.lifecycle_state = 2 AND e.delete_time <= clock_timestamp() - make_interval(days => %(days)s)
LIMIT %(limit)s
FOR UPDATE OF r SKIP LOCKED
FOR SHARE OF e;

-- name: remove_runs
WITH live AS (
    DELETE FROM run_live WHERE run_id = ANY (%(ids)s::uuid[])
), left_over AS (
    INSERT INTO purged_run SELECT unnest(%(ids)s::uuid[])
)
DELETE FROM run
WHERE run_id = ANY (%(ids)s::uuid[])
RETURNING run_id AS id, workspace, name, revision,
          greatest(clock_timestamp(), event_time + interval '1 microsecond') AS now;

-- name: remove_experiment
WITH uses AS (
    DELETE FROM dataset_use WHERE experiment_id = %(experiment_id)s::uuid
)
DELETE FROM experiment WHERE experiment_id = %(experiment_id)s::uuid;

-- name: past_models
-- Logged models deleted by themselves. Nothing changes one after its deletion, so that is when it last changed.
SELECT model_id AS id
FROM logged_model
WHERE lifecycle_state = 2 AND event_time <= clock_timestamp() - make_interval(days => %(days)s)
ORDER BY event_time
LIMIT %(limit)s
FOR UPDATE SKIP LOCKED;

-- name: models_of
-- The experiment is locked too, so that it is not restored in between.
SELECT m.model_id AS id
FROM logged_model m
JOIN experiment e USING (experiment_id)
WHERE m.experiment_id = %(experiment_id)s::uuid AND e.workspace = %(workspace)s
  AND e.lifecycle_state = 2 AND e.delete_time <= clock_timestamp() - make_interval(days => %(days)s)
LIMIT %(limit)s
FOR UPDATE OF m SKIP LOCKED
FOR SHARE OF e;

-- name: remove_models
-- With all that hangs on them, which is little: their points are few beside a run's.
WITH points AS (
    DELETE FROM logged_model_metric WHERE model_id = ANY (%(ids)s::uuid[])
), series AS (
    DELETE FROM logged_model_series WHERE model_id = ANY (%(ids)s::uuid[])
), links AS (
    DELETE FROM run_model WHERE model_id = ANY (%(ids)s::uuid[])
)
DELETE FROM logged_model
WHERE model_id = ANY (%(ids)s::uuid[])
RETURNING model_id AS id, workspace, name, revision,
          greatest(clock_timestamp(), event_time + interval '1 microsecond') AS now;

-- name: lock_model_with_past_versions
-- A registered model that has versions to remove, deleted by themselves or with it. Another server that is at it has
-- another model.
SELECT m.model_id, m.workspace, m.name, m.description, m.tags, m.owner, m.team, m.reason_required, m.created_by,
       m.create_time, m.revision, m.event_time, m.chain_hash, m.latest_version AS last_number,
       greatest(clock_timestamp(), m.event_time + interval '1 microsecond') AS now
FROM registered_model m
WHERE m.model_id IN (
    SELECT v.model_id
    FROM model_version v
    WHERE v.delete_time <= clock_timestamp() - make_interval(days => %(days)s)
    UNION ALL
    SELECT g.model_id
    FROM registered_model g
    WHERE g.delete_time <= clock_timestamp() - make_interval(days => %(days)s)
      AND EXISTS (SELECT FROM model_version v WHERE v.model_id = g.model_id)
)
LIMIT 1
FOR NO KEY UPDATE OF m SKIP LOCKED;

-- name: remove_versions
DELETE FROM model_version
WHERE model_id = %(model_id)s::uuid AND version IN (
    SELECT v.version
    FROM model_version v
    JOIN registered_model m USING (model_id)
    WHERE v.model_id = %(model_id)s::uuid
      AND least(v.delete_time, m.delete_time) <= clock_timestamp() - make_interval(days => %(days)s)
    ORDER BY v.version
    LIMIT %(limit)s
)
RETURNING version, manifest_digest;

-- name: left_over
SELECT run_id FROM purged_run ORDER BY run_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED;

-- name: remove_frames
WITH few AS (
    SELECT run_id, frame FROM metric_frame WHERE run_id = ANY (%(run_ids)s::uuid[]) LIMIT %(limit)s
)
DELETE FROM metric_frame f
USING few
WHERE f.run_id = few.run_id AND f.frame = few.frame;

-- name: remove_blocks
WITH few AS (
    SELECT run_id, key, first_index FROM metric_block WHERE run_id = ANY (%(run_ids)s::uuid[]) LIMIT %(limit)s
)
DELETE FROM metric_block b
USING few
WHERE b.run_id = few.run_id AND b.key = few.key AND b.first_index = few.first_index;

-- name: remove_rest
WITH metrics AS (
    DELETE FROM run_metric WHERE run_id = ANY (%(run_ids)s::uuid[])
), writers AS (
    DELETE FROM run_writer WHERE run_id = ANY (%(run_ids)s::uuid[])
), streams AS (
    DELETE FROM run_stream WHERE run_id = ANY (%(run_ids)s::uuid[])
), inputs AS (
    DELETE FROM run_dataset WHERE run_id = ANY (%(run_ids)s::uuid[])
), models AS (
    DELETE FROM run_model WHERE run_id = ANY (%(run_ids)s::uuid[])
), texts AS (
    DELETE FROM search_text WHERE run_id = ANY (%(run_ids)s::uuid[])
), entries AS (
    DELETE FROM search_metric WHERE run_id = ANY (%(run_ids)s::uuid[])
)
DELETE FROM purged_run WHERE run_id = ANY (%(run_ids)s::uuid[]);
