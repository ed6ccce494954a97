"""A registry of many models and versions, loaded behind the server's back: through it, it would take an hour."""

from __future__ import annotations

import psycopg

from runlore import v1

_MODELS = """
INSERT INTO registered_model
    (model_id, workspace, name, description, tags, latest_version, owner, team, created_by, create_time, revision,
     event_time, chain_hash)
SELECT md5('model ' || i)::uuid, 'default', 'model-' || i, '', jsonb_build_object('team', 'team-' || mod(i, 50)),
       %(versions)s, 'owner-' || mod(i, 500), 'team-' || mod(i, 50), %(actor)s, now() - i * interval '1 minute',
       %(versions)s + 2, now() - mod(i * 7919, %(models)s) * interval '1 minute', sha256(i::text::bytea)
FROM generate_series(1, %(models)s) AS i
"""
# Tags that one version of each model has, that few have, and one has; stages and statuses that few are in.
_VERSIONS = """
INSERT INTO model_version
    (model_id, version, run_id, artifact_path, manifest_digest, size, file_count, status, description, tags, evidence,
     params, metrics, searched, created_by, create_time, update_time, stage)
SELECT md5('model ' || i)::uuid, n, md5('run ' || number)::uuid, 'model', sha256(number::text::bytea), 1000000, 3,
       CASE mod(number, 5000) WHEN 0 THEN %(pending)s WHEN 1 THEN %(failed)s ELSE %(ready)s END, '',
       jsonb_build_object('build', n::text, 'commit', md5(number::text), 'ticket', mod(number, 20000)::text,
                          'team', 'team-' || mod(i, 50)),
       %(evidence)s,
       jsonb_build_object('C', mod(number, 10)::text, 'seed', number::text, 'depth', mod(number, 1000)::text,
                          'loss', 'log', 'solver', 'lbfgs'),
       jsonb_build_object('auc', (mod(number * 7919, 1000003) / 1000003.0)::text, 'loss', '0.25', 'f1', '0.5'),
       1, %(actor)s, now() - number * interval '1 second', now() - mod(number * 104729, 1000003) * interval '1 second',
       CASE WHEN n = %(versions)s THEN %(production)s
            WHEN n = %(versions)s - 1 AND mod(i, 20) = 0 THEN %(staging)s
            WHEN mod(n, 3) = 0 THEN %(archived)s
            ELSE %(none)s END
FROM generate_series(1, %(models)s) AS i, generate_series(1, %(versions)s) AS n,
     LATERAL (SELECT (i - 1)::int8 * %(versions)s + n AS number) AS numbered
"""
_METRICS = """
INSERT INTO model_version_metric (model_id, version, key, last)
SELECT v.model_id, v.version, e.key, e.value::float8
FROM model_version v, jsonb_each_text(v.metrics) AS e
"""
_ALIASES = """
INSERT INTO model_alias (model_id, alias, version, set_time, set_by, reason)
SELECT md5('model ' || i)::uuid, alias, %(versions)s, now(), %(actor)s, 'better'
FROM generate_series(1, %(models)s) AS i, unnest(ARRAY['champion', 'canary']) AS alias
WHERE alias = 'champion' OR mod(i, 100) = 0
"""


def load(database_url: str, models: int, versions: int) -> list[str]:
    """Fill a registry with `models` of so many versions each, the last one the champion; returns the references."""
    evidence = v1.Evidence(
        params={f"param-{i}": "0.001" for i in range(5)},
        metrics=[v1.MetricSummary(key=f"metric-{i}", last=0.5, count=100) for i in range(5)],
    )
    params = {
        "models": models,
        "versions": versions,
        "actor": v1.Actor(kind=v1.ACTOR_KIND_SERVICE, id="loader").SerializeToString(),
        "evidence": evidence.SerializeToString(),
        "ready": v1.MODEL_VERSION_STATUS_READY,
        "pending": v1.MODEL_VERSION_STATUS_PENDING,
        "failed": v1.MODEL_VERSION_STATUS_FAILED,
        "none": v1.MODEL_STAGE_NONE,
        "staging": v1.MODEL_STAGE_STAGING,
        "production": v1.MODEL_STAGE_PRODUCTION,
        "archived": v1.MODEL_STAGE_ARCHIVED,
    }
    with psycopg.connect(database_url, autocommit=True) as conn:
        for statement in (_MODELS, _VERSIONS, _METRICS, _ALIASES):
            conn.execute(statement, params)
        conn.execute("VACUUM ANALYZE registered_model, model_version, model_version_metric, model_alias")
    return [f"models:/model-{i}@champion" for i in range(1, models + 1)]
