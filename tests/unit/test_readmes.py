"""The maps of folders in README files name every file that is there, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: A line of an indented map: one name or several, then what it is.
_LINE = re.compile(r"    ([\w./*-]+(?:, [\w./*-]+)*) {2,}\S")
#: A row of a table whose first cell is one name or several, as code.
_ROW = re.compile(r"\| (`[^`|]+`(?:, `[^`|]+`)*)(?:, [a-z ]+)? \|")


def named(readme: Path) -> set[str]:
    """What the maps of a README name, without the slash behind a folder."""
    found: set[str] = set()
    for line in readme.read_text().splitlines():
        if match := _LINE.match(line) or _ROW.match(line):
            found.update(name.strip("`").rstrip("/") for name in match[1].split(", "))
    return found


@pytest.mark.parametrize(
    ("folder", "readme", "pattern"),
    [
        ("src/runlore_server", "src/runlore_server", "*"),
        ("protos/runlore/v1", "protos", "*.proto"),
        ("tests", "tests", "*/"),
        ("tests/conformance", "tests/conformance", "*.*"),
        ("tests/faults", "tests/faults", "faults_*.py"),
    ],
)
def test_a_map_names_what_is_there(folder: str, readme: str, pattern: str) -> None:
    there = {path.name for path in (ROOT / folder).glob(pattern) if not path.name.startswith(("__", "README"))}
    assert there, "the pattern finds files"
    assert there - named(ROOT / readme / "README.md") == set()


def test_a_map_names_nothing_else() -> None:
    for folder in ("src/runlore_server", "tests/conformance", "tests/faults"):
        files = {name for name in named(ROOT / folder / "README.md") if re.fullmatch(r"[\w/*-]+\.(py|json)", name)}
        assert files, folder
        assert {name for name in files if not list((ROOT / folder).glob(name))} == set()


def test_every_benchmark_is_explained() -> None:
    there = {path.stem for path in (ROOT / "tests/bench/scenarios").glob("*.py")} - {"__init__"}
    assert there - named(ROOT / "tests/bench/README.md") == set()
