"""A file that is sent as the body of a request, into a draft: counted while it comes."""

import asyncio
from pathlib import Path
from typing import Final

from starlette.requests import Request

from lipwire_protocol.errors import ErrorCode, LipwireError

from ..media.kinds import HEAD_BYTES, Kind, kind_of
from ..store.files import BlobStore

__all__ = ["TAKEN", "receive_file"]

TAKEN: Final = (*(kind.value for kind in Kind), "application/octet-stream")
"""What is in it tells what it is, and not the header."""

_PATIENCE_S: Final = 60.0
_BLOCK: Final = 256 << 10


async def receive_file(request: Request, files: BlobStore, draft: Path, limit: int) -> Kind:
    """Writes the body into the draft and says what it is, by what is in it.

    Raises LipwireError `message_limit` for more than `limit` bytes, `unsupported_media` for what
    is not taken in, and `idle` for what does not come within a minute. None of them waits for the
    rest.
    """
    _check_type(request)
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or len(declared) > 15 or int(declared) > limit:
        raise _too_big(limit)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await _receive(request, files, draft, limit)
    except TimeoutError:
        raise LipwireError(ErrorCode.IDLE, "the file did not come within a minute") from None


def _check_type(request: Request) -> None:
    """What a form of another origin's page may send without asking is of none of these types."""
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent != TAKEN[-1] and not sent.startswith(("image/", "audio/")):
        raise LipwireError(
            ErrorCode.UNSUPPORTED_MEDIA,
            f"send the file itself as the body, with one of these types: {', '.join(TAKEN)}",
        )


async def _receive(request: Request, files: BlobStore, draft: Path, limit: int) -> Kind:
    kind: Kind | None = None
    waiting, size = bytearray(), 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise _too_big(limit)
        waiting += part
        if kind is None and size >= HEAD_BYTES:
            kind = _taken(waiting)
        if len(waiting) >= _BLOCK:
            await files.append(draft, bytes(waiting))
            waiting.clear()
    await files.append(draft, bytes(waiting))
    return kind or _taken(waiting)


def _taken(head: bytearray) -> Kind:
    kind = kind_of(bytes(head[:HEAD_BYTES]))
    if kind is None:
        raise LipwireError(
            ErrorCode.UNSUPPORTED_MEDIA,
            "what is in the file is no PNG, JPEG, WebP or WAV, whatever its name says: save it as"
            " one of these",
        )
    return kind


def _too_big(limit: int) -> LipwireError:
    return LipwireError(ErrorCode.MESSAGE_LIMIT, f"the file is longer than {limit:,} bytes")
