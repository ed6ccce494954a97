"""Records of a test's own, made below the services, and their events."""

from __future__ import annotations

from functools import partial
from typing import Any

from runlore import v1
from runlore_server import ids
from runlore_server.db import Connection, Database
from runlore_server.sequencer import Sequencer
from runlore_server.store import events, experiments, indexing, logged_models, metrics, models, runs
from runlore_server.store.blocks import Batch
from tests.harness import registry_changes

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


async def log_points(
    db: Database, run: v1.Run, writer_id: str, sequence: int, *series: v1.MetricSeries
) -> tuple[bool, bool]:
    """Log a batch as LogBatch does; returns whether it is new, and whether one statement was enough."""
    sent = metrics.Sent(run.workspace, run.run_id, writer_id, sequence, Batch.of(series))
    if await db.write(lambda conn: metrics.append(conn, sent), one_statement=True):
        return True, True
    fresh, committed = await db.write(lambda conn: metrics.append_after_all(conn, sent))
    assert committed >= sequence
    return fresh, False


async def add_points(
    conn: Connection, run: v1.Run, *series: v1.MetricSeries, writer_id: str = "w", sequence: int = 1
) -> None:
    """Log a writer's batch in a transaction."""
    assert await metrics.append(conn, metrics.Sent(run.workspace, run.run_id, writer_id, sequence, Batch.of(series)))


async def add_logged_model(conn: Connection, workspace: str, experiment_id: str, **fields: Any) -> v1.LoggedModel:
    """Make a logged model."""
    model = v1.LoggedModel(model_id=ids.new(), workspace=workspace, experiment_id=experiment_id, **fields)
    model.status = model.status or v1.LOGGED_MODEL_STATUS_PENDING
    return await logged_models.create(conn, model, None, "")


async def add_registered_model(db: Database, name: str = "m", version_count: int = 0) -> v1.RegisteredModel:
    """Make a registered model of workspace `w`, with so many versions."""

    async def work(conn: Connection) -> v1.RegisteredModel:
        model = await models.create(conn, "w", name, "", {}, "")
        for _ in range(version_count):
            await add_version(conn, "w", name)
        return model

    return await db.write(work)


async def add_moved_model(db: Database, moves: int = 3) -> v1.RegisteredModel:
    """Make the registered model `m` of two versions, between which its champion was moved so many times."""
    await add_registered_model(db, "m", 2)
    for i in range(moves):
        await registry_changes.change(db, "w", "m", registry_changes.set_alias("champion", 1 + i % 2))
    return await db.read(lambda conn: models.get(conn, "w", "m"))


async def add_version(conn: Connection, workspace: str, name: str, **fields: Any) -> v1.ModelVersion:
    """Make a registered model's next version, READY with a manifest that is not stored."""
    made = await registry_changes.add_version(**fields)(conn, await models.lock(conn, workspace, name))
    assert isinstance(made, v1.ModelVersion)
    return made


async def point_alias(conn: Connection, workspace: str, name: str, alias: str, version: int) -> None:
    """Point an alias at a version of a registered model."""
    await registry_changes.set_alias(alias, version)(conn, await models.lock(conn, workspace, name))


async def index_all(db: Database, limit: int = 500) -> None:
    """Index what searches look for of every run that is not live, however short ago it changed."""
    for index in (indexing.index_texts, indexing.index_metrics):
        while await db.write(partial(index, limit=limit, quiet_seconds=0.0)):
            pass


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
