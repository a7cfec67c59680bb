import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.http.decoding import decode_body, decode_query
from tests.server.http.toys import NewToy, ToyQuery

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "empty"),
        (b"{", "truncated"),
        (b'{"name": "a"} x', "trailing"),
        (b"\xff", "malformed"),
        (b'{"name": "\xed\xa0\x80"}', "utf-8"),
        (b'{"name": "\\ud800"}', "truncated"),
        (b"[]", "Expected `object`"),
        (b"{}", "missing required field `name`"),
        (b'{"name": 1}', "`$.name`"),
        (b'{"name": ""}', "`$.name`"),
        (b'{"name": "a", "parts": ["x"]}', "`$.parts[0]`"),
        (b'{"name": "a", "nmae": 1}', "unknown field `nmae`"),
        (b'{"name": "a\\u0000"}', "U+0000"),
        (b'{"name": "a", "extra": {"\\u0000": 1}}', "U+0000"),
        (b'{"name": "a", "extra": {"a": [9007199254740992]}}', "9007199254740991"),
        (b'{"name": "a", "extra": {"a": 1e999}}', "out of range"),
        (b'{"name": "a", "extra": {"a": ' + b"9" * 5_000 + b"}}", "out of range"),
        (b'{"name": "a", "extra": {"a": ' + b"[" * 40 + b"]" * 40 + b"}}", "deep"),
        (b"[" * 60_000, "deep"),
        (b"[" * 60_000 + b"]" * 60_000, "deep"),
    ],
)
def test_a_body_that_cannot_be_says_why(body: bytes, told: str) -> None:
    with pytest.raises(LipwireError, match="body") as caught:
        decode_body(body, NewToy)
    assert caught.value.code is ErrorCode.BAD_MESSAGE
    assert told in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_text_that_only_speaks_of_a_nul_is_a_text() -> None:
    assert decode_body(b'{"name": "\\\\u0000"}', NewToy).name == "\\u0000"


@given(VALUES)
def test_any_json_is_taken_or_refused(value: Any) -> None:
    try:
        decoded = decode_body(json.dumps(value).encode(), Any)
    except LipwireError as error:
        assert error.code is ErrorCode.BAD_MESSAGE
    else:
        assert decoded == value


@given(st.lists(st.tuples(st.text(), st.text())))
def test_any_parameters_are_taken_or_refused(items: list[tuple[str, str]]) -> None:
    try:
        decoded = decode_query(items, ToyQuery)
    except LipwireError as error:
        assert error.code is ErrorCode.BAD_MESSAGE
    else:
        assert isinstance(decoded, ToyQuery)


def test_without_declared_parameters_there_are_none() -> None:
    assert decode_query([], None) is None
    with pytest.raises(LipwireError, match="unknown field `a`"):
        decode_query([("a", "")], None)
