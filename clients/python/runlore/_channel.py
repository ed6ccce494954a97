"""What every connection to a server has in common: target, credentials, options, metadata."""

from __future__ import annotations

from pathlib import Path

import grpc

from runlore._settings import Settings
from runlore.errors import invalid_field

MAX_MESSAGE_BYTES = 32 * 1024 * 1024

OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    ("grpc.max_send_message_length", MAX_MESSAGE_BYTES),
    # Find a connection that a firewall dropped silently, while a call waits on it.
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    # Reconnect soon after a restart; gRPC's own pace grows to two minutes.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    # Retries are `_rpc`'s alone.
    ("grpc.enable_retries", 0),
    # A connection of its own for each channel: a forked child must never use one that its parent uses.
    ("grpc.use_local_subchannel_pool", 1),
)


def credentials(settings: Settings) -> grpc.ChannelCredentials | None:
    """Return the TLS credentials, or None for plaintext; raises InvalidArgumentError when `ca` cannot be read."""
    if not settings.tls:
        return None
    if not settings.ca:
        return grpc.ssl_channel_credentials()
    try:
        roots = Path(settings.ca).read_bytes()
    except OSError as error:
        raise invalid_field("ca", f"cannot read '{settings.ca}': {error.strerror}") from None
    return grpc.ssl_channel_credentials(root_certificates=roots)


def metadata(settings: Settings) -> tuple[tuple[str, str], ...]:
    """Return what goes with every call."""
    pairs = (("runlore-actor", settings.actor), ("runlore-workspace", settings.workspace))
    return tuple(pair for pair in pairs if pair[1])
