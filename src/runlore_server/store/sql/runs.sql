-- name: get
-- What is not wanted is not taken out of its TOAST, nor looked for: CASE says so of each.
SELECT r.run_id, r.workspace, r.experiment_id, r.parent_run_id, r.name, r.status, r.start_time, r.end_time,
       CASE WHEN NOT %(params)s THEN '{}'
            WHEN %(param_keys)s::text[] IS NULL THEN r.params
            ELSE (SELECT coalesce(jsonb_object_agg(k.key, r.params -> k.key), '{}')
                  FROM unnest(%(param_keys)s::text[]) AS k (key) WHERE r.params ? k.key)
       END AS params,
       CASE WHEN NOT %(tags)s THEN '{}'
            WHEN %(tag_keys)s::text[] IS NULL THEN r.tags
            ELSE (SELECT coalesce(jsonb_object_agg(k.key, r.tags -> k.key), '{}')
                  FROM unnest(%(tag_keys)s::text[]) AS k (key) WHERE r.tags ? k.key)
       END AS tags,
       r.manifest_digest, r.artifact_location, r.lifecycle_state, r.created_by, r.create_time, r.revision,
       r.event_time, r.status_message, e.name AS experiment_name, e.lifecycle_state AS experiment_state,
       least(r.delete_time, e.delete_time) AS delete_time,
       nullif(current_setting('runlore.purge_after', true), '0')::int AS purge_after,
       l.heartbeat_time,
       r.status = 1 AND l.heartbeat_time < clock_timestamp()
           - make_interval(secs => current_setting('runlore.stale_after', true)::float8) AS is_stale,
       CASE WHEN %(dropped)s
            THEN (SELECT sum(s.dropped_points)::int8 FROM run_stream s WHERE s.run_id = r.run_id)
       END AS dropped_points
FROM run r
JOIN experiment e USING (experiment_id)
LEFT JOIN run_live l USING (run_id)
WHERE r.run_id = ANY (%(run_ids)s::uuid[]) AND r.workspace = %(workspace)s;

-- name: stamp
-- Of a run `s`. What a run's message can show moves one of these: the run's own revision, its experiment's, the version
-- of its metrics, or what moves without any of them. A run's models are added with a revision and go without one, by
-- purging.
SELECT ROW(r.revision, r.event_time, e.revision, least(r.delete_time, e.delete_time), l.version, l.heartbeat_time,
           r.status = 1 AND l.heartbeat_time < clock_timestamp()
               - make_interval(secs => current_setting('runlore.stale_after', true)::float8),
           (SELECT sum(d.dropped_points) FROM run_stream d WHERE d.run_id = r.run_id),
           (SELECT count(*) FROM run_model m WHERE m.run_id = r.run_id))::text
FROM run r
JOIN experiment e USING (experiment_id)
LEFT JOIN run_live l USING (run_id)
WHERE r.run_id = s.run_id;

-- name: stamps
SELECT s.run_id, (:stamp) AS stamp
FROM run s
WHERE s.run_id = ANY (%(run_ids)s::uuid[]) AND s.workspace = %(workspace)s;

-- name: metrics
-- A row a run: for a page of runs, thousands of short rows would cost more than all the rest. An aggregate takes its
-- values in the order of a sorted subquery, which is cheaper than an order in each.
SELECT s.run_id,
       array_agg(s.key)       AS keys,
       array_agg(s.last)      AS last,
       array_agg(s.last_step) AS last_step,
       array_agg(s.last_time) AS last_time,
       array_agg(s.min)       AS min,
       array_agg(s.min_step)  AS min_step,
       array_agg(s.max)       AS max,
       array_agg(s.max_step)  AS max_step,
       array_agg(s.count)     AS count
FROM (SELECT run_id, key, last, last_step, last_time, min, min_step, max, max_step, count
      FROM metric_summary
      WHERE run_id = ANY (%(run_ids)s::uuid[])
        AND (%(metric_keys)s::text[] IS NULL OR key = ANY (%(metric_keys)s::text[]))
      ORDER BY run_id, key COLLATE "C") s
GROUP BY s.run_id;

