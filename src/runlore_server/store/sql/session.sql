-- name: set_policy
SELECT set_config('runlore.stale_after', %(stale_after)s::text, false) AS stale_after,
       set_config('runlore.purge_after', %(purge_after)s::text, false) AS purge_after;
