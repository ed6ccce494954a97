"""A pull, from a reference to a local folder; from the last good copy when the registry is down."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from runlore import _settings
from runlore._async import downloads
from runlore._async.locating import Located, locate
from runlore._async_tools import call_in_thread
from runlore._cache import Cache, last_good
from runlore._progress import Counting, Report, Transfer
from runlore._references import Source
from runlore.errors import DeadlineError, RunloreError, UnavailableError

if TYPE_CHECKING:
    from runlore._async.connection import Connection

log = logging.getLogger("runlore")

#: Seconds for the registry to answer when there is a copy to boot from: a restart takes less.
_PATIENCE = 10.0


@dataclass(frozen=True)
class Pulled:
    """What came of a pull."""

    path: Path
    manifest_digest: str
    #: Of a model: its version; else 0.
    version: int
    #: Whether the registry was down, and these are the files of the last pull.
    stale: bool
    transfer: Transfer


async def pull(
    client: Connection,
    source: Source,
    dest: Path | None,
    *,
    verify: bool = False,
    link: bool = False,
    fallback: bool = True,
    accept_head: bool = False,
    report: Report | None = None,
) -> Pulled:
    """Do what `Client.pull` says."""
    cache = Cache(_settings.cache_folder())
    settings = client.settings
    last = last_good.load(cache.root, settings.address, settings.workspace, source.text) if fallback else None
    counting = Counting(report)
    stale = False
    try:
        patience = None if last is None else min(_PATIENCE, settings.timeout)
        found = await locate(client, source, patience, accept_head=accept_head)
    except (UnavailableError, DeadlineError) as error:
        found = await _boot_from(cache, last, source, error, verify=verify)
        stale = True
        folder = cache.tree(found.digest)
    else:
        folder = await downloads.fetch(client, "", found.digest, verify=verify, counting=counting)
        outcome = last_good.LastGood(source.text, found.digest, found.file, found.version, time.time())
        await call_in_thread(last_good.keep, cache.root, settings.address, settings.workspace, outcome)
    if dest is not None:
        await call_in_thread(cache.copy_out, found.digest, dest, link=link, rehash=verify)
        folder = dest
    path = folder / found.file if found.file else folder
    return Pulled(path, found.digest, found.version, stale, counting.transfer)


async def _boot_from(
    cache: Cache, last: last_good.LastGood | None, source: Source, error: RunloreError, *, verify: bool
) -> Located:
    """Return what the reference stood for at its last pull, if every byte of that is here; else raise the error."""
    if last is None:
        raise error
    when = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(last.time))
    if await call_in_thread(cache.verified, last.digest, rehash=verify) is None:
        error.add_note(f"runlore: the copy of {source.text} that was pulled at {when} is gone or damaged")
        raise error
    what = f"version {last.version}, " if last.version else ""
    log.warning(
        "THE REGISTRY IS DOWN: going on with the last good copy of %s (%spulled at %s, manifest %s), "
        "which may be out of date: %s",
        *(source.text, what, when, last.digest[:12], error),
    )
    return Located(last.digest, last.file, last.version)
