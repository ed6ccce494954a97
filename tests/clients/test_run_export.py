"""`runlore runs export`: files read back by pyarrow, pandas and the standard library."""

from __future__ import annotations

import csv
import math
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pandas
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

import runlore
from runlore import v1
from runlore.cli.tables import Type, open_table
from tests.clients.commands import Done
from tests.clients.terminals import on_terminal
from tests.harness.server import environment

Command = Callable[..., Done]
ODD = 'a,"b"\n=1+1 ü\\\r'


@pytest.fixture
def logged(client: runlore.Client) -> Iterator[list[str]]:
    """Two runs with odd texts and numbers; the second is still running and lacks most of the first one's keys."""
    with client.start_run("ctr", name="one", params={"C": "0.1", "odd key,": ODD}, tags={"team": "ads"}) as one:
        for step, value in ((-1, math.nan), (0, math.inf), (2**53 + 1, -math.inf), (1, 0.1), (2, -0.0)):
            one.log({"m": value}, step=step)
        one.log({"last nan": math.nan}, step=0)
    two = client.start_run("other", name="two", params={"C": "1"}, parent_run_id=one.run_id)
    two.log({"m": 5e-324}, step=0)
    two.flush()
    yield [one.run_id, two.run_id]
    two.finish()


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def bits(value: float) -> bytes:
    return struct.pack("<d", value)


