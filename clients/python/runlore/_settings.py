"""Where a client connects and as whom: arguments over `RUNLORE_*` variables over defaults."""

from __future__ import annotations

import getpass
import ipaddress
import math
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from runlore.errors import invalid_field

DEFAULT_ADDRESS = "127.0.0.1:7410"
_DEFAULT_PORT = DEFAULT_ADDRESS.rpartition(":")[2]
_SWITCHES = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}

#: What a client does with what it is to record: send it, or keep it for `runlore sync`.
ONLINE, OFFLINE = "online", "offline"
_SPOOL_LIMIT = "1gib"
_CACHE_LIMIT = "50gb"
#: Two segments: one to write and one to send.
_LEAST_SPOOL_LIMIT = 2 * 1024**2
_SIZE = re.compile(r"(\d+(?:\.\d+)?) *([kmgt]?)(i?)b?")

#: The parts of a run's context that `start_run` captures.
CAPTURE_PARTS = ("command", "diff", "env", "git", "host", "packages", "python")
#: Seconds between system metrics where nobody said how many.
SYSTEM_METRICS_INTERVAL = 10.0
_LEAST_SYSTEM_METRICS_INTERVAL = 0.1


@dataclass(frozen=True)
class Settings:
    """Everything a connection depends on; equal settings may share one."""

    #: `host:port`.
    address: str
    #: Empty: the server's default.
    workspace: str
    #: `<kind>:<id>`.
    actor: str
    tls: bool
    #: File of PEM certificates to trust in place of the system's; empty for those.
    ca: str
    #: Seconds that a call may take, its retries included.
    timeout: float
    #: ONLINE or OFFLINE.
    mode: str
    #: The folder of points that wait to be sent.
    spool: Path
    #: Bytes of disk for the points of one writer of a run.
    spool_limit: int


def load(
    address: str | None = None,
    *,
    tls: bool | None = None,
    ca: str | os.PathLike[str] | None = None,
    workspace: str | None = None,
    actor: str | None = None,
    timeout: float = 30.0,
    mode: str | None = None,
) -> Settings:
    """Fill in from the environment what is None; raises InvalidArgumentError naming the argument or variable."""
    field, given = ("address", address) if address is not None else ("RUNLORE_ADDRESS", _variable("RUNLORE_ADDRESS"))
    host, target = _parse_address(field, given or DEFAULT_ADDRESS)
    if tls is None:
        tls = _switch("RUNLORE_TLS", default=not _is_loopback(host))
    if timeout <= 0:
        raise invalid_field("timeout", f"is {timeout:g}: give the seconds that a call may take, more than 0")
    return Settings(
        address=target,
        workspace=_header("workspace", workspace, "RUNLORE_WORKSPACE", ""),
        actor=_header("actor", actor, "RUNLORE_ACTOR", _login()),
        tls=tls,
        ca=str(ca if ca is not None else _variable("RUNLORE_CA")),
        timeout=timeout,
        mode=_mode(mode),
        spool=spool_folder(),
        spool_limit=_spool_limit(),
    )


def spool_folder() -> Path:
    """Return the folder of points that wait to be sent: `RUNLORE_SPOOL`, else `~/.local/state/runlore/spool`."""
    given = _variable("RUNLORE_SPOOL")
    if given:
        return Path(given).expanduser().absolute()
    return state_folder() / "spool"


def state_folder() -> Path:
    """Return the folder of what is to outlive a process: `$XDG_STATE_HOME/runlore`, else `~/.local/state/runlore`."""
    base = _variable("XDG_STATE_HOME")
    return (Path(base) if base else _home() / ".local" / "state").absolute() / "runlore"


def cache_folder() -> Path:
    """Return the folder of pulled files: `RUNLORE_CACHE`, else `~/.cache/runlore`."""
    given = _variable("RUNLORE_CACHE")
    if given:
        return Path(given).expanduser()
    base = _variable("XDG_CACHE_HOME")
    return (Path(base) if base else _home() / ".cache") / "runlore"


def cache_limit() -> int | None:
    """Return the most bytes that the cache keeps: `RUNLORE_CACHE_LIMIT`, else 50 GB; None where it says `none`.

    Raises InvalidArgumentError.
    """
    text = _variable("RUNLORE_CACHE_LIMIT").lower()
    if text == "none":
        return None
    size = _bytes(text or _CACHE_LIMIT)
    if size is None:
        raise invalid_field("RUNLORE_CACHE_LIMIT", f"is '{text}': give bytes, a size such as 20GB, or none")
    return size


