"""Settings: every flag has its variable, a flag wins, and what cannot be used is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from runlore import v1
from runlore_server.main import serve
from runlore_server.policy import Policy
from runlore_server.settings import SettingsError, WebSettings, load

#: A value for each flag, and the setting that it then makes.
VALUES: dict[str, tuple[str, str, object]] = {
    "listen": ("127.0.0.1:7499", "port", 7499),
    "data": ("/somewhere", "data", Path("/somewhere")),
    "database": ("postgresql://h/d", "database", "postgresql://h/d"),
    "artifacts": ("s3://b/p", "artifacts", "s3://b/p"),
    "workers": ("3", "workers", 3),
    "insecure": ("true", "insecure", True),
    "drain_seconds": ("4", "drain_seconds", 4.0),
    "pool_size": ("7", "pool_size", 7),
    "search_budget_ms": ("30", "search_budget_ms", 30),
    "search_cache_mb": ("8", "search_cache_mb", 8),
    "log_level": ("debug", "log_level", "debug"),
    "stale_after": ("5", "policy", Policy(stale_after=5)),
    "close_stale_after": ("600", "policy", Policy(close_stale_after=600)),
    "close_stale_as": ("failed", "policy", Policy(close_stale_as=v1.RUN_STATUS_FAILED)),
    "purge_after": ("0", "policy", Policy(purge_after=0)),
    "keep_events": ("400", "policy", Policy(keep_events=400)),
    "gc_hours": ("0", "gc_hours", 0),
    "gc_grace_hours": ("72", "gc_grace_hours", 72),
    "web_listen": ("localhost:0", "web", WebSettings("localhost", 0)),
}


def test_every_flag_is_looked_at() -> None:
    # The two of TLS need files: tests/service/test_lifecycle.py has them. The origins need a port, see below.
    others = {"tls_cert", "tls_key", "web_allow_origin"}
    assert {str(parameter.name) for parameter in serve.params} == set(VALUES) | others


@pytest.mark.parametrize("name", sorted(VALUES))
def test_a_flag_has_a_variable(name: str) -> None:
    text, setting, expected = VALUES[name]
    assert getattr(load({}, {}), setting) != expected
    assert getattr(load({}, {f"RUNLORE_{name.upper()}": text}), setting) == expected
    assert getattr(load({name: text}, {}), setting) == expected


def test_a_flag_wins_over_its_variable() -> None:
    assert load({"workers": "2"}, {"RUNLORE_WORKERS": "3"}).workers == 2


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"listen": "7410"}, "is not HOST:PORT"),
        ({"listen": "0.0.0.0:7410"}, "no access control yet"),
        ({"workers": "0"}, "--workers: '0' is not a whole number from 1 to 256"),
        ({"pool_size": "x"}, "--pool-size: 'x' is not a whole number"),
        ({"insecure": "maybe"}, "neither true nor false"),
        ({"stale_after": "0"}, "--stale-after: '0' is not a whole number from 1"),
        ({"close_stale_after": "59"}, "--close-stale-after: 59 is less than --stale-after (60)"),
        ({"close_stale_as": "FINISHED"}, "--close-stale-as: 'FINISHED' is not KILLED or FAILED"),
        ({"purge_after": "-1"}, "--purge-after: '-1' is not a whole number from 0"),
        ({"log_level": "loud"}, "is not debug, info, warning or error"),
        ({"tls_cert": "c.pem"}, "belong together"),
        ({"web_listen": "8080"}, "--web-listen: '8080' is not HOST:PORT"),
        ({"web_listen": "0.0.0.0:8080"}, "--web-listen 0.0.0.0:8080 is reachable from other machines"),
        ({"web_allow_origin": "https://dash.example.com"}, "there is no web port"),
        ({"web_listen": "[::1]:0", "web_allow_origin": "*"}, "'*' is not an origin"),
        ({"web_listen": "[::1]:0", "web_allow_origin": "https://Dash.example.com"}, "in small letters"),
        ({"web_listen": "[::1]:0", "web_allow_origin": "https://dash.example.com/"}, "is not an origin"),
        ({"web_listen": "[::1]:0", "web_allow_origin": "dash.example.com"}, "is not an origin"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(flags: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(flags, {})
    assert words in str(refused.value)


def test_origins_are_a_list() -> None:
    expected = WebSettings("127.0.0.1", 80, ("https://a.example", "http://[::1]:5173"))
    listed = "https://a.example, http://[::1]:5173"
    assert load({"web_listen": "127.0.0.1:80", "web_allow_origin": listed}, {}).web == expected
    environ = {"RUNLORE_WEB_LISTEN": "127.0.0.1:80", "RUNLORE_WEB_ALLOW_ORIGIN": listed}
    assert load({}, environ).web == expected


def test_a_store_is_told_what_the_environment_says(tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text("")
    s3 = load(
        {},
        {
            "RUNLORE_S3_SESSION_TOKEN": "t",
            "RUNLORE_S3_ADDRESSING": "virtual",
            "RUNLORE_S3_CA_FILE": str(ca),
            "RUNLORE_S3_SSE": "aws:kms",
            "RUNLORE_S3_SSE_KMS_KEY_ID": "k",
        },
    ).s3
    assert (s3.session_token, s3.virtual_host, s3.ca_file, s3.sse, s3.sse_kms_key_id) == ("t", True, ca, "aws:kms", "k")
    plain = load({}, {"AWS_SESSION_TOKEN": "aws"}).s3
    assert (plain.session_token, plain.virtual_host, plain.ca_file, plain.sse) == ("aws", False, None, "")


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("RUNLORE_S3_ADDRESSING", "host", "RUNLORE_S3_ADDRESSING: 'host' is not path or virtual"),
        ("RUNLORE_S3_SSE", "AES", "RUNLORE_S3_SSE: 'AES' is not empty or AES256 or aws:kms"),
        ("RUNLORE_S3_CA_FILE", "/none", "RUNLORE_S3_CA_FILE: there is no file '/none'"),
    ],
)
def test_a_store_setting_that_is_none_is_refused(variable: str, value: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        load({}, {variable: value})
