-- name: exists
SELECT 1 FROM tree WHERE digest = %(digest)s;

-- name: add
-- A row that is there is locked, so that it is not being collected, and stays for the grace period.
INSERT INTO tree AS t (digest, size, file_count, names, children, entries, blobs)
VALUES (%(digest)s, %(size)s, %(file_count)s, %(names)s::text[], %(children)s::bytea[], %(entries)s::bytea[],
        %(blobs)s::bytea[])
ON CONFLICT (digest) DO UPDATE SET wanted_time = now() WHERE t.wanted_time < now() - interval '10 minutes';

-- name: hold
SELECT 1 FROM tree WHERE digest = %(digest)s FOR SHARE;

-- name: touch
UPDATE tree SET wanted_time = now() WHERE digest = %(digest)s;

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

-- The root of a tree and the folders named, each with its path and a slash after it (the root: nothing).
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

-- What tells how many files each entry of a folder stands for: the counts are those of its subfolders, in their order.
-- name: outline
SELECT t.digest, t.names, t.children,
       (SELECT array_agg(c.file_count ORDER BY e.place)
        FROM unnest(t.children) WITH ORDINALITY AS e (child, place)
        JOIN tree c ON c.digest = e.child
        WHERE e.child IS NOT NULL) AS counts
FROM tree t
WHERE t.digest = ANY (%(digests)s::bytea[]);

-- name: slices
SELECT s.digest, s.first, t.entries[s.first : s.last] AS entries
FROM unnest(%(digests)s::bytea[], %(firsts)s::integer[], %(lasts)s::integer[]) AS s (digest, first, last)
JOIN tree t ON t.digest = s.digest;
