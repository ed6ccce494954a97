-- The points of series, read. A point's place in its series never changes, and a series only grows: so what is read
-- up to a count that was found once is as of that moment, in however many statements.

-- name: find
-- The runs and their series, in the order asked for. `merged` points are in blocks, the others in frames. One row without
-- a key for a run that has none of the series.
WITH wanted AS (
    SELECT r.run_id, r.create_time, w.place
    FROM unnest(%(run_ids)s::uuid[]) WITH ORDINALITY AS w (run_id, place)
    JOIN run r USING (run_id)
    WHERE r.workspace = %(workspace)s
)
SELECT w.run_id, w.create_time, s.key, s.count, s.merged
FROM wanted w
LEFT JOIN LATERAL (
    SELECT coalesce(l.key, m.key) AS key, coalesce(l.count, m.count) AS count, coalesce(m.count, 0) AS merged
    FROM (SELECT key, count
          FROM run_metric
          WHERE run_id = w.run_id AND (%(keys)s::text[] IS NULL OR key = ANY (%(keys)s::text[]))) m
    FULL JOIN (SELECT k.key, k.count
               FROM run_live, unnest(keys, count) AS k (key, count)
               WHERE run_id = w.run_id AND is_live AND k.count > 0
                 AND (%(keys)s::text[] IS NULL OR k.key = ANY (%(keys)s::text[]))) l USING (key)
) s ON true
ORDER BY w.place, s.key COLLATE "C";

-- name: tail
-- A live run's keys, how many points of each are merged, and the frames that are not.
SELECT l.keys,
       ARRAY(SELECT coalesce(m.count, 0)
             FROM unnest(l.keys) WITH ORDINALITY AS k (key, place)
             LEFT JOIN run_metric m ON m.run_id = l.run_id AND m.key = k.key
             ORDER BY k.place) AS merged,
       ARRAY(SELECT frame FROM metric_frame WHERE run_id = l.run_id ORDER BY frame) AS frames
FROM run_live l
WHERE l.run_id = %(run_id)s::uuid;

-- name: frames
-- Some frames; those that are merged meanwhile are not there any more.
SELECT frame, slots, steps, times, "values"
FROM metric_frame
WHERE run_id = %(run_id)s::uuid AND frame = ANY (%(frames)s::int8[]);

-- name: columns
-- What windows of series have in blocks, in order. A window begins in the last block that begins before it does.
SELECT w.number,
       CASE WHEN b.whole THEN b.steps ELSE b.steps[b.first:b.last] END       AS steps,
       CASE WHEN b.whole THEN b.times ELSE b.times[b.first:b.last] END       AS times,
       CASE WHEN b.whole THEN b."values" ELSE b."values"[b.first:b.last] END AS "values"
FROM unnest(%(run_ids)s::uuid[], %(keys)s::text[], %(begins)s::int8[], %(ends)s::int8[]) WITH ORDINALITY
         AS w (run_id, key, "begin", "end", number)
CROSS JOIN LATERAL (
    SELECT m.steps, m.times, m."values", m.first_index,
           greatest(w."begin" - m.first_index, 0)::int4 + 1                  AS first,
           least(w."end" - m.first_index, m.count)::int4                     AS last,
           m.first_index >= w."begin" AND m.first_index + m.count <= w."end" AS whole
    FROM metric_block m
    WHERE w."begin" < w."end" AND m.run_id = w.run_id AND m.key = w.key AND m.first_index < w."end"
      AND m.first_index >= (SELECT max(f.first_index)
                            FROM metric_block f
                            WHERE f.run_id = w.run_id AND f.key = w.key AND f.first_index <= w."begin")
) b
ORDER BY w.number, b.first_index;

-- name: values
-- As `columns`, the values alone: a third of the work.
SELECT w.number, CASE WHEN b.whole THEN b."values" ELSE b."values"[b.first:b.last] END AS "values"
FROM unnest(%(run_ids)s::uuid[], %(keys)s::text[], %(begins)s::int8[], %(ends)s::int8[]) WITH ORDINALITY
         AS w (run_id, key, "begin", "end", number)
