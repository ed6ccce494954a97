-- name: trees
SELECT digest, size, file_count, names, children, entries
FROM tree
WHERE digest > %(after)s
ORDER BY digest
LIMIT %(limit)s;

-- name: roots
SELECT DISTINCT digest FROM tree_root;

-- name: blobs
SELECT sha256 FROM blob WHERE is_stored AND delete_time IS NULL AND sha256 > %(after)s ORDER BY sha256 LIMIT %(limit)s;

-- Whose files a tree is part of: runs, and versions by model and number.
-- name: owners
WITH RECURSIVE above (digest) AS (
    SELECT %(digest)s::bytea
    UNION
    SELECT t.digest FROM above a JOIN tree t ON a.digest = ANY (t.children)
)
SELECT 'run ' || replace(r.run_id::text, '-', '') AS owner FROM above a JOIN run r ON r.manifest_digest = a.digest
UNION ALL
SELECT CASE
           WHEN m.delete_time IS NULL THEN 'models:/' || m.name
           ELSE 'deleted model ' || replace(m.model_id::text, '-', '')
       END || '/' || v.version
FROM above a
JOIN model_version v ON v.manifest_digest = a.digest
JOIN registered_model m USING (model_id)
LIMIT %(limit)s;
