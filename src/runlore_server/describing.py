"""What server reflection tells of the contract."""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pool


class Descriptors:
    """The descriptors of this process, also by the names of methods.

    Reflection's clients may ask for the file of `<package>.<service>.<method>`, as its protocol says and as ghz does;
    protobuf's pool knows a method by its service only.
    """

    def __init__(self, pool: descriptor_pool.DescriptorPool) -> None:
        """Describe what `pool` has."""
        self._pool = pool

    def __getattr__(self, name: str) -> Any:
        """Look everything else up in the pool."""
        return getattr(self._pool, name)

    def FindFileContainingSymbol(self, symbol: str) -> Any:
        """Return the file that declares a symbol; raises KeyError."""
        try:
            return self._pool.FindFileContainingSymbol(symbol)
        except KeyError:
            return self._pool.FindMethodByName(symbol).containing_service.file
