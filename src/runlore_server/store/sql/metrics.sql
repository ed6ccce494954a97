-- name: advance_writer
-- The watermark moves only from the sequence just before; no `sequence` back means a replay, a gap or an unknown writer.
-- The run's live row is locked, so that its streams wait, and moved, so that they look again at what they remember.
WITH live AS (
    INSERT INTO run_live AS l
        (run_id, version, first_frame, heartbeat_time, is_live, keys, last, last_step, last_time, min, min_step, max,
         max_step, count)
    VALUES (%(run_id)s::uuid, 1, 2, clock_timestamp(), false, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')
    ON CONFLICT (run_id) DO UPDATE
    SET version        = l.version + 1,
        first_frame    = CASE WHEN l.is_live THEN l.first_frame ELSE l.version + 2 END,
        heartbeat_time = excluded.heartbeat_time
    RETURNING is_live
), writer AS (
    UPDATE run_writer
    SET sequence = %(sequence)s
    WHERE run_id = %(run_id)s::uuid AND writer_id = %(writer_id)s AND sequence = %(sequence)s - 1
    RETURNING sequence
)
SELECT live.is_live, (SELECT sequence FROM writer) AS sequence FROM live;

-- name: writer
SELECT sequence FROM run_writer WHERE run_id = %(run_id)s::uuid AND writer_id = %(writer_id)s;

-- name: insert_writer
INSERT INTO run_writer (run_id, writer_id, sequence) VALUES (%(run_id)s::uuid, %(writer_id)s, 1);

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
