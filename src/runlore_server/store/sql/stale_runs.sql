-- name: clock
SELECT extract(epoch FROM clock_timestamp())::float8 AS now;

-- name: find
-- 1 is RUNNING and spelled out, so that the index of running runs serves; they are walked in its order. A change of the
-- run is a sign of life too: one that was set RUNNING again gets its time, although its last heartbeat is old.
SELECT r.run_id, r.workspace
FROM run r
JOIN run_live l USING (run_id)
JOIN experiment e USING (experiment_id)
WHERE r.status = 1
  AND r.run_id > %(after)s::uuid
  AND greatest(l.heartbeat_time, r.event_time) < clock_timestamp() - make_interval(secs => %(seconds)s)
  AND r.lifecycle_state = %(active)s AND e.lifecycle_state = %(active)s
ORDER BY r.run_id
LIMIT %(limit)s;

-- name: lock_heartbeat
-- Under this lock no writer is heard: it came before, and is seen here, or it comes to a run that is closed.
SELECT l.heartbeat_time,
       extract(epoch FROM clock_timestamp() - greatest(l.heartbeat_time, r.event_time))::float8 AS silent_seconds
FROM run_live l
JOIN run r USING (run_id)
WHERE l.run_id = %(run_id)s::uuid
FOR UPDATE OF l;
