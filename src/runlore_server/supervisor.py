"""Several worker processes on one port: started, watched, replaced when they die, and drained together."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from runlore_server import logs
from runlore_server.app import ListenError, Listening, run
from runlore_server.settings import Settings

#: Seconds before a worker that died is replaced, so that one that cannot live does not spin.
_RESTART_SECONDS = 1.0


class WorkerError(RuntimeError):
    """A worker did not come up; the message says why."""


def run_one(
    settings: Settings, database_url: str, ready: Callable[[Listening], None], *, shared_ports: bool = False
) -> None:
    """Serve in this process until told to stop."""
    # The event loop is chosen here, so that nothing else needs to know it.
    import asyncio

    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run(settings, database_url, ready, shared_ports=shared_ports))


def run_many(settings: Settings, database_url: str, ready: Callable[[Listening], None]) -> None:
    """Serve in `settings.workers` processes until told to stop."""
    reserved = [_reserve(settings.host, settings.port, "--listen")]
    settings = replace(settings, port=reserved[0].getsockname()[1])
    if settings.web is not None:
        reserved.append(_reserve(settings.web.host, settings.web.port, "--web-listen"))
        settings = replace(settings, web=replace(settings.web, port=reserved[1].getsockname()[1]))
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    workers = [_Worker(settings, database_url) for _ in range(settings.workers)]
    try:
        listening = [worker.wait_ready() for worker in workers]
        ready(listening[0])
        while not stopping:
            wait([worker.process.sentinel for worker in workers], timeout=0.5)
            for i, worker in enumerate(workers):
                if not stopping and not worker.process.is_alive():
                    print(f"worker {worker.process.pid} ended; starting another", file=sys.stderr)
                    time.sleep(_RESTART_SECONDS)
                    workers[i] = _Worker(settings, database_url)
    finally:
        for worker in workers:
            worker.process.terminate()
        for worker in workers:
            worker.process.join()
        for held in reserved:
            held.close()


class _Worker:
    def __init__(self, settings: Settings, database_url: str) -> None:
        # Spawned, not forked: gRPC's threads do not survive a fork.
        context = multiprocessing.get_context("spawn")
        self._reports, reports = context.Pipe(duplex=False)
        self.process: BaseProcess = context.Process(target=_work, args=(settings, database_url, reports))
        self.process.start()
        reports.close()

    def wait_ready(self) -> Listening:
        try:
            report = self._reports.recv()
        except EOFError:
            raise WorkerError("a worker ended before it was ready; its log says why") from None
        if not isinstance(report, Listening):
            raise WorkerError(report)
        return report


def _work(settings: Settings, database_url: str, reports: Connection) -> None:
    # Ctrl-C reaches the whole process group: the supervisor decides, and sends SIGTERM. Until the event loop handles
    # that, it ends the process, which is right: nothing is being served yet.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_supervisor, daemon=True).start()
    logs.configure(settings.log_level)
    try:
        run_one(settings, database_url, reports.send, shared_ports=True)
    except Exception as error:
        with contextlib.suppress(OSError):
            reports.send(str(error))
        raise SystemExit(1) from error


def _end_with_supervisor() -> None:
    """End this worker when its supervisor was killed: nobody else would, and it would keep the port."""
    supervisor = multiprocessing.parent_process()
    if supervisor is not None:
        supervisor.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _reserve(listen: str, port: int, flag: str) -> socket.socket:
    """Bind a port without listening, so that it stays ours while workers come and go."""
    family = socket.AF_INET6 if ":" in listen else socket.AF_INET
    host = listen.strip("[]")
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # Without SO_REUSEPORT, so that a port that another server listens on is refused.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            free = probe.getsockname()[1]
        reserved = socket.socket(family, socket.SOCK_STREAM)
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind((host, free))
    except OSError as error:
        raise ListenError(f"{listen}:{port}", flag, f"{error.strerror}.") from None
    return reserved
