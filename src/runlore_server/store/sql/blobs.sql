-- name: stored
SELECT sha256, size FROM blob WHERE sha256 = ANY (%(digests)s::bytea[]);

-- name: add
INSERT INTO blob (sha256, size)
SELECT sha256, size FROM unnest(%(digests)s::bytea[], %(sizes)s::bigint[]) AS new (sha256, size)
-- In one order, so that two callers that add the same blobs wait for each other and never in a circle.
ORDER BY sha256
ON CONFLICT (sha256) DO NOTHING;
