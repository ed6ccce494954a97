-- name: insert
INSERT INTO model_evaluation (model_id, version, revision, key, value, dataset_digest, dataset_name, run_id,
                              evaluation_time, record_time, recorded_by)
SELECT %(model_id)s::uuid, %(version)s, %(revision)s, m.key, m.value, %(dataset_digest)s, %(dataset_name)s,
       %(run_id)s::uuid, %(evaluation_time)s, %(record_time)s, %(recorded_by)s
FROM unnest(%(keys)s::text[], %(values)s::float8[]) AS m (key, value);

-- name: find_version
-- A version by its model's name; one row for a model that is there, whose `version` is null when that is not.
SELECT m.model_id, v.version
FROM registered_model m
LEFT JOIN model_version v ON v.model_id = m.model_id AND v.version = %(version)s AND v.delete_time IS NULL
WHERE m.workspace = %(workspace)s AND m.name = %(name)s;

-- name: page
SELECT version, revision, key, value, dataset_digest, dataset_name, run_id, evaluation_time, record_time, recorded_by
FROM model_evaluation
WHERE model_id = %(model_id)s::uuid AND version = %(version)s
  AND (%(before)s::int8 IS NULL
       OR (revision <= %(before)s::int8 AND (revision < %(before)s::int8 OR key > %(after_key)s)))
ORDER BY revision DESC, key
LIMIT %(limit)s;

-- name: page_of_key
SELECT version, revision, key, value, dataset_digest, dataset_name, run_id, evaluation_time, record_time, recorded_by
FROM model_evaluation
WHERE model_id = %(model_id)s::uuid AND version = %(version)s AND key = %(key)s
  AND (%(before)s::int8 IS NULL OR revision < %(before)s::int8)
ORDER BY revision DESC
LIMIT %(limit)s;

-- name: latest
-- Of each version and wanted metric the evaluation recorded last: on the data wanted, or on any when that is empty.
SELECT w.digest AS wanted_digest, e.version, e.revision, e.key, e.value, e.dataset_digest, e.dataset_name, e.run_id,
       e.evaluation_time, e.record_time, e.recorded_by
FROM unnest(%(versions)s::int8[]) AS v (version)
CROSS JOIN unnest(%(keys)s::text[], %(digests)s::text[]) AS w (key, digest)
CROSS JOIN LATERAL (
    SELECT version, revision, key, value, dataset_digest, dataset_name, run_id, evaluation_time, record_time, recorded_by
    FROM model_evaluation
    WHERE model_id = %(model_id)s::uuid AND version = v.version AND key = w.key
      AND (w.digest = '' OR dataset_digest = w.digest)
    ORDER BY revision DESC
    LIMIT 1
) e;
