"""Datasets and inputs of runs: each record once and for good, and questions about them by index."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from runlore import v1
from runlore_server.db import Connection, Database
from runlore_server.search.language import parse_filter
from runlore_server.store import datasets, inputs, runs
from runlore_server.store.finding import keys, planner, sets
from runlore_server.store.finding.scope import Scope
from runlore_server.store.keyset import Statement
from tests.store.calling import begin
from tests.store.records import add_run, log_of

FIELDS = ("name", "digest", "source_type", "source", "schema", "profile")
RECORD = st.lists(st.text("ab:", max_size=3), min_size=6, max_size=6)


def dataset(fields: list[str]) -> v1.Dataset:
    return v1.Dataset(**dict(zip(FIELDS, fields, strict=True)))


@given(RECORD, RECORD, st.sampled_from(["w", "wa"]))
def test_a_record_is_its_workspace_and_all_of_its_fields(one: list[str], other: list[str], workspace: str) -> None:
    same = (one, "w") == (other, workspace)
    assert (datasets.identity("w", dataset(one)) == datasets.identity(workspace, dataset(other))) == same


async def test_random_inputs_agree_with_a_model(db: Database) -> None:
    """Whatever is logged how often and in which pieces: the first order stays, and tags take the last value."""
    begin()
    dice = random.Random(11)
    run = await db.write(lambda conn: add_run(conn, "w"))
    expected: dict[tuple[str, str, str], dict[str, str]] = {}
    for _ in range(60):
        given = [
            v1.DatasetInput(
                dataset=v1.Dataset(name=dice.choice("ab"), digest="d", source=dice.choice("xy"), schema="s"),
                context=dice.choice(["", "training"]),
                tags={dice.choice("kl"): dice.choice("12") for _ in range(dice.randrange(3))},
            )
            for _ in range(dice.randrange(4))
        ]
        before = {key: dict(tags) for key, tags in expected.items()}
        for one in given:
            expected.setdefault((one.dataset.name, one.dataset.source, one.context), {}).update(one.tags)

        async def log(conn: Connection, given: list[v1.DatasetInput] = given) -> None:
            await inputs.log_inputs(conn, await runs.lock_active(conn, "w", run.run_id), given, [])

        events = len(await log_of(db, run.run_id))
        await db.write(log)
        stored = await db.read(lambda conn: runs.get(conn, "w", run.run_id, bulk=True))
        found = [((i.dataset.name, i.dataset.source, i.context), dict(i.tags)) for i in stored.dataset_inputs]
        assert found == list(expected.items())
        assert all(i.dataset.schema == "s" for i in stored.dataset_inputs)
        assert len(await log_of(db, run.run_id)) - events == (expected != before)


async def test_many_writers_log_the_same_data(db: Database) -> None:
    """A record is made once though all come first, and the places of one run's inputs are all different."""
    begin()
    made = [await db.write(lambda conn: add_run(conn, "w")) for _ in range(4)]
    given = [v1.DatasetInput(dataset=v1.Dataset(name=f"n{i}", digest="d"), context="training") for i in range(6)]

    async def log(run: v1.Run, seed: int) -> None:
        shuffled = random.Random(seed).sample(given, len(given))
        for part in (shuffled[:3], shuffled[2:]):

            async def work(conn: Connection, part: list[v1.DatasetInput] = part) -> None:
                await inputs.log_inputs(conn, await runs.lock_active(conn, "w", run.run_id), part, [])

            await db.write(work)

    await asyncio.gather(*(log(run, seed) for seed, run in enumerate(made * 3)))
    for run in await db.read(lambda conn: runs.get_many(conn, "w", [r.run_id for r in made])):
        assert {i.dataset.name for i in run.dataset_inputs} == {i.dataset.name for i in given}
        assert len(run.dataset_inputs) == len(given)
    rows = await db.read(
        lambda conn: _count(conn, "SELECT count(*) AS n, count(DISTINCT (run_id, place)) AS places FROM run_dataset")
    )
    assert rows == (24, 24)
    assert await db.read(
        lambda conn: _count(conn, "SELECT count(*) AS n, count(DISTINCT name) AS names FROM dataset")
    ) == (6, 6)


