-- name: model_at
-- The model that had a name at a moment, and the last event of it that counts: up to a time, or up to a position. A
-- model's revisions have no gaps, and times and positions rise with them, so a bisection finds it without reading all.
WITH RECURSIVE holder AS (
    SELECT n.model_id, n.until_revision, m.revision AS last_revision
    FROM model_name n
    JOIN registered_model m USING (model_id)
    JOIN event e ON e.resource_id = n.model_id AND e.revision = n.since_revision
    WHERE n.workspace = %(workspace)s AND n.name = %(name)s
      AND (e.time <= %(time)s::timestamptz OR e.position <= %(position)s::int8)
    ORDER BY e.time DESC
    LIMIT 1
), bisection (low, high) AS (
    SELECT 1::int8, last_revision FROM holder
    UNION ALL
    SELECT CASE WHEN counts THEN middle ELSE low END, CASE WHEN counts THEN high ELSE middle - 1 END
    FROM (
        SELECT b.low, b.high, b.middle,
               EXISTS (SELECT
                       FROM event e
                       WHERE e.resource_id = h.model_id AND e.revision = b.middle
                         AND (e.time <= %(time)s::timestamptz OR e.position <= %(position)s::int8)) AS counts
        FROM (SELECT low, high, (low + high + 1) / 2 AS middle FROM bisection WHERE low < high) b
        CROSS JOIN holder h
    ) step
)
SELECT e.resource_id AS model_id, e.revision, e.hash, coalesce(e.position, l.last_position) AS position, l.log_id
FROM holder h
JOIN bisection b ON b.low = b.high
JOIN event e ON e.resource_id = h.model_id AND e.revision = b.low
CROSS JOIN event_log l
WHERE h.until_revision IS NULL OR e.revision < h.until_revision;

-- name: is_future
SELECT %(time)s::timestamptz > clock_timestamp()
       AND NOT EXISTS (SELECT
                       FROM registered_model
                       WHERE workspace = %(workspace)s AND name = %(name)s AND event_time >= %(time)s::timestamptz) AS it_is;

-- name: alias_at
-- An alias's last event up to a revision. A row comparison, because it leaves only the index by subject: with equality
-- and an order by revision, a walk through all of the model's events can look cheap.
SELECT last.body
FROM (
    SELECT subject, body
    FROM event
    WHERE resource_id = %(model_id)s::uuid AND (subject, revision) <= (%(alias)s, %(revision)s) AND subject <> ''
    ORDER BY subject DESC, revision DESC
    LIMIT 1
) last
WHERE last.subject = %(alias)s;

-- name: newest_at
-- The newest version that was there and READY at a revision, in a stage or in any: from the newest down until one fits.
-- `json` and not `jsonb`: it reads texts that hold an escaped U+0000.
SELECT c.version
FROM event c
WHERE c.resource_id = %(model_id)s::uuid AND c.kind = %(created)s AND c.version IS NOT NULL AND c.subject = ''
  AND c.revision <= %(revision)s
  AND NOT EXISTS (
      SELECT
      FROM event d
      WHERE d.resource_id = c.resource_id AND d.kind = %(deleted)s AND d.version = c.version AND d.subject = ''
        AND d.revision <= %(revision)s)
  AND (%(stage)s::text IS NULL OR %(stage)s::text = coalesce(
      (SELECT CASE WHEN s.version = c.version
              THEN trim(BOTH '"' FROM (convert_from(s.body, 'UTF8')::json #> '{after,model_version,stage}')::text)
              END
       FROM event s
       WHERE s.resource_id = c.resource_id AND s.kind = %(staged)s AND s.version IS NOT NULL AND s.subject = ''
         AND (s.version, s.revision) <= (c.version, %(revision)s)
       ORDER BY s.version DESC, s.revision DESC
       LIMIT 1),
      'MODEL_STAGE_NONE'))
  AND ((convert_from(c.body, 'UTF8')::json #> '{after,model_version,status}')::text = '"MODEL_VERSION_STATUS_READY"'
       OR EXISTS (
           SELECT
           FROM event u
           WHERE u.resource_id = c.resource_id AND u.kind = %(updated)s AND u.version = c.version AND u.subject = ''
             AND u.revision <= %(revision)s
             AND (convert_from(u.body, 'UTF8')::json #> '{after,model_version,status}')::text
                 = '"MODEL_VERSION_STATUS_READY"'))
ORDER BY c.version DESC
LIMIT 1;

-- name: version_events
-- What was done to a version up to a revision, aliases apart.
SELECT body
FROM event
WHERE resource_id = %(model_id)s::uuid AND kind = ANY (%(kinds)s::smallint[]) AND version = %(version)s AND subject = ''
  AND revision <= %(revision)s
ORDER BY revision;

-- name: aliases_at
-- The aliases that pointed at a version at a revision: one look for each alias that the model ever had.
WITH RECURSIVE known (alias) AS (
    (SELECT subject FROM event WHERE resource_id = %(model_id)s::uuid AND subject <> '' ORDER BY subject LIMIT 1)
    UNION ALL
    SELECT (SELECT subject
            FROM event
            WHERE resource_id = %(model_id)s::uuid AND subject > k.alias AND subject <> ''
            ORDER BY subject
            LIMIT 1)
    FROM known k
    WHERE k.alias IS NOT NULL
)
SELECT k.alias
FROM known k
CROSS JOIN LATERAL (
    SELECT subject, version
    FROM event
    WHERE resource_id = %(model_id)s::uuid AND (subject, revision) <= (k.alias, %(revision)s) AND subject <> ''
    ORDER BY subject DESC, revision DESC
    LIMIT 1
) last
WHERE last.subject = k.alias AND last.version = %(version)s
ORDER BY k.alias COLLATE "C";
