"""The text is that of the package `rfc8785`, byte by byte: what was hashed once must come out the same forever."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from runlore_server.store import canonical_json

NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
@example('\x00\x1f\x7f\u2028"\\/\b\f\n\r\té\U0001f600')
# By code points the second key would come first.
@example({"\U0001f600": 1, "\ufb33": 2, "a": [1e21, 1e-7, -0.0, 5.0, True, None], "": {}})
def test_the_text_is_that_of_the_standard(value: Any) -> None:
    assert canonical_json.dumps(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [2**53, float("nan"), [float("inf")], {"a": b"bytes"}])
def test_what_has_no_canonical_text_is_refused(value: Any) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical_json.dumps(value)
