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
