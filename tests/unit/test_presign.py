"""Presigned URLs against the worked example in Amazon's description of Signature Version 4 query authentication."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

import pytest

from runlore_server.blob.presign import MAX_EXPIRES, Signer

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
NOW = datetime(2013, 5, 24, tzinfo=UTC)


def signer(endpoint: str = "https://examplebucket.s3.amazonaws.com") -> Signer:
    return Signer(endpoint, "AKIAIOSFODNN7EXAMPLE", SECRET, "us-east-1")


def test_the_published_example() -> None:
    url = signer().presign("GET", "/test.txt", expires=86400, now=NOW)
    assert url == (
        "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )


def test_a_session_token_is_signed_in_its_place() -> None:
    keys = ("AKIAIOSFODNN7EXAMPLE", SECRET, "us-east-1")
    signer = Signer("https://examplebucket.s3.amazonaws.com", *keys, session_token="a/b+c=")
    url = signer.presign("GET", "/test.txt", expires=86400, now=NOW)
    names = [name for name, _ in parse_qsl(urlsplit(url).query)]
    # Signature Version 4 wants the query in the order of the names.
    assert names[:-1] == sorted(names[:-1])
    assert "X-Amz-Security-Token=a%2Fb%2Bc%3D&" in url
    plain = Signer("https://examplebucket.s3.amazonaws.com", *keys).presign("GET", "/test.txt", expires=86400, now=NOW)
    assert url.rpartition("=")[2] != plain.rpartition("=")[2]
    assert SECRET not in repr(signer)
    assert "a/b+c=" not in repr(signer)


def test_headers_are_part_of_the_signature() -> None:
    # The canonical request of the specification, written out by hand.
    canonical = (
        "PUT\n/bucket/a%20b/sha256/x\n"
        "X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=60"
        "&X-Amz-SignedHeaders=content-length%3Bhost%3Bx-amz-checksum-sha256\n"
        "content-length:5\nhost:127.0.0.1:9000\nx-amz-checksum-sha256:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=\n\n"
        "content-length;host;x-amz-checksum-sha256\nUNSIGNED-PAYLOAD"
    )
    to_sign = (
        "AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n"
        + hashlib.sha256(canonical.encode()).hexdigest()
    )
    key = b"AWS4" + SECRET.encode()
    for part in ("20130524", "us-east-1", "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    expected = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()

    headers = {"X-Amz-Checksum-Sha256": "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=", "Content-Length": " 5 "}
    url = signer("http://127.0.0.1:9000").presign("PUT", "/bucket/a b/sha256/x", expires=60, headers=headers, now=NOW)
    query = dict(parse_qsl(urlsplit(url).query))
    assert query["X-Amz-Signature"] == expected
    assert query["X-Amz-SignedHeaders"] == "content-length;host;x-amz-checksum-sha256"
    assert urlsplit(url).path == "/bucket/a%20b/sha256/x"


def test_no_secret_is_in_a_url() -> None:
    assert SECRET not in signer().presign("GET", "/test.txt", expires=60)


@pytest.mark.parametrize("expires", [0, -1, MAX_EXPIRES + 1])
def test_expiry_out_of_range(expires: int) -> None:
    with pytest.raises(ValueError, match="1 to 604800 s are allowed"):
        signer().presign("GET", "/test.txt", expires=expires)
