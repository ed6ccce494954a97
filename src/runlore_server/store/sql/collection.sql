-- name: take_turn
INSERT INTO collection AS c (start_time) VALUES (now())
ON CONFLICT (singleton) DO UPDATE SET start_time = now() WHERE c.start_time < now() - %(interval)s::interval
RETURNING 1;

-- name: unfilled
SELECT digest, entries FROM tree WHERE blobs IS NULL LIMIT %(limit)s;

-- name: fill
UPDATE tree SET blobs = %(blobs)s::bytea[] WHERE digest = %(digest)s;

-- Trees that nothing refers to: no root, no other tree.
-- name: unneeded_trees
SELECT t.digest
FROM tree t
WHERE t.wanted_time < now() - %(grace)s::interval
  AND (%(among)s::bytea[] IS NULL OR t.digest = ANY (%(among)s::bytea[]))
  AND NOT EXISTS (SELECT FROM tree_root r WHERE r.digest = t.digest)
  AND NOT EXISTS (SELECT FROM (SELECT unnest(p.children) AS digest FROM tree p) AS c WHERE c.digest = t.digest);

-- name: lock_trees
SELECT digest FROM tree WHERE digest = ANY (%(digests)s::bytea[]) ORDER BY digest FOR UPDATE;

-- Decided again, with a snapshot from after the locks: who held one before us has committed, and is seen.
-- name: delete_trees
DELETE FROM tree t
WHERE t.digest = ANY (%(digests)s::bytea[])
  AND t.wanted_time < now() - %(grace)s::interval
  AND NOT EXISTS (SELECT FROM tree_root r WHERE r.digest = t.digest)
  AND NOT EXISTS (SELECT FROM (SELECT unnest(p.children) AS digest FROM tree p) AS c WHERE c.digest = t.digest)
RETURNING t.children;

-- Blobs that no tree refers to.
-- name: unneeded_blobs
SELECT b.sha256, b.size, b.is_stored
FROM blob b
WHERE b.wanted_time < now() - %(grace)s::interval AND b.delete_time IS NULL
  AND NOT EXISTS (SELECT FROM (SELECT unnest(t.blobs) AS sha256 FROM tree t) AS u WHERE u.sha256 = b.sha256);

-- name: lock_blobs
SELECT sha256 FROM blob WHERE sha256 = ANY (%(digests)s::bytea[]) ORDER BY sha256 FOR UPDATE;

-- As delete_trees: decided again under the locks.
-- name: doom_blobs
UPDATE blob b
SET delete_time = clock_timestamp()
WHERE b.sha256 = ANY (%(digests)s::bytea[])
  AND b.wanted_time < now() - %(grace)s::interval AND b.delete_time IS NULL
  AND NOT EXISTS (SELECT FROM (SELECT unnest(t.blobs) AS sha256 FROM tree t) AS u WHERE u.sha256 = b.sha256);

-- Objects that the database does not know are given a row, by which they are then deleted as any other.
-- name: adopt
INSERT INTO blob (sha256, size, is_stored, wanted_time, delete_time)
SELECT sha256, size, false, to_timestamp(0), clock_timestamp()
FROM unnest(%(digests)s::bytea[], %(sizes)s::bigint[]) AS new (sha256, size)
ORDER BY sha256
ON CONFLICT (sha256) DO NOTHING;

-- name: unknown
SELECT digest
FROM unnest(%(digests)s::bytea[]) AS found (digest)
WHERE NOT EXISTS (SELECT FROM blob b WHERE b.sha256 = found.digest);

-- name: begin_deleting
UPDATE blob
SET delete_time = clock_timestamp()
WHERE sha256 IN (SELECT sha256 FROM blob WHERE delete_time IS NOT NULL ORDER BY sha256 LIMIT %(limit)s
                 FOR UPDATE SKIP LOCKED)
RETURNING sha256;

-- name: lock_doomed
SELECT sha256, size, is_stored
FROM blob
WHERE sha256 = ANY (%(digests)s::bytea[]) AND delete_time IS NOT NULL
ORDER BY sha256
-- Without waiting, so that the marks are as young as begin_deleting made them. Who has a lock wants the blob, perhaps.
FOR UPDATE SKIP LOCKED;

-- name: forget
DELETE FROM blob WHERE sha256 = ANY (%(digests)s::bytea[]);

-- Whoever needs every blob that the database knows, as a backup does, shares this lock; the collector has it alone.
-- name: try_lock
SELECT pg_try_advisory_xact_lock(7410, 5) AS has;

-- name: delete_checks
DELETE FROM checked_file WHERE check_time < now() - interval '1 year';
