"""`runlore runs list` and `runs tree`: which columns, which runs, and what a terminal shows of them; naming runs."""

from __future__ import annotations

import re
from collections.abc import Callable

import click
import pytest

import runlore
from runlore import v1
from runlore._sync.paging import collect, pages
from runlore.cli import columns, output
from runlore.cli.columns import Column
from tests.clients.commands import Done
from tests.clients.terminals import on_terminal

Command = Callable[..., Done]


@pytest.fixture
def trials(client: runlore.Client) -> dict[str, str]:
    """A sweep `top` of three trials with a metric `auc` (the last one's is NaN), params and tags; ids by name."""
    with client.start_run("ctr", name="top", tags={"runlore.sweep.best": "max:auc"}) as top:
        found = {"top": top.run_id}
        for name, auc, c in (("low", 0.7, "1"), ("high", 0.9, "10"), ("odd", float("nan"), "9")):
            with top.start_child(name=name, params={"C": c, "a b": "x"}, tags={"team": "ads"}) as trial:
                trial.log({"auc": 0.95, "loss": 3.0}, step=0)
                trial.log({"auc": auc, "loss": 2.0}, step=1)
                found[name] = trial.run_id
    return found


def rows(text: str) -> list[list[str]]:
    return [re.split(r"\s{2,}", line) for line in text.splitlines()]


def test_runs_are_listed_with_the_columns_that_the_query_names(run: Command, trials: dict[str, str]) -> None:
    query = ("--experiment", "ctr", "--filter", "metrics.auc > 0.5", "--order-by", "metrics.auc desc, params.C")
    assert [r["run_id"] for r in run("runs", "list", *query, "--json").record] == [trials["high"], trials["low"]]
    listed = rows(run("runs", "list", *query).out)
    assert listed[0] == ["run id", "name", "status", "started", "took", "metrics.auc", "params.C"]
    assert listed[1][:3] == [trials["high"], "high", "finished"]
    assert [row[-2:] for row in listed[1:]] == [["0.9", "10"], ["0.7", "1"]]
    assert len(rows(run("runs", "list", *query, "--limit", "1").out)) == 2


def test_columns_are_chosen(run: Command, trials: dict[str, str]) -> None:
    wanted = "name, max(metrics.auc), min(metrics.auc),metrics.loss,params.`a b`,tags.team,experiment,created_by,parent"
    titles = ["run id", "name", "max(metrics.auc)", "min(metrics.auc)", "metrics.loss", "params.a b", "tags.team"]
    titles += ["experiment", "created by", "parent"]
    listed = rows(run("runs", "list", "--columns", wanted, "--filter", "name = 'high'").out)
    assert listed == [
        titles,
        [trials["high"], "high", "0.95", "0.9", "2", "x", "ads", "ctr", "user:alice", trials["top"]],
    ]


def test_json_of_chosen_columns_has_those_only(run: Command, trials: dict[str, str]) -> None:
    columns = ("--columns", "name,params.C,metrics.auc", "--filter", "name = 'low'")
    (record,) = run("runs", "list", *columns, "--json").record
    assert record["run_id"] == trials["low"]
    assert record["name"] == "low"
    assert record["params"] == {"C": "1"}
    assert record["tags"] == {}
    assert [m["key"] for m in record["metrics"]] == ["auc"]
    (everything,) = run("runs", "list", "--filter", "name = 'low'", "--json").record
    assert everything["tags"] == {"team": "ads"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nonsense", "'nonsense' is no column: write metrics.KEY"),
        ("name,,status", "'' is no column"),
        ("metrics.a b", "'b' follows a column"),
        ("metrics.", "'metrics.' is no column"),
    ],
)
def test_what_is_no_column_is_refused(run: Command, text: str, said: str) -> None:
    run("runs", "list", "--columns", text).failed(2, said)


def test_columns_are_what_the_query_names_or_the_common_metrics() -> None:
    queries = ("min(metrics.auc) > 1 or not num( params.`a b` ) = 2", 'metric.auc desc, tags."t", max(metrics.auc)')
    named = [c for c in columns.named(queries) if c.kind]
    assert named == [
        Column("metrics", "auc", "min"),
        Column("params", "a b"),
        Column("metrics", "auc"),
        Column("tags", "t"),
        Column("metrics", "auc", "max"),
    ]
    runs = [v1.Run(metrics=[v1.MetricSummary(key=k) for k in keys]) for keys in ("ab", "b", "bcdef")]
    assert columns.named(("", "attributes.name")) == []
    assert [c.key for c in columns.common(runs) if c.kind] == ["b", "a", "c", "d"]


def test_no_more_is_asked_for_than_is_shown() -> None:
    request = v1.SearchRunsRequest()
    columns.select(request, columns.parse("name,duration,metrics.a,max(metrics.a),params.C"))
    assert list(request.read_mask.paths) == ["end_time", "metrics", "name", "params", "start_time"]
    assert (list(request.metric_keys), list(request.param_keys), list(request.tag_keys)) == (["a"], ["C"], [])
    alone = v1.SearchRunsRequest()
    columns.select(alone, columns.parse("run_id"))
    assert list(alone.read_mask.paths) == ["run_id"]


