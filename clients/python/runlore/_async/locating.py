"""From a reference to the manifest behind it."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runlore import v1
from runlore._async import heads
from runlore._references import Source
from runlore.errors import NotFoundError

if TYPE_CHECKING:
    from runlore._async.connection import Connection


@dataclass(frozen=True)
class Located:
    """The manifest of what a reference means."""

    digest: str
    #: Of a reference to a single file, its name within the manifest; else empty.
    file: str = ""
    #: Of a model: its version; else 0.
    version: int = 0


async def locate(
    client: Connection,
    source: Source,
    timeout: float | None = None,  # noqa: ASYNC109
    *,
    accept_head: bool = False,
) -> Located:
    """Ask the server; raises NotFoundError, IntegrityError. `timeout` is for each call, in seconds."""
    version = 0
    request = v1.GetManifestRequest(path=source.path, page_size=1)
    if source.model:
        asked = v1.ResolveRequest(reference=source.model)
        answer = await heads.resolve(client, asked, accept=accept_head, timeout=timeout)
        version = answer.model_version.version
        request.manifest_digest = answer.model_version.manifest_digest
    elif source.manifest_digest:
        request.manifest_digest = source.manifest_digest
    else:
        request.run_id = source.run_id
    if request.manifest_digest and not source.path:
        return Located(request.manifest_digest, version=version)
    response = await client.artifacts.GetManifest(request, timeout=timeout)
    name = source.path.rpartition("/")[2]
    if (
        response.manifest.file_count == 1
        and response.files[0].path == name
        and await _is_file(client, request, name, timeout)
    ):
        return Located(response.manifest.digest, name, version)
    return Located(response.manifest.digest, version=version)


async def _is_file(
    client: Connection,
    request: v1.GetManifestRequest,
    name: str,
    timeout: float | None,  # noqa: ASYNC109
) -> bool:
    """Whether the path is a file. Its manifest is that of a folder that holds a file of the folder's own name."""
    inside = copy.deepcopy(request)
    inside.path = f"{request.path}/{name}"
    try:
        await client.artifacts.GetManifest(inside, timeout=timeout)
    except NotFoundError:
        return True
    return False
