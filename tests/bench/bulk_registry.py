"""A registry of many models and versions, loaded behind the server's back: through it, it would take an hour."""

from __future__ import annotations

import psycopg
from psycopg.types.json import Jsonb

from runlore import v1

_MODELS = """
INSERT INTO registered_model
    (model_id, workspace, name, description, tags, latest_version, created_by, create_time, revision, event_time,
     chain_hash)
SELECT md5('model ' || i)::uuid, 'default', 'model-' || i, '', jsonb_build_object('team', 'team-' || mod(i, 50)),
       %(versions)s, %(actor)s, at, %(versions)s + 2, at, sha256(i::text::bytea)
FROM generate_series(1, %(models)s) AS i, now() AS at
"""
_VERSIONS = """
INSERT INTO model_version
    (model_id, version, artifact_path, manifest_digest, size, file_count, status, description, tags, evidence,
     params, metrics, created_by, create_time, stage)
SELECT md5('model ' || i)::uuid, n, 'model', sha256(n::text::bytea), 1000000, 3, %(ready)s, '',
       jsonb_build_object('build', n::text), %(evidence)s, %(params)s, %(metrics)s, %(actor)s,
       now() - n * interval '1 second',
       CASE WHEN n = %(versions)s THEN %(production)s ELSE %(none)s END
FROM generate_series(1, %(models)s) AS i, generate_series(1, %(versions)s) AS n
"""
_ALIASES = """
INSERT INTO model_alias (model_id, alias, version, set_time, set_by, reason)
SELECT md5('model ' || i)::uuid, 'champion', %(versions)s, now(), %(actor)s, 'better'
FROM generate_series(1, %(models)s) AS i
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
        "params": Jsonb(dict(evidence.params)),
        "metrics": Jsonb({summary.key: repr(summary.last) for summary in evidence.metrics}),
        "ready": v1.MODEL_VERSION_STATUS_READY,
        "production": v1.MODEL_STAGE_PRODUCTION,
        "none": v1.MODEL_STAGE_NONE,
    }
    with psycopg.connect(database_url, autocommit=True) as conn:
        for statement in (_MODELS, _VERSIONS, _ALIASES):
            conn.execute(statement, params)
        conn.execute("VACUUM ANALYZE registered_model, model_version, model_alias")
    return [f"models:/model-{i}@champion" for i in range(1, models + 1)]
