-- name: extend
-- Part of the statements below: brings the summaries of the series that are `given` up to date and returns how many points
-- each has then. In the order of the keys, so that two writers of one run never wait for each other in a circle. NaN as
-- `min` or `max` stands for "none".
INSERT INTO run_metric AS m (run_id, key, last, last_step, last_time, min, min_step, max, max_step, count)
SELECT run_id, key, last, last_step, last_time, nullif(min, 'NaN'), min_step, nullif(max, 'NaN'), max_step, count
FROM given
ORDER BY key
ON CONFLICT (run_id, key) DO UPDATE
SET last      = CASE WHEN (excluded.last_step, excluded.last_time) >= (m.last_step, m.last_time)
                     THEN excluded.last ELSE m.last END,
    last_time = CASE WHEN (excluded.last_step, excluded.last_time) >= (m.last_step, m.last_time)
                     THEN excluded.last_time ELSE m.last_time END,
    last_step = greatest(m.last_step, excluded.last_step),
    min_step  = CASE WHEN m.min IS NULL OR excluded.min < m.min THEN excluded.min_step ELSE m.min_step END,
    min       = least(m.min, excluded.min),
    max_step  = CASE WHEN m.max IS NULL OR excluded.max > m.max THEN excluded.max_step ELSE m.max_step END,
    max       = greatest(m.max, excluded.max),
    count     = m.count + excluded.count
RETURNING m.key, m.count;

-- name: merge_summaries
WITH given AS (
    SELECT %(run_id)s::uuid AS run_id, s.*
    FROM unnest(%(keys)s::text[], %(last)s::float8[], %(last_step)s::int8[], %(last_time)s::int8[],
                %(min)s::float8[], %(min_step)s::int8[], %(max)s::float8[], %(max_step)s::int8[], %(count)s::int8[])
         AS s (key, last, last_step, last_time, min, min_step, max, max_step, count)
), extended AS (:extend)
SELECT key, count FROM extended;

-- name: append
-- A writer's next batch: its watermark, the summaries, and a block for each series, in one statement. Each part depends
-- on the one before it, so that no row back means: no point was written. Then the run is not active or not there, has
-- frames that are merged first, or the batch is not the writer's next. Twins of a batch, and writers of one run, take turns
-- at the run's live row, whose version moves, so that streams look again at what they remember.
WITH target AS (
    SELECT r.run_id
    FROM run r
    JOIN experiment e USING (experiment_id)
    WHERE r.run_id = %(run_id)s::uuid AND r.workspace = %(workspace)s
      AND r.lifecycle_state = %(active)s AND e.lifecycle_state = %(active)s
    FOR KEY SHARE OF r
), live AS (
    INSERT INTO run_live AS l
        (run_id, version, first_frame, heartbeat_time, is_live, keys, last, last_step, last_time, min, min_step, max,
         max_step, count)
    SELECT run_id, 1, 2, clock_timestamp(), false, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}' FROM target
    ON CONFLICT (run_id) DO UPDATE
    SET version = l.version + 1, first_frame = l.version + 2, heartbeat_time = excluded.heartbeat_time
    WHERE NOT l.is_live
    RETURNING l.run_id
), writer AS (
    INSERT INTO run_writer AS w (run_id, writer_id, sequence)
    SELECT run_id, %(writer_id)s, %(sequence)s
    FROM live
    -- Only a first batch may come from a writer that is not known.
    WHERE %(sequence)s::int8 = 1
       OR EXISTS (SELECT FROM run_writer k WHERE k.run_id = %(run_id)s::uuid AND k.writer_id = %(writer_id)s)
    ON CONFLICT (run_id, writer_id) DO UPDATE SET sequence = excluded.sequence
    WHERE w.sequence = excluded.sequence - 1
    RETURNING w.run_id
), given AS (
    SELECT w.run_id, s.*
    FROM writer w,
         unnest(%(keys)s::text[], %(last)s::float8[], %(last_step)s::int8[], %(last_time)s::int8[],
                %(min)s::float8[], %(min_step)s::int8[], %(max)s::float8[], %(max_step)s::int8[], %(count)s::int8[],
                %(low_step)s::int8[], %(high_step)s::int8[], %(first_point)s::int8[], %(last_point)s::int8[])
         AS s (key, last, last_step, last_time, min, min_step, max, max_step, count, low_step, high_step, first_point,
               last_point)
), extended AS (:extend), block AS (
    -- The columns of all series stand one after the other; each has its slice of them.
    INSERT INTO metric_block (run_id, key, first_index, count, first_step, last_step, min, max, steps, times, "values")
    SELECT g.run_id, g.key, x.count - g.count, g.count, g.low_step, g.high_step, nullif(g.min, 'NaN'),
           nullif(g.max, 'NaN'), (%(steps)s::int8[])[g.first_point:g.last_point],
           (%(times)s::int8[])[g.first_point:g.last_point], (%(values)s::float8[])[g.first_point:g.last_point]
    FROM extended x
    JOIN given g USING (key)
)
SELECT run_id FROM writer;

-- name: copy_blocks
COPY metric_block (run_id, key, first_index, count, first_step, last_step, min, max, steps, times, "values")
FROM STDIN (FORMAT BINARY);
