"""Files as load: what the SDK and the bare `minio` client do with them, in a process of their own."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import minio
import urllib3

import runlore
import runlore.v1
from runlore import _references
from runlore._sync import pulls, pushes
from tests.bench.orders import Order, serve

#: As many parts at once as the SDK has.
PARALLEL = 8
PART = 16 * 1024 * 1024
_PIECE = 1024 * 1024


def push(order: Order) -> Order:
    """Push a folder or file as a version of a model."""
    with runlore.connect(order["server"]) as client:
        done = pushes.push(client, order["path"], order["model"], rehash=order.get("rehash", False))
    return {"version": done.version.version, "moved": done.transfer.moved, "saved": done.transfer.saved}


def pull(order: Order) -> Order:
    """Pull a reference, into the cache."""
    with runlore.connect(order["server"]) as client:
        client.server.GetServerInfo(runlore.v1.GetServerInfoRequest())
        began = time.perf_counter()
        done = pulls.pull(client, _references.parse("ref", order["ref"]), None, verify=order.get("verify", False))
        return {"path": str(done.path), "moved": done.transfer.moved, "pulled_in": time.perf_counter() - began}


def forget(order: Order) -> Order:
    """Empty the cache."""
    shutil.rmtree(os.environ["RUNLORE_CACHE"], ignore_errors=True)
    return {}


def raw_put(order: Order) -> Order:
    """Upload a file's parts as objects; the client hashes each to sign it, and the whole is hashed beside."""
    client, path = _client(order), Path(order["path"])

    def send(number: int) -> None:
        with path.open("rb") as file:
            file.seek(number * PART)
            data = file.read(PART)
        client.put_object(order["bucket"], f"raw/{order['name']}/{number}", io.BytesIO(data), len(data), part_size=PART)

    whole = threading.Thread(target=_hash, args=(path,))
    whole.start()
    _each(send, path.stat().st_size)
    whole.join()
    return {}


def raw_get(order: Order) -> Order:
    """Download the parts into a file; each is hashed as it comes, and the whole as they are complete."""
    client, path = _client(order), Path(order["path"])
    with path.open("wb") as file:
        file.truncate(order["size"])
    came = [threading.Event() for _ in range(-(-order["size"] // PART))]

    def fetch(number: int) -> None:
        response = client.get_object(order["bucket"], f"raw/{order['name']}/{number}")
        digest = hashlib.sha256()
        with path.open("r+b", buffering=0) as file:
            file.seek(number * PART)
            while piece := response.read(_PIECE):
                digest.update(piece)
                file.write(piece)
        response.release_conn()
        came[number].set()

    def follow() -> None:
        digest = hashlib.sha256()
        with path.open("rb", buffering=0) as file:
            for event in came:
                event.wait()
                for _ in range(PART // _PIECE):
                    digest.update(file.read(_PIECE))

    whole = threading.Thread(target=follow)
    whole.start()
    _each(fetch, order["size"])
    whole.join()
    return {}


def _client(order: Order) -> minio.Minio:
    url = urlsplit(order["endpoint"])
    return minio.Minio(
        url.netloc,
        access_key=order["access_key"],
        secret_key=order["secret_key"],
        region=order["region"],
        secure=url.scheme == "https",
        http_client=urllib3.PoolManager(maxsize=PARALLEL),
    )


def _each(work: Callable[[int], None], size: int) -> None:
    with ThreadPoolExecutor(PARALLEL) as threads:
        list(threads.map(work, range(-(-size // PART))))


def _hash(path: Path) -> None:
    with path.open("rb") as file:
        hashlib.file_digest(file, "sha256")


WORK: dict[str, Callable[[Order], Order]] = {work.__name__: work for work in (push, pull, forget, raw_put, raw_get)}


def _memory(name: str) -> int:
    """Return a figure of this process's memory, in bytes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def _answer(order: Order) -> Order:
    # The highest that it gets from here on.
    Path("/proc/self/clear_refs").write_text("5")
    began = time.perf_counter()
    done = WORK[order["work"]](order)
    return {**done, "seconds": time.perf_counter() - began, "grown": _memory("VmHWM") - _IMPORTED}


if __name__ == "__main__":
    # What the SDK needs in any case is imported; what the minio client needs, too.
    _IMPORTED = _memory("VmRSS")
    serve(_answer)
