"""Every setting of the server, and the only reader of its environment.

A flag wins over its variable, and that over the default. `RUNLORE_<NAME>` is the variable of the flag `--<name>`.
"""

from __future__ import annotations

import ipaddress
import re
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runlore import v1
from runlore_server.blob.s3 import S3Settings
from runlore_server.policy import Policy

_ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?")


class SettingsError(ValueError):
    """A setting that cannot be used; the message names it and says what would be accepted."""


@dataclass(frozen=True)
class WebSettings:
    """Where the web port is, and which pages may call it."""

    host: str
    port: int
    #: Origins such as `https://dash.example.com`.
    allow_origins: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """What a server needs to know before it starts."""

    host: str
    port: int
    data: Path
    #: libpq URL; empty for the embedded Postgres under `data`.
    database: str
    #: `s3://bucket/prefix`, or a folder; empty for `<data>/artifacts`.
    artifacts: str
    workers: int
    tls_cert: Path | None
    tls_key: Path | None
    insecure: bool
    #: Seconds that in-flight RPCs get to finish after SIGTERM.
    drain_seconds: float
    #: Connections to the database in each worker.
    pool_size: int
    #: Milliseconds for which a search looks for a page before it ends as a short one.
    search_budget_ms: int
    #: Megabytes of runs that each worker remembers as they are sent in pages.
    search_cache_mb: int
    log_level: str
    #: Hours between rounds of garbage collection; 0 for none.
    gc_hours: int
    #: Hours for which the collector spares what somebody wanted.
    gc_grace_hours: int
    s3: S3Settings
    policy: Policy
    #: None for no web port.
    web: WebSettings | None

    @property
    def postgres_folder(self) -> Path:
        """Where the embedded Postgres keeps its files."""
        return self.data / "postgres"

    @property
    def artifacts_url(self) -> str:
        """Where artifacts are, the default filled in."""
        return self.artifacts or str(self.data / "artifacts")


