"""The protocol's MessagePack, packed and unpacked by the PyPI package msgpack.

The server uses msgspec's own MessagePack. That this client uses another implementation is on
purpose: what the two agree on is the protocol, and not an accident of one library.
"""

from typing import Any

import msgpack
import msgspec

from lipwire_protocol import ClientMessage, ErrorCode, LipwireError, ServerMessage

__all__ = ["pack", "unpack"]


def pack(message: ClientMessage) -> bytes:
    """Raises LipwireError `bad_message` for a message that holds a float."""
    value = msgspec.to_builtins(message, builtin_types=(bytes,))
    _refuse_floats(value)
    data: bytes = msgpack.packb(value)
    return data


def unpack(data: bytes) -> ServerMessage:
    """Raises LipwireError `bad_message` for what is no message of a server."""
    try:
        value = msgpack.unpackb(
            data,
            max_str_len=1 << 20,
            max_bin_len=16 << 20,
            max_array_len=1 << 16,
            max_map_len=1 << 10,
            max_ext_len=0,
        )
        message: ServerMessage = msgspec.convert(value, ServerMessage)
    except (ValueError, msgpack.UnpackException, msgspec.ValidationError) as error:
        raise LipwireError(ErrorCode.BAD_MESSAGE, f"not a message: {error}") from error
    return message


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise LipwireError(ErrorCode.BAD_MESSAGE, "there are no floats in this protocol")
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return
    for item in value:
        _refuse_floats(item)
