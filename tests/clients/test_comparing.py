"""Runs side by side: by the client, by its asyncio twin, by the command; and the core that versions share."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import runlore
import runlore.aio
from runlore import _context, v1
from runlore.comparing import PARTS, Compared, SideBySide, directions
from tests.clients.commands import Done
from tests.clients.terminals import on_terminal

Command = Callable[..., Done]
RECORDS = st.lists(st.dictionaries(st.text(max_size=2), st.integers(0, 2)), min_size=1, max_size=5)


@pytest.fixture
def pair(client: runlore.Client) -> list[str]:
    """Two runs of one experiment that differ in a param, a dataset and their metrics."""
    found = []
    for number, name in enumerate(("one", "two")):
        params = {"C": number, "solver": "sgd", **({"only": "here"} if number else {})}
        with client.start_run("ctr", name=name, params=params) as run:
            data = v1.Dataset(name="clicks", digest=f"d{number}", source_type="local", source="/x")
            run.log_input(data, context="training")
            run.log_input(v1.Dataset(name="same", digest="d", source_type="local", source="/y"))
            run.log({"auc": 0.5}, step=0)
            run.log({"auc": 0.8 + number / 10, "loss": 1.0, f"own-{number}": 1.0}, step=1)
            found.append(run.run_id)
    return found


def test_what_differs_is_told_by_key(client: runlore.Client, pair: list[str]) -> None:
    found = client.compare(pair, best={"auc": "max", "loss": "min"})
    assert [run.run_id for run in found.runs] == pair
    assert found.labels == ["one", "two"]
    assert found.params == SideBySide({"C": ("0", "1"), "only": (None, "here")}, {"solver": "sgd"})
    assert found.data == SideBySide({"training clicks": ("d0", "d1")}, {"same": "d"})
    assert {key: [m and m.last for m in row] for key, row in found.metrics.items()} == {
        "auc": [0.8, 0.9],
        "loss": [1.0, 1.0],
        "own-0": [1.0, None],
        "own-1": [None, 1.0],
    }
    assert found.best("auc") == [1]
    assert found.best("loss") == [0, 1]
    # Which way it is better, nobody said.
    assert found.best("own-0") == []
    assert repr(found) == "<Comparison of one, two: 2 params differ>"
    json.dumps(found.record(), allow_nan=False)


async def test_the_asyncio_twin_compares_the_same(
    client: runlore.Client, aio_client: runlore.aio.Client, pair: list[str]
) -> None:
    runs = [await aio_client.get_run(run_id) for run_id in pair]
    found = await aio_client.compare(runs, best=["max:auc"])
    assert found.record() == client.compare(pair, best="max:auc").record()
    assert await found.to_html() == client.compare(pair, best="max:auc").to_html()


def test_the_package_compares_on_the_default_client(pair: list[str]) -> None:
    assert runlore.compare(pair).params.different.keys() == {"C", "only"}


def test_siblings_have_their_parents_context_and_its_direction(
    client: runlore.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNLORE_CAPTURE", "1")
    monkeypatch.setattr(_context.machine, "_user", lambda: "ada")
    trials = []
    with client.start_run("ctr", tags={"runlore.sweep.best": "min:loss"}) as top:
        for number in range(3):
            with top.start_child(name="trial", params={"C": number}) as trial:
                trial.log({"loss": number})
                trials.append(trial.run_id)
    monkeypatch.setattr(_context.machine, "_user", lambda: "bo")
    with client.start_run("ctr", name="other") as alone:
        alone.log({"loss": 5})
    siblings = client.compare(trials)
    assert siblings.labels == [f"trial {run_id[-6:]}" for run_id in trials]
    assert siblings.directions == {"loss": "min"}
    assert siblings.best("loss") == [0]
    assert siblings.environment.same["user"] == "ada"
    assert "pytest" in siblings.packages.same
    assert not siblings.packages.different
    assert re.fullmatch(r"[0-9a-f]{40}", siblings.code.same["git.commit"])
    assert "sweep.best" not in siblings.environment.same
    both = client.compare([trials[0], alone], best="max:loss")
    assert both.environment.different["user"] == ("ada", "bo")
    # What is said wins over what the sweep says.
    assert both.best("loss") == [1]


def test_packages_and_uncommitted_changes_differ(client: runlore.Client, tmp_path: Path) -> None:
    runs = []
    for number in (1, 2):
        folder = tmp_path / str(number) / "runlore"
        folder.mkdir(parents=True)
        lines = ["# CPython 3.11.7", f"numpy=={number}.0", "scipy==1.0  # from https://example.org/scipy", "broken"]
        (folder / "packages.txt").write_text("\n".join(lines) + "\n")
        (folder / "git.diff").write_text(f"diff {number}")
        with client.start_run("ctr", name=str(number), tags={"runlore.git.commit": "c" * 40}) as run:
            run.log_artifact(folder)
            runs.append(run)
    found = client.compare(runs)
    assert found.packages == SideBySide({"numpy": ("1.0", "2.0")}, {"scipy": "1.0  # from https://example.org/scipy"})
    assert found.code.same == {"git.commit": "c" * 40}
    first, second = found.code.different["git.diff"]
    assert first is not None
    assert second is not None
    assert first != second


def test_what_cannot_be_compared_is_refused(client: runlore.Client, pair: list[str]) -> None:
    with pytest.raises(runlore.InvalidArgumentError, match=r"^runs: are 1 different ones: give from 2 to 1,000"):
        client.compare([pair[0], pair[0]])
    with pytest.raises(runlore.NotFoundError):
        client.compare([pair[0], "f" * 32])
    with pytest.raises(runlore.InvalidArgumentError, match=r"^best: .*write 'max:auc'"):
        client.compare(pair, best="auc")
    with pytest.raises(runlore.InvalidArgumentError, match=r"^best: says both max:auc and min:auc"):
        client.compare(pair, best=["max:auc", "min:auc"])
    assert directions(None) == directions([]) == {}


def test_nan_is_never_best_and_a_missing_metric_neither() -> None:
    last = [math.nan, 1.0, None, 3.0, 3.0, -math.inf]
    runs = [v1.Run(metrics=[] if x is None else [v1.MetricSummary(key="m", last=x)]) for x in last]
    nothing: SideBySide[str] = SideBySide({}, {})
    found = Compared(runs, nothing, nothing, nothing, nothing, nothing, {"m": "max", "gone": "max"})
    assert found.best("m") == [3, 4]
    found.directions["m"] = "min"
    assert found.best("m") == [5]
    assert found.best("gone") == found.best("other") == []


@given(RECORDS)
def test_every_key_is_either_the_same_or_different(records: list[dict[str, int]]) -> None:
    found = SideBySide.of(records)
    assert found.same.keys() | found.different.keys() == {key for record in records for key in record}
    assert not found.same.keys() & found.different.keys()
    for number, record in enumerate(records):
        back = {**found.same, **{k: row[number] for k, row in found.different.items() if row[number] is not None}}
        assert back == record
    assert all(len(set(row)) > 1 for row in found.different.values())


def test_the_command_compares(run: Command, pair: list[str]) -> None:
    record = run("runs", "compare", *pair, "--best", "max:auc", "--json").record
    one, two = pair
    assert record["runs"] == pair
    assert record["params"] == {"C": {one: "0", two: "1"}, "only": {two: "here"}}
    assert record["metrics"]["auc"][two]["max"] == 0.9
    assert record["best"] == {"auc": {"direction": "max", "run_ids": [two]}}
    assert record["same"]["params"] == {"solver": "sgd"}
    assert set(PARTS) <= record.keys()
    text = run("runs", "compare", *pair, "--best", "max:auc").out
    assert "Params that differ (1 the same)" in text
    assert re.search(r"^  auc +0\.8 \(0\.5 … 0\.8\) +0\.9 \(0\.5 … 0\.9\) \*$", text, re.M)
    assert re.search(r"^  own-0 +1 +—$", text, re.M)
    assert "solver" not in text
    assert re.search(r"^  solver +sgd$", run("runs", "compare", *pair, "--all").out, re.M)
    run("runs", "compare", pair[0], pair[0]).failed(2, "at least two different runs")
    run("runs", "compare", *pair, "--best", "auc").failed(2, "best", "max:auc")


def test_many_runs_are_rows(run: Command, client: runlore.Client) -> None:
    ids = []
    for number in range(8):
        with client.start_run("ctr", name=f"r{number}", params={"C": number % 2}, tags={"runlore.host": "h"}) as made:
            made.log({"auc": number})
            ids.append(made.run_id)
    text = run("runs", "compare", *ids, "--best", "max:auc").out
    assert re.search(r"^  r7 +1 +7 \*$", text, re.M)
    assert re.search(r"^  r6 +0 +6$", text, re.M)
    assert "The same in all: environment (1)." in text


def test_a_comparison_fits_its_terminal(runlore_env: dict[str, str], pair: list[str]) -> None:
    def lines(columns: int) -> list[str]:
        said = on_terminal({**runlore_env, "NO_COLOR": "1"}, "runs", "compare", *pair, columns=columns)
        return said.splitlines()

    assert "Metrics: last (least … greatest)" in lines(120)
    assert "Metrics: last" in lines(40)
    assert max(map(len, lines(40))) == 40
