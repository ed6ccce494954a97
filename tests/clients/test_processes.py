"""Runs over the life of processes: forks, exits, Ctrl-C. Each test is a real process."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

import runlore
from runlore import v1
from tests.clients.conftest import points
from tests.harness.server import environment

Script = Callable[..., "subprocess.CompletedProcess[str]"]


def ended(client: runlore.Client, run_id: str) -> tuple[str, int]:
    """How a run ended, and how many points of the metric `a` it has."""
    run = client.get_run(run_id)
    return v1.RunStatus.Name(run.status).removeprefix("RUN_STATUS_"), sum(m.count for m in run.metrics if m.key == "a")


@pytest.mark.parametrize(
    ("last", "status"),
    [
        ("pass", "FINISHED"),
        ("raise ValueError('mine')", "FAILED"),
        ("raise KeyboardInterrupt", "KILLED"),
        ("import atexit; atexit.register(lambda: run.log({'a': 2.0}))", "FINISHED"),
    ],
)
def test_a_run_left_open_ends_with_its_process(script: Script, client: runlore.Client, last: str, status: str) -> None:
    count = 101 if "atexit" in last else 100
    done = script(
        "import runlore\n"
        "run = runlore.start_run('exit')\n"
        "print(run.run_id, flush=True)\n"
        "for step in range(100): run.log({'a': 1.0}, step=step)\n" + last
    )
    assert ended(client, done.stdout.strip()) == (status, count), done.stderr
    assert (done.returncode == 0) == (status == "FINISHED")


def test_an_asynchronous_run_left_open_ends_with_its_process(script: Script, client: runlore.Client) -> None:
    done = script(
        "import asyncio, runlore.aio\n"
        "async def main():\n"
        "    run = await runlore.aio.start_run('exit')\n"
        "    print(run.run_id)\n"
        "    run.log({'a': 1.0})\n"
        "asyncio.run(main())\n"
    )
    assert done.returncode == 0, done.stderr
    assert ended(client, done.stdout.strip()) == ("FINISHED", 1)


@pytest.mark.parametrize("began", ["started", "resumed"])
def test_a_run_whose_process_dies_at_once_has_a_heartbeat(script: Script, client: runlore.Client, began: str) -> None:
    """So it becomes stale in time, as every run does whose writer vanished."""
    created = client.tracking.CreateRun(v1.CreateRunRequest()).run
    assert not created.HasField("last_heartbeat_time"), "nobody writes"
    begin = "runlore.start_run('exit')" if began == "started" else f"runlore.resume_run('{created.run_id}')"
    done = script(f"import os, runlore\nrun = {begin}\nprint(run.run_id, flush=True)\nos.kill(os.getpid(), 9)\n")
    assert done.returncode == -signal.SIGKILL
    run = client.get_run(done.stdout.strip())
    assert run.status == v1.RUN_STATUS_RUNNING
    assert run.HasField("last_heartbeat_time")


def test_exit_does_not_wait_forever_for_a_server_that_is_gone(script: Script) -> None:
    began = time.monotonic()
    done = script(
        "import runlore, runlore._sync.client as c\n"
        "client = runlore.connect(timeout=2)\n"
        "run = client.start_run('exit')\n"
        "client.sender._transport.settings = client.sender._transport.settings.__class__(\n"
        "    **{**vars(client.settings), 'address': '127.0.0.1:1'})\n"
        "run.log({'a': 1.0})\n"
    )
    assert time.monotonic() - began < 15
    assert done.returncode == 0
    assert "1 points and its end (FINISHED) are not stored; they stay in" in done.stderr
    assert "`runlore sync`" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_kills_the_run(runlore_env: dict[str, str], client: runlore.Client) -> None:
    code = (
        "import runlore, signal, time\n"
        # A shell's background job has Ctrl-C ignored, and hands that down; these tests may be part of one.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "with runlore.start_run('ctrl-c') as run:\n"
        "    run.log({'a': 1.0})\n"
        "    print(run.run_id, flush=True)\n"
        "    time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env=environment(runlore_env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    run_id = process.stdout.readline().strip()
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    assert "KeyboardInterrupt" in stderr
    assert ended(client, run_id) == ("KILLED", 1)


FORKING = """
import os, sys, time, runlore
with runlore.start_run("fork") as run:
    print(run.run_id, flush=True)
    for step in range(200): run.log({"a": 1.0}, step=step)
    children = []
    for number in range(4):
        pid = os.fork()
        if pid == 0:
            for step in range(50): run.log({"child": float(number)}, step=step)
            assert runlore.get_run(run.run_id).run_id == run.run_id
            run.flush()
            os._exit(0)
        children.append(pid)
        run.log({"a": 2.0}, step=200 + number)
    for pid in children:
        _, status = os.waitpid(pid, 0)
        assert status == 0, status
    run.log({"a": 3.0}, step=999)
    assert runlore.get_run(run.run_id).run_id == run.run_id
