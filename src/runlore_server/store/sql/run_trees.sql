-- name: level
-- How many runs a child of this one has above it, counted up to a limit.
WITH RECURSIVE up AS (
    SELECT parent_run_id, 1 AS level FROM run WHERE run_id = %(run_id)s::uuid
    UNION ALL
    SELECT p.parent_run_id, up.level + 1
    FROM up
    JOIN run p ON p.run_id = up.parent_run_id
    WHERE up.level <= %(limit)s
)
SELECT max(level) AS level FROM up;

-- name: tree
-- Depth first: a run's path is its parent's and then its own start and id, fixed widths whose bytes compare as they do
-- (the start in microseconds since the year 1, which are not negative). A page begins after the path of the last run
-- of the page before; that path is found from the run itself, because a hundred levels would not fit into a token.
-- The workspace's deleted experiments are few and read once; joining each run's experiment makes for poor plans.
WITH RECURSIVE gone AS MATERIALIZED (
    SELECT experiment_id FROM experiment WHERE workspace = %(workspace)s AND lifecycle_state <> %(active)s
), up AS (
    SELECT r.parent_run_id AS above,
           int8send((extract(epoch FROM r.start_time) * 1000000)::int8 + 62135596800000000)
               || uuid_send(r.run_id) AS path
    FROM run r
    WHERE r.run_id = %(after)s::uuid AND r.run_id <> %(run_id)s::uuid
    UNION ALL
    SELECT p.parent_run_id,
           int8send((extract(epoch FROM p.start_time) * 1000000)::int8 + 62135596800000000)
               || uuid_send(p.run_id)
               || up.path
    FROM up
    JOIN run p ON p.run_id = up.above
    WHERE up.above <> %(run_id)s::uuid
), down AS (
    SELECT r.run_id, 0 AS depth, ''::bytea AS path
    FROM run r
    WHERE r.run_id = %(run_id)s::uuid
    UNION ALL
    SELECT c.run_id,
           d.depth + 1,
           d.path
               || int8send((extract(epoch FROM c.start_time) * 1000000)::int8 + 62135596800000000)
               || uuid_send(c.run_id)
    FROM down d
    JOIN run c ON c.parent_run_id = d.run_id
    WHERE d.depth < %(max_depth)s AND c.lifecycle_state = %(active)s
      AND c.experiment_id NOT IN (SELECT experiment_id FROM gone)
), page AS (
    SELECT run_id, depth, path
    FROM down
    WHERE %(after)s::uuid IS NULL
       OR path > coalesce((SELECT path FROM up WHERE above = %(run_id)s::uuid), '')
    ORDER BY path
    LIMIT %(limit)s
)
SELECT page.run_id,
       page.depth,
       (SELECT count(*)
        FROM run c
        WHERE c.parent_run_id = page.run_id AND c.lifecycle_state = %(active)s
          AND c.experiment_id NOT IN (SELECT experiment_id FROM gone)) AS child_count
FROM page
ORDER BY page.path;

-- name: sweep_statuses
SELECT c.status, count(*) AS count
FROM run c
WHERE c.parent_run_id = %(run_id)s::uuid AND c.lifecycle_state = %(active)s
  AND c.experiment_id NOT IN (SELECT experiment_id FROM experiment
                              WHERE workspace = %(workspace)s AND lifecycle_state <> %(active)s)
GROUP BY c.status
ORDER BY c.status;

-- name: sweep_best
-- Asked a trial at a time: Postgres joins the view as a whole only.
SELECT t.run_id
FROM (SELECT c.run_id, c.start_time,
             (SELECT m.last FROM metric_summary m WHERE m.run_id = c.run_id AND m.key = %(metric)s) AS last
      FROM run c
      WHERE c.parent_run_id = %(run_id)s::uuid AND c.lifecycle_state = %(active)s
        AND c.experiment_id NOT IN (SELECT experiment_id FROM experiment
                                    WHERE workspace = %(workspace)s AND lifecycle_state <> %(active)s)) t
WHERE t.last <> 'NaN'
ORDER BY t.last * %(sign)s::float8, t.start_time, t.run_id
LIMIT 1;

-- name: sweep_params
-- A value is spelled out while it is among the first of its param, in number and in bytes.
WITH trial AS MATERIALIZED (
    SELECT c.params
    FROM run c
    WHERE c.parent_run_id = %(run_id)s::uuid AND c.lifecycle_state = %(active)s
      AND c.experiment_id NOT IN (SELECT experiment_id FROM experiment
                                  WHERE workspace = %(workspace)s AND lifecycle_state <> %(active)s)
), value AS (
    SELECT p.key, p.value, count(*) AS trials
    FROM trial, jsonb_each_text(trial.params) p
    GROUP BY p.key, p.value
), placed AS (
    SELECT key, value, trials,
           row_number() OVER in_order             AS place,
           sum(octet_length(value)) OVER in_order AS bytes
    FROM value
    WINDOW in_order AS (PARTITION BY key ORDER BY value COLLATE "C" ROWS UNBOUNDED PRECEDING)
)
SELECT key,
       count(*) AS value_count,
       (SELECT count(*) FROM trial) - sum(trials)::int8 AS missing_count,
       coalesce(array_agg(value ORDER BY place) FILTER (WHERE place <= %(values)s AND bytes <= %(bytes)s), '{}')
           AS values
FROM placed
GROUP BY key
HAVING count(*) > 1 OR sum(trials) < (SELECT count(*) FROM trial)
ORDER BY key COLLATE "C";

-- name: sweep_varying_keys
-- Of all trials, whichever page is asked for.
WITH trial AS MATERIALIZED (
    SELECT c.params
    FROM run c
    WHERE c.parent_run_id = %(run_id)s::uuid AND c.lifecycle_state = %(active)s
      AND c.experiment_id NOT IN (SELECT experiment_id FROM experiment
                                  WHERE workspace = %(workspace)s AND lifecycle_state <> %(active)s)
)
SELECT p.key
FROM trial, jsonb_each_text(trial.params) p
GROUP BY p.key
HAVING min(p.value COLLATE "C") <> max(p.value COLLATE "C") OR count(*) < (SELECT count(*) FROM trial)
ORDER BY p.key COLLATE "C";

-- name: sweep_rows
-- The trials after one, which a token names by start and id.
SELECT c.run_id, c.name, c.status, c.start_time
FROM run c
WHERE c.parent_run_id = %(run_id)s::uuid AND c.lifecycle_state = %(active)s
  AND c.experiment_id NOT IN (SELECT experiment_id FROM experiment
                              WHERE workspace = %(workspace)s AND lifecycle_state <> %(active)s)
  AND (%(after_id)s::uuid IS NULL OR (c.start_time, c.run_id) > (%(after_start)s::timestamptz, %(after_id)s::uuid))
ORDER BY c.start_time, c.run_id
LIMIT %(limit)s;

-- name: sweep_values
-- Some params of runs, in the order of `run_ids`; a param that a run lacks is null.
SELECT ARRAY(SELECT r.params ->> k.key
             FROM unnest(%(keys)s::text[]) WITH ORDINALITY AS k (key, place)
             ORDER BY k.place) AS "values"
FROM unnest(%(run_ids)s::uuid[]) WITH ORDINALITY AS w (run_id, place)
LEFT JOIN run r USING (run_id)
ORDER BY w.place;

-- name: sweep_metrics
SELECT run_id, key, last, min, max
FROM metric_summary
WHERE run_id = ANY (%(run_ids)s::uuid[]) AND key = ANY (%(keys)s::text[]);
