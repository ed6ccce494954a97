"""A push, from a local folder to a model's next version, without a run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runlore import _files, v1
from runlore._async import uploads
from runlore._async_tools import call_in_thread
from runlore._progress import Counting, Report, Transfer
from runlore._words import strings

if TYPE_CHECKING:
    from runlore._async.registry import RegistryMethods


@dataclass(frozen=True)
class Pushed:
    """What came of a push."""

    version: v1.ModelVersion
    transfer: Transfer


async def push(
    client: RegistryMethods,
    path: str | os.PathLike[str],
    model_name: str,
    *,
    description: str = "",
    tags: Mapping[str, object] | None = None,
    rehash: bool = False,
    report: Report | None = None,
) -> Pushed:
    """Do what `Client.push` says."""
    counting = Counting(report)
    files = await call_in_thread(_scan, path)
    entries = await uploads.send_files(client, "", files, counting, rehash=rehash)
    manifest = await uploads.create_manifest(client, "", entries)
    version = await client.create_version(
        v1.CreateModelVersionRequest(
            model_name=model_name, manifest_digest=manifest.digest, description=description, tags=strings(tags)
        )
    )
    return Pushed(version, counting.transfer)


def _scan(path: str | os.PathLike[str]) -> list[_files.LocalFile]:
    return _files.scan(path, None, keep_name=not os.path.isdir(path))