-- name: state
-- One statement on LogBatch's hot path: that the run exists, that it stays, and that it takes something new.
SELECT r.lifecycle_state, e.lifecycle_state AS experiment_state, e.name AS experiment_name
FROM run r
JOIN experiment e USING (experiment_id)
WHERE r.run_id = %(run_id)s::uuid AND r.workspace = %(workspace)s
FOR KEY SHARE OF r;

-- name: id_is_taken
-- By a run, or by the events of one that is purged, while any are kept.
SELECT 1 FROM run WHERE run_id = %(run_id)s::uuid
UNION ALL
(SELECT 1 FROM event WHERE resource_id = %(run_id)s::uuid LIMIT 1);

-- name: lock
SELECT r.run_id, r.workspace, r.experiment_id, r.parent_run_id, r.name, r.status, r.start_time, r.end_time, r.params,
       r.tags, r.manifest_digest, r.artifact_location, r.lifecycle_state, r.created_by, r.create_time, r.revision,
       r.event_time, r.status_message, e.name AS experiment_name, e.lifecycle_state AS experiment_state,
       least(r.delete_time, e.delete_time) AS delete_time,
       nullif(current_setting('runlore.purge_after', true), '0')::int AS purge_after,
       greatest(clock_timestamp(), r.event_time + interval '1 microsecond') AS now
FROM run r
JOIN experiment e USING (experiment_id)
WHERE r.run_id = %(run_id)s::uuid AND r.workspace = %(workspace)s
FOR NO KEY UPDATE OF r;

-- name: insert
INSERT INTO run AS r
    (run_id, workspace, experiment_id, parent_run_id, name, status, start_time, end_time, params, tags,
     artifact_location, lifecycle_state, created_by, create_time, revision, event_time)
SELECT %(run_id)s::uuid, %(workspace)s, %(experiment_id)s::uuid, %(parent_run_id)s::uuid, %(name)s, %(status)s,
       coalesce(%(start_time)s::timestamptz, now), CASE WHEN %(ended)s THEN now END, %(params)s, %(tags)s,
       %(artifact_location)s, %(active)s, %(created_by)s, now, 1, now
FROM clock_timestamp() AS now
RETURNING r.run_id, r.workspace, r.experiment_id, r.parent_run_id, r.name, r.status, r.start_time, r.end_time,
          r.params, r.tags, r.manifest_digest, r.artifact_location, r.lifecycle_state, r.created_by, r.create_time,
          r.revision, r.event_time, r.status_message, NULL::timestamptz AS delete_time, NULL::int AS purge_after,
          %(experiment_name)s AS experiment_name, %(active)s AS experiment_state;

-- name: update
-- Only the name is in the search index: while that stays, an entry that was up to date is.
UPDATE run
SET name             = %(name)s,
    status           = %(status)s,
    status_message   = %(status_message)s,
    end_time         = %(end_time)s,
    revision         = %(revision)s,
    indexed_revision = CASE WHEN unindexed OR name <> %(name)s THEN indexed_revision ELSE %(revision)s END,
    event_time       = %(now)s
WHERE run_id = %(run_id)s::uuid;

-- name: log
UPDATE run
SET params     = params || %(params)s,
    tags       = tags || %(tags)s,
    revision   = %(revision)s,
    event_time = %(now)s
WHERE run_id = %(run_id)s::uuid;

-- name: delete_tags
UPDATE run
SET tags       = tags - %(keys)s::text[],
    revision   = %(revision)s,
    event_time = %(now)s
WHERE run_id = %(run_id)s::uuid;

-- name: set_lifecycle
UPDATE run
SET lifecycle_state  = %(state)s,
    delete_time      = CASE WHEN %(deleted)s THEN %(now)s::timestamptz END,
    revision         = %(revision)s,
    indexed_revision = CASE WHEN unindexed THEN indexed_revision ELSE %(revision)s END,
    event_time       = %(now)s
WHERE run_id = %(run_id)s::uuid;

-- name: set_manifest
UPDATE run
SET manifest_digest  = %(manifest_digest)s,
    revision         = %(revision)s,
    indexed_revision = CASE WHEN unindexed THEN indexed_revision ELSE %(revision)s END,
    event_time       = %(now)s
WHERE run_id = %(run_id)s::uuid;