def load(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """Merge flags (None: not given) with the environment; raises SettingsError."""

    def value(name: str, default: str = "") -> str:
        flag = flags.get(name)
        return str(flag) if flag is not None else environ.get(f"RUNLORE_{name.upper()}", default)

    host, port = _listen("--listen", value("listen", "127.0.0.1:7410"))
    web = _web(value)
    cert, key = value("tls_cert"), value("tls_key")
    if bool(cert) != bool(key):
        raise SettingsError("--tls-cert and --tls-key belong together: give both, or neither for plaintext")
    for name, path in (("--tls-cert", cert), ("--tls-key", key)):
        if path and not Path(path).is_file():
            raise SettingsError(f"{name}: there is no file '{path}'")
    if cert:
        _check_tls(cert, key)
    insecure = _boolean("insecure", value("insecure", "false"))
    for flag, address in (("--listen", (host, port)), ("--web-listen", (web.host, web.port) if web else None)):
        if address is not None and not insecure and not _is_loopback(address[0]):
            raise SettingsError(
                f"{flag} {address[0]}:{address[1]} is reachable from other machines, and this server has no access "
                "control yet: whoever reaches it can read and change everything. Listen on 127.0.0.1, or say "
                "--insecure when the network itself keeps others out"
            )
    return Settings(
        host=host,
        port=port,
        data=Path(value("data", ".runlore")).expanduser().absolute(),
        database=value("database"),
        artifacts=value("artifacts"),
        workers=_number("workers", value("workers", "1"), 1, 256),
        tls_cert=Path(cert) if cert else None,
        tls_key=Path(key) if key else None,
        insecure=insecure,
        drain_seconds=float(_number("drain_seconds", value("drain_seconds", "10"), 0, 3600)),
        pool_size=_number("pool_size", value("pool_size", "10"), 2, 1000),
        search_budget_ms=_number("search_budget_ms", value("search_budget_ms", "80"), 1, 60_000),
        search_cache_mb=_number("search_cache_mb", value("search_cache_mb", "64"), 0, 100_000),
        log_level=_level(value("log_level", "info")),
        gc_hours=_number("gc_hours", value("gc_hours", "24"), 0, 8760),
        gc_grace_hours=_number("gc_grace_hours", value("gc_grace_hours", "24"), 0, 8760),
        s3=S3Settings(
            endpoint=environ.get("RUNLORE_S3_ENDPOINT") or environ.get("AWS_ENDPOINT_URL", ""),
            access_key=environ.get("RUNLORE_S3_ACCESS_KEY") or environ.get("AWS_ACCESS_KEY_ID", ""),
            secret_key=environ.get("RUNLORE_S3_SECRET_KEY") or environ.get("AWS_SECRET_ACCESS_KEY", ""),
            region=environ.get("RUNLORE_S3_REGION") or environ.get("AWS_REGION", "us-east-1"),
            public_endpoint=environ.get("RUNLORE_S3_PUBLIC_ENDPOINT", ""),
            session_token=environ.get("RUNLORE_S3_SESSION_TOKEN") or environ.get("AWS_SESSION_TOKEN", ""),
            virtual_host=_choice("RUNLORE_S3_ADDRESSING", environ, "path", "virtual") == "virtual",
            ca_file=_file("RUNLORE_S3_CA_FILE", environ),
            sse=_choice("RUNLORE_S3_SSE", environ, "", "AES256", "aws:kms"),
            sse_kms_key_id=environ.get("RUNLORE_S3_SSE_KMS_KEY_ID", ""),
        ),
        policy=_policy(value),
        web=web,
    )


def _web(value: Callable[[str, str], str]) -> WebSettings | None:
    listen = value("web_listen", "")
    origins = tuple(text.strip() for text in value("web_allow_origin", "").split(",") if text.strip())
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise SettingsError(
                f"--web-allow-origin: '{origin}' is not an origin as browsers send it, such as "
                "https://dash.example.com or http://localhost:5173: a scheme, a host in small letters, and a port if "
                "it has one"
            )
    if not listen:
        if origins:
            raise SettingsError("--web-allow-origin: there is no web port; say --web-listen HOST:PORT too")
        return None
    return WebSettings(*_listen("--web-listen", listen), origins)


def _policy(value: Callable[[str, str], str]) -> Policy:
    policy = Policy(
        stale_after=_number("stale_after", value("stale_after", "60"), 1, 10**9),
        close_stale_after=_number("close_stale_after", value("close_stale_after", "0"), 0, 10**9),
        close_stale_as=_closing_status(value("close_stale_as", "KILLED")),
        purge_after=_number("purge_after", value("purge_after", "30"), 0, 10**6),
        keep_events=_number("keep_events", value("keep_events", "0"), 0, 10**6),
    )
    if 0 < policy.close_stale_after < policy.stale_after:
        raise SettingsError(
            f"--close-stale-after: {policy.close_stale_after} is less than --stale-after ({policy.stale_after}): "
            "a run is shown as stale before it is closed. Give at least as much, or 0 to close none"
        )
    return policy


def _closing_status(text: str) -> v1.RunStatus.ValueType:
    statuses = {"KILLED": v1.RUN_STATUS_KILLED, "FAILED": v1.RUN_STATUS_FAILED}
    if text.upper() not in statuses:
        raise SettingsError(f"--close-stale-as: '{text}' is not KILLED or FAILED")
    return statuses[text.upper()]


def _check_tls(cert: str, key: str) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key, password="")
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"--tls-cert {cert} and --tls-key {key} are not a PEM certificate and its unencrypted key: {error}"
        ) from None


def _listen(flag: str, text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit() or int(port) > 65535:
        raise SettingsError(f"{flag}: '{text}' is not HOST:PORT, such as 127.0.0.1:7410 (port 0 picks a free one)")
    return host, int(port)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _choice(variable: str, environ: Mapping[str, str], *choices: str) -> str:
    """Return a variable that has a few values; the first is the default."""
    text = environ.get(variable) or choices[0]
    if text not in choices:
        raise SettingsError(f"{variable}: '{text}' is not {' or '.join(choice or 'empty' for choice in choices)}")
    return text


def _file(variable: str, environ: Mapping[str, str]) -> Path | None:
    text = environ.get(variable, "")
    if text and not Path(text).is_file():
        raise SettingsError(f"{variable}: there is no file '{text}'")
    return Path(text) if text else None


def _number(name: str, text: str, least: int, most: int) -> int:
    if not text.isdigit() or not least <= int(text) <= most:
        raise SettingsError(f"--{name.replace('_', '-')}: '{text}' is not a whole number from {least} to {most}")
    return int(text)


def _boolean(name: str, text: str) -> bool:
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}
    if text.lower() not in words:
        raise SettingsError(f"--{name}: '{text}' is neither true nor false")
    return words[text.lower()]


def _level(text: str) -> str:
    if text.lower() not in ("debug", "info", "warning", "error"):
        raise SettingsError(f"--log-level: '{text}' is not debug, info, warning or error")
    return text.lower()
