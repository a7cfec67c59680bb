"""The vectors in protocol/vectors are checked here and in client-js/test."""

from typing import Any, get_args

import msgpack
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.messages import messages
from tests.vectors import load, plain

import lipwire_protocol as protocol
from lipwire_protocol import JSON, MSGPACK, ClientMessage, LipwireError, ServerMessage, tag

MESSAGES = load("messages")
INVALID = load("invalid")


def decode(format_: protocol.WireFormat, side: str, data: bytes) -> ClientMessage | ServerMessage:
    return format_.decode_client(data) if side == "client" else format_.decode_server(data)


@pytest.mark.parametrize("vector", MESSAGES, ids=lambda v: v["name"])
def test_a_vector_means_the_same_in_both_codecs(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["hex"])
    expected = plain(vector["message"])
    message = decode(MSGPACK, vector["side"], data)
    assert tag(message) == expected["type"]
    assert msgpack.unpackb(MSGPACK.encode(message)) == msgpack.unpackb(data) == expected


@pytest.mark.parametrize("vector", MESSAGES, ids=lambda v: v["name"])
def test_a_vector_survives_json(vector: dict[str, Any]) -> None:
    message = decode(MSGPACK, vector["side"], bytes.fromhex(vector["hex"]))
    assert decode(JSON, vector["side"], JSON.encode(message)) == message


@pytest.mark.parametrize("vector", INVALID, ids=lambda v: v["name"])
def test_what_is_no_message_is_refused_with_a_code(vector: dict[str, Any]) -> None:
    with pytest.raises(LipwireError) as caught:
        decode(MSGPACK, vector["side"], bytes.fromhex(vector["hex"]))
    assert caught.value.code == vector["error"]


def test_every_message_has_a_vector() -> None:
    seen = {(vector["side"], vector["message"]["type"]) for vector in MESSAGES}
    defined = {("client", tag(m)) for m in get_args(ClientMessage)}
    defined |= {("server", tag(m)) for m in get_args(ServerMessage)}
    assert seen == defined


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(messages(get_args(ClientMessage) + get_args(ServerMessage)))
def test_msgspec_and_msgpack_agree_on_any_message(message: ClientMessage | ServerMessage) -> None:
    as_map = msgpack.unpackb(MSGPACK.encode(message), strict_map_key=False)
    side = "client" if isinstance(message, ClientMessage) else "server"
    assert decode(MSGPACK, side, msgpack.packb(as_map)) == message
    assert _lists(msgspec.to_builtins(message, builtin_types=(bytes,))) == as_map


def _lists(value: Any) -> Any:
    """msgspec keeps tuples as they are, msgpack reads every array as a list."""
    if isinstance(value, dict):
        return {key: _lists(item) for key, item in value.items()}
    return [_lists(item) for item in value] if isinstance(value, list | tuple) else value


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused_and_nothing_else_happens(data: bytes) -> None:
    for format_ in (MSGPACK, JSON):
        with pytest.raises(LipwireError):
            format_.decode_client(data)


@pytest.mark.parametrize("vector", MESSAGES, ids=lambda v: v["name"])
def test_a_message_cut_short_is_refused(vector: dict[str, Any]) -> None:
    data = bytes.fromhex(vector["hex"])
    for length in range(len(data)):
        with pytest.raises(LipwireError):
            decode(MSGPACK, vector["side"], data[:length])


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"speak","utterance":1.0}',
        '{"type":"speak","utterance":1,"text":"\\ud800"}',
        "[" * 9,
    ],
)
def test_json_that_is_no_message_is_refused(text: str) -> None:
    with pytest.raises(LipwireError, match="not a message"):
        JSON.decode_client(text.encode())


def test_unknown_fields_are_ignored() -> None:
    data = msgpack.packb({"type": "ping", "stamp": 1, "mood": {"a": [1, 2.5, None]}})
    assert MSGPACK.decode_client(data) == protocol.Ping(stamp=1)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(messages(get_args(ServerMessage)), st.integers(1, protocol.MAX_INTEGER))
@pytest.mark.parametrize("format_", [MSGPACK, JSON], ids=["msgpack", "json"])
def test_what_is_packed_once_is_numbered_as_if_it_were_packed_for_each(
    format_: protocol.WireFormat, message: ServerMessage, seq: int
) -> None:
    once = format_.pack_once(message)
    assert once.encode(seq) == format_.encode(msgspec.structs.replace(message, seq=seq))


def test_what_was_numbered_already_is_numbered_anew() -> None:
    once = MSGPACK.pack_once(protocol.GoAway(seq=70_000, in_ms=1))
    assert once.encode(2) == MSGPACK.encode(protocol.GoAway(seq=2, in_ms=1))
