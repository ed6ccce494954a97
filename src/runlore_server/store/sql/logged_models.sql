-- name: get
SELECT m.model_id, m.workspace, m.experiment_id, m.source_run_id, m.name, m.model_type, m.status, m.status_message,
       m.params, m.tags, m.manifest_digest, m.artifact_location, m.lifecycle_state, m.created_by, m.create_time,
       m.revision, m.event_time, e.lifecycle_state AS experiment_state, (:delete_time) AS delete_time,
       nullif(current_setting('runlore.purge_after', true), '0')::int AS purge_after
FROM logged_model m
JOIN experiment e USING (experiment_id)
WHERE m.model_id = ANY (%(model_ids)s::uuid[]) AND m.workspace = %(workspace)s;

-- name: delete_time
-- Of a model `m` in an experiment `e`. Nothing changes one after its own deletion, so that is when it last changed.
SELECT least(CASE WHEN m.lifecycle_state = 2 THEN m.event_time END, e.delete_time);

-- name: hold
-- None is purged before what links to it is there, so that the link goes with it.
SELECT m.model_id, m.lifecycle_state, e.name AS experiment_name, e.lifecycle_state AS experiment_state
FROM logged_model m
JOIN experiment e USING (experiment_id)
WHERE m.model_id = ANY (%(model_ids)s::uuid[]) AND m.workspace = %(workspace)s
ORDER BY m.model_id
FOR SHARE OF m;

-- name: lock
SELECT m.model_id, m.workspace, m.experiment_id, m.source_run_id, m.name, m.model_type, m.status, m.status_message,
       m.params, m.tags, m.manifest_digest, m.artifact_location, m.lifecycle_state, m.created_by, m.create_time,
       m.revision, m.event_time, e.name AS experiment_name, e.lifecycle_state AS experiment_state,
       (:delete_time) AS delete_time, nullif(current_setting('runlore.purge_after', true), '0')::int AS purge_after,
       greatest(clock_timestamp(), m.event_time + interval '1 microsecond') AS now
FROM logged_model m
JOIN experiment e USING (experiment_id)
WHERE m.model_id = %(model_id)s::uuid AND m.workspace = %(workspace)s
FOR NO KEY UPDATE OF m;

-- name: taken
-- Events are kept by their record's id, so an id that any record has had is taken.
SELECT 1 FROM logged_model WHERE model_id = %(model_id)s::uuid
UNION ALL
SELECT 1 FROM event WHERE resource_id = %(model_id)s::uuid
LIMIT 1;

-- name: insert
INSERT INTO logged_model AS m
    (model_id, workspace, experiment_id, source_run_id, name, model_type, status, status_message, params, tags,
     manifest_digest, artifact_location, lifecycle_state, created_by, create_time, revision, event_time)
SELECT %(model_id)s::uuid, %(workspace)s, %(experiment_id)s::uuid, %(source_run_id)s::uuid, %(name)s, %(model_type)s,
       %(status)s, %(status_message)s, %(params)s, %(tags)s, %(manifest_digest)s, %(artifact_location)s, %(active)s,
       %(created_by)s, coalesce(%(create_time)s::timestamptz, now), 1, now
FROM clock_timestamp() AS now
RETURNING m.model_id, m.workspace, m.experiment_id, m.source_run_id, m.name, m.model_type, m.status, m.status_message,
          m.params, m.tags, m.manifest_digest, m.artifact_location, m.lifecycle_state, m.created_by, m.create_time,
          m.revision, m.event_time, %(active)s AS experiment_state, NULL::timestamptz AS delete_time,
          NULL::int AS purge_after;

-- name: update
UPDATE logged_model
SET name              = %(name)s,
    model_type        = %(model_type)s,
    status            = %(status)s,
    status_message    = %(status_message)s,
    params            = %(params)s,
    tags              = %(tags)s,
    manifest_digest   = %(manifest_digest)s,
    artifact_location = %(artifact_location)s,
    lifecycle_state   = %(lifecycle_state)s,
    revision          = %(revision)s,
    event_time        = %(now)s
WHERE model_id = %(model_id)s::uuid;

-- name: series
SELECT model_id, series, key, dataset_name, dataset_digest, run_id, last_time, last_step, last
FROM logged_model_series
WHERE model_id = ANY (%(model_ids)s::uuid[])
ORDER BY model_id, key COLLATE "C", dataset_name COLLATE "C", dataset_digest COLLATE "C", run_id NULLS FIRST;

-- name: put_series
-- The last point moves to a later one only, by time, then by step, then by value.
INSERT INTO logged_model_series AS s
    (model_id, series, key, dataset_name, dataset_digest, run_id, last_time, last_step, last)
VALUES (%(model_id)s::uuid, %(series)s, %(key)s, %(dataset_name)s, %(dataset_digest)s, %(run_id)s::uuid, %(time)s,
        %(step)s, %(value)s)
ON CONFLICT (model_id, series) DO UPDATE
SET last_time = excluded.last_time, last_step = excluded.last_step, last = excluded.last
WHERE (excluded.last_time, excluded.last_step, excluded.last) > (s.last_time, s.last_step, s.last);

-- name: add_points
INSERT INTO logged_model_metric (model_id, series, time, step, value)
SELECT %(model_id)s::uuid, p.series, p.time, p.step, p.value
FROM unnest(%(series)s::int[], %(times)s::int8[], %(steps)s::int8[], %(values)s::float8[]) AS p (series, time, step, value)
ON CONFLICT (model_id, series, time, step, value) DO NOTHING;

-- name: points
SELECT p.series, p.time, p.step, p.value, s.key, s.dataset_name, s.dataset_digest, s.run_id
FROM logged_model_metric p
JOIN logged_model_series s USING (model_id, series)
WHERE p.model_id = %(model_id)s::uuid
  AND (%(after)s::int IS NULL OR (p.series, p.time, p.step, p.value)
       > (%(after)s::int, %(after_time)s::int8, %(after_step)s::int8, %(after_value)s::float8))
ORDER BY p.series, p.time, p.step, p.value
LIMIT %(limit)s;
