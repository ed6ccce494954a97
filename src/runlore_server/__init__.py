"""The Runlore server."""

from importlib import metadata

#: The installed version, as PEP 440 writes it.
VERSION = metadata.version("runlore-server")
