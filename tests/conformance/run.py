"""Runs the cases through each client's driver: `python -m tests.conformance.run [--client go] [-k word]`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.conformance import caseformat, runner, table
from tests.conformance.caseformat import Case
from tests.conformance.drivers import DRIVERS, ROOT, Kind
from tests.conformance.driving import Driver
from tests.conformance.runner import CaseFailure, Target, Unsupported
from tests.conformance.table import Cell
from tests.harness.postgres import databases, scratch_folder
from tests.harness.server import serving

#: Clients that run their cases beside each other. Cases share nothing; while one waits, another works.
_AT_ONCE = 2


def main(arguments: list[str]) -> int:
    """Run what the arguments pick, print the table, and return 1 when anything failed."""
    options = _options(arguments)
    cases = [case for case in caseformat.load() if options.k in f"{case.file}: {case.name}"]
    if not cases:
        print(f"no case has '{options.k}' in its file or name", file=sys.stderr)
        return 2
    clients = options.client or list(DRIVERS)
    if missing := [line for client in clients if (line := _missing(DRIVERS[client]))]:
        print("\n".join(missing), file=sys.stderr)
        return 2
    with (
        target(web=any(DRIVERS[client].web for client in clients)) as server,
        scratch_folder() as folder,
        ThreadPoolExecutor(_AT_ONCE) as threads,
    ):
        ran = threads.map(lambda client: _run(client, cases, server, folder / client), clients)
        results = dict(zip(clients, ran, strict=True))
    print()
    for line in table.lines(results, verbose=options.verbose):
        print(line)
    if options.write:
        table.write(results)
    return int(any(cell.failed for cells in results.values() for cell in cells))


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.run", description=__doc__)
    parser.add_argument("--client", action="append", choices=list(DRIVERS), help="only this client; may be repeated")
    parser.add_argument("-k", default="", metavar="WORD", help="only cases with the word in their file or name")
    parser.add_argument("-v", "--verbose", action="store_true", help="print a row for each case, not for each file")
    parser.add_argument("--write", action="store_true", help="put the table into tests/conformance/README.md")
    options = parser.parse_args(arguments)
    if options.write and (options.client or options.k):
        parser.error("--write takes every client and every case")
    return options


def _missing(kind: Kind) -> str:
    if kind.needs and not (ROOT / kind.needs).exists():
        return f"{kind.needs} is not there: `{kind.made_by}` makes it"
    return ""


@contextmanager
def target(*, web: bool) -> Iterator[Target]:
    """A real server for all cases, with its web port if asked."""
    # No case depends on how fast the machine is: a page is whole, however long it takes.
    flags = ["--search-budget-ms", "10000", *(["--web-listen", "127.0.0.1:0"] if web else [])]
    with (
        databases("") as made,
        made.fresh() as url,
        scratch_folder() as folder,
        serving(folder, "--database", url, *flags) as server,
    ):
        yield Target(server.address, server.web_address, server.data / "artifacts")


def _run(client: str, cases: Iterable[Case], server: Target, folder: Path) -> list[Cell]:
    folder.mkdir()
    driver = Driver(DRIVERS[client].command, folder, retries=DRIVERS[client].retries)
    began = time.monotonic()
    cells = []
    for case in cases:
        cells.append(_cell(case, lambda case: runner.run(case, driver, server)))
        if cells[-1].failed:
            print(f"\n{client}: {cells[-1].failed}", flush=True)
    try:
        driver.close()
    except CaseFailure as failure:
        cells.append(Cell("", "it ends with its input", failed=str(failure)))
        print(f"\n{client}: {failure}", flush=True)
    failed = [cell for cell in cells if cell.failed]
    passed = sum(cell.passed for cell in cells)
    print(
        f"{client}: {passed} passed, {len(failed)} failed, {len(cells) - passed - len(failed)} skipped "
        f"in {time.monotonic() - began:.0f} s",
        flush=True,
    )
    return cells


def _cell(case: Case, run: Callable[[Case], None]) -> Cell:
    try:
        run(case)
    except CaseFailure as failure:
        return Cell(case.file, case.name, failed=str(failure))
    except Unsupported as reason:
        return Cell(case.file, case.name, skipped=str(reason))
    return Cell(case.file, case.name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
