-- Who touches a blob that was wanted this long ago moves its wanted_time; sooner, it is not worth a write.

-- name: known
SELECT sha256, size, is_stored, wanted_time < now() - interval '10 minutes' AS is_stale,
       delete_time > clock_timestamp() - interval '5 minutes' AS is_going
FROM blob
WHERE sha256 = ANY (%(digests)s::bytea[]) AND (delete_time IS NULL OR delete_time > clock_timestamp() - interval '5 minutes');

-- name: announce
INSERT INTO blob AS b (sha256, size, is_stored)
SELECT sha256, size, false FROM unnest(%(digests)s::bytea[], %(sizes)s::bigint[]) AS new (sha256, size)
-- In one order, so that two callers that announce the same blobs wait for each other and never in a circle.
ORDER BY sha256
ON CONFLICT (sha256) DO UPDATE SET wanted_time = now() WHERE b.delete_time IS NULL;

-- name: lock
-- As announce, and each row is locked and returned, whoever had it before.
INSERT INTO blob AS b (sha256, size, is_stored)
SELECT sha256, size, false FROM unnest(%(digests)s::bytea[], %(sizes)s::bigint[]) AS new (sha256, size)
ORDER BY sha256
ON CONFLICT (sha256) DO UPDATE
SET wanted_time = now(),
    is_stored   = b.is_stored AND b.delete_time IS NULL,
    delete_time = CASE WHEN b.delete_time > clock_timestamp() - interval '5 minutes' THEN b.delete_time END
RETURNING b.sha256, b.size, b.is_stored, b.delete_time IS NOT NULL AS is_going;

-- name: set_stored
UPDATE blob b
SET is_stored = true, size = new.size
FROM unnest(%(digests)s::bytea[], %(sizes)s::bigint[]) AS new (sha256, size)
WHERE b.sha256 = new.sha256;

-- name: hold
SELECT sha256
FROM blob
WHERE sha256 = ANY (%(digests)s::bytea[]) AND is_stored AND delete_time IS NULL
ORDER BY sha256
FOR SHARE;
