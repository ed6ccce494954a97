-- What the search index is filled by (store/indexing.py says how).

-- name: take_turn
-- Until the transaction ends. Nothing: another server is at it.
SELECT 1 FROM search_indexing FOR UPDATE SKIP LOCKED;

-- name: due_runs
-- Runs whose texts are to be indexed, once they have been quiet: a run that begins is changed several times.
SELECT run_id, revision AS seen
FROM run
WHERE unindexed AND event_time < clock_timestamp() - make_interval(secs => %(quiet_seconds)s)
ORDER BY run_id
LIMIT %(limit)s;

-- name: due_metrics
-- Runs whose metrics are to be indexed. Those that are live wait: they change with every commit.
SELECT run_id, version AS seen
FROM run_live
WHERE unindexed AND NOT is_live AND heartbeat_time < clock_timestamp() - make_interval(secs => %(quiet_seconds)s)
ORDER BY run_id
LIMIT %(limit)s;

-- name: add_text_keys
INSERT INTO search_key (key_no, workspace, kind, key)
SELECT (SELECT coalesce(max(key_no), 0) FROM search_key) + row_number() OVER (), found.workspace, found.kind, found.key
FROM (SELECT DISTINCT r.workspace, e.kind, e.key
      FROM run r,
           LATERAL (SELECT %(params)s AS kind, p.key FROM jsonb_object_keys(r.params) AS p (key)
                    UNION ALL
                    SELECT %(tags)s, t.key FROM jsonb_object_keys(r.tags) AS t (key)
                    UNION ALL
                    SELECT %(attributes)s, 'name'
                    UNION ALL
                    SELECT %(experiments)s, replace(r.experiment_id::text, '-', '')) e
      WHERE r.run_id = ANY (%(run_ids)s::uuid[])) found
WHERE NOT EXISTS (SELECT FROM search_key k
                  WHERE k.workspace = found.workspace AND k.kind = found.kind AND k.key = found.key);

-- name: add_metric_keys
INSERT INTO search_key (key_no, workspace, kind, key)
SELECT (SELECT coalesce(max(key_no), 0) FROM search_key) + row_number() OVER (), found.workspace, found.kind, found.key
FROM (SELECT r.workspace, %(metrics)s AS kind, m.key
      FROM run_metric m
      JOIN run r USING (run_id)
      WHERE m.run_id = ANY (%(run_ids)s::uuid[])
      UNION
      SELECT r.workspace, %(experiments)s, replace(r.experiment_id::text, '-', '')
      FROM run r
      WHERE r.run_id = ANY (%(run_ids)s::uuid[])) found
WHERE NOT EXISTS (SELECT FROM search_key k
                  WHERE k.workspace = found.workspace AND k.kind = found.kind AND k.key = found.key);

-- name: remove_texts
DELETE FROM search_text WHERE run_id = ANY (%(run_ids)s::uuid[]);

-- name: remove_metrics
DELETE FROM search_metric WHERE run_id = ANY (%(run_ids)s::uuid[]);

-- name: add_texts
INSERT INTO search_text (neg_start, run_id, key_no, experiment_no, value)
SELECT -(extract(epoch FROM r.start_time) * 1000000)::int8, r.run_id, k.key_no, x.key_no,
       left(e.value, %(prefix)s)
FROM run r
JOIN search_key x ON x.workspace = r.workspace AND x.kind = %(experiments)s AND x.key = replace(r.experiment_id::text, '-', '')
CROSS JOIN LATERAL (SELECT %(params)s AS kind, p.key, p.value FROM jsonb_each_text(r.params) AS p (key, value)
                    UNION ALL
                    SELECT %(tags)s, t.key, t.value FROM jsonb_each_text(r.tags) AS t (key, value)
                    UNION ALL
                    SELECT %(attributes)s, 'name', r.name) e
JOIN search_key k ON k.workspace = r.workspace AND k.kind = e.kind AND k.key = e.key
WHERE r.run_id = ANY (%(run_ids)s::uuid[]);

-- name: add_metrics
INSERT INTO search_metric (neg_start, last, min, max, run_id, key_no, experiment_no)
SELECT -(extract(epoch FROM r.start_time) * 1000000)::int8, nullif(m.last, 'NaN'), m.min, m.max, r.run_id, k.key_no,
       x.key_no
FROM run r
JOIN search_key x ON x.workspace = r.workspace AND x.kind = %(experiments)s AND x.key = replace(r.experiment_id::text, '-', '')
JOIN run_metric m USING (run_id)
JOIN search_key k ON k.workspace = r.workspace AND k.kind = %(metrics)s AND k.key = m.key
WHERE r.run_id = ANY (%(run_ids)s::uuid[]);

-- name: mark_runs
-- Those that have not changed since they were looked at; a run that someone is changing waits for the next round.
WITH same AS (
    SELECT r.run_id, r.revision
    FROM unnest(%(run_ids)s::uuid[], %(seen)s::int8[]) AS i (run_id, revision)
    JOIN run r USING (run_id)
    WHERE r.revision = i.revision
    FOR NO KEY UPDATE OF r SKIP LOCKED
)
UPDATE run r
SET indexed_revision = same.revision
FROM same
WHERE r.run_id = same.run_id
RETURNING r.run_id;

-- name: mark_metrics
-- As `mark_runs`. A run of the version that was seen has not become live.
WITH same AS (
    SELECT l.run_id, l.version
    FROM unnest(%(run_ids)s::uuid[], %(seen)s::int8[]) AS i (run_id, version)
    JOIN run_live l USING (run_id)
    WHERE l.version = i.version
    FOR NO KEY UPDATE OF l SKIP LOCKED
)
UPDATE run_live l
SET indexed_version = same.version
FROM same
WHERE l.run_id = same.run_id
RETURNING l.run_id;
