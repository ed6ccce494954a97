"""Where a client connects and as whom: arguments over `RUNLORE_*` variables over defaults."""

from __future__ import annotations

import getpass
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from runlore.errors import invalid_field

DEFAULT_ADDRESS = "127.0.0.1:7410"
_DEFAULT_PORT = DEFAULT_ADDRESS.rpartition(":")[2]
_SWITCHES = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


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


def load(
    address: str | None = None,
    *,
    tls: bool | None = None,
    ca: str | os.PathLike[str] | None = None,
    workspace: str | None = None,
    actor: str | None = None,
    timeout: float = 30.0,
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
    )


def cache_folder() -> Path:
    """Return the folder of pulled files: `RUNLORE_CACHE`, else `~/.cache/runlore`."""
    given = _variable("RUNLORE_CACHE")
    if given:
        return Path(given).expanduser()
    base = _variable("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "runlore"


def _variable(name: str) -> str:
    return os.environ.get(name, "").strip()


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
