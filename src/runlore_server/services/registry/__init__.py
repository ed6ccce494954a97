"""RegistryService: models, versions, aliases, resolving. Each module has the methods about one thing."""

from __future__ import annotations

from runlore import v1
from runlore_server.services.registry.aliases import AliasMethods
from runlore_server.services.registry.evaluations import EvaluationMethods
from runlore_server.services.registry.models import ModelMethods
from runlore_server.services.registry.resolving import ResolveMethods
from runlore_server.services.registry.stages import StageMethods
from runlore_server.services.registry.versions import VersionMethods

__all__ = ["RegistryService"]


class RegistryService(
    ModelMethods,
    VersionMethods,
    StageMethods,
    AliasMethods,
    EvaluationMethods,
    ResolveMethods,
    v1.RegistryServiceServicer,
):
    """Says which version is real right now. Each method: see registry.proto."""
