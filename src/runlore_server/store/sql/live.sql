-- name: hear
-- A run that a writer announces, or opens a stream of, has been heard of. No summaries move, so neither does the version.
INSERT INTO run_live AS l
    (run_id, version, first_frame, heartbeat_time, is_live, keys, last, last_step, last_time, min, min_step, max,
     max_step, count)
VALUES (%(run_id)s::uuid, 0, 1, clock_timestamp(), false, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')
ON CONFLICT (run_id) DO UPDATE SET heartbeat_time = excluded.heartbeat_time
RETURNING l.heartbeat_time;

-- name: open_stream
INSERT INTO run_stream AS s (run_id, writer_id, points, dropped_points)
VALUES (%(run_id)s::uuid, %(writer_id)s, 0, 0)
ON CONFLICT (run_id, writer_id) DO UPDATE SET points = s.points
RETURNING s.points;

-- name: load
-- What a server remembers of runs. The version is read before all else (watermarks, merged summaries): if any of that
-- moves afterwards, so does the version, and the next commit finds out.
SELECT l.run_id, l.version, l.keys, l.last, l.last_step, l.last_time, l.min, l.min_step, l.max, l.max_step, l.count,
       r.lifecycle_state, e.lifecycle_state AS experiment_state, e.name AS experiment_name
FROM run_live l
JOIN run r USING (run_id)
JOIN experiment e USING (experiment_id)
WHERE l.run_id = ANY (%(run_ids)s::uuid[]);

-- name: watermarks
SELECT s.run_id, s.writer_id, s.points
FROM unnest(%(run_ids)s::uuid[], %(writer_ids)s::text[]) AS w (run_id, writer_id)
JOIN run_stream s USING (run_id, writer_id);

-- name: merged
SELECT m.run_id, m.key, m.last, m.last_step, m.last_time, m.min, m.min_step, m.max, m.max_step, m.count
FROM unnest(%(run_ids)s::uuid[], %(keys)s::text[]) AS w (run_id, key)
JOIN run_metric m USING (run_id, key);

-- name: commit
-- The points of many runs, in one statement: frame, summaries and watermarks of each run whose version is still what the
-- server remembers, and of no other. Columns of all runs stand one after the other; each run has its slices of them. A
-- row that someone else has locked is passed over, so that no run waits for another; the server tries again.
WITH given AS (
    SELECT l.run_id, i.next, i.first_point, i.last_point, i.first_key, i.last_key, i.first_slot, i.last_slot,
           i.first_writer, i.last_writer
    FROM unnest(%(run_ids)s::uuid[], %(versions)s::int8[], %(next)s::int8[], %(first_point)s::int8[],
                %(last_point)s::int8[], %(first_key)s::int8[], %(last_key)s::int8[], %(first_slot)s::int8[],
                %(last_slot)s::int8[], %(first_writer)s::int8[], %(last_writer)s::int8[])
         AS i (run_id, version, next, first_point, last_point, first_key, last_key, first_slot, last_slot,
               first_writer, last_writer)
    JOIN run_live l USING (run_id)
    JOIN run r USING (run_id)
    JOIN experiment e USING (experiment_id)
    WHERE l.version = i.version AND r.lifecycle_state = %(active)s AND e.lifecycle_state = %(active)s
    FOR NO KEY UPDATE OF l SKIP LOCKED
), live AS (
    UPDATE run_live l
    SET version        = g.next,
        heartbeat_time = clock_timestamp(),
        is_live        = true,
        -- Left alone when nothing is added, so that a long array is not stored anew.
        keys           = CASE WHEN g.first_key > g.last_key THEN l.keys
                              ELSE l.keys || (%(keys)s::text[])[g.first_key:g.last_key] END,
        last           = (%(last)s::float8[])[g.first_slot:g.last_slot],
        last_step      = (%(last_step)s::int8[])[g.first_slot:g.last_slot],
        last_time      = (%(last_time)s::int8[])[g.first_slot:g.last_slot],
        min            = (%(min)s::float8[])[g.first_slot:g.last_slot],
        min_step       = (%(min_step)s::int8[])[g.first_slot:g.last_slot],
        max            = (%(max)s::float8[])[g.first_slot:g.last_slot],
        max_step       = (%(max_step)s::int8[])[g.first_slot:g.last_slot],
        count          = (%(count)s::int8[])[g.first_slot:g.last_slot]
    FROM given g
    WHERE l.run_id = g.run_id
), stream AS (
    UPDATE run_stream s
    SET points         = w.points,
        dropped_points = greatest(s.dropped_points, w.dropped_points)
    FROM given g,
         unnest((%(writer_ids)s::text[])[g.first_writer:g.last_writer],
                (%(points)s::int8[])[g.first_writer:g.last_writer],
                (%(dropped_points)s::int8[])[g.first_writer:g.last_writer]) AS w (writer_id, points, dropped_points)
    WHERE s.run_id = g.run_id AND s.writer_id = w.writer_id
), frame AS (
    INSERT INTO metric_frame (run_id, frame, slots, steps, times, "values")
    SELECT g.run_id, g.next, (%(slots)s::int4[])[g.first_point:g.last_point],
           (%(steps)s::int8[])[g.first_point:g.last_point], (%(times)s::int8[])[g.first_point:g.last_point],
           (%(values)s::float8[])[g.first_point:g.last_point]
    FROM given g
)
SELECT run_id FROM given;

-- name: beat
-- Signs of life without points. A row that is locked is being written by someone who heard of the run too.
WITH active AS (
    SELECT DISTINCT r.run_id
    FROM unnest(%(writer_runs)s::uuid[]) AS w (run_id)
    JOIN run r USING (run_id)
    JOIN experiment e USING (experiment_id)
    WHERE r.lifecycle_state = %(active)s AND e.lifecycle_state = %(active)s
), free AS (
    SELECT l.run_id FROM run_live l JOIN active USING (run_id) FOR NO KEY UPDATE OF l SKIP LOCKED
), heard AS (
    UPDATE run_live l SET heartbeat_time = clock_timestamp() FROM free WHERE l.run_id = free.run_id
), stream AS (
    UPDATE run_stream s
    SET dropped_points = w.dropped_points
    FROM unnest(%(writer_runs)s::uuid[], %(writer_ids)s::text[], %(dropped_points)s::int8[])
         AS w (run_id, writer_id, dropped_points)
    JOIN active USING (run_id)
    WHERE s.run_id = w.run_id AND s.writer_id = w.writer_id AND s.dropped_points < w.dropped_points
)
SELECT run_id FROM active;
