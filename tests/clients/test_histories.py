"""Histories and tables of sweeps: light columns, pandas frames, and what a run has just logged."""

from __future__ import annotations

import math
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime

import pandas as pd
import pytest

import runlore
import runlore.aio
from runlore import v1


def test_a_run_reads_its_own_points(client: runlore.Client) -> None:
    with client.start_run("e") as run:
        for step in range(100):
            run.log({"loss": 1 / (step + 1), "auc": math.nan if step == 7 else step / 100}, step=step)
        frame = run.history()
        assert list(frame.columns) == ["run_id", "key", "step", "time", "value"]
        assert frame["key"].tolist() == ["auc"] * 100 + ["loss"] * 100
        assert frame["step"].tolist() == [*range(100), *range(100)]
        assert set(frame["run_id"]) == {run.run_id}
        assert frame["value"].isna().tolist().index(True) == 7
        assert str(frame["time"].dt.tz) == "UTC"
        assert (frame["time"] - pd.Timestamp.now(tz="UTC")).abs().max() < pd.Timedelta(hours=1)
        run.log({"loss": 5.0}, step=100)
        assert run.history("loss", min_step=99)["value"].tolist() == [0.01, 5.0]
        assert len(run.history("auc", max_points=10)) < 11


def test_histories_of_several_runs(client: runlore.Client) -> None:
    runs = []
    for i in range(3):
        with client.start_run("e") as run:
            run.log({"loss": i, "other": 0})
            run.log({"loss": i + 0.5})
        runs.append(run)
    history = client.metric_history([runs[2], client.get_run(runs[0].run_id), runs[1].run_id], ["loss"])
    assert [(s.run_id, s.key, s.point_count, list(s.steps), list(s.values)) for s in history] == [
        (runs[i].run_id, "loss", 2, [0, 1], [i, i + 0.5]) for i in (2, 0, 1)
    ]
    assert history.to_pandas().groupby("run_id")["value"].max()[runs[2].run_id] == 2.5
    (series,) = client.metric_history(runs[0], "loss", first_index=1)
    assert (len(series), list(series.values)) == (1, [0.5])

    empty = client.metric_history(runs, "none")
    assert empty == []
    assert list(empty.to_pandas().dtypes.astype(str))[2:] == ["int64", "datetime64[us, UTC]", "float64"]


def test_a_long_series_is_one_series(client: runlore.Client) -> None:
    run = client.tracking.CreateRun(v1.CreateRunRequest(experiment_name="e")).run
    times = [-1, *range(1, 50_000)]
    series = v1.MetricSeries(key="m", steps=range(50_000), times_unix_us=times, values=map(float, range(50_000)))
    client.tracking.LogBatch(v1.LogBatchRequest(run_id=run.run_id, writer_id="w", sequence=1, series=[series]))
    (found,) = client.metric_history(run)
    assert (list(found.steps), list(found.times_unix_us)) == (list(range(50_000)), times)
    assert client.metric_history(run).to_pandas()["time"][0] == pd.Timestamp("1969-12-31 23:59:59.999999", tz="UTC")
    (found,) = client.metric_history(run, since=datetime.fromtimestamp(0.049, UTC))
    assert found.times_unix_us[0] == 49_000
    (few,) = client.metric_history(run, max_points=100)
    assert (few.point_count, few.values[0], few.values[-1]) == (50_000, 0, 49_999)
    assert len(few) <= 100


async def test_the_asyncio_twin_reads_the_same(aio_client: runlore.aio.Client) -> None:
    async with await aio_client.start_run("e") as run:
        run.log({"loss": 1.0})
        assert (await run.history())["value"].tolist() == [1.0]
        (series,) = await aio_client.metric_history(run)
    assert list(series.values) == [1.0]
    assert len(await aio_client.sweep_table(run)) == 0


def test_bad_histories_are_refused(client: runlore.Client) -> None:
    run = client.start_run("e")
    with pytest.raises(runlore.NotFoundError):
        client.metric_history([run, "0" * 32])
    with pytest.raises(runlore.InvalidArgumentError, match="max_points"):
        client.metric_history(run, max_points=3)
    with pytest.raises(runlore.InvalidArgumentError, match="time zone"):
        client.metric_history(run, since=datetime(2026, 1, 1))
    run.finish()


def test_a_sweep_is_a_table(client: runlore.Client) -> None:
    with client.start_run("e") as top:
        for i, name in enumerate(["one", "two", "three"]):
            params = {"C": i, "same": "x", **({"rare": "yes"} if i == 1 else {})}
            with top.start_child(name, params=params) as trial:
                trial.log({"auc": i / 10})
                trial.log({"auc": 0.05})
        top.start_child("four", params={"C": 0, "same": "x"}).finish("FAILED")
    table = client.sweep_table(top, ["max:auc", "auc", "last:auc"])
    assert table.names == ["one", "two", "three", "four"]
    assert table.statuses == ["FINISHED"] * 3 + ["FAILED"]
    assert table.params == {"C": ["0", "1", "2", "0"], "rare": [None, "yes", None, None]}
    assert table.metrics == {
        "max:auc": [0.05, 0.1, 0.2, None],
        "auc": [0.05, 0.05, 0.05, None],
        "last:auc": [0.05, 0.05, 0.05, None],
    }
    frame = table.to_pandas()
    assert list(frame.columns) == ["run_id", "name", "status", "params.C", "params.rare", "max:auc", "auc", "last:auc"]
    assert frame.loc[frame["max:auc"].idxmax(), "name"] == "three"
    assert frame["run_id"].tolist() == table.run_ids


def test_a_table_of_several_pages_is_one(client: runlore.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from runlore._sync import metrics

    monkeypatch.setattr(metrics, "_TRIALS", 2)
    with client.start_run("e") as top:
        for i in range(5):
            top.start_child(params={"C": i}).finish()
    assert client.sweep_table(top).params == {"C": ["0", "1", "2", "3", "4"]}


def test_without_pandas_frames_are_refused_and_columns_are_not(
    script: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = script(
        """
import sys
sys.modules["pandas"] = None
import runlore
with runlore.start_run("e") as run:
    run.log({"a": 1})
    print(list(runlore.metric_history(run)[0].values))
    try:
        run.history()
    except runlore.RunloreError as error:
        print(error)
""",
        RUNLORE_CAPTURE="0",
    )
    assert done.stdout.splitlines() == [
        "[1.0]",
        "this needs pandas, which is not installed: pip install 'runlore[pandas]'",
    ], done.stderr
