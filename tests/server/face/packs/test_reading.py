import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol import LipwireError
from lipwire_server.face.packs.reading import MANIFEST_BYTES, read_manifest
from tests.tiny_avatar import tiny_manifest


def changed(**changes: Any) -> bytes:
    whole = msgspec.to_builtins(tiny_manifest())
    return json.dumps({**whole, **changes}).encode()


def test_a_manifest_is_read_as_it_was_written() -> None:
    data = msgspec.json.encode(tiny_manifest())
    assert read_manifest(data) == tiny_manifest()
    assert read_manifest(b"\xef\xbb\xbf" + data) == tiny_manifest()


def test_another_version_is_told_before_anything_else() -> None:
    with pytest.raises(LipwireError, match=r"format 'avatar-pack/2', and .* reads 'avatar-pack/1'"):
        read_manifest(b'{"format": "avatar-pack/2", "layers": "elsewhere"}')
    with pytest.raises(LipwireError, match="does not say its format"):
        read_manifest(b"{}")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"size": 10}, r"size: expected `int` >= 64"),
        ({"size": "512"}, r"size: expected `int`, got `str`"),
        ({"name": "../x"}, r"name: expected `str` matching"),
        ({"layers": []}, r"layers: expected `array` of length >= 1"),
        ({"layers": [{"name": "a", "images": [{"file": 3}]}]}, r"layers\[0\].images\[0\].file: "),
        ({"pivot": [0, 1e9]}, r"pivot\[1\]: expected `float` <= 8192"),
        ({"sise": 3}, r"object contains unknown field `sise`"),
        ({"mouth": {"set": "nose"}}, r"mouth.set: invalid enum value 'nose'"),
    ],
)
def test_an_error_says_where_it_is(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(LipwireError, match=f"avatar.json: {message}"):
        read_manifest(changed(**changes))


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe{", b"[" * 100_000])
def test_what_is_no_json_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(LipwireError, match=r"avatar\.json"):
        read_manifest(data)


def test_a_manifest_that_is_too_large_is_not_parsed() -> None:
    with pytest.raises(LipwireError, match="more than 4 MB"):
        read_manifest(b" " * (MANIFEST_BYTES + 1))


@given(st.binary(max_size=200))
def test_anything_else_is_an_error_too(data: bytes) -> None:
    with pytest.raises(LipwireError):
        read_manifest(data)
