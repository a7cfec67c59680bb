"""protocol/README.md is the normative text: whatever the code defines stands in it."""

from pathlib import Path
from typing import get_args

import msgspec
import pytest

from lipwire_protocol import ClientMessage, ErrorCode, Limits, ServerMessage, tag
from lipwire_protocol.utterance import TRANSITIONS

PAGE = (Path(__file__).parents[2] / "protocol" / "README.md").read_text()


@pytest.mark.parametrize("message", get_args(ClientMessage) + get_args(ServerMessage), ids=tag)
def test_every_message_and_field_is_described(message: type[msgspec.Struct]) -> None:
    assert f"`{tag(message)}`" in PAGE
    missing = [
        field.encode_name
        for field in msgspec.structs.fields(message)
        if not any(mark + field.encode_name in PAGE for mark in "`{ ")
    ]
    assert not missing


@pytest.mark.parametrize("code", ErrorCode)
def test_every_code_is_described_with_what_it_closes_with(code: ErrorCode) -> None:
    assert f"| `{code}` | {code.close_code} | {code.http_status} | " in PAGE


def test_the_diagram_is_the_table() -> None:
    for (state, message), following in TRANSITIONS.items():
        assert f"    {state.value} --> {following.value}: {tag(message)}\n" in PAGE
    assert PAGE.count(" --> ") == len(TRANSITIONS) + 1


def test_the_limits_are_the_defaults() -> None:
    for field in msgspec.structs.fields(Limits):
        assert isinstance(field.default, int)
        assert f"| `{field.name}` | {field.default:,} " in PAGE or field.name == "lead_ms"
