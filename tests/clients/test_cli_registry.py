"""The commands about registered models, versions, aliases and history; called within this process."""

from __future__ import annotations

import html.parser
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import runlore
from runlore import _origin, v1
from runlore.cli import audit_view, compare_view, document
from tests.clients.commands import Done
from tests.harness.server import environment

Run = Callable[..., Done]
HOSTILE = "<script>alert('1')</script>|x\x1b[31m"


@pytest.fixture
def trained(client: runlore.Client, tmp_path: Path) -> list[str]:
    """A model `ctr` of two versions with the AUCs 0.8 and 0.9; the first is champion. Returns their runs."""
    runs = []
    for name, auc, cost in (("first", 0.8, 0.1), ("second", 0.9, 1)):
        model = tmp_path / "model"
        model.mkdir(exist_ok=True)
        (model / "weights.bin").write_text(name)
        (model / "same.txt").write_text("the same")
        with client.start_run(
            "ctr", name=name, params={"C": cost, "solver": "sgd"}, tags={"runlore.git.commit": name}
        ) as run:
            run.log({"auc": auc})
            run.log_input(v1.Dataset(name="clicks", digest=name * 4, source="s3://clicks"), context="training")
            run.log_artifact(model)
        client.register("ctr", run, "model", description=f"the {name} one")
        runs.append(run.run_id)
    client.promote("ctr", 1, "champion", reason="the first", evidence={"ticket": HOSTILE})
    return runs


def holder(client: runlore.Client) -> tuple[int, int]:
    """Return which version is champion, and how many events the model has."""
    answer = client.resolve("models:/ctr@champion")
    return answer.model_version.version, answer.head.revision


def test_models(run: Run) -> None:
    made = run("models", "create", "ctr", "--owner", "ada", "--tag", "tier=1", "--reason-required", "--json").record
    assert (made["owner"], made["tags"], made["reason_required"]) == ("ada", {"tier": "1"}, True)
    run("models", "create", "ctr").failed(4, "ctr")
    assert run("models", "create", "other").code == 0
    assert [m["name"] for m in run("models", "list", "--filter", "owner = 'ada'", "--json").record] == ["ctr"]
    assert [line.split()[0] for line in run("models").out.splitlines()] == ["name", "ctr", "other"]
    run("models", "update", "ctr").failed(2, "say what to change")
    assert run("models", "update", "ctr", "--team", "ads", "--no-reason-required", "--json").record["team"] == "ads"
    assert run("models", "rename", "ctr", "clicks", "--json").record["name"] == "clicks"
    text = run("models", "show", "clicks").out
    assert re.search(r"^owner +ada$", text, re.M)
    assert re.search(r"^latest +no version yet$", text, re.M)
    said = run("models", "delete", "clicks", "--reason", "a trial").out
    model_id = re.findall(r"history --id ([0-9a-f]{32})", said)[0]
    run("models", "show", "clicks").failed(3, "clicks")
    assert [e["kind"][11:] for e in run("history", "--id", model_id, "--json").record][-1] == "MODEL_DELETED"
    assert (
        run("history", "--id", model_id).out.splitlines()[2].rstrip().endswith("model changed: reason_required, team")
    )
    assert run("verify", "--id", model_id).out.startswith("valid: 4 events")


