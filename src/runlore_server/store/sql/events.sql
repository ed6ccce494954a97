-- name: insert
INSERT INTO event (resource_id, revision, workspace, kind, subject, version, time, hash, body)
VALUES (%(resource_id)s::uuid, %(revision)s, %(workspace)s, %(kind)s, %(subject)s, %(version)s, %(time)s, %(hash)s,
        %(body)s);

-- name: number_committed
-- One sequencer at a time: the lock on the log's row is the turn. The second statement of a READ COMMITTED transaction
-- has a newer snapshot than the lock, and one snapshot shows each record's committed revisions as a prefix, because a
-- revision is allocated under its record's lock. Times of one record rise with its revisions, so ordering by time
-- keeps each record's order.
WITH fresh AS (
    SELECT resource_id, revision, row_number() OVER (ORDER BY time, resource_id, revision) AS n
    FROM (
        SELECT time, resource_id, revision
        FROM event
        WHERE position IS NULL
        ORDER BY time, resource_id, revision
        LIMIT %(limit)s
    ) oldest
), numbered AS (
    UPDATE event e
    SET position = %(last_position)s + f.n
    FROM fresh f
    WHERE e.resource_id = f.resource_id AND e.revision = f.revision
    RETURNING e.position
), head AS (
    UPDATE event_log SET last_position = %(last_position)s + (SELECT count(*) FROM numbered)
    WHERE (SELECT count(*) FROM numbered) > 0
    RETURNING last_position
)
SELECT count(*) AS numbered FROM numbered;

-- name: lock_log
SELECT last_position FROM event_log FOR UPDATE;

-- name: unnumbered
SELECT EXISTS (SELECT FROM event WHERE position IS NULL) AS some;

-- name: log
SELECT log_id, last_position, token_key FROM event_log;

-- name: page
SELECT position, body, hash
FROM event
WHERE position > %(after)s
  AND workspace = %(workspace)s
  AND (%(resource_id)s::uuid IS NULL OR resource_id = %(resource_id)s::uuid)
  AND (%(kinds)s::smallint[] IS NULL OR kind = ANY (%(kinds)s::smallint[]))
ORDER BY position
LIMIT %(limit)s;

-- name: page_of_resource
-- The primary key finds one record's events; the order of their revisions is that of their positions.
SELECT position, body, hash
FROM event
WHERE resource_id = %(resource_id)s::uuid
  AND position > %(after)s
  AND workspace = %(workspace)s
  AND (%(kinds)s::smallint[] IS NULL OR kind = ANY (%(kinds)s::smallint[]))
ORDER BY revision
LIMIT %(limit)s;

-- name: chain
SELECT revision, hash, body FROM event WHERE resource_id = %(resource_id)s::uuid ORDER BY revision;

-- name: alias_moves
-- The moves of one alias, the latest first, those below a revision.
SELECT revision, kind, version
FROM event
WHERE resource_id = %(resource_id)s::uuid AND subject = %(alias)s AND kind = ANY (%(kinds)s::smallint[])
  AND revision < %(below)s
ORDER BY revision DESC
LIMIT %(limit)s;
