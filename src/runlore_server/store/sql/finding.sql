-- What finding runs says in fixed words; store/finding/ puts the rest together.

-- name: keys
SELECT k.kind, k.key, k.key_no
FROM unnest(%(kinds)s::int2[], %(keys)s::text[]) AS w (kind, key)
JOIN search_key k ON k.workspace = %(workspace)s AND k.kind = w.kind AND k.key = w.key;

-- name: below
-- Runs below others, at any depth.
WITH RECURSIVE down AS (
    SELECT r.run_id FROM run r WHERE r.parent_run_id = ANY (%(run_ids)s::uuid[])
    UNION ALL
    SELECT r.run_id FROM down d JOIN run r ON r.parent_run_id = d.run_id
)
SELECT run_id FROM down;

-- name: deleted
-- Runs that are deleted, by themselves or with their experiment. 2 is DELETED, spelled out as the index has it.
SELECT r.run_id FROM run r WHERE r.lifecycle_state = 2
UNION ALL
SELECT r.run_id
FROM experiment e
JOIN run r USING (experiment_id)
WHERE e.workspace = %(workspace)s AND e.lifecycle_state = 2;

-- name: estimate
SELECT reltuples AS runs FROM pg_class WHERE oid = 'run'::regclass;