def test_versions_tags_and_stages(run: Run, trained: list[str]) -> None:
    lines = run("versions", "list", "ctr").out.splitlines()
    assert re.split(r"\s{2,}", lines[2])[:5] == ["ctr", "1", "ready", "None", "champion"]
    assert run("versions", "list", "--filter", f"run_id = '{trained[1]}'", "--json").record[0]["version"] == "2"
    text = run("versions", "show", "ctr", "1").out
    assert re.search(r"^  C +0\.1$", text, re.M)
    assert re.search(r"^  auc +0\.8$", text, re.M)
    assert run("versions", "update", "ctr", "2", "--description", "d", "--json").record["description"] == "d"
    assert run("tag", "ctr", "2", "--tag", "audit=passed").out == "audit  passed\n"
    assert run("tag", "ctr", "--tag", "tier=1", "--json").record["tags"] == {"tier": "1"}
    assert run("tag", "ctr", "2", "--delete", "audit").out == "no tags\n"
    run("tag", "ctr", "2").failed(2, "at least one tag")
    assert run("stage", "ctr", "1", "production").out == "version 1 of ctr is in Production\n"
    staged = run("stage", "ctr", "2", "Production", "--archive-existing", "--expect", "none", "--reason", "r")
    assert staged.out.splitlines() == ["version 2 of ctr is in Production", "archived: version 1"]
    run("stage", "ctr", "2", "Staging", "--expect", "Staging").failed(4, "moved there by user:alice")
    run("stage", "ctr", "2", "live").failed(2, "live", "production")
    run("versions", "delete", "ctr", "1").failed(5, "champion")
    deleted = run("versions", "delete", "ctr", "1", "--delete-aliases", "--reason", "bad data")
    assert deleted.out == "deleted version 1 of ctr, and its aliases champion\n"
    rows = [re.split(r"\s{2,}", line.strip())[3:] for line in run("history", "ctr", "--last", "4").out.splitlines()[1:]]
    assert rows == [
        ["version 1 staged", "Production -> Archived", "r"],
        ["version 2 staged", "None -> Production", "r"],
        ["champion deleted", "1 -> none", "bad data"],
        ["version 1 deleted", "bad data"],
    ]


def test_a_promotion_on_evaluations_and_tags(run: Run, client: runlore.Client, trained: list[str]) -> None:
    for version, auc in (("1", "0.80"), ("2", "0.81")):
        march = ("--dataset", "march", "--digest", "m3", "--reason", "nightly")
        assert run("evaluate", "ctr", version, "--metric", f"auc={auc}", "--metric", "ms=12", *march).code == 0
    before = holder(client)
    promote = ("promote", "ctr", "2", "--alias", "champion", "--reason", "better on march")
    better = (*promote, "--if-better", "max:auc", "--evaluated")
    run(*better, "--min-delta", "0.05").failed(5, "0.81", "0.8", "by at least 0.05")
    run(*better, "--if-tag", "fairness=passed").failed(5, "fairness", "does not have the tag")
    run(*better, "--if-below", "ms=10").failed(5, "ms", "12", "10")
    run(*better, "--dataset", "april").failed(5, "april")
    run(*promote, "--evaluated").failed(2, "--if-better")
    run(*promote, "--min-delta", "1").failed(2, "--if-better")
    run(*promote, "--if-above", "auc").failed(2, "'auc' is not METRIC=NUMBER")
    assert holder(client) == before
    assert run("tag", "ctr", "2", "--tag", "fairness=passed").code == 0
    moved = run(*better, "--if-below", "ms=20", "--if-tag", "fairness=passed")
    assert moved.out.splitlines()[-1] == "champion of ctr: version 1 -> version 2"
    text = run("history", "ctr", "--kind", "alias-set", "--last", "1").out
    assert "better on march [auc 0.81 > 0.8] [ms 12 < 20] [fairness passed]" in text
    shown = run("versions", "show", "ctr", "2").out
    assert re.search(r"^  auc +0\.81  march m3 ", shown, re.M)


def test_an_alias_is_deleted(run: Run, trained: list[str]) -> None:
    run("alias", "delete", "ctr", "champion", "--expect", "2").failed(4, "version 1 holds it")
    done = run("alias", "delete", "ctr", "champion", "--reason", "retired")
    assert done.out == "deleted champion of ctr, which pointed at version 1\n"
    run("alias", "delete", "ctr", "champion").failed(3, "champion")


def test_the_past(run: Run, client: runlore.Client, trained: list[str]) -> None:
    (first,) = client.history("ctr", alias="champion")
    client.promote("ctr", 2, "champion", reason="second")
    then = first.time.ToJsonString()
    for option in (("--as-of", then), ("--as-of-position", first.position)):
        assert run("resolve", "models:/ctr@champion", *option, "--json").record["model_version"]["version"] == "1"
    run("resolve", "models:/ctr@champion", "--as-of", "2020-01-01").failed(3, "ctr")
    run("resolve", "models:/ctr@champion", "--as-of", "yesterday").failed(2, "2026-01-31")
    run("resolve", "models:/ctr@champion", "--as-of", then, "--as-of-position", "p").failed(2, "one of")
    assert "2 -> " not in run("history", "ctr", "--until", then).out
    assert len(run("history", "ctr", "--since", then, "--alias", "champion", "--json").record) == 2
    assert run("history", "ctr", "--by", "user:nobody").out == "no events\n"


