"""How a run came about: what the client captured of its code and its surroundings, and which data it read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from runlore import v1

#: How the tags begin that the client sets by itself.
_PREFIX = "runlore."
_CODE = ("git.", "entry_point", "command", "working_directory")
#: What says nothing about why two runs differ.
_IGNORED = ("capture_errors", "working_directory", "sweep.best")
#: The files that the client captures, below the run's artifacts.
CAPTURED = "runlore"
DIFF, PACKAGES = "git.diff", "packages.txt"


@dataclass(frozen=True)
class Context:
    """Tags without their prefix, and the run that has them: the run's own or, of a child's, one above it."""

    tags: Mapping[str, str]
    run_id: str

    @property
    def code(self) -> dict[str, str]:
        """Which code ran."""
        return {key: value for key, value in self.tags.items() if key.startswith(_CODE)}

    @property
    def surroundings(self) -> dict[str, str]:
        """On what it ran, and the rest."""
        return {key: value for key, value in self.tags.items() if not key.startswith(_CODE)}


def own(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the client's own tags among others."""
    return {key.removeprefix(_PREFIX): value for key, value in tags.items() if key.startswith(_PREFIX)}


def comparable(tags: Mapping[str, str]) -> dict[str, str]:
    """Return, of a context's tags, those that may say why two runs differ."""
    return {key: value for key, value in tags.items() if key not in _IGNORED}


def data(inputs: Iterable[v1.DatasetInput]) -> dict[str, str]:
    """Return the digests of what was read, by what for and name; several of one name in one text."""
    found: dict[str, list[str]] = {}
    for read in inputs:
        found.setdefault(f"{read.context} {read.dataset.name}".strip(), []).append(read.dataset.digest)
    return {key: ", ".join(sorted(digests)) for key, digests in found.items()}


def versions(packages: str) -> dict[str, str]:
    """Return the version of each package in a captured list, with where it came from when no index has it."""
    lines = [line.partition("==") for line in packages.splitlines() if not line.startswith("#")]
    return {name: version for name, equals, version in lines if equals}
