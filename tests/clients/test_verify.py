"""Exported histories, verified without a server."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runlore import v1
from runlore.verify import Chain, export_lines, main, verify_history
from tests.harness.wire import Stubs

Lines = list[dict[str, Any]]


def told(stubs: Stubs, workspace: str) -> tuple[v1.RegisteredModel, list[v1.Event]]:
    """A model of six events, one of which has a text that JSON must escape."""
    create = v1.CreateRegisteredModelRequest(workspace=workspace, name="modèle", description='"\\\n\u2028 ü 😀')
    stubs.registry.CreateRegisteredModel(create)
    for i in range(5):
        request = v1.SetRegisteredModelTagsRequest(workspace=workspace, name="modèle", tags={"k": str(i)})
        stubs.registry.SetRegisteredModelTags(request)
    model = stubs.registry.GetRegisteredModel(v1.GetRegisteredModelRequest(workspace=workspace, name="modèle"))
    wanted = v1.ListEventsRequest(workspace=workspace, model_name="modèle", include_canonical=True)
    return model.registered_model, list(stubs.event.ListEvents(wanted).events)


@pytest.fixture
def exported(stubs: Stubs, workspace: str, tmp_path: Path) -> Path:
    """The history of a model as a server tells it."""
    file = tmp_path / "history.jsonl"
    file.write_text("".join(export_lines(*told(stubs, workspace))), encoding="utf-8", newline="\n")
    return file


def rewrite(file: Path, change: Callable[[Lines], object]) -> None:
    lines = [json.loads(line) for line in file.read_bytes().splitlines()]
    change(lines)
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def edit(event: dict[str, Any], hashed: bool) -> None:
    event["canonical"] = event["canonical"].replace('"revision":"3"', '"reason":"forged","revision":"3"')
    if hashed:
        event["hash"] = hashlib.sha256(event["canonical"].encode()).hexdigest()


def test_an_exported_history_is_valid(exported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = verify_history(exported)
    assert (found.valid, found.problem, found.revision, found.event_count) == (True, "", 0, 6)
    assert found.model_name == "modèle"
    assert verify_history(exported, found.head).valid
    assert main([str(exported)]) == 0
    assert "valid: 6 events of modèle" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "revision", "problem"),
    [
        (lambda lines: edit(lines[3], hashed=False), 3, "text does not have the recorded hash"),
        (lambda lines: edit(lines[3], hashed=True), 4, "does not follow the one before it"),
        (lambda lines: lines.pop(3), 3, "missing; event 4 is in its place"),
        (lambda lines: lines.pop(1), 1, "missing; event 2 is in its place"),
        (lambda lines: lines.pop(), 6, "missing: the history ends before it"),
        (lambda lines: lines.__delitem__(slice(1, None)), 1, "missing: the history ends before it"),
        (lambda lines: lines.insert(3, lines[2]), 3, "missing; event 2 is in its place"),
        (lambda lines: lines.append(lines[6]), 7, "comes after the head"),
        (lambda lines: lines.insert(3, lines.pop(4)), 3, "missing; event 4 is in its place"),
        (lambda lines: lines[6].update(hash="0" * 64), 6, "text does not have the recorded hash"),
        (lambda lines: lines[2].pop("canonical"), 2, "line 3 is not an event"),
        (lambda lines: lines[0].pop("head"), 0, "line 1 is not the header"),
        (lambda lines: lines.pop(0), 0, "line 1 is not the header"),
        (lambda lines: lines.clear(), 0, "line 1 is not the header"),
        (lambda lines: lines[0].update(format="runlore.history.v2"), 0, "line 1 is not the header"),
        (lambda lines: lines[0].update(model_id="0" * 32), 1, "another model's"),
        (lambda lines: lines[0]["head"].update(hash="0" * 64), 6, "not the head that the header names"),
        (lambda lines: lines[0]["head"].update(revision=7), 7, "missing: the history ends before it"),
    ],
)
def test_the_first_bad_event_is_named(
    exported: Path, change: Callable[[Lines], object], revision: int, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rewrite(exported, change)
    found = verify_history(exported)
    assert (found.valid, found.revision) == (False, revision)
    assert problem in found.problem
    assert found.event_count == max(revision - 1, 0) or revision == 6
    assert main([str(exported)]) == 1
    assert f"NOT VALID: {f'event {revision}: ' if revision else ''}" in capsys.readouterr().out


def test_what_is_cut_together_with_its_header_is_found_by_a_known_head(exported: Path) -> None:
    known = verify_history(exported).head

    def cut(lines: Lines) -> None:
        lines.pop()
        lines[0]["head"] = {"revision": 5, "hash": lines[5]["hash"]}

    rewrite(exported, cut)
    assert verify_history(exported).valid
    found = verify_history(exported, known)
    assert (found.valid, found.revision) == (False, 6)
    assert "the known head" in found.problem
    assert not verify_history(exported, (5, "0" * 64)).valid
    assert main([str(exported), f"{known[0]}:{known[1]}"]) == 1


def test_a_line_that_a_disk_damaged(exported: Path) -> None:
    exported.write_bytes(exported.read_bytes()[:-20])
    found = verify_history(exported)
    assert (found.revision, found.problem) == (6, "line 7 is not an event")
    exported.write_bytes(b"\xff\xfe\x00" * 100)
    assert verify_history(exported).problem.startswith("line 1 is not the header")


@pytest.mark.parametrize("text", [b"[]", b"1", b"\xff", b'{"revision": "x"}', b'{"revision": "1", "resource": 1}'])
def test_a_text_that_is_no_event(text: bytes) -> None:
    _, problem = Chain("0" * 32).follow(text, hashlib.sha256(text).hexdigest())
    assert problem == "the event's text is not that of an event"


def test_an_event_of_another_format_is_not_guessed_at() -> None:
    text = b'{"format": 2, "resource": {"id": "m"}, "revision": "1"}'
    assert "of format 2" in Chain("m").follow(text, hashlib.sha256(text).hexdigest())[1]


@pytest.mark.parametrize(("arguments", "words"), [([], "usage"), (["no-such"], "No such file"), (["f", "7"], "7:0a0a")])
def test_what_cannot_be_looked_at(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert words in capsys.readouterr().err


def test_it_needs_nothing_but_the_standard_library(exported: Path) -> None:
    """The file alone, copied to a machine without Runlore."""
    alone = exported.parent / "verify.py"
    alone.write_text(Path(sys.modules["runlore.verify"].__file__ or "").read_text())
    command = [sys.executable, "-I", "-S", str(alone), str(exported)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONIOENCODING": "utf-8"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "valid: 6 events" in done.stdout
