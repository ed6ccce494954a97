-- name: insert
INSERT INTO event (resource_id, revision, workspace, kind, subject, version, time, hash, body, actor)
VALUES (%(resource_id)s::uuid, %(revision)s, %(workspace)s, %(kind)s, %(subject)s, %(version)s, %(time)s, %(hash)s,
        %(body)s, %(actor_name)s);

-- name: number_committed
-- One sequencer at a time: the lock on the log's row is the turn. The second statement of a READ COMMITTED transaction
-- has a newer snapshot than the lock, and one snapshot shows each record's committed revisions as a prefix, because a
-- revision is allocated under its record's lock. Times of one record rise with its revisions, so ordering by time
-- keeps each record's order. The notification leaves with the commit.
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
SELECT count(*) AS numbered,
       CASE WHEN count(*) > 0 THEN pg_notify('runlore_events', '') END AS told
FROM numbered;

-- name: listen
LISTEN runlore_events;

-- name: lock_log
SELECT last_position FROM event_log FOR UPDATE;

-- name: unnumbered
SELECT EXISTS (SELECT FROM event WHERE position IS NULL) AS some;

-- name: log
SELECT log_id, last_position, pruned_position, token_key FROM event_log;

-- name: is_model
-- Deleted or not: its history stays.
SELECT EXISTS (
    SELECT FROM registered_model WHERE model_id = %(resource_id)s::uuid AND workspace = %(workspace)s
) AS some;

-- name: head
-- A model's head, and the last of its events that there are, of one snapshot.
SELECT m.model_id, m.revision, m.chain_hash,
       (SELECT max(e.revision) FROM event e WHERE e.resource_id = m.model_id) AS last_revision
FROM registered_model m
WHERE m.workspace = %(workspace)s AND (m.name = %(name)s::text OR m.model_id = %(model_id)s::uuid);

-- name: chain
-- A page of a model's events, in the order of their chain.
SELECT revision, position, workspace, kind, subject, version, time, actor, hash, body
FROM event
WHERE resource_id = %(resource_id)s::uuid AND revision > %(after)s AND revision <= %(upto)s
ORDER BY revision
LIMIT %(limit)s;

-- name: prune_before
-- How far tracking events can be pruned in one go: up to the first that is younger than the retention.
SELECT coalesce(min(w.position) FILTER (WHERE w.time >= clock_timestamp() - make_interval(days => %(days)s)) - 1,
                max(w.position)) AS position
FROM (
    SELECT position, time
    FROM event
    WHERE position > (SELECT pruned_position FROM event_log)
    ORDER BY position
    LIMIT %(limit)s
) w;

-- name: prune
-- Registry events have a hash, and stay.
DELETE FROM event
WHERE position > (SELECT pruned_position FROM event_log) AND position <= %(position)s AND hash IS NULL;

-- name: note_pruned
UPDATE event_log SET pruned_position = greatest(pruned_position, %(position)s);

-- name: alias_moves
-- The moves of one alias, the latest first, those below a revision.
SELECT revision, kind, version
FROM event
WHERE resource_id = %(resource_id)s::uuid AND subject = %(alias)s AND kind = ANY (%(kinds)s::smallint[])
  AND revision < %(below)s
ORDER BY revision DESC
LIMIT %(limit)s;
