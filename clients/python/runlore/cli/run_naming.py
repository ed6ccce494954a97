"""Which run an argument means: an id, the beginning of one, or `runs:/ID`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from runlore.cli import output

if TYPE_CHECKING:
    import runlore

#: Fewer digits would be the beginning of too many ids: they begin with the time.
_LEAST = 4
_ID = re.compile(r"[0-9a-f]{32}")
_PREFIX = re.compile(rf"[0-9a-f]{{{_LEAST},31}}")
_SHOWN = 5


def run_id_of(client: runlore.Client, text: str) -> str:
    """Return the id of the run that is meant; deleted ones count too.

    Raises a usage error for what is no id and for a beginning that several ids have, and NotFoundError for one that
    none has. Whether a whole id exists is left to whoever uses it.
    """
    from runlore import v1
    from runlore.errors import NotFoundError

    digits = text.removeprefix("runs:/").lower().replace("-", "")
    if _ID.fullmatch(digits):
        return digits
    if not _PREFIX.fullmatch(digits):
        raise click.UsageError(
            f"run_id: '{output.clean(text)}' names no run: write its id, 32 hex digits, or at least the first {_LEAST}"
        )
    request = v1.SearchRunsRequest(
        filter=f"run_id LIKE '{digits}%'", lifecycle_view=v1.LIFECYCLE_VIEW_ALL, page_size=_SHOWN + 1
    )
    request.read_mask.paths.extend(["name"])
    found: list[v1.Run] = []
    while len(found) < 2:
        page = client.tracking.SearchRuns(request)
        found += page.runs
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token
    if not found:
        raise NotFoundError(f"no run's id begins with {digits}", reason="RUN_NOT_FOUND")
    if len(found) > 1:
        listed = [f"{run.run_id} ({output.clean(run.name)})" for run in found[:_SHOWN]]
        rest = ["…"] if len(found) > _SHOWN else []
        raise click.UsageError(f"several runs' ids begin with {digits}: {', '.join(listed + rest)}")
    return found[0].run_id
