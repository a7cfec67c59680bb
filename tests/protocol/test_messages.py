"""What holds for the definitions of all messages."""

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
import pytest

from lipwire_protocol import ClientMessage, Flow, FlowMode, Hello, Limits, ServerMessage, tag

ALL = get_args(ClientMessage) + get_args(ServerMessage)


def _leaves(kind: Any) -> Iterator[Any]:
    if get_origin(kind) is Annotated:
        yield from _leaves(get_args(kind)[0])
    elif get_origin(kind) in (Union, types.UnionType, tuple, dict):
        for argument in get_args(kind):
            yield from _leaves(argument)
    elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        for field in msgspec.structs.fields(kind):
            yield from _leaves(field.type)
    else:
        yield kind


@pytest.mark.parametrize("message", ALL, ids=lambda m: m.__name__)
def test_no_message_has_room_for_a_float(message: type) -> None:
    assert float not in set(_leaves(message))


def test_types_on_the_wire_are_unique_on_each_side() -> None:
    for side in (get_args(ClientMessage), get_args(ServerMessage)):
        tags = [tag(message) for message in side]
        assert len(tags) == len(set(tags))


def test_a_client_that_reports_nothing_still_hears_everything() -> None:
    assert Hello().flow == Flow(mode=FlowMode.PACED, lead_ms=3_000)


def test_limits_are_what_the_protocol_page_promises() -> None:
    limits = Limits()
    assert (limits.message_bytes, limits.message_text, limits.waiting_text) == (
        65_536,
        10_000,
        20_000,
    )
    assert (limits.segment_text, limits.waiting_utterances) == (400, 64)
