"""The case format of README.md: reading cases, evaluating values, matching outcomes, binding variables."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conformance import vectors

FOLDER = Path(__file__).parent
ABSENT: Any = type("Absent", (), {"__repr__": lambda self: "absent"})()

_VARIABLE = re.compile(r"\$\{(\w+)\}")
#: What a step does, by the member that says so, and the members that only such a step may have.
_KINDS_OF_STEP = {
    "call": {"request", "metadata", "deadline_seconds", "take", "cancel_after"},
    "folder": {"files"},
    "damage": set(),
    "manifest_digest": set(),
    "push": set(),
    "pull": set(),
    "resolve": {"from_cache"},
    "watch": set(),
    "log": set(),
}
#: Members of steps that ask a client for something.
_ASKING = {"expect", "bind", "server", "cuts", "at"}
_NOT_ASKING = {"let", "folder", "damage"}
_FAULTS = {"absent", "silent", "goaway", "older"}
_KINDS = {
    "uuid": re.compile(r"[0-9a-f]{32}"),
    "sha256": re.compile(r"[0-9a-f]{64}"),
    "timestamp": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z"),
    "text": re.compile(r".+", re.DOTALL),
}

Variables = dict[str, Any]


class CaseError(Exception):
    """A case that breaks the format, or uses a variable that is not there."""


@dataclass(frozen=True)
class Case:
    """One case as its file has it."""

    name: str
    file: str
    steps: list[dict[str, Any]]
    about: str = ""

    def calls(self) -> Iterator[tuple[str, str]]:
        """Yield (RPC, expected reason) of each call, `OK` for success; failures without a reason are left out."""
        for step in self.steps:
            if "call" in step:
                error = step["expect"].get("error", {"reason": "OK"})
                if "reason" in error:
                    yield step["call"], error["reason"]


def load(folder: Path = FOLDER) -> list[Case]:
    """Return the cases of a folder, shared steps put in, ours with those of the published vectors; raises CaseError."""
    shared = json.loads((folder / "shared.json").read_text())
    raw = [
        (file.name, case) for file in sorted((folder / "cases").glob("*.json")) for case in json.loads(file.read_text())
    ]
    if folder == FOLDER:
        raw += [("manifest_vectors.json", case) for case in vectors.cases()]
    cases = [_case(file, case, shared) for file, case in raw]
    names = [case.name for case in cases]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise CaseError(f"more than one case is called {', '.join(doubled)}")
    return cases


def _case(file: str, raw: Mapping[str, Any], shared: dict[str, Any]) -> Case:
    case = Case(raw["name"], file, list(_with_shared(raw["steps"], shared)), raw.get("about", ""))
    _check(case, raw)
    return case


def _with_shared(steps: list[dict[str, Any]], shared: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for step in steps:
        if "include" not in step:
            yield step
        elif set(step) != {"include"} or step["include"] not in shared:
            raise CaseError(f"shared.json has no steps called '{step['include']}', or the step does more than include")
        else:
            yield from _with_shared(shared[step["include"]], shared)


def _check(case: Case, raw: Mapping[str, Any]) -> None:
    where = f"{case.file}: {case.name}"
    if not re.fullmatch(r"[a-z0-9_]+", case.name) or set(raw) - {"name", "about", "steps"}:
        raise CaseError(f"{where}: has a bad name, or members other than name, about and steps")
    for number, step in enumerate(case.steps, 1):
        _check_step(step, f"{where}: step {number}")


def kind(step: Mapping[str, Any]) -> str:
    """Return what a step does: `let` when it does nothing else."""
    return next((name for name in _KINDS_OF_STEP if name in step), "let")


def _check_step(step: Mapping[str, Any], where: str) -> None:
    what = kind(step)
    if what == "let" and set(step) != {"let"}:
        raise CaseError(f"{where} does nothing, and is not `let` alone")
    allowed = {"let", what} | _KINDS_OF_STEP.get(what, set()) | (set() if what in _NOT_ASKING else _ASKING)
    unknown = sorted(set(step) - allowed)
    if unknown:
        raise CaseError(f"{where} has the unknown member {unknown[0]}")
    if what == "call" and "request" not in step:
        raise CaseError(f"{where} needs a request")
    if what not in _NOT_ASKING and len(step.get("expect", {}).keys() & {"response", "stream", "error"}) != 1:
        raise CaseError(f"{where} needs one of response, stream and error in expect")
    fault = step.get("server", "absent")
    if fault not in _FAULTS if isinstance(fault, str) else set(fault) != {"refuses"}:
        raise CaseError(f"{where} has the unknown server {step['server']}: there are {', '.join(sorted(_FAULTS))}")


def evaluate(value: Any, variables: Variables) -> Any:
    """Return `value` with variables and functions replaced by what they stand for."""
    if isinstance(value, str):
        whole = _VARIABLE.fullmatch(value)
        if whole:
            return _variable(whole[1], variables)
        return _VARIABLE.sub(lambda found: str(_variable(found[1], variables)), value)
    if isinstance(value, list):
        return [evaluate(item, variables) for item in value]
    if isinstance(value, dict):
        first = next(iter(value), "")
        if first in _FUNCTIONS:
            return _FUNCTIONS[first](value, variables)
        return {evaluate(name, variables): evaluate(item, variables) for name, item in value.items()}
    return value


def _variable(name: str, variables: Variables) -> Any:
    if name not in variables:
        raise CaseError(f"there is no variable '{name}'; there are {', '.join(sorted(variables))}")
    return variables[name]


def _repeat(call: dict[str, Any], variables: Variables) -> str:
    return str(evaluate(call["$repeat"], variables)) * int(evaluate(call["times"], variables))


def _for(call: dict[str, Any], variables: Variables) -> list[Any]:
    times = int(evaluate(call["times"], variables))
    return [evaluate(call["do"], {**variables, call["$for"]: i}) for i in range(times)]


def _text(call: dict[str, Any], name: str, variables: Variables) -> bytes:
    return str(evaluate(call[name], variables)).encode()


_FUNCTIONS = {
    "$repeat": _repeat,
    "$for": _for,
    "$sha256": lambda call, variables: hashlib.sha256(_text(call, "$sha256", variables)).hexdigest(),
    "$base64": lambda call, variables: base64.b64encode(_text(call, "$base64", variables)).decode(),
    "$size": lambda call, variables: len(_text(call, "$size", variables)),
}


def mismatch(expected: Any, actual: Any, path: str = "") -> str:
    """Return where and how `actual` differs from what is expected (evaluated already); empty when it matches."""
    if isinstance(expected, dict):
        if expected and all(name.startswith("$") for name in expected):
            for name, argument in expected.items():
                if name not in _MATCHERS:
                    raise CaseError(f"there is no matcher {name}")
                found = _MATCHERS[name](argument, actual, path)
                if found:
                    return found
            return ""
        if actual is not ABSENT and not isinstance(actual, dict):
            return _differs(path, expected, actual)
        members = {} if actual is ABSENT else actual
        for name, item in expected.items():
            found = mismatch(item, members.get(name, ABSENT), f"{path}.{name}" if path else name)
            if found:
                return found
        return ""
    if actual is ABSENT and expected in (0, "", False, []):
        return ""
    if isinstance(expected, list):
        if not isinstance(actual, list) or len(actual) != len(expected):
            return _differs(path, expected, actual)
        return next((m for i, e in enumerate(expected) if (m := mismatch(e, actual[i], f"{path}.{i}".lstrip(".")))), "")
    return "" if _equal(expected, actual) else _differs(path, expected, actual)


def _equal(expected: Any, actual: Any) -> bool:
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, int | float):
        if isinstance(actual, str):
            try:
                actual = int(actual) if re.fullmatch(r"-?\d+", actual) else float(actual)
            except ValueError:
                return False
        # A double without a fraction may be written as a whole number.
        return isinstance(actual, int | float) and expected == (
            float(actual) if isinstance(expected, float) else actual
        )
    return bool(expected == actual) and type(expected) is type(actual)


def _differs(path: str, expected: Any, actual: Any) -> str:
    return f"{path or 'the outcome'}: expected {short(expected)}, got {short(actual)}"


def short(value: Any) -> str:
    text = repr(value) if value is ABSENT else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 2_000 else f"{text[:2_000]}…"


def _any(kind: str, actual: Any, path: str) -> str:
    holds = isinstance(actual, str) and _KINDS[kind].fullmatch(actual)
    return "" if holds else _differs(path, {"$any": kind}, actual)


def _matches(pattern: str, actual: Any, path: str) -> str:
    holds = isinstance(actual, str) and re.search(pattern, actual)
    return "" if holds else _differs(path, {"$matches": pattern}, actual)


def _length(length: int, actual: Any, path: str) -> str:
    holds = (actual is ABSENT and int(length) == 0) or (
        isinstance(actual, str | list | dict) and len(actual) == int(length)
    )
    return "" if holds else _differs(path, {"$length": length}, actual)


def _absent(wanted: bool, actual: Any, path: str) -> str:
    return "" if wanted is (actual is ABSENT) else _differs(path, {"$absent": wanted}, actual)


def _not(unwanted: Any, actual: Any, path: str) -> str:
    holds = actual is not ABSENT and mismatch(unwanted, actual, path)
    return "" if holds else _differs(path, {"$not": unwanted}, actual)


def _contains(wanted: list[Any], actual: Any, path: str) -> str:
    for item in wanted:
        if not isinstance(actual, list) or all(mismatch(item, candidate) for candidate in actual):
            return _differs(path, {"$contains": [item]}, actual)
    return ""


def _only(wanted: dict[str, Any], actual: Any, path: str) -> str:
    if not isinstance(actual, dict) or set(actual) - set(wanted):
        return _differs(path, {"$only": wanted}, actual)
    return mismatch(wanted, actual, path)


_MATCHERS = {
    "$any": _any,
    "$matches": _matches,
    "$length": _length,
    "$absent": _absent,
    "$not": _not,
    "$contains": _contains,
    "$only": _only,
}


def take(path: str, outcome: Any) -> Any:
    """Return the value at a path of `bind`; raises CaseError when there is none."""
    value = outcome
    for part in path.split("."):
        try:
            value = value[int(part)] if isinstance(value, list) else value[part]
        except (KeyError, IndexError, ValueError, TypeError):
            raise CaseError(f"bind: there is nothing at '{path}' of {short(outcome)}") from None
    return value
