"""Describing data: files, folders, DataFrames, DVC-tracked paths, URLs. No server of ours is needed."""

from __future__ import annotations

import hashlib
import json
import math
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import runlore
from runlore import data, v1
from runlore.manifest import Tree


def digest(frame: Any) -> str:
    return data.from_dataframe(frame).digest


def test_a_file_is_known_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "train.csv"
    path.write_bytes(b"a,b\n1,2\n")
    found = data.from_file(path)
    assert found == v1.Dataset(
        name="train.csv",
        digest=hashlib.sha256(b"a,b\n1,2\n").hexdigest(),
        source_type="local",
        source=str(path.resolve()),
        profile='{"bytes": 8}',
    )
    named = data.from_file(path, name="clicks", source="s3://b/clicks")
    assert (named.name, named.source, named.digest) == ("clicks", "s3://b/clicks", found.digest)
    with pytest.raises(FileNotFoundError):
        data.from_file(tmp_path / "none")
    with pytest.raises(runlore.InvalidArgumentError, match="use from_folder"):
        data.from_file(tmp_path)


def test_a_folder_is_known_by_its_manifest(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "1.png").write_bytes(b"one")
    (folder / "2.txt").write_bytes(b"two")
    found = data.from_folder(folder)
    entries = [
        v1.FileEntry(
            path=path,
            size=3,
            sha256=hashlib.sha256(content).hexdigest(),
            chunks=[v1.Chunk(size=3, sha256=hashlib.sha256(content).hexdigest())],
        )
        for path, content in [("a/1.png", b"one"), ("2.txt", b"two")]
    ]
    assert found.digest == Tree.of(entries).manifest().digest
    assert (found.name, json.loads(found.profile)) == ("images", {"bytes": 6, "files": 2})
    (folder / "2.txt").write_bytes(b"too")
    assert data.from_folder(folder).digest != found.digest
    with pytest.raises(NotADirectoryError):
        data.from_folder(folder / "2.txt")


# A frame as a list of columns: a name, and the type and values of one kind.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
KINDS: dict[str, st.SearchStrategy[Any]] = {
    "int64": st.integers(-(2**63), 2**63 - 1),
    "float64": st.floats(allow_nan=True),
    "bool": st.booleans(),
    "object": st.one_of(TEXTS, st.integers(), st.none(), st.booleans(), st.floats(allow_nan=False)),
    "datetime64[ns]": st.integers(0, 2**60),
    "Int64": st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
}


@st.composite
def tables(draw: st.DrawFn) -> list[tuple[str, str, list[Any]]]:
    rows = draw(st.integers(1, 5))
    names = draw(st.lists(TEXTS, min_size=1, max_size=4, unique=True))
    kinds = [draw(st.sampled_from(sorted(KINDS))) for _ in names]
    return [
        (name, kind, draw(st.lists(KINDS[kind], min_size=rows, max_size=rows)))
        for name, kind in zip(names, kinds, strict=True)
    ]


def frame(table: list[tuple[str, str, list[Any]]]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(values, dtype=kind) for name, kind, values in table})


@given(tables())
def test_equal_frames_have_equal_digests(table: list[tuple[str, str, list[Any]]]) -> None:
    made = frame(table)
    expected = digest(made)
    assert digest(made.copy(deep=True)) == expected
    # In another order in memory: every second row of a frame of twice the rows, and columns taken one by one.
    doubled = made.loc[made.index.repeat(2)].iloc[::2]
    assert digest(doubled) == expected
    assert digest(pd.concat([made[[name]] for name in made.columns], axis=1)) == expected
    assert digest(made.set_index(pd.Index(range(7, 7 + len(made))))) == expected


@given(tables(), st.data())
def test_any_change_changes_the_digest(table: list[tuple[str, str, list[Any]]], draw: st.DataObject) -> None:
    made = frame(table)
    expected = digest(made)
    column = draw.draw(st.integers(0, len(table) - 1))
    name, kind, values = table[column]
    row = draw.draw(st.integers(0, len(values) - 1))
    other = draw.draw(KINDS[kind].filter(lambda value: not same(value, values[row])))
    changed = [*values[:row], other, *values[row + 1 :]]
    assert digest(frame([*table[:column], (name, kind, changed), *table[column + 1 :]])) != expected
    names = [name for name, _, _ in table]
    assert digest(made.rename(columns={name: "".join(names) + "x"})) != expected
    assert digest(pd.concat([made, made.iloc[:1]])) != expected
    if len(table) > 1:
        assert digest(made[[*names[1:], names[0]]]) != expected
        assert digest(made.drop(columns=[name])) != expected
    if kind in ("int64", "bool"):
        assert digest(made.astype({name: "object"})) != expected


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one) and math.isnan(other):
        return True
    return type(one) is type(other) and bool(one == other)


