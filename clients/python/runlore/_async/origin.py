"""Finding out how runs came about: the tags, the files and the packages that the client captured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runlore import v1
from runlore._origin import CAPTURED, PACKAGES, Context, own, versions
from runlore.errors import NotFoundError

if TYPE_CHECKING:
    from runlore._async.comparison import ComparingMethods


async def of_version(client: ComparingMethods, version: v1.ModelVersion) -> Context:
    """Return what was frozen with a version; of a child run, which has none of its own, what its parent has now."""
    return await _or_above(client, version.run_id, own(version.evidence.tags), version.run_id)


async def of_run(client: ComparingMethods, run: v1.Run) -> Context:
    """Return a run's own context; of a child, which has none, that of the closest run above it that has one."""
    return await _or_above(client, run.run_id, own(run.tags), run.parent_run_id)


async def _or_above(client: ComparingMethods, run_id: str, tags: dict[str, str], above: str) -> Context:
    try:
        while not tags and above:
            run = await client.get_run(above)
            run_id, tags, above = run.run_id, own(run.tags), run.parent_run_id
    except NotFoundError:
        # It was purged.
        pass
    return Context(tags, run_id if tags else "")


async def captured(client: ComparingMethods, run_id: str) -> list[v1.FileEntry]:
    """Return what a run has of its code and packages: the diff, and the list of packages."""
    try:
        return await client.artifact_files(f"runs:/{run_id}/{CAPTURED}") if run_id else []
    except NotFoundError:
        return []


async def packages(client: ComparingMethods, run_id: str) -> dict[str, str]:
    """Return the versions of a run's packages by name; none when they were not captured."""
    try:
        async with await client.open_artifact(f"runs:/{run_id}/{CAPTURED}/{PACKAGES}") as file:
            return versions((await file.read()).decode())
    except NotFoundError:
        return {}
