"""Datasets to log with a run: `run.log_input(runlore.data.from_file("train.csv"), context="training")`.

Each function looks at data and returns a `runlore.v1.Dataset`: what it is called, where it is, and a digest that tells
this state of it from any other. None of them uploads the data. They block, also beside `runlore.aio`.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from runlore import _dvc, _files, _frame_digest, v1
from runlore._context import masking
from runlore._hashing import hash_all
from runlore.errors import UnavailableError, invalid_field
from runlore.manifest import Tree

__all__ = ["from_dataframe", "from_dvc", "from_file", "from_folder", "from_url"]

#: Characters of a schema's columns, well under what the contract takes.
_SCHEMA_CHARACTERS = 500_000


def from_file(path: str | os.PathLike[str], *, name: str = "", source: str = "") -> v1.Dataset:
    """Describe a file; the digest is the sha256 of its bytes.

    `name` is the file's own unless given, `source` its absolute path. Raises FileNotFoundError, InvalidArgumentError.
    """
    if Path(path).is_dir():
        raise invalid_field("path", f"'{path}' is a folder: use from_folder")
    ((entry,), _) = hash_all(_files.scan(path, None, keep_name=True))
    return _local(path, entry.sha256, name, source, {"bytes": entry.size})


def from_folder(path: str | os.PathLike[str], *, name: str = "", source: str = "") -> v1.Dataset:
    """Describe a folder; the digest is that of its manifest, as if it were logged as an artifact.

    It covers the files' paths, bytes and executable bits. `name` and `source` as of `from_file`. Raises
    FileNotFoundError, NotADirectoryError, InvalidArgumentError (no files, a link that leads out of it).
    """
    manifest = Tree.of(hash_all(_files.scan(path, None, keep_name=False))[0]).manifest()
    return _local(path, manifest.digest, name, source, {"bytes": manifest.size, "files": manifest.file_count})


def from_dataframe(
    df: Any, *, name: str = "dataframe", source: str = "", source_type: str = "", digest: str = ""
) -> v1.Dataset:
    """Describe a DataFrame of pandas or polars; the digest covers its columns' names, types and values in their order.

    Equal frames have equal digests however they lie in memory; a pandas index is left out (`reset_index` makes it
    count). `source` says where the data is from. The schema has the columns and their types, the profile their number
    and that of the rows. Values of types without a digest are refused, unless `digest` is given. Raises
    InvalidArgumentError.
    """
    frame = _frame_digest.read(df)
    return v1.Dataset(
        name=name,
        digest=digest or _frame_digest.digest(frame),
        source_type=source_type or (frame.library if not source else "local"),
        source=source,
        schema=_schema(frame.columns),
        profile=json.dumps({"rows": frame.rows, "columns": len(frame.columns)}),
    )


def from_dvc(path: str | os.PathLike[str], *, name: str = "") -> v1.Dataset:
    """Describe a path that DVC tracks, by `<path>.dvc` or a dvc.lock; the digest is DVC's md5.

    Neither DVC nor its remote is needed, nor the data itself. `path` may name the `.dvc` file. Raises
    FileNotFoundError when DVC has no record of it, InvalidArgumentError when the record has no md5.
    """
    tracked, entry = _dvc.find(Path(path))
    counts = {"bytes": entry.get("size", ""), "files": entry.get("nfiles", "")}
    return v1.Dataset(
        name=name or tracked.name,
        digest=entry["md5"],
        source_type="dvc",
        source=tracked.as_posix(),
        profile=_json({key: int(count) for key, count in counts.items() if count.isdecimal()}),
    )


def from_url(url: str, *, name: str = "", timeout: float = 30.0) -> v1.Dataset:
    """Describe what a URL names; the digest is the ETag of its server's answer to HEAD.

    The URL is recorded without credentials and without its query, which may hold a signature. `name` is the last part
    of its path unless given. Raises InvalidArgumentError when there is nothing or the answer has no ETag,
    UnavailableError when the server cannot be reached within `timeout` seconds.
    """
    parsed = urllib.parse.urlsplit(url)
    if parsed.scheme not in ("http", "https") or not parsed.hostname:
        raise invalid_field("url", "give one that begins with http:// or https://")
    shown = masking.without_credentials(parsed._replace(query="", fragment="").geturl())
    request = urllib.request.Request(url, method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            headers = answer.headers
    except urllib.error.HTTPError as error:
        error.close()
        if error.code >= 500:
            raise UnavailableError(f"{shown} answered with status {error.code}") from None
        raise invalid_field("url", f"{shown} answered with status {error.code}") from None
    except OSError as error:
        raise UnavailableError(f"{shown} cannot be reached: {getattr(error, 'reason', error)}") from None
    etag = (headers.get("ETag") or "").strip()
    if not etag.strip('W/"'):
        raise invalid_field("url", f"{shown} has no ETag: download it and use from_file, which hashes it")
    size = headers.get("Content-Length") or ""
    profile: dict[str, Any] = {"bytes": int(size)} if size.isdecimal() else {}
    if modified := headers.get("Last-Modified"):
        profile["last_modified"] = modified
    return v1.Dataset(
        name=name or urllib.parse.unquote(parsed.path).strip("/").rpartition("/")[2] or parsed.hostname,
        digest=etag.replace('"', ""),
        source_type=parsed.scheme,
        source=shown,
        profile=_json(profile),
    )


def _local(path: str | os.PathLike[str], digest: str, name: str, source: str, counts: dict[str, int]) -> v1.Dataset:
    full = Path(path).resolve()
    return v1.Dataset(
        name=name or full.name,
        digest=digest,
        source_type="local",
        source=source or str(full),
        profile=_json(counts),
    )


def _json(fields: dict[str, Any]) -> str:
    return json.dumps(fields) if fields else ""


def _schema(columns: Iterable[_frame_digest.Column]) -> str:
    """The columns as JSON; the last ones are counted only when there are too many."""
    shown: list[dict[str, str]] = []
    left_out = characters = 0
    for column in columns:
        entry = {"name": str(column.name), "type": column.dtype}
        characters += len(json.dumps(entry)) + 2
        if characters <= _SCHEMA_CHARACTERS:
            shown.append(entry)
        else:
            left_out += 1
    return json.dumps({"columns": shown} | ({"left_out": left_out} if left_out else {}))
