-- name: exists
SELECT 1 FROM tree WHERE digest = %(digest)s;

-- name: add
INSERT INTO tree (digest, size, file_count, names, children, entries)
VALUES (%(digest)s, %(size)s, %(file_count)s, %(names)s::text[], %(children)s::bytea[], %(entries)s::bytea[])
ON CONFLICT (digest) DO NOTHING;

-- name: page
SELECT entries[%(offset)s::integer + 1 : %(offset)s::integer + %(limit)s::integer] AS entries
FROM tree
WHERE digest = %(digest)s;

-- One step down a path for each of its parts. No row: there is nothing there. A row without a digest is a file.
-- name: find
WITH RECURSIVE step (depth, digest, entry) AS (
    SELECT 0, digest, NULL::bytea FROM tree WHERE digest = %(digest)s
    UNION ALL
    SELECT s.depth + 1, t.children[at.place], t.entries[at.place]
    FROM step s
    JOIN tree t ON t.digest = s.digest
    CROSS JOIN LATERAL (SELECT array_position(t.names, (%(parts)s::text[])[s.depth + 1]) AS place) AS at
    WHERE s.depth < cardinality(%(parts)s::text[]) AND at.place IS NOT NULL
)
SELECT s.digest, s.entry, t.size, t.file_count
FROM step s
LEFT JOIN tree t ON t.digest = s.digest
WHERE s.depth = cardinality(%(parts)s::text[]);

-- Every folder of a tree, with its path and a slash after it (the root: nothing).
-- name: walk
WITH RECURSIVE walk (digest, prefix) AS (
    SELECT %(digest)s::bytea, ''::text
    UNION ALL
    SELECT e.child, w.prefix || e.name || '/'
    FROM walk w
    JOIN tree t ON t.digest = w.digest
    CROSS JOIN LATERAL unnest(t.names, t.children) AS e (name, child)
    WHERE e.child IS NOT NULL
)
SELECT w.prefix, t.size, t.file_count, t.entries
FROM walk w
JOIN tree t ON t.digest = w.digest;

-- As walk, of the root and the folders named only.
-- name: walk_some
WITH RECURSIVE walk (digest, prefix) AS (
    SELECT %(digest)s::bytea, ''::text
    UNION ALL
    SELECT e.child, w.prefix || e.name || '/'
    FROM walk w
    JOIN tree t ON t.digest = w.digest
    CROSS JOIN LATERAL unnest(t.names, t.children) AS e (name, child)
    WHERE e.child IS NOT NULL AND w.prefix || e.name || '/' = ANY (%(folders)s::text[])
)
SELECT w.prefix, t.entries
FROM walk w
JOIN tree t ON t.digest = w.digest
ORDER BY length(w.prefix);
