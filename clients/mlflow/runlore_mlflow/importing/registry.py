"""Registered models with their aliases. What someone moved in Runlore since an earlier import stays where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.field_mask_pb2 import FieldMask

from runlore import v1
from runlore.errors import AlreadyExistsError, InvalidArgumentError, NotFoundError, PreconditionError
from runlore_mlflow.importing import facts, versions
from runlore_mlflow.importing.context import REASON, Importing
from runlore_mlflow.importing.experiments import tag_changes

if TYPE_CHECKING:
    from mlflow.entities.model_registry import RegisteredModel


def carry(ctx: Importing) -> None:
    """Carry what is missing of every registered model."""
    for model in ctx.source.registered_models():
        ctx.report.found["registered models"] += 1
        carry_one(ctx, model)
        ctx.progress()


def get(ctx: Importing, name: str) -> v1.RegisteredModel | None:
    """Return Runlore's model of a name; None when there is none."""
    try:
        return ctx.client.registry.GetRegisteredModel(v1.GetRegisteredModelRequest(name=name)).registered_model
    except NotFoundError:
        return None


def carry_one(ctx: Importing, model: RegisteredModel) -> None:
    """Make a model in Runlore what it is at the source, with its versions."""
    wanted = facts.of_registered_model(model, ctx.lose("registered model", model.name))
    present = get(ctx, model.name)
    if present is None:
        try:
            present = _create(ctx, model.name, wanted)
        except InvalidArgumentError as refused:
            why = next(iter(refused.fields.values()), refused.message)
            ctx.report.lose("registered model, with its versions", model.name, f"it cannot have this name: {why}")
            return
    _entries(ctx, wanted, present)
    versions.carry(ctx, model, present)
    _aliases(ctx, wanted["aliases"], present)


def _create(ctx: Importing, name: str, wanted: facts.Facts) -> v1.RegisteredModel:
    registry = ctx.client.registry
    try:
        created = registry.CreateRegisteredModel(
            v1.CreateRegisteredModelRequest(name=name, description=wanted["description"], tags=wanted["tags"])
        ).registered_model
    except AlreadyExistsError:
        created = registry.GetRegisteredModel(v1.GetRegisteredModelRequest(name=name)).registered_model
    ctx.wrote("registered models")
    return created


def _entries(ctx: Importing, wanted: facts.Facts, present: v1.RegisteredModel) -> None:
    registry = ctx.client.registry
    if wanted["description"] != present.description:
        registry.UpdateRegisteredModel(
            v1.UpdateRegisteredModelRequest(
                name=present.name, description=wanted["description"], update_mask=FieldMask(paths=["description"])
            )
        )
        ctx.wrote("descriptions")
    changed, gone = tag_changes(wanted["tags"], present.tags)
    if changed or gone:
        registry.SetRegisteredModelTags(
            v1.SetRegisteredModelTagsRequest(name=present.name, tags=changed, delete_keys=gone)
        )
        ctx.wrote("tags", len(changed) + len(gone))


def _aliases(ctx: Importing, wanted: dict[str, int], present: v1.RegisteredModel) -> None:
    """Point aliases where they are at the source, unless someone moved them here: that is for a person to decide."""
    has = {alias.alias: alias for alias in present.aliases}
    registry, name = ctx.client.registry, present.name
    for alias in has.keys() - wanted.keys():
        if has[alias].reason == REASON:
            believed = v1.AliasExpectation(version=has[alias].version)
            registry.DeleteAlias(v1.DeleteAliasRequest(model_name=name, alias=alias, expect=believed, reason=REASON))
            ctx.wrote("alias deletions")
    for alias, version in wanted.items():
        held = has.get(alias)
        if held is not None and (held.version == version or held.reason != REASON):
            continue
        believed = v1.AliasExpectation(version=held.version) if held else v1.AliasExpectation(absent=True)
        request = v1.SetAliasRequest(model_name=name, alias=alias, version=version, expect=believed, reason=REASON)
        try:
            registry.SetAlias(request)
        except (InvalidArgumentError, PreconditionError, NotFoundError) as refused:
            ctx.report.lose("alias", f"{name}@{alias}", f"Runlore refused it: {refused.message}")
            continue
        ctx.wrote("aliases")
