"""MLflow's own SQL stores and the plugin's side by side: every call is made on both, and both must answer alike.

Ids and roots of artifacts differ; they are told apart by the names that a test gives to what it makes. Times of
creation are each store's own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mlflow.entities import DatasetInput, Run
from mlflow.entities._mlflow_object import _MlflowObject
from mlflow.entities.model_registry import RegisteredModel
from mlflow.exceptions import MlflowException
from mlflow.store.entities.paged_list import PagedList

#: Attributes that are each store's own: its clock, and what the other does not have.
_OWN = {
    "creation_time",
    "creation_timestamp",
    "last_update_time",
    "last_updated_timestamp",
    "workspace",
    "trace_location",
    "effective_trace_archival_retention",
}
#: Ids of so many characters or fewer are numbers.
_SHORT = 8
#: MLflow's stores cannot hold infinity.
_GREATEST = 1.7976931348623157e308


@dataclass(frozen=True)
class Ref:
    """Something that both stores have, under an id of each."""

    name: str
    control: Any
    ours: Any


@dataclass(frozen=True)
class Text:
    """A text with ids in it, such as a filter."""

    form: str
    refs: tuple[Ref, ...]


class Pair:
    """Two stores."""

    def __init__(self, control: Any, ours: Any, roots: tuple[str, str]) -> None:
        self.control = control
        self.ours = ours
        #: What to call ids and roots, for each store.
        self._names: tuple[dict[str, str], dict[str, str]] = ({roots[0]: "ROOT"}, {roots[1]: "ROOT"})

    def name(self, name: str, control: Any, ours: Any) -> Ref:
        """Call two ids by one name."""
        self._names[0][str(control)] = name
        self._names[1][str(ours)] = name
        return Ref(name, control, ours)

    def call(self, method: str, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        """Call a method of both stores, assert that they answer alike, and return both answers."""
        control = _outcome(getattr(self.control, method), _side(args, "control"), _side(kwargs, "control"))
        ours = _outcome(getattr(self.ours, method), _side(args, "ours"), _side(kwargs, "ours"))
        left, right = self.plain(control, 0), self.plain(ours, 1)
        assert right == left, f"{method}{args} {kwargs}\nMLflow: {left}\nours:   {right}"
        return control, ours

    def make(self, name: str, method: str, *args: Any, **kwargs: Any) -> Ref:
        """Make something in both stores."""
        control, ours = [
            _outcome(getattr(store, method), _side(args, side), _side(kwargs, side))
            for store, side in ((self.control, "control"), (self.ours, "ours"))
        ]
        ref = self.name(name, _id(control), _id(ours))
        left, right = self.plain(control, 0), self.plain(ours, 1)
        assert right == left, f"{method}{args} {kwargs}\nMLflow: {left}\nours:   {right}"
        return ref

    def refused(self, code: str, method: str, *args: Any, **kwargs: Any) -> None:
        """Assert that both refuse a call with this code."""
        control, _ = self.call(method, *args, **kwargs)
        assert isinstance(control, MlflowException), f"{method} was not refused: {control!r}"
        assert control.error_code == code

    def pages(self, method: str, *args: Any, size: int, **kwargs: Any) -> list[Any]:
        """Walk through the pages of a search in both stores and return what ours found; all pages must be alike."""
        found: list[Any] = []
        tokens: tuple[Any, Any] = (None, None)
        while True:
            token = Ref("token", *tokens)
            control, ours = self.call(method, *args, max_results=size, page_token=token, **kwargs)
            assert not isinstance(ours, MlflowException), ours
            found.extend(ours)
            if control.token is None:
                return found
            tokens = control.token, ours.token

    def plain(self, value: Any, side: int) -> Any:
        """Return what two answers are compared by."""
        match value:
            case MlflowException():
                return ("refused", value.error_code)
            case RegisteredModel():
                # In what order the newest versions come MLflow's store does not say.
                latest = sorted(value.latest_versions or (), key=lambda version: version.version)
                model = {key: self.plain(each, side) for key, each in value if key not in {*_OWN, "latest_versions"}}
                return {**model, "latest_versions": self.plain(latest, side)}
            case PagedList():
                return [self.plain(each, side) for each in value], bool(value.token)
            case Run():
                return {
                    "info": self.plain(value.info, side),
                    "data": self.plain(value.data, side),
                    "datasets": sorted(map(repr, self.plain(value.inputs.dataset_inputs, side))),
                    "outputs": sorted(
                        map(repr, self.plain(value.outputs.model_outputs, side) if value.outputs else [])
                    ),
                }
            case float() if math.isnan(value):
                return "NaN"
            case float() if math.isinf(value):
                return math.copysign(_GREATEST, value)
            case str():
                return self._renamed(value, self._names[side])
            case Mapping():
                return {self.plain(key, side): self.plain(each, side) for key, each in value.items()}
            case list() | tuple():
                return [self.plain(each, side) for each in value]
            case DatasetInput():
                tags = sorted((tag.key, tag.value) for tag in value.tags)
                return {"dataset": self.plain(value.dataset, side), "tags": tags}
            case _MlflowObject():
                return {
                    "is": type(value).__name__,
                    **{key: self.plain(each, side) for key, each in value if key not in _OWN},
                }
        return value

    def _renamed(self, text: str, names: Mapping[str, str]) -> str:
        for known, name in sorted(names.items(), key=lambda item: -len(item[0])):
            if text == known:
                return name
            # A number is a part of much else: it counts as a whole folder of a path only.
            pattern = re.escape(known) if len(known) > _SHORT else rf"(?<=/){known}(?=/|$)"
            text = re.sub(pattern, name, text)
        return text


def _outcome(call: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    try:
        return call(*args, **kwargs)
    except MlflowException as error:
        return error


def _side(value: Any, side: str) -> Any:
    """Return a value with one store's ids."""
    match value:
        case Ref():
            return getattr(value, side)
        case Text():
            return value.form.format(*(getattr(ref, side) for ref in value.refs))
        case list():
            return [_side(each, side) for each in value]
        case tuple():
            return tuple(_side(each, side) for each in value)
        case dict():
            return {key: _side(each, side) for key, each in value.items()}
    return value


def _id(made: Any) -> Any:
    match made:
        case MlflowException():
            raise made
        case Run():
            return made.info.run_id
        case str():
            return made
    return made.model_id
