"""The client: everything that the package's functions do, on one connection."""

from __future__ import annotations

import os

from runlore import _settings
from runlore._async.comparison import ComparingMethods
from runlore._async.logged_models import LoggedModelMethods
from runlore._async.syncing import SyncMethods
from runlore._async_tools import shared

__all__ = ["Client", "connect", "default_client"]


class Client(ComparingMethods, LoggedModelMethods, SyncMethods):
    """A client of one server. Make one with `connect`, and close it, or use it as a context manager."""

    def __repr__(self) -> str:
        return f"<runlore client of {self.settings.address} as {self.settings.actor}>"


def connect(
    address: str | None = None,
    *,
    tls: bool | None = None,
    ca: str | os.PathLike[str] | None = None,
    workspace: str | None = None,
    actor: str | None = None,
    timeout: float = 30.0,
    mode: str | None = None,
) -> Client:
    """Return a client of the server at `address` (`host:port`); it connects with its first call.

    What is None comes from `RUNLORE_ADDRESS` (else 127.0.0.1:7410), `RUNLORE_TLS` (else TLS to anything but
    loopback), `RUNLORE_CA` (a file of PEM certificates; else the system's), `RUNLORE_WORKSPACE` (else the server's
    default), `RUNLORE_ACTOR` (`user:alice`; else the login name) and `RUNLORE_MODE` ("online", or "offline": whatever
    is recorded stays on this machine until `runlore sync`). `timeout` is for each call with its retries, in seconds.
    Raises InvalidArgumentError.
    """
    return Client(_settings.load(address, tls=tls, ca=ca, workspace=workspace, actor=actor, timeout=timeout, mode=mode))


def default_client() -> Client:
    """Return the client that the package's functions use: of the server that the environment names now."""
    settings = _settings.load()
    return shared(settings, lambda: Client(settings))
