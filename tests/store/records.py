"""Records of a test's own, made below the services, and their events."""

from __future__ import annotations

from typing import Any

from runlore import v1
from runlore_server import ids
from runlore_server.db import Connection, Database
from runlore_server.sequencer import Sequencer
from runlore_server.store import aliases, events, experiments, logged_models, models, runs, versions

#: Tables that name a run without being about it.
NOT_OF_RUNS = {"model_version", "model_evaluation", "purged_run", "logged_model_series"}


async def add_run(conn: Connection, workspace: str, experiment: str = "e") -> v1.Run:
    """Make a run, and its experiment when there is none of that name."""
    found = await experiments.find_by_name(conn, workspace, experiment)
    made = found or await experiments.create(conn, workspace, experiment)
    run = v1.Run(
        run_id=ids.new(),
        workspace=workspace,
        experiment_id=made.experiment_id,
        experiment_name=experiment,
        name="r",
        status=v1.RUN_STATUS_RUNNING,
        params={"C": "1"},
    )
    return await runs.create(conn, run, None, "")


async def add_model(conn: Connection, workspace: str, experiment_id: str, **fields: Any) -> v1.LoggedModel:
    """Make a logged model."""
    model = v1.LoggedModel(model_id=ids.new(), workspace=workspace, experiment_id=experiment_id, **fields)
    model.status = model.status or v1.LOGGED_MODEL_STATUS_PENDING
    return await logged_models.create(conn, model, None, "")


async def add_version(conn: Connection, workspace: str, name: str, **fields: Any) -> v1.ModelVersion:
    """Make a registered model's next version, READY with a manifest that is not stored."""
    locked = await models.lock(conn, workspace, name)
    version = v1.ModelVersion(
        workspace=workspace, model_id=locked.model.model_id, model_name=name, status=v1.MODEL_VERSION_STATUS_READY
    )
    version.manifest_digest = "ab" * 32
    version.MergeFrom(v1.ModelVersion(**fields))
    return await versions.create(conn, locked, version, "")


async def point_alias(conn: Connection, workspace: str, name: str, alias: str, version: int) -> None:
    """Point an alias at a version of a registered model."""
    locked = await models.lock(conn, workspace, name)
    holder = await aliases.find(conn, locked.model.model_id, alias)
    kind = v1.EVENT_KIND_ALIAS_SET
    await aliases.put(conn, locked, holder, alias, version, kind=kind, reason="", request_id="")


async def log_of(db: Database, resource_id: str) -> list[v1.Event]:
    """The events of a record."""
    await Sequencer(db).catch_up()

    async def work(conn: Connection) -> list[v1.Event]:
        found = await conn.execute(
            "SELECT body FROM event WHERE resource_id = %s::uuid ORDER BY revision", (resource_id,)
        )
        return [events.from_canonical(bytes(row.body)) for row in await found.fetchall()]

    return await db.read(work)


async def rows_of(conn: Connection, run_id: str) -> dict[str, int]:
    """How many rows each table about runs has of this one."""
    found = {}
    for table in await _tables_of_runs(conn):
        row = await (await conn.execute(f"SELECT count(*) FROM {table} WHERE run_id = '{run_id}'")).fetchone()
        found[table] = row[0]
    return found


async def _tables_of_runs(conn: Connection) -> list[str]:
    rows = await conn.execute(
        """
        SELECT c.table_name FROM information_schema.columns c
        JOIN information_schema.tables t USING (table_schema, table_name)
        WHERE c.column_name = 'run_id' AND c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
        """
    )
    return sorted({row[0] for row in await rows.fetchall()} - NOT_OF_RUNS)