def test_an_exported_history_is_verified_without_a_server(run: Run, trained: list[str], tmp_path: Path) -> None:
    file = tmp_path / "ctr.jsonl"
    assert run("history", "ctr", "--export", str(file)).out.startswith("wrote 4 events to ")
    head = run("verify", "ctr", "--json").record["head"]
    assert run("--address", "127.0.0.1:1", "verify", str(file), "--json").record["head"] == head
    file.write_text(file.read_text().replace("the first", "the third"))
    broken = run("--address", "127.0.0.1:1", "verify", str(file))
    assert (broken.code, broken.out.startswith("NOT VALID: event ")) == (8, True)
    other = f"4:{'0' * 64}"
    assert run("verify", "ctr", "--known-head", other).code == 8
    run("verify", "ctr", "--known-head", "4").failed(2, "REVISION:HASH")
    run("verify").failed(2, "one of NAME and --id")
    run("verify", "nobody").failed(3, "nobody")
    run("history", "ctr", "--alias", "champion", "--export", str(file)).failed(2, "the whole history")


def test_an_audit_has_everything_on_one_page(run: Run, client: runlore.Client, trained: list[str]) -> None:
    client.record_evaluation("ctr", 1, {"auc": 0.7}, dataset=v1.Dataset(name="march", digest="m3"))
    client.promote("ctr", 2, "champion", reason="better", if_better="max:auc")
    client.rollback("ctr", "champion", reason="too slow")
    text = run("audit", "models:/ctr@champion").out
    lines = text.splitlines()
    assert lines[0] == "Audit of models:/ctr/1"
    assert lines[1].startswith("history verified: 7 events, head ")
    serving = [re.split(r"\s{2,}", line.strip()) for line in lines if line.startswith("  champion  ")]
    assert [(row[2] == "now", row[4]) for row in serving] == [(False, "the first"), (True, "too slow")]
    for pattern in (
        *(rf"run +{trained[0]}", r"C +0\.1", r"auc +0\.8 +0 ", r"auc +0\.7  march m3", r"git\.commit +first"),
        *(r"training +clicks +(first){4} +s3://clicks", r"weights\.bin +5 B  [0-9a-f]{64}", "version 1 registered"),
        *(r"champion set +none -> 1 .*the first; evidence", "1 -> 2 .*better; auc: 0.9 ", "2 -> 1 +too slow"),
    ):
        assert re.search(pattern, text), pattern
    assert "\x1b" not in text
    record = run("audit", "models:/ctr/1", "--format", "json").record
    assert record == run("audit", "models:/ctr/1", "--json").record
    assert [s["until"] is None for s in record["service"]] == [False, True]
    assert record["run"]["run_id"] == trained[0]
    assert record["verified"]["valid"] is True


