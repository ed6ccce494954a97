"""Registered models: making, finding, changing and deleting them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from runlore import v1
from runlore._async.connection import Connection
from runlore._async.paging import collect
from runlore._words import strings


class ModelMethods(Connection):
    """What a client does with registered models."""

    async def create_model(
        self,
        model_name: str,
        *,
        description: str = "",
        owner: str = "",
        team: str = "",
        reason_required: bool = False,
        tags: Mapping[str, object] | None = None,
    ) -> v1.RegisteredModel:
        """Make a model without versions; `register` and `push` make one that is not there by themselves.

        With `reason_required`, whoever moves an alias, deletes one or moves a version to another stage has to say why.
        Raises AlreadyExistsError, InvalidArgumentError.
        """
        request = v1.CreateRegisteredModelRequest(
            name=model_name,
            description=description,
            owner=owner,
            team=team,
            reason_required=reason_required,
            tags=strings(tags),
        )
        return (await self.registry.CreateRegisteredModel(request)).registered_model

    async def get_model(self, model_name: str) -> v1.RegisteredModel:
        """Return a model with its aliases and the newest version of each stage; raises NotFoundError."""
        request = v1.GetRegisteredModelRequest(name=model_name)
        return (await self.registry.GetRegisteredModel(request)).registered_model

    async def search_models(
        self, filter: str = "", *, order_by: str = "", limit: int | None = 1_000
    ) -> list[v1.RegisteredModel]:
        """Return the models that match, such as `tags.team = 'ads' and alias = 'champion'`, by name.

        The language is that of `search_runs`; `runlore.v1.SearchRegisteredModelsRequest` lists the fields. At most
        `limit` of them; None for all. Raises InvalidArgumentError.
        """
        request = v1.SearchRegisteredModelsRequest(filter=filter, order_by=order_by)
        return await collect(self.registry.SearchRegisteredModels, request, "registered_models", limit)

    async def update_model(
        self,
        model_name: str,
        *,
        new_name: str | None = None,
        description: str | None = None,
        owner: str | None = None,
        team: str | None = None,
        reason_required: bool | None = None,
    ) -> v1.RegisteredModel:
        """Change what is not None; a new name takes versions, aliases and history along.

        Raises NotFoundError, AlreadyExistsError (the new name is taken), InvalidArgumentError.
        """
        fields = {
            "new_name": new_name,
            "description": description,
            "owner": owner,
            "team": team,
            "reason_required": reason_required,
        }
        request = v1.UpdateRegisteredModelRequest(name=model_name)
        for name, value in fields.items():
            if value is not None:
                setattr(request, name, value)
                request.update_mask.paths.append(name)
        return (await self.registry.UpdateRegisteredModel(request)).registered_model

    async def tag_model(
        self, model_name: str, tags: Mapping[str, object] | None = None, *, delete: Iterable[str] = ()
    ) -> v1.RegisteredModel:
        """Set tags of a model, and delete those of the keys in `delete`; raises NotFoundError."""
        request = v1.SetRegisteredModelTagsRequest(name=model_name, tags=strings(tags), delete_keys=delete)
        return (await self.registry.SetRegisteredModelTags(request)).registered_model

    async def delete_model(
        self, model_name: str, *, reason: str = "", delete_aliases: bool = False
    ) -> v1.RegisteredModel:
        """Delete a model with its versions, and return it as it was. Its name is free at once.

        Its history stays: give what this returns, which has its id, to `history` and `verify`. Raises NotFoundError,
        PreconditionError for a model with aliases, unless `delete_aliases`.
        """
        request = v1.DeleteRegisteredModelRequest(name=model_name, reason=reason, delete_aliases=delete_aliases)
        return (await self.registry.DeleteRegisteredModel(request)).registered_model
