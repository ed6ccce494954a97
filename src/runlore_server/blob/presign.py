"""Presigned S3 URLs: AWS Signature Version 4 in the query string.

The `minio` SDK signs no header but `host` into a URL. An upload has to sign the checksum header as well, so that the
URL is good for one blob's bytes and no others.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import quote, urlsplit

#: The longest that Signature Version 4 allows, in seconds.
MAX_EXPIRES = 7 * 24 * 3600

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True)
class Signer:
    """Signs requests to one S3 endpoint, `http[s]://host[:port]`, with one pair of keys."""

    endpoint: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str
    #: Of temporary keys; empty for others.
    session_token: str = field(default="", repr=False)

    def presign(
        self,
        method: str,
        path: str,
        *,
        expires: int,
        headers: Mapping[str, str] | None = None,
        now: datetime | None = None,
    ) -> str:
        """Return a URL that allows one kind of request for `expires` seconds from `now`.

        `path` begins with `/` and is not yet percent-encoded. The request must carry `headers` exactly so.
        """
        if not 1 <= expires <= MAX_EXPIRES:
            raise ValueError(f"expires is {expires} s: 1 to {MAX_EXPIRES} s are allowed")
        time = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{time[:8]}/{self.region}/s3/aws4_request"
        signed = {name.lower(): " ".join(value.split()) for name, value in (headers or {}).items()}
        signed["host"] = urlsplit(self.endpoint).netloc
        names = ";".join(sorted(signed))
        query = "&".join(
            f"{_encode(name)}={_encode(value)}"
            for name, value in (
                ("X-Amz-Algorithm", _ALGORITHM),
                ("X-Amz-Credential", f"{self.access_key}/{scope}"),
                ("X-Amz-Date", time),
                ("X-Amz-Expires", str(expires)),
                *([("X-Amz-Security-Token", self.session_token)] if self.session_token else []),
                ("X-Amz-SignedHeaders", names),
            )
        )
        encoded_path = quote(path, safe="/-_.~")
        canonical = "\n".join(
            (method, encoded_path, query, *(f"{n}:{signed[n]}" for n in sorted(signed)), "", names, "UNSIGNED-PAYLOAD")
        )
        to_sign = f"{_ALGORITHM}\n{time}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = _signing_key(self.secret_key, time[:8], self.region)
        signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
        return f"{self.endpoint}{encoded_path}?{query}&X-Amz-Signature={signature}"


# A manifest of thousands of files is signed at once, all with the day's key.
@lru_cache(maxsize=8)
def _signing_key(secret_key: str, date: str, region: str) -> bytes:
    key = f"AWS4{secret_key}".encode()
    for part in (date, region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def _encode(text: str) -> str:
    return quote(text, safe="-_.~")