def test_an_audit_in_html_is_one_file_that_runs_nothing(run: Run, trained: list[str], tmp_path: Path) -> None:
    file = tmp_path / "audit.html"
    assert run("audit", "models:/ctr/1", "--format", "html", "-o", str(file)).out == f"{file}\n"

    class Tags(html.parser.HTMLParser):
        seen: list[str] = []  # noqa: RUF012
        text = ""

        def handle_starttag(self, tag: str, attributes: Any) -> None:
            self.seen.append(tag)
            assert not {"src", "href", "onclick"} & {name for name, _ in attributes}

        def handle_data(self, data: str) -> None:
            self.text += data

    parser = Tags()
    parser.feed(file.read_text())
    assert set(parser.seen) == {
        *("html", "head", "meta", "title", "style", "body", "h1", "p", "section", "div", "h2"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
    assert "<script>alert('1')</script>|x" in parser.text
    assert "@media print" in parser.text
    markdown = run("audit", "models:/ctr/1", "--format", "md").out
    assert "\\<script\\>" in markdown
    rows = [line for line in markdown.splitlines() if line.startswith("|")]
    # No cell of a table ends early.
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows if "evidence \\{" in row} == {7}


def test_an_audit_after_the_run_is_gone(run: Run, client: runlore.Client, trained: list[str]) -> None:
    client.delete_run(trained[0])
    client.purge_run(trained[0])
    text = run("audit", "models:/ctr/1").out
    assert "the run is no longer there" in text
    assert re.search(r"C +0\.1", text)
    run("audit", "models:/ctr/9").failed(3, "9")
    run("audit", "ctr").failed(2, "models:/")


def test_a_child_run_came_about_as_its_parent_did(run: Run, client: runlore.Client, tmp_path: Path) -> None:
    (tmp_path / "weights.bin").touch()
    tags = {"runlore.git.commit": "abc", "runlore.host": "h1"}
    with client.start_run("ctr", tags=tags) as parent, parent.start_child("trial") as child:
        child.log_artifact(tmp_path / "weights.bin")
    client.register("ctr", child)
    client.push(tmp_path / "weights.bin", "ctr")
    text = run("audit", "models:/ctr/1").out
    assert re.search(rf"of the parent run +{parent.run_id}\n  git\.commit +abc\n", text)
    assert run("audit", "models:/ctr/1", "--json").record["context"]["tags"]["host"] == "h1"
    assert run("diff", "models:/ctr/1", "models:/ctr/2", "--json").record["code"] == {"git.commit": ["abc", None]}
    assert "none: the files were pushed without one" in run("audit", "models:/ctr/2").out


def test_versions_are_completed(run: Run, client: runlore.Client, trained: list[str]) -> None:
    pending = v1.PendingSource(run_id=trained[0], status_message="training")
    for _ in range(2):
        client.create_version(v1.CreateModelVersionRequest(model_name="ctr", pending=pending))
    late = run("versions", "update", "ctr", "3", "--status-message", "late", "--json").record
    assert late["status_message"] == "late"
    ready = run("versions", "update", "ctr", "3", "--status", "ready", "--path", "model", "--json").record
    assert (ready["status"], ready["artifact_path"]) == ("MODEL_VERSION_STATUS_READY", "model")
    assert (
        "FAILED" in run("versions", "update", "ctr", "4", "--status", "failed", "--status-message", "oom").out.upper()
    )
    run("versions", "update", "ctr", "4", "--status", "ready", "--path", "model").failed(5, "FAILED")
    run("versions", "update", "ctr", "4").failed(2, "--description, --status or --status-message")
    run("versions", "update", "ctr", "4", "--path", "a", "--manifest", "b", "--status", "ready").failed(2, "exclude")


def test_versions_are_compared(run: Run, trained: list[str]) -> None:
    found = run("diff", "models:/ctr@champion", "models:/ctr/2", "--json").record
    assert (found["old"], found["new"], found["same"]) == ("models:/ctr/1", "models:/ctr/2", False)
    assert found["params"] == {"C": ["0.1", "1"]}
    assert found["metrics"] == {"auc": [0.8, 0.9]}
    assert found["code"] == {"git.commit": ["first", "second"]}
    assert found["data"] == {"training clicks": ["first" * 4, "second" * 4]}
    assert [f["path"] for f in found["files"]["changed"]] == ["weights.bin"]
    text = run("diff", "models:/ctr/1", "models:/ctr/2").out
    assert re.search(r"^  auc +0\.8 +0\.9 +\+0\.1$", text, re.M)
    assert "params (1 the same)" in text
    assert run("diff", "models:/ctr/1", "models:/ctr/2", "--exit-code").code == 1
    same = run("diff", "models:/ctr/1", "models:/ctr/1", "--exit-code")
    assert (same.code, "the same files" in same.out) == (0, True)


def test_a_watch_runs_a_command_on_every_move_and_goes_on_where_it_left_off(
    runlore_env: dict[str, str], client: runlore.Client, trained: list[str], tmp_path: Path
) -> None:
    moves = tmp_path / "moves"
    state = tmp_path / "state" / "watch.json"
    record = f'[ ! -e {tmp_path}/broken ] && echo "$RUNLORE_EVENT_KIND $RUNLORE_EVENT_PREVIOUS_VERSION'
    command = f'{record}:$RUNLORE_EVENT_VERSION $RUNLORE_EVENT_REASON" >> {moves}'
    program = [sys.executable, "-c", "from runlore.cli import main; main()", "watch", "models:/ctr@champion"]
    program += ["--exec", command, "--state", str(state), "--json"]

    def start() -> subprocess.Popen[str]:
        return subprocess.Popen(
            program, env=environment(runlore_env), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def until(condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < end
            time.sleep(0.05)

    with start() as first:
        until(state.exists)
        client.promote("ctr", 2, "champion", reason="$(touch pwned); again")
        assert first.stdout is not None
        event = json.loads(first.stdout.readline())
        assert (event["kind"], event["after"]["alias"]["version"]) == ("EVENT_KIND_ALIAS_SET", "2")
        until(moves.exists)
        until(lambda: json.loads(state.read_text())["position"] == event["position"])
        first.kill()
    client.rollback("ctr", "champion", reason="while nobody watched")
    client.promote("ctr", 2, "shadow", reason="another alias")
    (tmp_path / "broken").touch()
    with start() as second:
        _, said = second.communicate(timeout=30)
        assert second.returncode == 1
        assert "the command ended with exit code 1 on event" in said
    (tmp_path / "broken").unlink()
    with start() as third:
        until(lambda: len(moves.read_text().splitlines()) == 2)
        third.kill()
    assert moves.read_text().splitlines() == [
        "ALIAS_SET 1:2 $(touch pwned); again",
        "ALIAS_ROLLED_BACK 2:1 while nobody watched",
    ]
    assert not os.path.exists("pwned")


def test_a_watch_says_what_is_wrong(run: Run, trained: list[str], tmp_path: Path) -> None:
    run("watch", "ctr").failed(2, "models:/NAME@ALIAS")
    run("watch", "models:/nobody").failed(3, "nobody")
    state = tmp_path / "state.json"
    state.write_text("{}")
    run("watch", "models:/ctr", "--state", str(state)).failed(1, str(state), "remove it")
    state.write_text('{"position": "000000000000.1"}')
    run("watch", "models:/ctr", "--state", str(state)).failed(1, "log", f"remove {state}")


# What records look like


def move(revision: int, kind: str, alias: str, before: int, after: int) -> v1.Event:
    event = v1.Event(revision=revision, kind=v1.EventKind.Value(f"EVENT_KIND_ALIAS_{kind}"))
    for state, version in ((event.before, before), (event.after, after)):
        if version:
            state.alias.alias, state.alias.version = alias, version
    return event


def test_spans_of_service() -> None:
    events = [
        move(1, "SET", "a", 0, 1),
        move(2, "SET", "b", 0, 1),
        move(3, "SET", "a", 1, 2),
        move(4, "DELETED", "b", 1, 0),
        move(5, "ROLLED_BACK", "a", 2, 1),
    ]

    def spans(version: int) -> list[tuple[str, int, int | None]]:
        found = audit_view.services(events, version)
        return [(s.alias, s.begin.revision, s.end.revision if s.end else None) for s in found]

    assert spans(1) == [("a", 1, 3), ("b", 2, 4), ("a", 5, None)]
    assert spans(2) == [("a", 3, 5)]
    assert spans(3) == []


def test_numbers_that_are_none_are_compared_as_words() -> None:
    def side(value: float) -> compare_view.Side:
        version = v1.ModelVersion(model_name="m", version=1)
        version.evidence.metrics.add(key="auc", last=value)
        return compare_view.Side(version, [], [], _origin.Context({}, ""), {})

    nan, inf = side(float("nan")), side(float("inf"))
    assert compare_view.compare(nan, nan)["same"]
    assert compare_view.compare(nan, inf)["metrics"] == {"auc": ["nan", "inf"]}
    json.dumps(compare_view.compare(nan, inf), allow_nan=False)


def test_no_page_lets_a_record_write_markup() -> None:
    section = document.Section(HOSTILE, [(HOSTILE, HOSTILE)], [HOSTILE], [[HOSTILE]], remark=HOSTILE)
    page = document.Page(HOSTILE, HOSTILE, True, [section])
    assert "<script" not in "".join(document.as_html(page))
    assert "\x1b" not in "".join(document.as_html(page) + document.as_markdown(page))
    assert not re.search(r"(?<!\\)<script", "".join(document.as_markdown(page)))
    assert "\x1b[31m" not in "".join(document.as_text(page))


def test_a_page_breaks_long_words_and_no_short_texts() -> None:
    rows = [["2026-11-22 00:56:32Z", "ab" * 32, "a reason of several words, none of them long", ""]]
    page = document.Page("t", "v", good=True, sections=[document.Section("s", headers=["when"] * 4, rows=rows)])
    cells = re.findall(r"<td([^>]*)>", "\n".join(document.as_html(page)))
    assert cells == [' class="short"', ' class="long"', "", ""]
