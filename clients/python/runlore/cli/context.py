"""How the run behind a version came about: what the client captured of its code and its surroundings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import runlore
    from runlore import v1

#: How the tags begin that the client sets by itself.
_PREFIX = "runlore."
_CODE = ("git.", "entry_point", "command", "working_directory")


@dataclass(frozen=True)
class Context:
    """Tags without their prefix, and the run that has them: the version's own or, of a child's, one above it."""

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


def of(client: runlore.Client, version: v1.ModelVersion) -> Context:
    """Return what was frozen with a version; of a child run, which has none of its own, what its parent has now."""
    from runlore.errors import NotFoundError

    run_id, tags = version.run_id, own(version.evidence.tags)
    try:
        while run_id and not tags:
            run = client.get_run(run_id)
            tags = own(run.tags)
            if not tags:
                run_id = run.parent_run_id
    except NotFoundError:
        run_id = ""
    return Context(tags, run_id)


def own(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the client's own tags among others."""
    return {key.removeprefix(_PREFIX): value for key, value in tags.items() if key.startswith(_PREFIX)}
