"""Runs side by side: fetched, drawn and reported."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from runlore import _origin, _words, v1
from runlore._async import origin, plotting
from runlore._async.artifacts import ArtifactMethods
from runlore._async.run import Run
from runlore._async.tracking import TrackingMethods
from runlore._async_tools import call_in_thread, for_each
from runlore._replacing import replacing
from runlore.comparing import Best, Compared, SideBySide, directions
from runlore.errors import NotFoundError, invalid_field

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: The most that one comparison takes.
MAX_RUNS = 1_000
_AT_ONCE = 8
#: Points of a series in a report: its panels are small, and a page of many runs and metrics has to stay light.
_REPORT_POINTS = 400


class Comparison(Compared):
    """What `compare` returns; metrics' series are fetched when they are drawn."""

    def __init__(self, client: ComparingMethods, found: Compared) -> None:
        """Use `compare`."""
        super().__init__(**vars(found))
        self._client = client

    async def plot(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        keys: Sequence[str] | None = None,
        x: Literal["step", "time"] = "step",
    ) -> Figure:
        """Draw the runs' metrics as `Client.plot` does."""
        return await plotting.plot(self._client, [run.run_id for run in self.runs], path, keys, x)

    async def to_html(self, path: str | os.PathLike[str] | None = None) -> str:
        """Return a report in HTML: one file that needs no other, light and dark, for the screen and for paper.

        With `path`, it is written there, in place of what is there.
        """
        # The page is the command's: `runlore runs compare --html`.
        from runlore.cli import comparison_page

        series = await self._client.metric_history([run.run_id for run in self.runs], max_points=_REPORT_POINTS)
        page = comparison_page.html(self, series)
        if path is not None:
            await call_in_thread(_write, Path(path), page)
        return page


class ComparingMethods(TrackingMethods, ArtifactMethods):
    """What a client does with several runs at once."""

    async def plot(
        self,
        runs: Run | v1.Run | str | Iterable[Run | v1.Run | str],
        path: str | os.PathLike[str] | None = None,
        *,
        keys: Sequence[str] | None = None,
        x: Literal["step", "time"] = "step",
    ) -> Figure:
        """Draw the metrics of a run or of several, a panel each, and return the figure (matplotlib's).

        With `path` it is written there too; its ending is .png, .svg or .pdf. `keys` says which metrics and in which
        order (None: all of them), `x` what is to the right: the step, or the time since each run's start. Matplotlib's
        global state stays as it is. Raises RunloreError without it (`pip install runlore[plot]`), NotFoundError, and
        InvalidArgumentError when there is nothing to draw.
        """
        listed = [runs] if isinstance(runs, (Run, v1.Run, str)) else list(runs)
        return await plotting.plot(self, _ids(listed), path, keys, x)

    async def compare(self, runs: Iterable[Run | v1.Run | str], *, best: Best | None = None) -> Comparison:
        """Compare runs (handles, runs or ids): params, metrics, code, data, environment and packages.

        `best` says which way metrics get better, as `{"val_auc": "max"}`, "max:val_auc" or a list of such words.
        Without it, it is what the tag `runlore.sweep.best` of the runs or of their parents says; the direction of other
        metrics is never guessed. Raises InvalidArgumentError (fewer than two runs, more than 1,000) and NotFoundError.
        """
        ids = _ids(runs)
        if not 2 <= len(ids) <= MAX_RUNS:
            raise invalid_field("runs", f"are {len(ids)} different ones: give from 2 to {MAX_RUNS:,}")
        wanted = directions(best)
        compared = await plotting.get_runs(self, ids)
        contexts = await _contexts(self, compared)
        if best is None:
            wanted = directions(sorted(await _sweeps_best(self, compared)))
        files = await _captured(self, sorted({c.run_id for c in contexts if c.run_id}))
        code = [{**c.code, **_diff(files.get(c.run_id, []))} for c in contexts]
        packages = await _packages(self, files)
        return Comparison(
            self,
            Compared(
                runs=compared,
                params=SideBySide.of([run.params for run in compared]),
                code=SideBySide.of([_origin.comparable(tags) for tags in code]),
                data=SideBySide.of([_origin.data(run.dataset_inputs) for run in compared]),
                environment=SideBySide.of([_origin.comparable(c.surroundings) for c in contexts]),
                packages=SideBySide.of([packages.get(c.run_id, {}) for c in contexts]),
                directions=wanted,
            ),
        )


def _ids(runs: Iterable[Run | v1.Run | str]) -> list[str]:
    return list(dict.fromkeys(run if isinstance(run, str) else run.run_id for run in runs))


async def _contexts(client: ComparingMethods, runs: Sequence[v1.Run]) -> list[_origin.Context]:
    """Return the runs' contexts; siblings ask for that of their parent once."""
    above: dict[str, _origin.Context] = {}
    found = []
    for run in runs:
        if _origin.own(run.tags) or not run.parent_run_id:
            found.append(await origin.of_run(client, run))
            continue
        if run.parent_run_id not in above:
            above[run.parent_run_id] = await origin.of_run(client, run)
        found.append(above[run.parent_run_id])
    return found


async def _sweeps_best(client: ComparingMethods, runs: Sequence[v1.Run]) -> set[str]:
    """Return what the runs or their parents have as the tag `runlore.sweep.best`."""
    said = {run.tags.get(_words.SWEEP_BEST, "") for run in runs}
    for parent in {run.parent_run_id for run in runs} - {""}:
        try:
            said.add((await client.get_run(parent)).tags.get(_words.SWEEP_BEST, ""))
        except NotFoundError:
            # It was purged.
            continue
    return said - {""}


async def _captured(client: ComparingMethods, run_ids: Sequence[str]) -> dict[str, list[v1.FileEntry]]:
    found: dict[str, list[v1.FileEntry]] = {}

    async def get(run_id: str) -> None:
        found[run_id] = await origin.captured(client, run_id)

    await for_each(run_ids, get, at_once=_AT_ONCE)
    return found


async def _packages(client: ComparingMethods, files: dict[str, list[v1.FileEntry]]) -> dict[str, dict[str, str]]:
    """Return the packages by the run that has their list; lists of one digest are read once."""
    digests = {
        run_id: file.sha256 for run_id, listed in files.items() for file in listed if file.path == _origin.PACKAGES
    }
    read: dict[str, dict[str, str]] = {}

    async def get(item: tuple[str, str]) -> None:
        digest, run_id = item
        read[digest] = await origin.packages(client, run_id)

    await for_each({digest: run_id for run_id, digest in digests.items()}.items(), get, at_once=_AT_ONCE)
    return {run_id: read[digest] for run_id, digest in digests.items()}


def _diff(files: Sequence[v1.FileEntry]) -> dict[str, str]:
    """Return which uncommitted changes there were: two runs of one commit may still differ in them."""
    digest = next((file.sha256[:12] for file in files if file.path == _origin.DIFF), None)
    return {} if digest is None else {_origin.DIFF: digest}


def _write(path: Path, text: str) -> None:
    with replacing(path) as new:
        new.write_text(text, encoding="utf-8")
