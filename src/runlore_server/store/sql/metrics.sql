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

-- name: lock_summaries
-- In the order of the keys, so that two writers of one run never wait for each other in a circle.
SELECT key, last, last_step, last_time, min, min_step, max, max_step, count
FROM run_metric
WHERE run_id = %(run_id)s::uuid AND key = ANY (%(keys)s::text[])
ORDER BY key
FOR NO KEY UPDATE;

-- name: update_summaries
UPDATE run_metric m
SET last      = s.last,
    last_step = s.last_step,
    last_time = s.last_time,
    min       = s.min,
    min_step  = s.min_step,
    max       = s.max,
    max_step  = s.max_step,
    count     = s.count
FROM unnest(%(keys)s::text[], %(last)s::float8[], %(last_step)s::int8[], %(last_time)s::int8[],
            %(min)s::float8[], %(min_step)s::int8[], %(max)s::float8[], %(max_step)s::int8[], %(count)s::int8[])
     AS s (key, last, last_step, last_time, min, min_step, max, max_step, count)
WHERE m.run_id = %(run_id)s::uuid AND m.key = s.key;

-- name: insert_summaries
-- Series that are new: a concurrent writer of the same key makes this collide, and the transaction run again.
INSERT INTO run_metric (run_id, key, last, last_step, last_time, min, min_step, max, max_step, count)
SELECT %(run_id)s::uuid, s.*
FROM unnest(%(keys)s::text[], %(last)s::float8[], %(last_step)s::int8[], %(last_time)s::int8[],
            %(min)s::float8[], %(min_step)s::int8[], %(max)s::float8[], %(max_step)s::int8[], %(count)s::int8[]) AS s;

-- name: copy_blocks
COPY metric_block (run_id, key, first_index, count, first_step, last_step, min, max, steps, times, "values")
FROM STDIN (FORMAT BINARY);

-- name: history
SELECT key, steps, times, "values"
FROM metric_block
WHERE run_id = %(run_id)s::uuid AND (%(keys)s::text[] IS NULL OR key = ANY (%(keys)s::text[]))
ORDER BY key COLLATE "C", first_index;
