"""Registered models: all that a client does with them."""

from __future__ import annotations

from runlore._async.aliases import AliasMethods
from runlore._async.history import HistoryMethods
from runlore._async.models import ModelMethods
from runlore._async.resolving import ResolveMethods
from runlore._async.versions import VersionMethods

__all__ = ["RegistryMethods"]


class RegistryMethods(ModelMethods, VersionMethods, AliasMethods, ResolveMethods, HistoryMethods):
    """Which version is real right now, since when, by whom, on what evidence."""
