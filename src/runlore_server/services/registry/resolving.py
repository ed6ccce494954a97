"""What a reference resolves to."""

from __future__ import annotations

import re
from typing import Any

from runlore import v1
from runlore_server import calls, errors
from runlore_server.blob import BlobStore
from runlore_server.db import Connection, Database
from runlore_server.pages import PageTokens
from runlore_server.sequencer import Sequencer
from runlore_server.services import downloads
from runlore_server.services.base import Methods
from runlore_server.store import aliases, manifests

_REFERENCE = re.compile(r"models:/(?P<name>[^/:@]+)(?:@(?P<alias>[A-Za-z0-9_-]+)|/(?P<version>[1-9]\d{0,17}))")


class ResolveMethods(Methods):
    """The methods that resolve references."""

    def __init__(self, db: Database, blobs: BlobStore, pages: PageTokens, sequencer: Sequencer) -> None:
        """Serve from a database; `blobs` signs download URLs, `sequencer` is told of every change."""
        super().__init__(db, pages, sequencer)
        self._blobs = blobs

    async def Resolve(self, request: v1.ResolveRequest, context: Any) -> v1.ResolveResponse:
        """Answer from one snapshot of the database, so never older than what was acknowledged before."""
        workspace = calls.current().workspace(request.workspace)
        reference = parse_reference(request.reference)

        async def work(conn: Connection) -> v1.ResolveResponse:
            response = await aliases.resolve(conn, workspace, reference)
            if request.include_files:
                manifest = await manifests.get(conn, response.model_version.manifest_digest)
                response.files.extend(await downloads.page(conn, manifest, 0, 0, request.include_urls))
                if len(response.files) < manifest.file_count:
                    rest = v1.GetManifestRequest(
                        workspace=request.workspace,
                        manifest_digest=manifest.digest,
                        include_urls=request.include_urls,
                    )
                    response.files_page_token = self._pages.encode(rest, [manifest.digest, len(response.files)])
            return response

        response = await self._db.read(work)
        if request.include_urls:
            await downloads.sign_urls(self._blobs, response.files)
        return response


def parse_reference(text: str) -> aliases.Reference:
    """Take a model reference apart; raises INVALID_FIELD."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        raise errors.invalid_field(
            "reference", f"must be models:/<name>@<alias> or models:/<name>/<version> (got '{text}')"
        )
    version = match["version"]
    return aliases.Reference(match["name"], match["alias"], int(version) if version else None)
