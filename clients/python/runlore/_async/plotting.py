"""Metrics read and drawn."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from runlore import _plots, v1
from runlore._async_tools import call_in_thread, for_each
from runlore._curves import DRAWN_POINTS
from runlore.comparing import labels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from runlore._async.tracking import TrackingMethods

_AT_ONCE = 8


async def get_runs(client: TrackingMethods, run_ids: Sequence[str]) -> list[v1.Run]:
    """Return runs in the order of their ids; raises NotFoundError."""
    found: dict[str, v1.Run] = {}

    async def get(run_id: str) -> None:
        found[run_id] = await client.get_run(run_id)

    await for_each(run_ids, get, at_once=_AT_ONCE)
    return [found[run_id] for run_id in run_ids]


async def plot(
    client: TrackingMethods,
    run_ids: Sequence[str],
    path: str | os.PathLike[str] | None,
    keys: Sequence[str] | None,
    x: Literal["step", "time"],
) -> Figure:
    """Do what `Client.plot` says."""
    # Before anything is fetched, it says what is missing or wrong.
    _plots.check(x, path)
    runs = await get_runs(client, run_ids)
    drawn = await client.metric_history(run_ids, keys or (), max_points=DRAWN_POINTS) if runs else []
    return await call_in_thread(_plots.draw, runs, labels(runs), drawn, keys=keys, x=x, path=path)