"""


def test_a_fork_neither_loses_nor_doubles_points(script: Script, client: runlore.Client) -> None:
    done = script(FORKING)
    assert done.returncode == 0, done.stderr
    run_id = done.stdout.split()[0]
    stored = points(client, run_id)
    steps = [*range(200), *range(200, 204), 999]
    assert [step for step, _ in stored["a"]] == steps
    assert sorted(stored["child"]) == sorted((step, float(n)) for n in range(4) for step in range(50))
    assert ended(client, run_id) == ("FINISHED", len(steps))


def test_a_fork_in_the_middle_of_sending(script: Script, client: runlore.Client) -> None:
    """Threads log while the process forks again and again: the sender is in a call, or about to be, at every fork."""
    done = script(
        "import os, threading, runlore\n"
        "run = runlore.start_run('fork')\n"
        "print(run.run_id, flush=True)\n"
        "go = True\n"
        "count = 0\n"
        "def work():\n"
        "    global count\n"
        "    while go:\n"
        "        run.log({'a': 1.0}, step=count); count += 1\n"
        "        if count % 100 == 0: run.flush()\n"
        "thread = threading.Thread(target=work); thread.start()\n"
        "for _ in range(15):\n"
        "    pid = os.fork()\n"
        "    if pid == 0:\n"
        "        run.log({'child': 1.0}); run.flush(20); os._exit(0)\n"
        "    assert os.waitpid(pid, 0)[1] == 0\n"
        "go = False; thread.join(); run.finish(); print(count)\n",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    run_id, count = done.stdout.split()
    stored = points(client, run_id)
    assert [step for step, _ in stored["a"]] == list(range(int(count)))
    assert len(stored["child"]) == 15


def test_a_fork_while_a_call_hangs(script: Script, client: runlore.Client) -> None:
    """The call is cancelled, so that the fork need not wait for it, and its batch sent again after it."""
    done = script(
        "import os, time, runlore\n"
        "from tests.clients.lossy import LossyRelay\n"
        "relay = LossyRelay(os.environ['RUNLORE_ADDRESS'])\n"
        "far = runlore.connect(relay.address)\n"
        "run = far.start_run('fork')\n"
        "print(run.run_id, flush=True)\n"
        "run.log({'a': 1.0}, step=0); run.flush()\n"
        "relay.deaf.set()\n"
        "run.log({'a': 2.0}, step=1)\n"
        "time.sleep(0.5)\n"
        "began = time.monotonic()\n"
        "pid = os.fork()\n"
        "took = time.monotonic() - began\n"
        "if pid == 0: os._exit(0)\n"
        "relay.deaf.clear(); relay.cut()\n"
        "os.waitpid(pid, 0)\n"
        "run.finish()\n"
        "print(took < 2, took)\n"
    )
    assert done.returncode == 0, done.stderr
    run_id, quick, *_ = done.stdout.split()
    assert quick == "True", done.stdout
    assert points(client, run_id)["a"] == [(0, 1.0), (1, 2.0)]


def test_multiprocessing_by_fork(script: Script, client: runlore.Client) -> None:
    """A worker's points are sent when it exits, although such a process runs no atexit functions."""
    done = script(
        "import multiprocessing, runlore\n"
        "def work(number):\n"
        "    for step in range(20): run.log({'a': float(number)}, step=step)\n"
        "def fail():\n"
        "    own = runlore.start_run('own')\n"
        "    own.log({'a': 1.0})\n"
        "    raise ValueError('mine')\n"
        "context = multiprocessing.get_context('fork')\n"
        "with runlore.start_run('mp') as run:\n"
        "    print(run.run_id, flush=True)\n"
        "    run.log({'a': -1.0})\n"
        "    workers = [context.Process(target=work, args=(n,)) for n in range(3)]\n"
        "    workers.append(context.Process(target=fail))\n"
        "    for worker in workers: worker.start()\n"
        "    for worker in workers: worker.join()\n"
        "    print([worker.exitcode for worker in workers])\n"
    )
    assert done.returncode == 0, done.stderr
    run_id, codes = done.stdout.splitlines()
    assert codes == "[0, 0, 0, 1]", done.stderr
    assert ended(client, run_id) == ("FINISHED", 61)
    (own,) = client.search_runs("own")
    assert ended(client, own.run_id) == ("FAILED", 1)


def test_a_forked_child_that_leaves_the_block_does_not_end_the_run(script: Script, client: runlore.Client) -> None:
    done = script(
        "import os, sys, runlore\n"
        "with runlore.start_run('fork') as run:\n"
        "    print(run.run_id, flush=True)\n"
        "    run.log({'a': 1.0})\n"
        "    pid = os.fork()\n"
        "    if pid == 0:\n"
        "        run.log({'a': 2.0})\n"
        "        sys.exit(3)\n"
        "    assert os.waitpid(pid, 0)[1] == 3 << 8\n"
        "    print(runlore.v1.RunStatus.Name(runlore.get_run(run.run_id).status))\n"
    )
    assert done.returncode == 0, done.stderr
    run_id, status = done.stdout.split()
    assert status == "RUN_STATUS_RUNNING"
    assert ended(client, run_id) == ("FINISHED", 2)


@pytest.mark.parametrize(
    "use",
    ["asyncio.run(main())", "runlore.search_runs()", "run.log({'a': 1.0}); asyncio.run(run.flush())"],
    ids=["aio", "sync", "run"],
)
def test_a_child_of_a_process_that_used_asyncio_is_told_so(script: Script, use: str) -> None:
    """gRPC cannot prepare such a fork, and calls of the child would hang."""
    done = script(
        "import asyncio, os, runlore, runlore.aio\n"
        "async def main(): return await runlore.aio.start_run('fork')\n"
        "run = asyncio.run(main())\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        f"    try: {use}\n"
        "    except runlore.RunloreError as error: print(error, flush=True)\n"
        "    os._exit(0)\n"
        "os.waitpid(pid, 0)\n"
    )
    assert done.stdout.startswith("this process was forked after runlore.aio was used"), done.stderr
