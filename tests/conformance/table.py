"""The table of client by case: printed in full or by file, and kept in README.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

README = Path(__file__).with_name("README.md")
_BEGIN, _END = "<!-- results: written by `make conformance-table` -->", "<!-- end of results -->"


@dataclass(frozen=True)
class Cell:
    """One case with one client: passed, or why not."""

    file: str
    name: str
    failed: str = ""
    skipped: str = ""

    @property
    def passed(self) -> bool:
        return not self.failed and not self.skipped

    @property
    def word(self) -> str:
        return "FAILED" if self.failed else "skipped" if self.skipped else "passed"


Results = Mapping[str, Sequence[Cell]]


def lines(results: Results, *, verbose: bool) -> Iterator[str]:
    """Yield the printed table: a row for each case, or for each file, and why cells are not passed."""
    clients = list(results)
    width = 58 if verbose else 28
    yield " " * width + "".join(f"{client:>21}" for client in clients)
    for row, cells in _rows(results, by_case=verbose):
        yield f"{row:{width}}" + "".join(f"{cell:>21}" for cell in cells)
    if skips := list(_skips(results)):
        yield ""
        yield from skips


def write(results: Results) -> None:
    """Put the table into README.md, between its markers: by file, and by case for those that not all clients pass."""
    by_file = _markdown(results, "file", _rows(results, by_case=False))
    cases = list(_rows(results, by_case=True))[:-1]
    by_case = _markdown(results, "case", (row for row in cases if set(row[1]) != {"passed"}))
    text = README.read_text()
    before, _, rest = text.partition(_BEGIN)
    _, found, after = rest.partition(_END)
    if not found:
        raise SystemExit(f"{README} has no lines '{_BEGIN}' and '{_END}'")
    others = f"Of the {len(cases)} cases, every client passes those that are not here:"
    skips = [f"* {line}" for line in _skips(results)]
    README.write_text(
        "\n".join([before + _BEGIN, "", *by_file, "", others, "", *by_case, "", *skips, "", _END + after])
    )


def _markdown(results: Results, what: str, rows: Iterable[tuple[str, list[str]]]) -> list[str]:
    head = [f"| {what} | {' | '.join(results)} |", f"|---|{'--:|' * len(results)}"]
    return [*head, *(f"| {row} | {' | '.join(cells)} |" for row, cells in rows)]


def _rows(results: Results, *, by_case: bool) -> Iterator[tuple[str, list[str]]]:
    """Yield (row, its cells): how many of a file's cases passed of how many, or each case's outcome; then the sum."""
    first = next(iter(results.values()))
    if by_case:
        for number, cell in enumerate(first):
            yield cell.name, [cells[number].word if number < len(cells) else "" for cells in results.values()]
    else:
        for file in dict.fromkeys(cell.file for cell in first if cell.file):
            yield file, [_count([cell for cell in cells if cell.file == file]) for cells in results.values()]
    yield "all", [_count(cells) for cells in results.values()]


def _count(cells: Sequence[Cell]) -> str:
    counts = Counter(cell.word for cell in cells)
    further = [f"{counts[word]} {word}" for word in ("skipped", "FAILED") if counts[word]]
    return ", ".join([str(counts["passed"]), *further])


def _skips(results: Results) -> Iterator[str]:
    """Yield a line for each client and reason: how many cases, and which when they are few."""
    for client, cells in results.items():
        for reason in dict.fromkeys(cell.skipped for cell in cells if cell.skipped):
            names = [cell.name for cell in cells if cell.skipped == reason]
            which = f" ({', '.join(names)})" if len(names) <= 5 else ""
            yield f"{client} skips {len(names)}{which}: {reason}"
