"""The `runlore` command, run as a process against a real server; and what it makes of records, on its own."""

from __future__ import annotations

import hashlib
import json
import math
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runlore import v1
from runlore.cli import columns, failures, output, registry_view, tracking_view
from runlore.errors import ConflictError, InvalidArgumentError
from tests.clients.commands import Done
from tests.harness.server import ServerProcess, environment
from tests.harness.wire import Stubs

NO_SUCH_RUN = "f" * 32


class Command:
    """`runlore` with one server and one workspace."""

    def __init__(self, cache: Path, **variables: str) -> None:
        self.environment = environment({"RUNLORE_CACHE": str(cache), **variables})

    def __call__(self, *arguments: str, **variables: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-c", "from runlore.cli import main; main()", *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=self.environment | {"PYTHONIOENCODING": "utf-8"} | variables,
            timeout=60,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def runlore(shared_server: ServerProcess, workspace: str, tmp_path: Path) -> Command:
    return Command(
        tmp_path / "cache",
        RUNLORE_ADDRESS=shared_server.address,
        RUNLORE_WORKSPACE=workspace,
        RUNLORE_ACTOR="user:ada",
    )


@pytest.fixture
def alone(tmp_path: Path) -> Command:
    """`runlore` without a server."""
    return Command(tmp_path / "cache", RUNLORE_ADDRESS="127.0.0.1:1")


@pytest.fixture
def log_run(stubs: Stubs, workspace: str) -> Any:
    """Makes a finished run of the experiment `ctr` with a loss, an AUC and a model folder."""

    def make(name: str, auc: float, **params: str) -> str:
        request = v1.CreateRunRequest(workspace=workspace, experiment_name="ctr", name=name, params=params)
        run_id: str = stubs.tracking.CreateRun(request).run.run_id
        losses = v1.MetricSeries(key="loss", steps=[0, 1, 2], times_unix_us=[1, 2, 3], values=[3.0, 2.0, 1.0])
        aucs = v1.MetricSeries(key="auc", steps=[0, 1], times_unix_us=[1, 2], values=[0.5, auc])
        stubs.tracking.LogBatch(
            v1.LogBatchRequest(workspace=workspace, run_id=run_id, writer_id="w", sequence=1, series=[losses, aucs])
        )
        data = f"weights of {name}".encode()
        digest = hashlib.sha256(data).hexdigest()
        blob = v1.BlobSpec(sha256=digest, size=len(data))
        stubs.artifact.WriteBlob(iter([v1.WriteBlobRequest(blob=blob), v1.WriteBlobRequest(data=data)]))
        chunk = v1.Chunk(offset=0, size=len(data), sha256=digest)
        file = v1.FileEntry(path="model/weights.txt", size=len(data), sha256=digest, chunks=[chunk])
        stubs.artifact.LogArtifacts(v1.LogArtifactsRequest(workspace=workspace, run_id=run_id, files=[file]))
        finish = v1.UpdateRunRequest(workspace=workspace, run_id=run_id, status=v1.RUN_STATUS_FINISHED)
        finish.update_mask.paths.append("status")
        stubs.tracking.UpdateRun(finish)
        return run_id

    return make


@pytest.fixture
def champion(runlore: Command, log_run: Any) -> tuple[str, str]:
    """A model `ctr-lr` of two versions with the AUCs 0.8 and 0.9, the first its champion; returns their runs."""
    runs = log_run("first", 0.8, C="0.1"), log_run("second", 0.9, C="1")
    for run_id in runs:
        assert runlore("register", "ctr-lr", "--run", run_id, "--path", "model").code == 0
    done = runlore("promote", "ctr-lr", "1", "--alias", "champion", "--expect", "absent", "--reason", "the first")
    assert done.code == 0, done.err
    return runs


# Experiments and runs


def test_experiments_are_created_listed_and_shown(runlore: Command, workspace: str) -> None:
    created = runlore("experiments", "create", "ctr", "--description", "clicks", "--tag", "team=ads=x", "--json").record
    assert created["name"] == "ctr"
    assert created["workspace"] == workspace
    assert created["tags"] == {"team": "ads=x"}
    assert runlore("experiments", "list", "--json").record == [created]
    assert runlore("experiments", "show", "ctr", "--json").record == created
    listed = runlore("experiments").out.splitlines()
    assert listed[0].split() == ["name", "experiment", "id", "created", "description"]
    assert listed[1].startswith(f"ctr   {created['experiment_id']}  ")
    assert listed[1].endswith("  clicks")


def test_an_experiment_that_exists_is_a_conflict(runlore: Command) -> None:
    assert runlore("experiments", "create", "ctr").code == 0
    runlore("experiments", "create", "ctr").failed(4, "ctr")


def test_a_filter_that_does_not_parse_is_invalid_and_says_where(runlore: Command) -> None:
    runlore("runs", "list", "--filter", "metrics.auc >>> 1").failed(2, "filter", "column")


def test_an_empty_list_is_no_error(runlore: Command) -> None:
    assert runlore("runs", "list").out == "no runs match\n"
    assert runlore("runs", "list", "--json").record == []


def test_a_run_is_shown_with_params_curves_and_artifacts(runlore: Command, log_run: Any) -> None:
    run_id = log_run("only", 0.9, C="0.1")
    text = runlore("runs", "show", run_id).out
    assert re.search(r"^status +finished$", text, re.M)
    assert re.search(r"^  C +0\.1$", text, re.M)
    assert re.search(r"^  loss +1 +2 +1 +3 +3 +█▅▁$", text, re.M)
    assert re.search(r"^  model/ +\d+ B +1 file$", text, re.M)
    record = runlore("runs", "show", run_id, "--json").record
    assert record["run_id"] == run_id
    assert record["params"] == {"C": "0.1"}
    assert {m["key"]: m["last"] for m in record["metrics"]} == {"auc": 0.9, "loss": 1.0}


def test_an_unknown_run_is_not_found(runlore: Command) -> None:
    runlore("runs", "show", NO_SUCH_RUN).failed(3, NO_SUCH_RUN)
    runlore("register", "ctr-lr", "--run", NO_SUCH_RUN).failed(3, NO_SUCH_RUN)


def test_a_run_id_of_the_wrong_form_is_invalid(runlore: Command) -> None:
    runlore("runs", "show", "mine").failed(2, "run_id")


# The registry


def test_a_version_is_promoted_resolved_and_rolled_back(runlore: Command, champion: tuple[str, str]) -> None:
    resolved = runlore("resolve", "models:/ctr-lr@champion", "--json").record
    assert resolved["model_version"]["version"] == "1"
    assert resolved["model_version"]["run_id"] == champion[0]
    moved = runlore(
        *("promote", "ctr-lr", "2", "--alias", "champion", "--reason", "better"),
        *("--expect", "1", "--if-better", "max:auc"),
        RUNLORE_ACTOR="user:bo",
    )
    assert moved.code == 0, moved.err
    assert moved.out.splitlines()[-1] == "champion of ctr-lr: version 1 -> version 2"
    assert "auc" in moved.out.splitlines()[0]
    text = runlore("resolve", "models:/ctr-lr@champion", "--files").out
    assert re.search(r"^version +2$", text, re.M)
    assert re.search(r"^set +.*Z by user:bo$", text, re.M)
    assert re.search(r"^weights\.txt +\d+ B +[0-9a-f]{64}$", text, re.M)
    back = runlore("rollback", "ctr-lr", "--alias", "champion", "--reason", "too slow", "--json").record
    assert back["alias"]["version"] == "1"
    assert back["previous_version"] == "2"
    lines = runlore("history", "ctr-lr").out.splitlines()
    assert re.split(r"\s{2,}", lines[0].strip()) == ["rev", "time", "actor (claimed)", "what", "from -> to", "reason"]
    rows = [re.split(r"\s{2,}", line.strip()) for line in lines[1:]]
    assert [(row[0], row[2], *row[3:]) for row in rows] == [
        ("1", "user:ada", "model created"),
        ("2", "user:ada", "version 1 registered"),
        ("3", "user:ada", "version 2 registered"),
        ("4", "user:ada", "champion set", "none -> 1", "the first"),
        ("5", "user:bo", "champion set", "1 -> 2", "better [auc 0.9 > 0.8]"),
        ("6", "user:ada", "champion rolled back", "2 -> 1", "too slow"),
    ]
    events = runlore("history", "ctr-lr", "--json").record
    assert [event["revision"] for event in events] == ["1", "2", "3", "4", "5", "6"]


def test_a_mover_with_an_old_belief_is_refused_and_told_who_moved_it(runlore: Command, champion: object) -> None:
    promote = ("promote", "ctr-lr", "2", "--alias", "champion", "--reason", "late")
    runlore(*promote, "--expect", "2").failed(4, "expected version 2", "version 1 holds it", "ada", "the first")
    runlore(*promote, "--expect", "absent").failed(4, "expected no version")
    done = runlore(*promote, "--expect", "2", "--json")
    assert done.code == 4
    assert done.out == ""
    error = json.loads(done.err)["error"]
    assert error["exit_code"] == 4
    assert error["reason"] == "ALIAS_MOVED"
    assert error["metadata"]["current_version"] == "1"
    assert runlore(*promote, "--expect", "any").code == 0


def test_a_condition_that_does_not_hold_is_refused_with_both_numbers(runlore: Command, champion: object) -> None:
    worse = ("promote", "ctr-lr", "2", "--alias", "champion", "--expect", "1", "--reason", "r")
    runlore(*worse, "--if-better", "min:auc").failed(5, "auc", "0.9", "0.8")
    runlore(*worse, "--if-better", "auc").failed(2, "if_better", "max:auc", "min:auc")
    assert runlore("resolve", "models:/ctr-lr@champion", "--json").record["model_version"]["version"] == "1"


def test_a_rollback_without_an_earlier_holder_is_refused(runlore: Command, champion: object) -> None:
    runlore("rollback", "ctr-lr", "--alias", "champion", "--reason", "r").failed(5, "no earlier holder")
    runlore("rollback", "ctr-lr", "--alias", "champion", "--reason", "r", "--expect", "2").failed(
        4, "version 1 holds it"
    )
    runlore("rollback", "ctr-lr", "--alias", "champion").failed(2, "--reason")
    runlore("rollback", "ctr-lr", "--alias", "other", "--reason", "r").failed(3, "other")


def test_what_is_pulled_is_what_was_logged(runlore: Command, champion: object, tmp_path: Path) -> None:
    done = runlore("pull", "models:/ctr-lr@champion")
    assert done.code == 0, done.err
    assert (Path(done.out.rstrip("\n")) / "weights.txt").read_text() == "weights of first"
    folder = tmp_path / "mine"
    record = runlore("pull", "models:/ctr-lr/2", "--dest", str(folder), "--json").record
    assert (record["path"], record["version"], record["stale"]) == (str(folder), 2, False)
    assert (record["bytes_moved"], record["bytes_saved"]) == (len("weights of second"), 0)
    assert (folder / "weights.txt").read_text() == "weights of second"
    (folder / "more.txt").touch()
    runlore("pull", "models:/ctr-lr/2", "--dest", str(folder)).failed(2, "'--dest'", str(folder), "new or empty")
    runlore("pull", "models:/ctr-lr/2", "--dest", str(folder / "more.txt")).failed(2, "'--dest'", "more.txt")


def test_unknown_models_and_malformed_references(runlore: Command) -> None:
    runlore("history", "nobody").failed(3, "nobody")
    runlore("resolve", "models:/nobody@champion").failed(3, "nobody")
    runlore("pull", "models:/nobody@champion").failed(3, "nobody")
    runlore("resolve", "nobody@champion").failed(2, "models:/")
    runlore("pull", "nobody@champion").failed(2, "models:/")


# The command itself


def test_info_tells_the_server(runlore: Command) -> None:
    record = runlore("info", "--json").record
    assert int(record["limits"]["chunk_bytes"]) == 16 * 1024 * 1024
    assert re.search(rf"^version +{re.escape(record['version'])}$", runlore("info").out, re.M)


def test_global_options_win_over_variables(runlore: Command, shared_server: ServerProcess, workspace: str) -> None:
    other = ("--workspace", f"{workspace}-b", "--address", shared_server.address, "--actor", "service:ci")
    assert runlore(*other, "experiments", "create", "ctr", RUNLORE_ADDRESS="127.0.0.1:1").code == 0
    assert runlore("experiments", "list", "--json").record == []
    assert len(runlore(*other, "experiments", "list", "--json").record) == 1


@pytest.fixture
def silent_address() -> Iterator[str]:
    """An address that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def test_no_server_and_a_silent_server_are_unavailable(alone: Command, silent_address: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    alone("--address", address, "--timeout", "1", "info").failed(6, address)
    started = time.monotonic()
    alone("--address", silent_address, "--timeout", "1", "info").failed(6, silent_address)
    assert time.monotonic() - started < 10
    done = alone("--address", address, "--timeout", "1", "info", "--json")
    assert json.loads(done.err)["error"]["code"] == "UNAVAILABLE"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["runs", "list", "--address", "x"], "It goes before the command"),
        (["runs", "list", "--limit", "0"], "'--limit'"),
        (["promote", "m", "one", "--alias", "a"], "VERSION"),
        (["promote", "m", "1", "--alias", "a", "--expect", "v1"], "'v1' is not a version's number, absent or any"),
        (["experiments", "create", "e", "--tag", "team"], "'team' has no '='"),
        (["--timeout", "0", "info"], "'--timeout'"),
        (["--address", "a b", "info"], "give host:port"),
    ],
)
def test_wrong_usage(alone: Command, arguments: list[str], said: str) -> None:
    alone(*arguments).failed(2, said)


def test_help_tells_the_exit_codes_and_every_command_explains_itself(alone: Command) -> None:
    text = alone("--help").out
    assert re.findall(r"^ {4}(\d)  ", text, re.M) == [*"012345678"]
    listed = text.partition("Commands:\n")[2].partition("\n\n")[0].splitlines()
    commands = {line.split()[0] for line in listed}
    assert {"experiments", "runs", "register", "promote", "rollback", "resolve", "pull", "history", "sync"} <= commands
    # A summary that does not fit is cut off with dots.
    assert all(line.endswith(".") and not line.endswith("...") for line in listed)
    assert alone().out == text


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_and_answers_it(alone: Command, shell: str) -> None:
    assert f"_RUNLORE_COMPLETE={shell}_complete" in alone("completion", shell).out
    answer = alone(_RUNLORE_COMPLETE="bash_complete", COMP_WORDS="runlore roll", COMP_CWORD="1")
    assert answer.out == "plain,rollback\n"


def test_the_command_starts_without_the_client(alone: Command) -> None:
    program = "import sys; from runlore.cli.app import runlore; assert 'grpc' not in sys.modules; print('light')"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "light\n", done.stderr


def test_a_reader_that_goes_away_is_no_traceback(alone: Command) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "from runlore.cli import main; main()", "--help"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=alone.environment,
    )
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate(timeout=60)
    assert err == b""


# What records look like


def test_tables_align_wide_and_styled_cells() -> None:
    lines = output.table(["name", "n"], [["日本", "1"], [output.good("é"), "22"]], right=[1])
    plain = [re.sub(r"\x1b\[\d+m", "", line) for line in lines]
    assert plain == ["name   n", "日本   1", "é     22"]


def test_what_a_record_says_cannot_steer_the_terminal() -> None:
    run = v1.Run(run_id="0" * 32, name="a\nb\x1b[31m", params={"k\r": "\x07"})
    text = "\n".join([*tracking_view.run(run, {}, []), *columns.table([run], [columns.Column("params", "k\r")])])
    plain = re.sub(r"\x1b\[\d+m", "", text)
    assert "\\x1b" in plain
    assert all(c == "\n" or c.isprintable() for c in plain)


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([], ""),
        ([1.0], "▅"),
        ([2.0, 2.0], "▅▅"),
        ([1.0, 2.0, 3.0], "▁▅█"),
        ([math.nan, math.inf], "··"),
        ([0.0, math.nan, 1.0], "▁·█"),
        ([-1.7e308, 1.7e308], "▁█"),
    ],
)
def test_sparklines(values: list[float], drawn: str) -> None:
    assert output.sparkline(values) == drawn


def test_a_long_series_is_drawn_by_the_means_of_its_shares() -> None:
    assert output.sparkline([*range(800)], width=8) == "▁▂▃▄▅▆▇█"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0s"), (59.9, "59.9s"), (60, "1m 00s"), (3600, "1h 00m"), (864000, "10d 0h")]
)
def test_durations(seconds: float, text: str) -> None:
    assert output.duration(seconds) == text


@pytest.mark.parametrize(("count", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (2**40, "1.0 TiB")])
def test_sizes(count: int, text: str) -> None:
    assert output.size(count) == text


def test_a_first_promotion_shows_that_there_was_nothing_to_beat() -> None:
    event = v1.Event(revision=3, kind=v1.EVENT_KIND_ALIAS_SET, reason="r")
    event.after.alias.version = 1
    event.after.alias.alias = "champion"
    condition = event.conditions.add(holds=True, candidate=0.5)
    condition.condition.metric.key = "auc"
    assert registry_view.history([event])[1].endswith("champion set  none -> 1   r [auc 0.5, nothing to beat]")


def test_an_error_names_each_field_once(capsys: pytest.CaptureFixture[str]) -> None:
    one = InvalidArgumentError("name: is empty", reason="INVALID_FIELD", fields={"name": "is empty"})
    two = InvalidArgumentError("a: x; b: y", reason="INVALID_FIELD", fields={"a": "x", "b": "y"})
    hint = ConflictError("etag: it changed", reason="ETAG_MISMATCH", fields={"etag": "the present one, or empty"})
    assert [failures.report(error, as_json=False) for error in (one, two, hint)] == [2, 2, 4]
    assert capsys.readouterr().err.splitlines() == [
        "error: name: is empty",
        "error: 2 fields break a rule",
        "  a: x",
        "  b: y",
        "error: etag: it changed",
        "  etag: the present one, or empty",
    ]


def test_contention_is_worth_another_try() -> None:
    assert failures.report(ConflictError("collided", reason="CONTENTION"), as_json=False) == failures.UNAVAILABLE


def test_a_local_failure_is_told_in_a_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(OSError, match="exists") as caught:
        tmp_path.mkdir()
    assert failures.report(caught.value, as_json=False) == failures.UNEXPECTED
    assert capsys.readouterr().err == f"error: {tmp_path}: File exists\n"


def test_an_importer_that_is_not_installed_says_what_installs_it(
    run: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Also where the plugin is installed.
    monkeypatch.setitem(sys.modules, "runlore_mlflow.importing.command", None)

    run("import", "mlflow", "--from", "sqlite:///mlflow.db").failed(2, "pip install runlore-mlflow")
