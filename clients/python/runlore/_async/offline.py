"""Stands in for the way to a server while there is none: requests are kept, or refused."""

from __future__ import annotations

from typing import Any

from runlore import _offline
from runlore._async.transport import Transport
from runlore._async_tools import call_in_thread
from runlore._settings import Settings

__all__ = ["OfflineTransport"]


class OfflineTransport(Transport):
    """Answers what a run's handle asks of a server by keeping it for `runlore sync`; the rest is an OfflineError."""

    def unary_unary(self, method: str, *_: Any, **__: Any) -> Any:
        """Return a method's callable (the interface that stubs use)."""
        return _Kept(self.settings, method)

    def unary_stream(self, method: str, *_: Any, **__: Any) -> Any:
        """Return a method's callable (the interface that stubs use)."""
        return _Refused(method)

    def stream_unary(self, method: str, *_: Any, **__: Any) -> Any:
        """Return a method's callable (the interface that stubs use)."""
        return _Refused(method)

    def stream_stream(self, method: str, *_: Any, **__: Any) -> Any:
        """Return a method's callable (the interface that stubs use)."""
        return _Refused(method)


class _Kept:
    def __init__(self, settings: Settings, method: str) -> None:
        self._settings = settings
        self._method = method

    async def __call__(self, request: Any, timeout: float | None = None, metadata: Any = None) -> Any:  # noqa: ASYNC109
        return await call_in_thread(_offline.keep, self._settings, self._method, request)


class _Refused:
    def __init__(self, method: str) -> None:
        self._method = method

    def __call__(self, *_: Any, **__: Any) -> Any:
        raise _offline.needs_a_server(self._method)