CROSS JOIN LATERAL (
    SELECT m."values", m.first_index,
           greatest(w."begin" - m.first_index, 0)::int4 + 1                  AS first,
           least(w."end" - m.first_index, m.count)::int4                     AS last,
           m.first_index >= w."begin" AND m.first_index + m.count <= w."end" AS whole
    FROM metric_block m
    WHERE w."begin" < w."end" AND m.run_id = w.run_id AND m.key = w.key AND m.first_index < w."end"
      AND m.first_index >= (SELECT max(f.first_index)
                            FROM metric_block f
                            WHERE f.run_id = w.run_id AND f.key = w.key AND f.first_index <= w."begin")
) b
ORDER BY w.number, b.first_index;

-- name: ranges
-- As `columns`, what decides whether points are in a range: a block's steps where its least and greatest (`first_step`
-- and `last_step`) do not decide it for all of the block; and its times, which have no such bounds, when they matter.
SELECT w.number, b.last - b.first + 1 AS length, b.is_outside, b.is_inside,
       CASE WHEN b.is_outside OR b.is_inside THEN NULL
            WHEN b.whole THEN b.steps
            ELSE b.steps[b.first:b.last] END AS steps,
       CASE WHEN b.is_outside OR NOT %(timed)s THEN NULL
            WHEN b.whole THEN b.times
            ELSE b.times[b.first:b.last] END AS times
FROM unnest(%(run_ids)s::uuid[], %(keys)s::text[], %(begins)s::int8[], %(ends)s::int8[]) WITH ORDINALITY
         AS w (run_id, key, "begin", "end", number)
CROSS JOIN LATERAL (
    SELECT m.steps, m.times, m.first_index,
           greatest(w."begin" - m.first_index, 0)::int4 + 1                  AS first,
           least(w."end" - m.first_index, m.count)::int4                     AS last,
           m.first_index >= w."begin" AND m.first_index + m.count <= w."end" AS whole,
           m.last_step < %(min_step)s OR m.first_step > %(max_step)s         AS is_outside,
           m.first_step >= %(min_step)s AND m.last_step <= %(max_step)s      AS is_inside
    FROM metric_block m
    WHERE w."begin" < w."end" AND m.run_id = w.run_id AND m.key = w.key AND m.first_index < w."end"
      AND m.first_index >= (SELECT max(f.first_index)
                            FROM metric_block f
                            WHERE f.run_id = w.run_id AND f.key = w.key AND f.first_index <= w."begin")
) b
ORDER BY w.number, b.first_index;

-- name: moments
-- Steps and times of single points of series: those at `places`, of which each window has a slice. A block's columns
-- are fetched once (`||` does, OFFSET keeps it apart), and not for every point again.
SELECT w.number,
       ARRAY(SELECT b.steps[place - b.before] FROM unnest(b.places) AS p (place)) AS steps,
       ARRAY(SELECT b.times[place - b.before] FROM unnest(b.places) AS p (place)) AS times
FROM unnest(%(run_ids)s::uuid[], %(keys)s::text[], %(begins)s::int8[], %(ends)s::int8[], %(firsts)s::int8[],
            %(lasts)s::int8[]) WITH ORDINALITY AS w (run_id, key, "begin", "end", first, last, number)
CROSS JOIN LATERAL (
    SELECT m.first_index, m.first_index - 1 AS before,
           m.steps || '{}'::int8[] AS steps,
           m.times || '{}'::int8[] AS times,
           ARRAY(SELECT place
                 FROM unnest((%(places)s::int8[])[w.first:w.last]) AS p (place)
                 WHERE place >= m.first_index AND place < m.first_index + m.count) AS places
    FROM metric_block m
    WHERE w."begin" < w."end" AND m.run_id = w.run_id AND m.key = w.key AND m.first_index < w."end"
      AND m.first_index >= (SELECT max(f.first_index)
                            FROM metric_block f
                            WHERE f.run_id = w.run_id AND f.key = w.key AND f.first_index <= w."begin")
    OFFSET 0
) b
ORDER BY w.number, b.first_index;
