"""How records lie in a file of the spool.

A file starts with what it is: eight letters, the version of this format, and which database its
records are for. Each record follows as its length, its CRC-32, and two MessagePack values: its kind
and its fields by their names. A later version may add fields that have a default, and kinds; what
it can no longer read takes another version of the format.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from .records import (
    AudioRecord,
    Record,
    SessionEnded,
    SessionOpened,
    SessionPosed,
    SessionResumed,
    SettingsRecord,
    SpeechRecord,
    UtteranceHeard,
    UtteranceRecord,
)

__all__ = ["HEADER_BYTES", "UnreadableError", "decode", "frame", "frames", "header", "target_of"]

_VERSION: Final = 1
_MAGIC: Final = b"LIPSPOOL"
_HEADER: Final = struct.Struct("<8sI16s")
_FRAME: Final = struct.Struct("<II")

HEADER_BYTES: Final = _HEADER.size

_KINDS: Final[dict[str, type[Record]]] = {
    "session_opened": SessionOpened,
    "session_resumed": SessionResumed,
    "session_posed": SessionPosed,
    "session_ended": SessionEnded,
    "speech": SpeechRecord,
    "settings": SettingsRecord,
    "utterance": UtteranceRecord,
    "utterance_heard": UtteranceHeard,
    "audio": AudioRecord,
}
"""Names in files: they outlive those of the classes."""
_NAMES: Final = {kind: name for name, kind in _KINDS.items()}


class UnreadableError(Exception):
    """What lies there is not for this version; the text quotes nothing of it."""


def header(target: bytes) -> bytes:
    """`target` is 16 bytes that stand for a database."""
    return _HEADER.pack(_MAGIC, _VERSION, target)


def target_of(data: bytes) -> bytes:
    """Which database a file is for, by its first bytes. Raises `UnreadableError`."""
    magic, version, target = _HEADER.unpack(data)
    if magic != _MAGIC:
        raise UnreadableError("it is no file of the spool")
    if version != _VERSION:
        raise UnreadableError(f"its format is {version}, and this version reads {_VERSION}")
    return bytes(target)


def frame(record: Record) -> bytes:
    payload = msgspec.msgpack.encode((_NAMES[type(record)], record), enc_hook=str)
    return _FRAME.pack(len(payload), zlib.crc32(payload)) + payload


def decode(payload: bytes) -> Record:
    """Raises `UnreadableError` where this version knows no such record."""
    try:
        name, fields = msgspec.msgpack.decode(payload, type=tuple[str, msgspec.Raw])
        if name not in _KINDS:
            raise UnreadableError("a kind of record that this version does not know")
        return msgspec.msgpack.decode(fields, type=_KINDS[name], dec_hook=_path)
    except msgspec.MsgspecError:
        raise UnreadableError("a record that this version does not understand") from None


def _path(kind: type[Path], value: str) -> Path:
    """The one type that MessagePack has to be told about."""
    return kind(value)


def frames(file: int, begin: int, end: int) -> Iterator[tuple[bytes | None, int]]:
    """What lies from `begin` to `end` of a file: a payload, None where it is damaged, and where it
    ends. Stops where nothing can be made of what follows, as at a tail that was not written whole.
    """
    while begin + _FRAME.size <= end:
        length, crc = _FRAME.unpack(os.pread(file, _FRAME.size, begin))
        begin += _FRAME.size
        # No payload is empty; zeros, which a crash leaves behind, would say so.
        if not 0 < length <= end - begin:
            return
        payload = os.pread(file, length, begin)
        begin += length
        yield payload if zlib.crc32(payload) == crc else None, begin