def test_the_layout_in_memory_does_not_count() -> None:
    values = np.arange(12, dtype="int64").reshape(4, 3)
    by_row = pd.DataFrame(np.ascontiguousarray(values), columns=list("abc"))
    by_column = pd.DataFrame(np.asfortranarray(values), columns=list("abc"))
    assert digest(by_row) == digest(by_column)
    assert digest(pd.DataFrame({"a": [0.0, math.nan]})) == digest(pd.DataFrame({"a": [-0.0, -math.nan]}))
    assert digest(by_row) != digest(by_row.astype("int32"))
    assert digest(by_row) != digest(by_row.astype("float64"))


def test_a_frame_of_many_rows_is_read_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the parts begin follows from the rows alone, so a change in a late part counts too."""
    rows = 250_000
    made = pd.DataFrame({"i": np.arange(rows), "s": ["x"] * rows})
    expected = digest(made)
    assert digest(made.copy()) == expected
    made.loc[rows - 1, "s"] = "y"
    assert digest(made) != expected


def test_more_kinds_of_columns_have_digests() -> None:
    ordered = pd.CategoricalDtype(["a", "b"], ordered=True)
    columns: dict[str, Any] = {
        "category": pd.Series(["a", "b"], dtype="category"),
        "string": pd.Series(["a", None], dtype="string"),
        "zoned": pd.to_datetime(["2026-01-01", "2026-06-01"]).tz_localize("Europe/Berlin"),
        "delta": pd.to_timedelta([1, 2]),
        "period": pd.period_range("2026-01", periods=2, freq="M"),
        "lists": [[1, 2], np.array([1.5])],
        "dicts": [{"a": 1, "b": None}, {"b": None, "a": 1}],
        "bytes": [b"a", b"b"],
    }
    digests = {name: digest(pd.DataFrame({"x": values})) for name, values in columns.items()}
    assert len(set(digests.values())) == len(columns)
    assert digest(pd.DataFrame({"x": columns["category"].astype(ordered)})) != digests["category"]
    assert digest(pd.DataFrame({"x": [{"b": None, "a": 1}, {"a": 1, "b": None}]})) == digests["dicts"]


def test_a_value_without_a_digest_is_refused_by_name() -> None:
    odd = pd.DataFrame({"fine": [1], "odd": [object()]})
    with pytest.raises(runlore.InvalidArgumentError, match=r"column 'odd' holds a object.*give digest="):
        data.from_dataframe(odd)
    assert data.from_dataframe(odd, digest="mine").digest == "mine"
    with pytest.raises(runlore.InvalidArgumentError, match=r"^df: is a list: give a DataFrame of pandas or polars"):
        data.from_dataframe([1])


def test_a_frame_has_schema_and_profile() -> None:
    made = pd.DataFrame({"a": [1, 2], "b": [0.5, None]})
    found = data.from_dataframe(made, name="clicks", source="warehouse.clicks", source_type="sql")
    assert (found.name, found.source, found.source_type) == ("clicks", "warehouse.clicks", "sql")
    assert json.loads(found.schema) == {"columns": [{"name": "a", "type": "int64"}, {"name": "b", "type": "float64"}]}
    assert json.loads(found.profile) == {"rows": 2, "columns": 2}
    wide = data.from_dataframe(pd.DataFrame(np.zeros((1, 3_000)), columns=[f"{i:0300}" for i in range(3_000)]))
    schema = json.loads(wide.schema)
    assert len(wide.schema) < 1_000_000
    assert len(schema["columns"]) + schema["left_out"] == 3_000


@given(st.lists(st.tuples(st.one_of(st.none(), st.integers(-9, 9)), st.floats(), TEXTS), min_size=1, max_size=5))
def test_frames_of_polars_have_digests_too(rows: list[tuple[int | None, float, str]]) -> None:
    schema = {"i": pl.Int64, "f": pl.Float64, "s": pl.String}
    made = pl.DataFrame(rows, schema=schema, orient="row")
    expected = digest(made)
    assert digest(pl.concat([made[:1], made[1:]], rechunk=False)) == expected
    assert digest(made.rename({"i": "j"})) != expected
    assert digest(made.select("f", "i", "s")) != expected
    assert digest(made.cast({"i": pl.Int32})) != expected
    assert digest(made.with_columns(s=made["s"] + "!")) != expected


def test_pandas_is_not_imported_for_anything_else(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    code = f"""
import sys, runlore
runlore.data.from_file({str(tmp_path / "f")!r})
for frame in (None, object(), [1]):
    try:
        runlore.data.from_dataframe(frame)
    except runlore.InvalidArgumentError:
        pass
