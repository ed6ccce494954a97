-- name: advance_writer
-- The watermark moves only from the sequence just before; no row back means a replay, a gap or an unknown writer.
UPDATE run_writer
SET sequence = %(sequence)s
WHERE run_id = %(run_id)s::uuid AND writer_id = %(writer_id)s AND sequence = %(sequence)s - 1
RETURNING sequence;

-- name: writer
SELECT sequence FROM run_writer WHERE run_id = %(run_id)s::uuid AND writer_id = %(writer_id)s;

-- name: insert_writer
INSERT INTO run_writer (run_id, writer_id, sequence) VALUES (%(run_id)s::uuid, %(writer_id)s, 1);

-- name: merge_summaries
-- Brings each series' summary up to date and returns how many points it has then. In the order of the keys, so that two
-- writers of one run never wait for each other in a circle. NaN as `min` or `max` stands for "none".
INSERT INTO run_metric AS m (run_id, key, last, last_step, last_time, min, min_step, max, max_step, count)
SELECT %(run_id)s::uuid, s.key, s.last, s.last_step, s.last_time, nullif(s.min, 'NaN'), s.min_step,
       nullif(s.max, 'NaN'), s.max_step, s.count
FROM unnest(%(keys)s::text[], %(last)s::float8[], %(last_step)s::int8[], %(last_time)s::int8[],
            %(min)s::float8[], %(min_step)s::int8[], %(max)s::float8[], %(max_step)s::int8[], %(count)s::int8[])
     AS s (key, last, last_step, last_time, min, min_step, max, max_step, count)
ORDER BY s.key
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
RETURNING key, count;

-- name: copy_blocks
COPY metric_block (run_id, key, first_index, count, first_step, last_step, min, max, steps, times, "values")
FROM STDIN (FORMAT BINARY);

-- name: history
-- What is not merged yet comes after all that is. One statement, so that a merge in between is not seen halfway.
WITH tail AS (
    SELECT l.keys[p.slot + 1] AS key,
           array_agg(p.step ORDER BY f.frame, p.i)  AS steps,
           array_agg(p.time ORDER BY f.frame, p.i)  AS times,
           array_agg(p.value ORDER BY f.frame, p.i) AS "values"
    FROM metric_frame f
    JOIN run_live l USING (run_id),
         unnest(f.slots, f.steps, f.times, f."values") WITH ORDINALITY AS p (slot, step, time, value, i)
    WHERE f.run_id = %(run_id)s::uuid
      AND (%(keys)s::text[] IS NULL OR l.keys[p.slot + 1] = ANY (%(keys)s::text[]))
    GROUP BY l.keys[p.slot + 1]
), stretch AS (
    SELECT key, first_index AS place, steps, times, "values"
    FROM metric_block
    WHERE run_id = %(run_id)s::uuid AND (%(keys)s::text[] IS NULL OR key = ANY (%(keys)s::text[]))
    UNION ALL
    SELECT key, 9223372036854775807, steps, times, "values" FROM tail
)
SELECT key, steps, times, "values" FROM stretch ORDER BY key COLLATE "C", place;
