-- name: tables
-- Our tables, each with those that it refers to. The search index is left out: it is made anew.
SELECT c.relname AS name,
       coalesce(array_agg(f.confrelid::regclass::text) FILTER (WHERE f.confrelid IS NOT NULL), '{}') AS needs
FROM pg_class c
LEFT JOIN pg_constraint f ON f.conrelid = c.oid AND f.contype = 'f'
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'schema_migration'
  AND c.relname NOT LIKE 'search\_%'
GROUP BY c.relname
ORDER BY c.relname;

-- name: columns
-- Not those that are computed, nor how far the search index is.
SELECT attname AS name
FROM pg_attribute
WHERE attrelid = %(table)s::regclass AND attnum > 0 AND NOT attisdropped
  AND attgenerated = '' AND attname NOT LIKE 'indexed\_%%'
ORDER BY attnum;

-- name: migrations
SELECT number, sha256 FROM schema_migration ORDER BY number;

-- name: clear_log
DELETE FROM event_log;

-- name: models
SELECT m.model_id, m.name, m.revision, m.chain_hash,
       (SELECT max(e.revision) FROM event e WHERE e.resource_id = m.model_id) AS last_revision
FROM registered_model m
ORDER BY m.model_id;

-- name: keep_blobs
-- Until the session ends; collection.sql has the other side, try_lock.
SELECT pg_advisory_lock_shared(7410, 5);

-- name: let_blobs_go
SELECT pg_advisory_unlock_shared(7410, 5);