print([name for name in ("pandas", "polars", "numpy") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"


DVC_FILE = """outs:
- md5: a304afb96060aad90176268345e10355
  size: 37891850
  hash: md5
  path: data.xml
"""
DVC_LOCK = """schema: '2.0'
stages:
  prepare:
    cmd:
    - python src/prepare.py data/data.xml
    - echo "outs:"
    deps:
    - path: data/data.xml
      md5: 22a1a2931c8370d3aeedd7183606fd7f
      size: 14445097
    params:
      params.yaml:
        prepare.split: 0.2
    outs:
    - path: data/prepared
      hash: md5
      md5: 153aad06d376b6595932470e459ef42a.dir
      size: 8437363
      nfiles: 2
    - path: 'data/it''s: here'
      md5: d41d8cd98f00b204e9800998ecf8427e
"""


def test_a_path_tracked_by_dvc_has_its_md5(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".dvc").mkdir()
    (tmp_path / "dvc.lock").write_text(DVC_LOCK)
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "data.xml.dvc").write_text(DVC_FILE)
    monkeypatch.chdir(tmp_path)
    expected = v1.Dataset(
        name="data.xml",
        digest="a304afb96060aad90176268345e10355",
        source_type="dvc",
        source="data/data.xml",
        profile='{"bytes": 37891850}',
    )
    assert data.from_dvc("data/data.xml") == data.from_dvc("data/data.xml.dvc") == expected
    prepared = data.from_dvc("data/prepared", name="prepared rows")
    assert (prepared.name, prepared.digest) == ("prepared rows", "153aad06d376b6595932470e459ef42a.dir")
    assert json.loads(prepared.profile) == {"bytes": 8437363, "files": 2}
    assert data.from_dvc(folder / "it's: here").digest == "d41d8cd98f00b204e9800998ecf8427e"
    (folder / "data.xml.dvc").unlink()
    assert data.from_dvc("data/data.xml").digest == "22a1a2931c8370d3aeedd7183606fd7f"


def test_a_path_that_dvc_does_not_know_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".dvc").mkdir()
    with pytest.raises(FileNotFoundError, match=r"no 'x.csv.dvc' and no dvc.lock that names it"):
        data.from_dvc(tmp_path / "x.csv")
    (tmp_path / "x.csv.dvc").write_text("outs:\n- path: x.csv\n  etag: abc\n")
    with pytest.raises(runlore.InvalidArgumentError, match="has no md5"):
        data.from_dvc(tmp_path / "x.csv")
    (tmp_path / "x.csv.dvc").write_text("")
    with pytest.raises(runlore.InvalidArgumentError, match="has no outs"):
        data.from_dvc(tmp_path / "x.csv")


class Answers(BaseHTTPRequestHandler):
    etags: ClassVar[dict[str, str]] = {"/data/clicks.csv": '"abc-1"', "/weak": 'W/"w1"', "/none": "", "/": '"root"'}

    def do_HEAD(self) -> None:
        path = self.path.partition("?")[0]
        self.send_response(503 if path == "/down" else 200 if path in self.etags else 404)
        if self.etags.get(path):
            self.send_header("ETag", self.etags[path])
            self.send_header("Last-Modified", "Wed, 21 Oct 2026 07:28:00 GMT")
        self.send_header("Content-Length", "12")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[Callable[[str], str]]:
    """The URL of a path on a web server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield lambda path: f"http://127.0.0.1:{server.server_port}{path}"
    server.shutdown()
    server.server_close()


def test_a_url_is_known_by_its_etag(site: Callable[[str], str]) -> None:
    found = data.from_url(site("/data/clicks.csv?X-Amz-Signature=secret#part"))
    assert (found.name, found.digest, found.source_type) == ("clicks.csv", "abc-1", "http")
    assert found.source == site("/data/clicks.csv")
    assert json.loads(found.profile) == {"bytes": 12, "last_modified": "Wed, 21 Oct 2026 07:28:00 GMT"}
    assert data.from_url(site("/weak")).digest == "W/w1"
    assert data.from_url(site("/")).name == "127.0.0.1"


def test_a_url_without_an_etag_is_refused(site: Callable[[str], str]) -> None:
    with pytest.raises(runlore.InvalidArgumentError, match=r"/none has no ETag: download it and use from_file"):
        data.from_url(site("/none?sig=secret"))
    with pytest.raises(runlore.InvalidArgumentError, match="answered with status 404") as caught:
        data.from_url(site("/missing?sig=secret"))
    assert "secret" not in str(caught.value)
    with pytest.raises(runlore.UnavailableError, match="answered with status 503"):
        data.from_url(site("/down"))
    with pytest.raises(runlore.UnavailableError, match="cannot be reached"):
        data.from_url("http://127.0.0.1:1/x")
    with pytest.raises(runlore.InvalidArgumentError, match="begins with http"):
        data.from_url("file:///etc/passwd")