def test_runs_are_a_wide_table(run: Command, client: runlore.Client, logged: list[str], tmp_path: Path) -> None:
    file = tmp_path / "runs.parquet"
    said = run("runs", "export", *logged, "--to", str(file)).out
    assert said == f"{file}: 2 runs\n"
    table = pyarrow.parquet.read_table(file)
    attributes = ["run_id", "name", "experiment", "status", "start_time", "end_time", "parent_run_id"]
    keys = ["params.C", "params.odd key,", "tags.team", "metrics.last nan", "metrics.m"]
    assert table.column_names == attributes + keys
    assert table.schema.field("start_time").type == pyarrow.timestamp("us", tz="UTC")
    assert table.schema.field("status").type == pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
    assert table.schema.field("metrics.m").type == pyarrow.float64()
    one, two = table.to_pylist()
    assert (one["run_id"], one["status"], two["status"]) == (logged[0], "FINISHED", "RUNNING")
    assert one["params.odd key,"] == ODD
    assert (two["params.odd key,"], two["tags.team"], two["end_time"]) == (None, None, None)
    assert (one["parent_run_id"], two["parent_run_id"]) == (None, logged[0])
    assert math.isnan(one["metrics.last nan"])
    assert two["metrics.last nan"] is None
    assert (one["metrics.m"], two["metrics.m"]) == (-math.inf, 5e-324)
    stamp = client.get_run(logged[0]).start_time
    assert one["start_time"] == stamp.ToDatetime(tzinfo=UTC).replace(microsecond=stamp.nanos // 1000)


def test_csv_has_the_same(run: Command, logged: list[str], tmp_path: Path) -> None:
    file = tmp_path / "runs.csv"
    run("runs", "export", *logged, "--to", str(file))
    one, two = read_csv(file)
    assert one["params.odd key,"] == ODD
    assert (two["params.odd key,"], two["end_time"]) == ("", "")
    assert (one["metrics.last nan"], two["metrics.last nan"]) == ("NaN", "")
    assert (one["metrics.m"], two["metrics.m"]) == ("-inf", "5e-324")
    assert datetime.fromisoformat(one["start_time"]).tzinfo is not None
    frame = pandas.read_csv(file, parse_dates=["start_time"])
    assert frame["metrics.m"].tolist() == [-math.inf, 5e-324]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_points_are_a_long_table(run: Command, logged: list[str], tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"points.{ending}"
    record = run("runs", "export", "--points", "--to", str(file), "--json").record
    assert record == {"file": str(file), "runs": 2, "points": 7}
    if ending == "csv":
        found = [(r["run_id"], r["key"], int(r["step"]), float(r["value"])) for r in read_csv(file)]
    else:
        table = pyarrow.parquet.read_table(file)
        word = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
        assert table.schema.types == [
            *(word, word, pyarrow.int64()),
            *(pyarrow.timestamp("us", tz="UTC"), pyarrow.float64()),
        ]
        found = [(r["run_id"], r["key"], r["step"], r["value"]) for r in table.to_pylist()]
    assert [(r, k, s, bits(v)) for r, k, s, v in sorted(found, key=lambda p: logged.index(p[0]))] == [
        (logged[0], "last nan", 0, bits(math.nan)),
        *((logged[0], "m", s, bits(v)) for s, v in ((-1, math.nan), (0, math.inf), (2**53 + 1, -math.inf))),
        *((logged[0], "m", s, bits(v)) for s, v in ((1, 0.1), (2, -0.0))),
        (logged[1], "m", 0, bits(5e-324)),
    ]


def test_a_query_and_keys_say_which(run: Command, logged: list[str], tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    run("runs", "export", "--points", "--experiment", "ctr", "--key", "last nan", "--to", str(file))
    assert [(r["run_id"], r["key"]) for r in read_csv(file)] == [(logged[0], "last nan")]
    run("runs", "export", "--filter", "params.C = '1'", "--to", str(file))
    assert [r["run_id"] for r in read_csv(file)] == [logged[1]]
    run("runs", "export", "--filter", "params.C = 'none'", "--to", str(file))
    assert file.read_text().startswith("run_id,name,experiment,")
    assert read_csv(file) == []


def test_what_was_there_stays_until_all_is_there(run: Command, logged: list[str], tmp_path: Path) -> None:
    file = tmp_path / "runs.csv"
    file.write_text("before")
    run("runs", "export", logged[0], "f" * 32, "--to", str(file)).failed(3, "f" * 32)
    run("runs", "export", "--filter", "nonsense", "--to", str(file)).failed(2, "column 1")
    assert file.read_text() == "before"
    assert list(tmp_path.glob(".*")) == []
    run("runs", "export", "--to", str(tmp_path / "none" / "runs.csv")).failed(1, "No such file or directory")


def test_what_cannot_be_is_refused(run: Command, tmp_path: Path) -> None:
    run("runs", "export", "--to", str(tmp_path / "runs.xls")).failed(2, "end it in .parquet or .csv")
    to = ("--to", str(tmp_path / "runs.csv"))
    run("runs", "export", "a" * 32, "--filter", "params.C = '1'", *to).failed(2, "not both")
    run("runs", "export", "--key", "loss", *to).failed(2, "add --points")
    run("runs", "export").failed(2, "--to")


def test_parquet_without_pyarrow_is_refused_before_anything(runlore_env: dict[str, str], tmp_path: Path) -> None:
    code = "import sys; sys.modules['pyarrow'] = None\nfrom runlore.cli import main; main()"
    command = [sys.executable, "-c", code, "runs", "export", "--to"]
    env = environment(runlore_env)
    refused = subprocess.run(
        [*command, str(tmp_path / "r.parquet")], capture_output=True, text=True, env=env, check=False
    )
    assert refused.returncode == 1
    assert "pip install 'runlore[export]'" in refused.stderr
    plain = subprocess.run([*command, str(tmp_path / "r.csv")], capture_output=True, text=True, env=env, check=False)
    assert plain.returncode == 0, plain.stderr


def test_a_terminal_shows_how_far_it_is(runlore_env: dict[str, str], logged: list[str], tmp_path: Path) -> None:
    said = on_terminal(runlore_env, "runs", "export", "--to", str(tmp_path / "runs.csv"))
    assert "read 2 runs" in said
    assert said.endswith(f"{tmp_path}/runs.csv: 2 runs\n")


def test_a_row_group_at_a_time(tmp_path: Path) -> None:
    columns = {"word": Type.WORD, "number": Type.NUMBER}
    with open_table(tmp_path / "t.parquet", columns) as table:
        for group in range(3):
            table.write([["same", f"own-{group}"], [float(group), None]])
    file = pyarrow.parquet.ParquetFile(tmp_path / "t.parquet")
    assert file.num_row_groups == 3
    assert file.read().to_pydict() == {
        "word": ["same", "own-0", "same", "own-1", "same", "own-2"],
        "number": [0.0, None, 1.0, None, 2.0, None],
    }


@given(st.lists(st.tuples(st.one_of(st.none(), st.text(st.characters(codec="utf-8"))), st.floats()), max_size=20))
def test_csv_keeps_every_text_and_number(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, float]]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    with open_table(path, {"text": Type.TEXT, "number": Type.NUMBER}) as table:
        table.write([[text for text, _ in rows], [number for _, number in rows]])
    found = read_csv(path)
    assert [(r["text"], str(float(r["number"]))) for r in found] == [(text or "", str(number)) for text, number in rows]


def test_an_export_needs_no_more_memory_for_more_runs(client: runlore.Client, tmp_path: Path) -> None:
    """What waits for its columns waits on disk: a page is what memory holds."""
    import tracemalloc

    from runlore.cli import run_export

    def pages(count: int) -> list[int]:
        def made() -> object:
            for page in range(count):
                yield [
                    v1.Run(run_id=f"{page * 1000 + i:032x}", params={f"p{k}": "x" * 50 for k in range(10)})
                    for i in range(1000)
                ]

        tracemalloc.start()
        run_export._write_runs(made(), tmp_path / "t.csv", lambda text: None)  # type: ignore[arg-type]
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return [peak]

    few, many = pages(2)[0], pages(8)[0]
    assert many < 1.5 * few