def test_short_and_empty_pages_are_followed_to_the_limit() -> None:
    runs = [v1.Run(run_id=f"{i:032x}") for i in range(5)]
    answers = [runs[:1], [], runs[1:3], [], runs[3:]]
    asked: list[tuple[int, str]] = []

    def call(request: v1.SearchRunsRequest) -> v1.SearchRunsResponse:
        asked.append((request.page_size, request.page_token))
        number = int(request.page_token or 0)
        token = str(number + 1) if number + 1 < len(answers) else ""
        return v1.SearchRunsResponse(runs=answers[number], next_page_token=token, spent_on="tags.x" if token else "")

    assert collect(call, v1.SearchRunsRequest(), "runs") == runs
    asked.clear()
    assert collect(call, v1.SearchRunsRequest(), "runs", 3) == runs[:3]
    assert asked == [(3, ""), (2, "1"), (2, "2")]
    assert [page.spent_on for page in pages(call, v1.SearchRunsRequest(), "runs", 1)] == ["tags.x"]


def test_a_terminal_has_colours_the_best_marked_and_its_width_kept(
    runlore_env: dict[str, str], trials: dict[str, str]
) -> None:
    arguments = ("runs", "list", "--filter", "metrics.auc > 0", "--order-by", "metrics.auc desc, params.C")
    wide = on_terminal(runlore_env, *arguments, columns=200)
    assert "\x1b[1m0.9\x1b[0m" in wide
    assert "\x1b[1m0.7\x1b[0m" not in wide
    assert trials["high"] in wide
    narrow = [click.unstyle(line) for line in on_terminal(runlore_env, *arguments, columns=60).splitlines()]
    shown = [line.replace("\x1b[K", "").replace("\r", "") for line in narrow]
    assert max(map(len, shown)) == 60
    assert trials["high"] not in "".join(shown)
    assert any(line.startswith(trials["high"][:13]) and line.endswith("…") for line in shown)


@pytest.mark.parametrize(("variable", "coloured"), [("FORCE_COLOR", True), ("NO_COLOR", False), ("", False)])
def test_colours_in_a_pipe_are_as_the_environment_says(
    variable: str, coloured: bool, run: Command, trials: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, "1")
    said = run("runs", "list", "--order-by", "metrics.auc desc, params.C, params.`a b`, tags.team").out
    assert ("\x1b[" in said) is coloured
    # A pipe has everything, however wide.
    assert "tags.team" in click.unstyle(said).splitlines()[0]
    assert "…" not in said


def test_no_color_holds_on_a_terminal(runlore_env: dict[str, str], trials: dict[str, str]) -> None:
    said = on_terminal({**runlore_env, "NO_COLOR": "1"}, "runs", "list").replace("\x1b[K", "")
    assert trials["low"][:13] in said
    assert "\x1b[" not in said


@pytest.mark.parametrize(
    ("columns", "kept"), [(20, "日本 abc"), (8, "日本 abc"), (7, "日本 a…"), (4, "日…"), (2, "…"), (1, "…")]
)
def test_lines_are_cut_by_what_they_take_on_a_terminal(columns: int, kept: str) -> None:
    styled = output.strong("日本") + " " + output.good("abc")
    cut = output.cut(styled, columns)
    assert click.unstyle(cut) == kept
    assert cut.endswith("\x1b[0m")


def test_a_run_is_named_by_the_beginning_of_its_id(
    run: Command, client: runlore.Client, runlore_env: dict[str, str]
) -> None:
    for end in ("aa", "ab", "c0"):
        with client.start_run("ctr", name=f"run-{end}", run_id=f"{'5' * 30}{end}"):
            pass
    chosen = f"{'5' * 30}c0"
    for named in (chosen, f"runs:/{chosen}", chosen.upper(), "5" * 30 + "c"):
        assert run("runs", "show", named, "--json").record["run_id"] == chosen
    run("runs", "show", "5" * 30 + "a").failed(2, "several runs' ids begin with", "(run-aa)", "(run-ab)")
    run("runs", "show", "6" * 8).failed(3, "no run's id begins with 66666666")
    for wrong in ("555", "mine", "5' or 1", "5555%"):
        run("runs", "show", wrong).failed(2, "run_id", "32 hex digits")
    assert run("runs", "delete", "5" * 30 + "c").out.startswith(f"deleted run {chosen}")
    # A deleted one still has its name.
    assert run("runs", "restore", "5" * 30 + "c").out.startswith(f"restored run {chosen}")


def test_a_tree_shows_its_metric_with_the_best_marked(run: Command, trials: dict[str, str]) -> None:
    lines = run("runs", "tree", trials["top"]).out.splitlines()
    assert lines[0].split() == ["name", "run", "id", "status", "children", "auc"]
    assert [line.split()[-2:] for line in lines[2:]] == [["finished", "0.7"], ["0.9", "*"], ["finished", "nan"]]
    least = run("runs", "tree", trials["top"], "--metric", "min:auc").out.splitlines()
    assert [line.endswith("*") for line in least[2:]] == [True, False, False]
    none = run("runs", "tree", trials["top"], "--metric", "max:other").out
    assert "*" not in none
    run("runs", "tree", trials["top"], "--metric", "auc").failed(2, "--metric", "max:auc")
