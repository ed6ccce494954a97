"""`python -m tests.bench`: run the scenarios that ONLY names (all without it), at SIZE tiny or full."""

from __future__ import annotations

import fnmatch
import functools
import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path

from runlore_server.embedded import EmbeddedPostgres
from tests.bench import scenarios
from tests.bench.harness import Bench, Served, table, write
from tests.bench.peer.server import WORKERS, Mlflow, PeerError, mlflow
from tests.harness.postgres import scratch_folder
from tests.harness.server import serving


@contextmanager
def server(*arguments: str, data: Path | None = None) -> Iterator[Served]:
    """A server as a user starts it: embedded Postgres, fsync on, one worker unless `arguments` say otherwise."""
    with (
        nullcontext(data) if data is not None else scratch_folder() as folder,
        serving(folder, *arguments) as process,
    ):
        url = EmbeddedPostgres(folder / "postgres").running()
        assert url is not None
        yield Served(process.address, url, process.process.pid, process.web_address)


def main() -> int:
    """Run, print the table, write the rows."""
    only, tiny = os.environ.get("ONLY") or "*", os.environ.get("SIZE") == "tiny"
    names = [m.name for m in pkgutil.iter_modules(scenarios.__path__) if fnmatch.fnmatch(m.name, only)]
    if not names:
        print(f"no scenario matches ONLY={only}", file=sys.stderr)
        return 2
    with ExitStack() as stack:

        @functools.cache
        def peer(workers: int = WORKERS) -> Mlflow | None:
            try:
                return stack.enter_context(mlflow(processes=1 if tiny else 4, workers=workers))
            except PeerError as error:
                print(f"No MLflow beside: {error}\nIts columns stay empty.", file=sys.stderr)
                return None

        bench = Bench(tiny=tiny, server=server, peer=peer)
        for name in names:
            importlib.import_module(f"tests.bench.scenarios.{name}").scenario(bench)
    write(bench.rows, Path("build/bench.json"))
    print(table(bench.rows))
    for failure in bench.failures:
        print(f"FAILED {failure}", file=sys.stderr)
    return 1 if bench.failures else 0


if __name__ == "__main__":
    sys.exit(main())
