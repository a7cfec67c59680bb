"""A file that is sent as the body of a request, into a draft: counted while it comes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

from starlette.requests import Request

from lipwire_protocol.errors import ErrorCode, LipwireError

from ..media.kinds import HEAD_BYTES, Kind, kind_of
from ..store.files import BlobStore

__all__ = ["TAKEN", "UnheardError", "receive_file"]

TAKEN: Final = (*(kind.value for kind in Kind), "application/octet-stream")
"""What is in it tells what it is, and not the header."""

_PATIENCE_S: Final = 60.0
_BLOCK: Final = 256 << 10
_LAST_WORDS_S: Final = 2.0
_LAST_WORDS_BYTES: Final = 32 << 20


class UnheardError(LipwireError):
    """The body has not ended, and may never: the connection has to."""


async def receive_file(request: Request, files: BlobStore, draft: Path, limit: int) -> Kind:
    """Writes the body into the draft and says what it is, by what is in it.

    Raises LipwireError `message_limit` for more than `limit` bytes, `unsupported_media` for what
    is not taken in, and `idle` for what does not come within a minute.
    """
    body = request.stream()
    try:
        _check_headers(request, limit)
        async with asyncio.timeout(_PATIENCE_S):
            kind = await _receive(body, files, draft, limit)
    except TimeoutError:
        raise UnheardError(ErrorCode.IDLE, "the file did not come within a minute") from None
    except LipwireError as error:
        if not await _heard_out(body):
            raise UnheardError(error.code, str(error)) from None
        raise
    if kind is None:
        raise _not_taken()
    return kind


async def _heard_out(body: AsyncIterator[bytes]) -> bool:
    """Whether the rest came soon. Who is cut off while he sends may not see the answer."""
    size = 0
    try:
        async with asyncio.timeout(_LAST_WORDS_S):
            async for part in body:
                size += len(part)
                if size > _LAST_WORDS_BYTES:
                    return False
    except TimeoutError:
        return False
    return True


def _check_headers(request: Request, limit: int) -> None:
    """What a form of another origin's page may send without asking is of none of these types."""
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent != TAKEN[-1] and not sent.startswith(("image/", "audio/")):
        raise LipwireError(
            ErrorCode.UNSUPPORTED_MEDIA,
            f"send the file itself as the body, with one of these types: {', '.join(TAKEN)}",
        )
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or len(declared) > 15 or int(declared) > limit:
        raise _too_big(limit)


async def _receive(
    body: AsyncIterator[bytes], files: BlobStore, draft: Path, limit: int
) -> Kind | None:
    kind: Kind | None = None
    waiting, size = bytearray(), 0
    async for part in body:
        size += len(part)
        if size > limit:
            raise _too_big(limit)
        waiting += part
        if kind is None and size >= HEAD_BYTES:
            kind = kind_of(bytes(waiting[:HEAD_BYTES]))
            if kind is None:
                raise _not_taken()
        if len(waiting) >= _BLOCK:
            await files.append(draft, bytes(waiting))
            waiting.clear()
    await files.append(draft, bytes(waiting))
    return kind


def _not_taken() -> LipwireError:
    return LipwireError(
        ErrorCode.UNSUPPORTED_MEDIA,
        "what is in the file is no PNG, JPEG, WebP or WAV, whatever its name says: save it as one"
        " of these",
    )


def _too_big(limit: int) -> LipwireError:
    return LipwireError(ErrorCode.MESSAGE_LIMIT, f"the file is longer than {limit:,} bytes")
