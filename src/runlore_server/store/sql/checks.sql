-- name: checked
SELECT file FROM checked_file WHERE file = ANY (%(files)s::bytea[]);

-- name: record_blobs
UPDATE blob SET check_time = now() WHERE sha256 = ANY (%(digests)s::bytea[]);

-- name: record_files
INSERT INTO checked_file (file, check_time)
SELECT file, now() FROM unnest(%(files)s::bytea[]) AS new (file)
ORDER BY file
ON CONFLICT (file) DO UPDATE SET check_time = now();