def capture_parts(given: bool | str | Iterable[str] | None) -> frozenset[str]:
    """Return which parts of the context to capture: `given`, else `RUNLORE_CAPTURE`, else all of them.

    Either is all or nothing, or names parts. Raises InvalidArgumentError naming the argument or variable.
    """
    field, value = ("capture", given) if given is not None else ("RUNLORE_CAPTURE", _variable("RUNLORE_CAPTURE"))
    if value is None or value == "":
        return frozenset(CAPTURE_PARTS)
    if isinstance(value, str):
        value = _SWITCHES.get(value.lower(), [part.strip() for part in value.split(",")])
    if isinstance(value, bool):
        return frozenset(CAPTURE_PARTS if value else ())
    rule = f"give True, False or some of {', '.join(CAPTURE_PARTS)}"
    try:
        parts = frozenset(value)
    except TypeError:
        raise invalid_field(field, f"is {given!r}: {rule}") from None
    if unknown := sorted(str(part) for part in parts.difference(CAPTURE_PARTS)):
        raise invalid_field(field, f"has '{unknown[0]}', which is no part of the context: {rule}")
    return parts


def captured_variables() -> list[str]:
    """Return the names and globs of the environment variables to record with a run: `RUNLORE_CAPTURE_ENV`."""
    return [name.strip() for name in _variable("RUNLORE_CAPTURE_ENV").split(",") if name.strip()]


def system_metrics_interval(given: bool | float | None) -> float | None:
    """Return the seconds between system metrics, None for none: `given`, else `RUNLORE_SYSTEM_METRICS`, else none.

    A switch that is on means SYSTEM_METRICS_INTERVAL. Raises InvalidArgumentError naming the argument or variable.
    """
    name = "RUNLORE_SYSTEM_METRICS"
    field, value = ("system_metrics", given) if given is not None else (name, _variable(name).lower())
    if isinstance(value, str):
        value = _SWITCHES.get(value, value) if value else False
    if isinstance(value, bool):
        return SYSTEM_METRICS_INTERVAL if value else None
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        seconds = math.nan
    if not _LEAST_SYSTEM_METRICS_INTERVAL <= seconds < math.inf:
        least = f"{_LEAST_SYSTEM_METRICS_INTERVAL:g}"
        raise invalid_field(field, f"is {value!r}: give a switch, or the seconds between points, at least {least}")
    return seconds


def _variable(name: str) -> str:
    return os.environ.get(name, "").strip()


def _mode(given: str | None) -> str:
    field, value = ("mode", given) if given is not None else ("RUNLORE_MODE", _variable("RUNLORE_MODE").lower())
    value = value or ONLINE
    if value not in (ONLINE, OFFLINE):
        raise invalid_field(field, f"is '{value}': give {ONLINE} or {OFFLINE}")
    return value


def _spool_limit() -> int:
    name = "RUNLORE_SPOOL_LIMIT"
    size = _bytes(_variable(name).lower() or _SPOOL_LIMIT) or 0
    if size < _LEAST_SPOOL_LIMIT:
        raise invalid_field(name, f"is '{_variable(name)}': give bytes, such as 1GiB, and at least 2MiB")
    return size


def _bytes(text: str) -> int | None:
    """Return the bytes that a lower-case size such as `20gb` or `512mib` says; None for anything else."""
    match = _SIZE.fullmatch(text)
    if match is None:
        return None
    base = 1024 if match[3] else 1000
    return int(float(match[1]) * base ** " kmgt".index(match[2] or " "))


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:
        # A container may run under a number that no account has.
        return Path("/nonexistent")


def _switch(name: str, *, default: bool) -> bool:
    value = _variable(name).lower()
    if not value:
        return default
    if value not in _SWITCHES:
        raise invalid_field(name, f"is '{value}': give 1 or 0")
    return _SWITCHES[value]


def _header(name: str, given: str | None, variable: str, default: str) -> str:
    """Return a value that travels as call metadata, which holds printable ASCII only."""
    field, value = (name, given) if given is not None else (variable, _variable(variable) or default)
    if not (value.isascii() and value.isprintable()):
        raise invalid_field(field, "has characters other than printable ASCII")
    return value


def _login() -> str:
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a number that no account has.
        return "user:unknown"
    return f"user:{name}" if name.isascii() and name.isprintable() else "user:unknown"


def _parse_address(field: str, address: str) -> tuple[str, str]:
    """Return (host, host:port)."""
    rule = f"is '{address}': give host:port, such as {DEFAULT_ADDRESS}"
    if "/" in address or not address.strip() or any(c.isspace() for c in address):
        raise invalid_field(field, rule)
    if address.startswith("["):
        host, bracket, rest = address[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise invalid_field(field, rule)
        port = rest[1:] or _DEFAULT_PORT
    elif address.count(":") > 1:
        host, port = address, _DEFAULT_PORT
    else:
        host, _, port = address.partition(":")
        port = port or _DEFAULT_PORT
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise invalid_field(field, rule)
    return host, f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
