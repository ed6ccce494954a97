"""Page tokens: bound to their request, and signed."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runlore import v1
from runlore_server import calls
from runlore_server.errors import RunloreError
from runlore_server.pages import LIFETIME, PageTokens

TOKENS = PageTokens(b"k" * 32)
REQUEST = v1.SearchRunsRequest(filter="metrics.a > 1")


@pytest.fixture(autouse=True)
def call() -> None:
    calls.begin(calls.Call(method="m", actor=v1.Actor(), trace_id="t"))


@given(st.integers(0, 7), st.integers(1, 4))
def test_pages_cut_of_a_list_are_the_list(length: int, size: int) -> None:
    entries, seen, token = list(range(length)), [], ""
    while True:
        after = (TOKENS.decode(REQUEST, token) or [-1])[0]
        page, token = TOKENS.cut(REQUEST, entries[after + 1 :][: size + 1], size, lambda entry: [entry])
        assert len(page) <= size
        seen += page
        if not token:
            break
        assert page
    assert seen == entries


def test_a_token_gives_its_values_back_whatever_the_page_size() -> None:
    token = TOKENS.encode(REQUEST, ["x", 1.5, None])
    again = v1.SearchRunsRequest(filter="metrics.a > 1", page_size=7, page_token=token)
    assert TOKENS.decode(again, token) == ["x", 1.5, None]


def test_no_token_is_the_first_page() -> None:
    assert TOKENS.decode(REQUEST, "") is None


@pytest.mark.parametrize(
    "request_",
    [
        v1.SearchRunsRequest(filter="metrics.a > 2"),
        v1.SearchRunsRequest(filter="metrics.a > 1", workspace="other"),
        v1.SearchExperimentsRequest(),
    ],
)
def test_a_token_of_another_request_is_refused(request_: v1.SearchRunsRequest) -> None:
    with pytest.raises(RunloreError, match="page_token"):
        TOKENS.decode(request_, TOKENS.encode(REQUEST, [1]))


def test_a_token_of_another_server_is_refused() -> None:
    with pytest.raises(RunloreError, match="page_token"):
        PageTokens(b"other").decode(REQUEST, TOKENS.encode(REQUEST, [1]))


def test_a_token_expires_and_says_so() -> None:
    now = 1_800_000_000.0
    tokens = PageTokens(b"k" * 32, clock=lambda: now)
    token = tokens.encode(REQUEST, [1])
    now += LIFETIME
    assert tokens.decode(REQUEST, token) == [1]
    now += 1
    with pytest.raises(RunloreError, match="page_token: has expired: a token is good for 72 hours") as refused:
        tokens.decode(REQUEST, token)
    assert refused.value.reason == v1.ERROR_REASON_INVALID_PAGE_TOKEN


@given(st.data())
def test_a_changed_token_is_refused(data: st.DataObject) -> None:
    token = TOKENS.encode(REQUEST, ["abc", 1])
    raw = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(RunloreError, match="page_token"):
        TOKENS.decode(REQUEST, base64.urlsafe_b64encode(raw).decode().rstrip("="))


@given(st.text())
def test_any_text_is_refused_and_breaks_nothing(text: str) -> None:
    if text:
        with pytest.raises(RunloreError, match="page_token"):
            TOKENS.decode(REQUEST, text)
