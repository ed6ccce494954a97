"""Refusals about manifests and blobs, and what the blob store cannot do."""

from __future__ import annotations

from collections.abc import Sequence

from grpc import StatusCode

from runlore import v1
from runlore_server.errors.base import RunloreError, Violation


def manifest_not_found(digest: str) -> RunloreError:
    """No manifest of that digest is stored."""
    return RunloreError(
        v1.ERROR_REASON_MANIFEST_NOT_FOUND,
        StatusCode.NOT_FOUND,
        f"no manifest with the digest {digest}",
        {"manifest_digest": digest},
    )


def artifact_not_found(path: str, where: str) -> RunloreError:
    """Nothing is stored at that path; `where` names the run or manifest."""
    what = f"no artifact at '{path}'" if path else "no artifacts"
    return RunloreError(v1.ERROR_REASON_ARTIFACT_NOT_FOUND, StatusCode.NOT_FOUND, f"{what} in {where}", {"path": path})


def blob_missing(digests: Sequence[str]) -> RunloreError:
    """Files name blobs that are not stored."""
    return RunloreError(
        v1.ERROR_REASON_BLOB_MISSING,
        StatusCode.FAILED_PRECONDITION,
        f"{len(digests)} blob(s) of these files are not stored, first {digests[0]}: upload them, then call again",
        {"missing": str(len(digests)), "first": digests[0]},
    )


def blob_not_found(sha256: str) -> RunloreError:
    """No blob of that digest is stored."""
    return RunloreError(
        v1.ERROR_REASON_BLOB_NOT_FOUND, StatusCode.NOT_FOUND, f"no blob with the sha256 {sha256}", {"sha256": sha256}
    )


def digest_mismatch(sha256: str, size: int, actual_sha256: str, actual_size: int) -> RunloreError:
    """The bytes are not those that were announced."""
    return RunloreError(
        v1.ERROR_REASON_DIGEST_MISMATCH,
        StatusCode.INVALID_ARGUMENT,
        f"announced {size} bytes of sha256 {sha256}, received {actual_size} bytes of sha256 {actual_sha256}: "
        "nothing was stored",
        {
            "sha256": sha256,
            "actual_sha256": actual_sha256,
            "size": str(size),
            "actual_size": str(actual_size),
        },
    )


def upload_offset_mismatch(sha256: str, offset: int, kept: int) -> RunloreError:
    """An upload goes on from bytes that are not kept."""
    rule = f"is {offset}, and {kept} bytes are kept of the blob {sha256}: go on from there, or from 0"
    return RunloreError(
        v1.ERROR_REASON_UPLOAD_OFFSET_MISMATCH,
        StatusCode.FAILED_PRECONDITION,
        f"offset: {rule}",
        {"sha256": sha256, "offset": str(offset), "kept_bytes": str(kept)},
        [Violation("offset", rule)],
    )


def path_conflict(field_name: str, path: str, description: str) -> RunloreError:
    """A path would be both a file and a folder, or one name with another."""
    return RunloreError(
        v1.ERROR_REASON_PATH_CONFLICT,
        StatusCode.INVALID_ARGUMENT,
        f"{field_name}: {description}",
        {"path": path},
        [Violation(field_name, description)],
    )


def blob_store_unavailable(what: str) -> RunloreError:
    """The object store does not answer; `what` says what was tried, without keys or signed URLs."""
    return RunloreError(
        v1.ERROR_REASON_BLOB_STORE_UNAVAILABLE,
        StatusCode.UNAVAILABLE,
        f"the server's artifact store failed: {what}; try again in a moment",
        retry_after=1.0,
    )


def blob_store_misconfigured(what: str, answer: str, cure: str) -> RunloreError:
    """The object store answers, and refuses the server with `answer`; `cure` is for who runs the server."""
    return RunloreError(
        v1.ERROR_REASON_BLOB_STORE_MISCONFIGURED,
        StatusCode.FAILED_PRECONDITION,
        f"the server's artifact store refused it: {what}: {answer}. Whoever runs the server must act: {cure}",
        {"answer": answer},
    )


def blob_store_full() -> RunloreError:
    """The object store has no room left."""
    return RunloreError(
        v1.ERROR_REASON_BLOB_STORE_FULL,
        StatusCode.RESOURCE_EXHAUSTED,
        "the server's artifact store has no room left and stored nothing; whoever runs the server can free some "
        "(runlore-server gc) or add some, then try again",
    )