async def _count(conn: Connection, statement: Any) -> tuple[int, int]:
    row = await (await conn.execute(statement)).fetchone()
    return row[0], row[1]


async def test_an_event_spells_out_a_part_of_very_many_inputs(db: Database) -> None:
    begin()
    run = await db.write(lambda conn: add_run(conn, "w"))
    given = [v1.DatasetInput(dataset=v1.Dataset(name=f"n{i}", digest="d", source="s" * 100)) for i in range(300)]

    async def log(conn: Connection) -> None:
        await inputs.log_inputs(conn, await runs.lock_active(conn, "w", run.run_id), given, [])

    await db.write(log)
    event = (await log_of(db, run.run_id))[-1]
    told = len(event.after.run.dataset_inputs)
    assert 0 < told <= 100
    assert event.omitted_entries == 300 - told
    assert len(event.omitted_sha256) == 64


class _Explaining:
    """Stands in for a connection: says how Postgres would answer."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self.plan = ""

    async def execute(self, text: Any, params: Any, **_: Any) -> Any:
        rows = await (await self._conn.execute("EXPLAIN " + text, params)).fetchall()
        self.plan += "\n".join(row[0] for row in rows)
        return await self._conn.execute("SELECT WHERE false")


FILL = """
INSERT INTO dataset SELECT decode(md5(i::text), 'hex'), 'w', 'n' || i % 1000, 'd' || i, '', '', '', '', 1
FROM generate_series(1, 5000) i;
INSERT INTO run (run_id, workspace, experiment_id, name, status, start_time, params, tags, lifecycle_state, created_by,
                 create_time, revision, event_time)
SELECT md5('r' || i)::uuid, 'w', experiment_id, 'r', 3, now() - make_interval(secs => i), '{}', '{}', 1, '', now(), 1,
       now()
FROM generate_series(1, 20000) i, experiment;
INSERT INTO run_dataset SELECT md5('r' || i)::uuid, decode(md5((i % 5000 + 1)::text), 'hex'), 'training', 0, '{}'
FROM generate_series(1, 20000) i;
INSERT INTO dataset_use SELECT dataset_id, experiment_id, 'training' FROM dataset, experiment;
ANALYZE run; ANALYZE dataset; ANALYZE run_dataset; ANALYZE dataset_use;
"""


async def test_which_runs_used_this_data_is_answered_by_indexes(db: Database) -> None:
    begin()
    await db.write(lambda conn: add_run(conn, "w"))
    await db.write(lambda conn: conn.execute(FILL))

    async def explain(conn: Connection, text: str) -> str:
        wanted, statement = parse_filter(text), Statement()
        scope = Scope("w", None, v1.LIFECYCLE_VIEW_ACTIVE, wanted, (), keys.Keys({}))
        found = sets.of_condition(scope, wanted)
        assert found is not None
        rows = await (await conn.execute("EXPLAIN " + found.query(statement), statement.params)).fetchall()
        return "\n".join(row[0] for row in rows)

    for text in (
        "dataset.digest = 'd7'",
        "dataset.digest = 'd7' and dataset.context = 'training'",
        "dataset.name = 'n7'",
    ):
        plan = await db.read(lambda conn, text=text: explain(conn, text))
        assert "Seq Scan on run_dataset" not in plan, plan
        assert "Seq Scan on dataset" not in plan, plan
        assert "Seq Scan on run " not in plan, plan

    async def explain_page(conn: Connection, name: str, digest: str) -> str:
        explaining: Any = _Explaining(conn)
        await datasets.page(explaining, "w", None, name, digest, None, 100)
        return str(explaining.plan)

    for name, digest in (("n7", ""), ("", "d7"), ("n7", "d7"), ("", "")):
        plan = await db.read(lambda conn, n=name, d=digest: explain_page(conn, n, d))
        assert "Seq Scan" not in plan, plan
    wanted = parse_filter("dataset.digest = 'd7'")
    assert len((await db.snapshot(lambda conn: planner.page(conn, "w", None, wanted, [], None, 9))).rows) == 4
