-- name: due
-- Live runs with much to merge, or whose writers are silent or done. How much is much differs from run to run by up to
-- as much again, so that runs that began together are not merged together.
SELECT l.run_id,
       l.heartbeat_time < clock_timestamp() - make_interval(secs => %(silent_seconds)s) OR r.status = ANY (%(final)s)
           AS is_idle
FROM run_live l
LEFT JOIN run r USING (run_id)
WHERE l.is_live
  AND (l.version - l.first_frame >= 256 + get_byte(uuid_send(l.run_id), 15)
       OR l.heartbeat_time < clock_timestamp() - make_interval(secs => %(silent_seconds)s)
       OR r.status = ANY (%(final)s));

-- name: take_frames
-- The oldest frames of a run; deleting them claims them. Whoever else wants them waits, and then finds those after them.
-- Numbers of frames grow with their points, so this bounds both.
DELETE FROM metric_frame
WHERE run_id = %(run_id)s::uuid
  AND frame < (SELECT min(frame) FROM metric_frame WHERE run_id = %(run_id)s::uuid) + %(numbers)s
RETURNING frame, slots, steps, times, "values";

-- name: keys
SELECT keys FROM run_live WHERE run_id = %(run_id)s::uuid;

-- name: has_frames
SELECT EXISTS (SELECT FROM metric_frame WHERE run_id = %(run_id)s::uuid) AS has_frames;

-- name: take_small_blocks
-- The last block of each series, when it is small: it is written again with what comes after it. `ends` is where each
-- series ended before; the series' rows of run_metric are locked, so it ends there still.
DELETE FROM metric_block b
USING unnest(%(keys)s::text[], %(ends)s::int8[]) AS s (key, "end")
WHERE b.run_id = %(run_id)s::uuid AND b.key = s.key
  AND b.first_index >= s."end" - %(small)s AND b.first_index < s."end"
  AND b.first_index + b.count = s."end"
RETURNING b.key, b.steps, b.times, b."values";

-- name: settle
UPDATE run_live
SET first_frame = coalesce((SELECT min(frame) FROM metric_frame WHERE run_id = %(run_id)s::uuid), version + 1)
WHERE run_id = %(run_id)s::uuid;

-- name: clear
-- Only when nothing is left, which the version proves: a commit that came in between has moved it.
UPDATE run_live
SET version = version + 1, first_frame = version + 2, is_live = false, keys = '{}', last = '{}', last_step = '{}',
    last_time = '{}', min = '{}', min_step = '{}', max = '{}', max_step = '{}', count = '{}'
FROM (SELECT version AS seen
      FROM run_live
      WHERE run_id = %(run_id)s::uuid
        AND NOT EXISTS (SELECT FROM metric_frame WHERE run_id = %(run_id)s::uuid)) s
WHERE run_id = %(run_id)s::uuid AND version = s.seen AND is_live;
