-- name: add
INSERT INTO dataset (dataset_id, workspace, name, digest, source_type, source, schema, profile, size)
VALUES (%(dataset_id)s, %(workspace)s, %(name)s, %(digest)s, %(source_type)s, %(source)s, %(schema)s, %(profile)s,
        %(size)s)
ON CONFLICT (dataset_id) DO NOTHING;

-- name: add_use
INSERT INTO dataset_use (dataset_id, experiment_id, context)
VALUES (%(dataset_id)s, %(experiment_id)s::uuid, %(context)s)
ON CONFLICT (dataset_id, experiment_id, context) DO NOTHING;

-- name: inputs
SELECT i.run_id, i.dataset_id, i.context, i.place, i.tags, d.name, d.digest, d.source_type, d.source, d.size
FROM run_dataset i
JOIN dataset d USING (dataset_id)
WHERE i.run_id = ANY (%(run_ids)s::uuid[])
ORDER BY i.run_id, i.place;

-- name: full_inputs
SELECT i.run_id, i.dataset_id, i.context, i.place, i.tags, d.name, d.digest, d.source_type, d.source, d.size, d.schema,
       d.profile
FROM run_dataset i
JOIN dataset d USING (dataset_id)
WHERE i.run_id = ANY (%(run_ids)s::uuid[])
ORDER BY i.run_id, i.place;

-- name: put_input
INSERT INTO run_dataset AS i (run_id, dataset_id, context, place, tags)
VALUES (%(run_id)s::uuid, %(dataset_id)s, %(context)s, %(place)s, %(tags)s)
ON CONFLICT (run_id, dataset_id, context) DO UPDATE SET tags = excluded.tags;

-- name: models
SELECT run_id, model_id, is_output, step, place
FROM run_model
WHERE run_id = ANY (%(run_ids)s::uuid[])
ORDER BY run_id, place;

-- name: add_model
INSERT INTO run_model (run_id, model_id, is_output, step, place)
VALUES (%(run_id)s::uuid, %(model_id)s::uuid, %(is_output)s, %(step)s, %(place)s);

-- name: advance_run
UPDATE run
SET revision         = %(revision)s,
    indexed_revision = CASE WHEN unindexed THEN indexed_revision ELSE %(revision)s END,
    event_time       = %(now)s
WHERE run_id = %(run_id)s::uuid;

-- name: page
-- What is null or empty restricts nothing; planned anew for each call, so that the rest decides on the index.
SELECT d.dataset_id, d.name, d.digest, d.source_type, d.source,
       (SELECT array_agg(u.context ORDER BY u.context COLLATE "C")
        FROM (SELECT DISTINCT u.context
              FROM dataset_use u
              WHERE u.dataset_id = d.dataset_id
                AND (%(experiment_ids)s::uuid[] IS NULL OR u.experiment_id = ANY (%(experiment_ids)s::uuid[]))) u
       ) AS contexts
FROM dataset d
WHERE d.workspace = %(workspace)s
  AND (%(name)s::text = '' OR d.name COLLATE "C" = %(name)s::text)
  AND (%(digest)s::text = '' OR d.digest = %(digest)s::text)
  AND (%(experiment_ids)s::uuid[] IS NULL
       OR d.dataset_id IN (SELECT u.dataset_id
                           FROM dataset_use u
                           WHERE u.experiment_id = ANY (%(experiment_ids)s::uuid[])))
  AND (%(after_id)s::bytea IS NULL OR (d.name COLLATE "C", d.dataset_id) > (%(after_name)s::text, %(after_id)s::bytea))
ORDER BY d.name COLLATE "C", d.dataset_id
LIMIT %(limit)s;
