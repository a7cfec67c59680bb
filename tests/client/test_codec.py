from typing import Any, get_args

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_client import pack, unpack
from lipwire_protocol import (
    MSGPACK,
    ClientMessage,
    ErrorCode,
    Hello,
    LipwireError,
    Ping,
    Pong,
    ServerMessage,
    Speak,
)
from tests.messages import messages
from tests.vectors import load

BAD = [v for v in load("invalid") if v["side"] == "server"]


@given(messages(get_args(ClientMessage)))
def test_what_is_packed_the_server_reads(message: ClientMessage) -> None:
    assert MSGPACK.decode_client(pack(message)) == message


@given(messages(get_args(ServerMessage)))
def test_what_the_server_packs_is_unpacked(message: ServerMessage) -> None:
    assert unpack(MSGPACK.encode(message)) == message


@pytest.mark.parametrize(
    "message",
    [
        Ping(stamp=1.0),  # type: ignore[arg-type]
        Speak(utterance=float("nan"), text="x"),  # type: ignore[arg-type]
        Hello(meta={"a": 0.5}),  # type: ignore[dict-item]
        Hello(meta={"a": [{"b": 2.0}]}),  # type: ignore[dict-item]
    ],
    ids=repr,
)
def test_a_float_is_not_packed(message: ClientMessage) -> None:
    with pytest.raises(LipwireError, match="no floats") as caught:
        pack(message)
    assert caught.value.code is ErrorCode.BAD_MESSAGE


@given(st.binary(max_size=200))
def test_garbage_is_refused(data: bytes) -> None:
    with pytest.raises(LipwireError) as caught:
        unpack(data)
    assert caught.value.code is ErrorCode.BAD_MESSAGE


@pytest.mark.parametrize(
    "value",
    [
        {"type": "pong", "seq": 1, "stamp": 1.0, "now_ms": 1},
        {"type": "pong", "seq": 1, "stamp": -1, "now_ms": 1},
        {"type": "pong", "seq": 1, "now_ms": 1},
        {"type": "nonsense"},
        {"seq": 1},
        ["pong"],
        None,
        msgpack.ExtType(1, b"x"),
        {"type": "pong", "seq": 1, "stamp": 1, "now_ms": 2**53},
    ],
    ids=repr,
)
def test_what_is_no_message_of_a_server_is_refused(value: Any) -> None:
    with pytest.raises(LipwireError, match="not a message"):
        unpack(msgpack.packb(value))


@pytest.mark.parametrize("vector", BAD, ids=lambda v: v["name"])
def test_the_invalid_vectors_are_refused(vector: dict[str, Any]) -> None:
    with pytest.raises(LipwireError):
        unpack(bytes.fromhex(vector["hex"]))


def test_a_message_cut_short_or_with_more_behind_it_is_refused() -> None:
    data = MSGPACK.encode(Pong(seq=1, stamp=2, now_ms=3))
    for broken in (*[data[:length] for length in range(len(data))], data + b"\x00"):
        with pytest.raises(LipwireError):
            unpack(broken)


@pytest.mark.parametrize(
    "data", [b"\xdf\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", b"\x91" * 5_000]
)
def test_a_size_that_nobody_sends_is_refused_and_not_believed(data: bytes) -> None:
    with pytest.raises(LipwireError):
        unpack(data)
