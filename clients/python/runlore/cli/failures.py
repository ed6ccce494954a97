"""How a command fails: the exit code, and the words on stderr."""

from __future__ import annotations

import json

import click

from runlore import errors
from runlore.cli import output

UNEXPECTED = 1
INVALID = 2
NOT_FOUND = 3
CONFLICT = 4
PRECONDITION = 5
UNAVAILABLE = 6
#: 7 is `sync`'s own.
NOT_GENUINE = 8
#: What a shell reports of a command that Ctrl-C ended.
INTERRUPTED = 130

# The first that fits: subclasses stand before their bases.
_CODES: tuple[tuple[type[errors.RunloreError], int], ...] = (
    (errors.InvalidArgumentError, INVALID),
    (errors.LimitExceededError, INVALID),
    (errors.NotFoundError, NOT_FOUND),
    (errors.AlreadyExistsError, CONFLICT),
    (errors.ConflictError, CONFLICT),
    (errors.PreconditionError, PRECONDITION),
    (errors.UnavailableError, UNAVAILABLE),
    (errors.DeadlineError, UNAVAILABLE),
    (errors.IntegrityError, NOT_GENUINE),
)


def report(problem: BaseException, *, as_json: bool) -> int:
    """Say on stderr what went wrong, as lines or as a JSON object, and return the exit code."""
    if isinstance(problem, click.exceptions.Exit):
        return problem.exit_code
    code, message, details = _describe(problem)
    if as_json:
        fields = {"exit_code": code, "message": message, **_fields(problem)}
        click.echo(json.dumps({"error": fields}, indent=2, ensure_ascii=False), err=True)
        return code
    lines = [f"{output.bad('error:')} {message}", *(f"  {line}" for line in details)]
    output.echo("\n".join(lines), err=True)
    return code


def words_of(problem: OSError) -> str:
    """Return what went wrong with which file, without the number."""
    return f"{problem.filename}: {problem.strerror}" if problem.filename else str(problem.strerror or problem)


def _describe(problem: BaseException) -> tuple[int, str, list[str]]:
    """Return the exit code, the error in a line, and lines to follow it."""
    if isinstance(problem, errors.RunloreError):
        return _code(problem), *_words(problem)
    if isinstance(problem, click.UsageError):
        return INVALID, *_usage(problem)
    if isinstance(problem, click.ClickException):
        return UNEXPECTED, problem.format_message(), []
    if isinstance(problem, (click.Abort, KeyboardInterrupt)):
        return INTERRUPTED, "interrupted", []
    if isinstance(problem, OSError):
        return UNEXPECTED, words_of(problem), []
    return UNEXPECTED, f"unexpected {type(problem).__name__}: {problem}", []


def _code(problem: errors.RunloreError) -> int:
    if problem.reason == "CONTENTION":
        # Nothing is in the way but traffic: the cure is another try, as for a server that is away.
        return UNAVAILABLE
    return next((code for kind, code in _CODES if isinstance(problem, kind)), UNEXPECTED)


def _words(problem: errors.RunloreError) -> tuple[str, list[str]]:
    violations = [f"{field}: {rule}" if field else rule for field, rule in problem.fields.items()]
    if len(violations) > 1:
        return f"{len(violations)} fields break a rule", violations
    # A message about one field says all of it.
    return str(problem), [line for line in violations if problem.reason != "INVALID_FIELD" and line not in str(problem)]


def _usage(problem: click.UsageError) -> tuple[str, list[str]]:
    message = problem.format_message()
    if problem.ctx is None:
        return message, []
    if isinstance(problem, click.NoSuchOption) and problem.ctx.parent is not None:
        root = problem.ctx.find_root()
        if any(problem.option_name in parameter.opts for parameter in root.command.params):
            message += f" It goes before the command: {root.info_name} {problem.option_name} …"
    return message, [f"see {problem.ctx.command_path} --help"]


def _fields(problem: BaseException) -> dict[str, object]:
    if not isinstance(problem, errors.RunloreError):
        return {"reason": "", "code": "", "fields": {}, "metadata": {}, "conditions": [], "trace_id": ""}
    return {
        "reason": problem.reason,
        "code": problem.code.name if problem.code else "",
        "fields": problem.fields,
        "metadata": problem.metadata,
        "conditions": problem.conditions,
        "trace_id": problem.trace_id,
    }
