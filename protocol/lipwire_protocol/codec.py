"""Messages to and from bytes, in the two formats of the protocol.

`lipwire.v1` is MessagePack, one map in each binary message. `lipwire.v1.json` is the same map as
JSON in a text message, byte strings as base64: for people with a terminal.
"""

from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

import msgspec
from msgspec import structs

from .client_messages import ClientMessage
from .errors import ErrorCode, LipwireError
from .server_messages import ServerMessage

__all__ = ["FORMATS", "JSON", "MSGPACK", "Numbered", "WireFormat", "tag"]

Message = ClientMessage | ServerMessage
T = TypeVar("T")

# What msgspec raises has no common base: besides its own errors there are the standard library's
# for invalid UTF-8 and for junk that is nested too deeply.
_UNDECODABLE = (msgspec.MsgspecError, ValueError, RecursionError)


class _Encoder(Protocol):
    def encode(self, obj: Any, /) -> bytes: ...


class _Decoder(Protocol):
    def decode(self, buf: bytes, /) -> Any: ...


class _Envelope(msgspec.Struct):
    type: str


@dataclass(frozen=True, slots=True)
class Numbered:
    """A server's message packed once, for any number of connections: each has a `seq` of its own.

    `seq` comes right after the type, so all of them have the same bytes before and behind it.
    """

    before: bytes
    behind: bytes
    numbers: _Encoder

    def encode(self, seq: int) -> bytes:
        """What `WireFormat.encode` gives for the message with that `seq`, which is not 0."""
        return b"".join(self.parts(seq))

    def parts(self, seq: int) -> tuple[bytes, bytes]:
        """The same in two: a short one, and the one that is everybody's."""
        return self.before + self.numbers.encode(seq), self.behind


_PLACEHOLDER: Final = 1


class WireFormat:
    """One of the two formats, named by its WebSocket subprotocol."""

    def __init__(
        self,
        subprotocol: str,
        encoder: _Encoder,
        client: _Decoder,
        server: _Decoder,
        envelope: _Decoder,
        separator: bytes = b"",
    ) -> None:
        """`separator`: what stands between a key and its value."""
        self.subprotocol = subprotocol
        self._separator = separator
        self._encoder = encoder
        self._client = client
        self._server = server
        self._envelope = envelope

    def encode(self, message: Message) -> bytes:
        """Packs a message; the result of `JSON` is UTF-8 and belongs in a text message."""
        return self._encoder.encode(message)

    def pack_once(self, message: ServerMessage) -> Numbered:
        """Packs a message but for its `seq`, whatever that is."""
        data = self._encoder.encode(structs.replace(message, seq=_PLACEHOLDER))
        # Nothing but the type stands before it: the first such key is the right one.
        key = self._encoder.encode("seq") + self._separator
        at = data.index(key) + len(key)
        return Numbered(data[:at], data[at + 1 :], self._encoder)

    def decode_client(self, data: bytes) -> ClientMessage:
        """Reads what a client sent.

        Raises LipwireError: `unknown_type` for a message of a type that this version does not
        know, `bad_message` for everything else that is no message.
        """
        message: ClientMessage = self._decode(self._client, data)
        return message

    def decode_server(self, data: bytes) -> ServerMessage:
        """Reads what a server sent; raises like `decode_client`."""
        message: ServerMessage = self._decode(self._server, data)
        return message

    def _decode(self, decoder: _Decoder, data: bytes) -> Any:
        try:
            return decoder.decode(data)
        except _UNDECODABLE as error:
            unknown = self._unknown_type(data) if str(error).endswith("`$.type`") else None
            if unknown is not None:
                raise LipwireError(
                    ErrorCode.UNKNOWN_TYPE, f"unknown message type {unknown!r}"
                ) from error
            raise LipwireError(ErrorCode.BAD_MESSAGE, f"not a message: {error}") from error

    def _unknown_type(self, data: bytes) -> str | None:
        try:
            envelope: _Envelope = self._envelope.decode(data)
        except _UNDECODABLE:
            return None
        return envelope.type[:40]


MSGPACK = WireFormat(
    "lipwire.v1",
    msgspec.msgpack.Encoder(),
    msgspec.msgpack.Decoder(ClientMessage),
    msgspec.msgpack.Decoder(ServerMessage),
    msgspec.msgpack.Decoder(_Envelope),
)
JSON = WireFormat(
    "lipwire.v1.json",
    msgspec.json.Encoder(),
    msgspec.json.Decoder(ClientMessage),
    msgspec.json.Decoder(ServerMessage),
    msgspec.json.Decoder(_Envelope),
    b":",
)
FORMATS = {format.subprotocol: format for format in (MSGPACK, JSON)}
"""The formats by subprotocol, the preferred one first."""


def tag(message: type[msgspec.Struct] | msgspec.Struct) -> str:
    """The `type` of a message on the wire, for example `utterance_started`."""
    name = message.__struct_config__.tag
    assert isinstance(name, str)
    return name
