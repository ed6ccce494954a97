-- name: set_policy
-- Statements here take milliseconds: to compile one, or to start workers for it, would take longer.
SELECT set_config('runlore.stale_after', %(stale_after)s::text, false) AS stale_after,
       set_config('runlore.purge_after', %(purge_after)s::text, false) AS purge_after,
       set_config('jit', 'off', false) AS jit,
       set_config('max_parallel_workers_per_gather', '0', false) AS workers;

-- name: begin_snapshot
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;

-- name: end_snapshot
COMMIT;
