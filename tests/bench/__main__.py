"""`python -m tests.bench`: run the scenarios that ONLY names (all without it), at SIZE tiny or full."""

from __future__ import annotations

import fnmatch
import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runlore_server.embedded import EmbeddedPostgres
from tests.bench import scenarios
from tests.bench.harness import Bench, table, write
from tests.harness.postgres import scratch_folder
from tests.harness.server import serving


@contextmanager
def server() -> Iterator[tuple[str, str]]:
    """A server as a user starts it: embedded Postgres, fsync on, one worker."""
    with scratch_folder() as folder, serving(folder) as process:
        url = EmbeddedPostgres(folder / "postgres").running()
        assert url is not None
        yield process.address, url


def main() -> int:
    """Run, print the table, write the rows."""
    only = os.environ.get("ONLY") or "*"
    bench = Bench(tiny=os.environ.get("SIZE") == "tiny", server=server)
    names = [m.name for m in pkgutil.iter_modules(scenarios.__path__) if fnmatch.fnmatch(m.name, only)]
    if not names:
        print(f"no scenario matches ONLY={only}", file=sys.stderr)
        return 2
    for name in names:
        importlib.import_module(f"tests.bench.scenarios.{name}").scenario(bench)
    write(bench.rows, Path("build/bench.json"))
    print(table(bench.rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
