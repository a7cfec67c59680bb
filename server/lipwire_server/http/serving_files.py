"""Files that never change: whole or in parts, and not at all to whoever has them already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ..store.files import BlobReader, BlobStore
from .etags import matches, quoted
from .filenames import attachment
from .ranges import Span, read_ranges
from .rest import Call

__all__ = ["ServedFile", "serve_file"]

_BLOCK: Final = 256 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedFile:
    sha256: bytes
    media_type: str
    filename: str


async def serve_file(call: Call, files: BlobStore, file: ServedFile) -> Response:
    """The answer to a GET or HEAD of the file.

    Raises LipwireError `not_found` where it is not there, and `storage_unavailable`.
    """
    tag = file.sha256.hex()
    headers = {
        "ETag": quoted(tag),
        "Cache-Control": "private, max-age=31536000, immutable",
        "X-Content-Type-Options": "nosniff",
        # Opened as a page, it may do nothing at all.
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Accept-Ranges": "bytes",
    }
    if call.if_none_match is not None and matches(call.if_none_match, tag):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = attachment(file.filename)
    reader = await files.open(file.sha256)
    spans = _asked_for(call, reader.size, tag)
    if spans is None:
        return _FileAnswer(reader, [(0, reader.size)], 200, headers, file.media_type)
    if not spans:
        await reader.close()
        headers = {"Content-Range": f"bytes */{reader.size}", "Cache-Control": "no-store"}
        return Response(status_code=416, headers=headers)
    if len(spans) == 1:
        headers["Content-Range"] = _content_range(spans[0], reader.size)
        return _FileAnswer(reader, spans, 206, headers, file.media_type)
    return _in_parts(reader, spans, headers, file.media_type, boundary=tag)


def _asked_for(call: Call, size: int, tag: str) -> list[Span] | None:
    headers = call.request.headers
    # A date never matches: we give none.
    if call.request.method != "GET" or headers.get("if-range", quoted(tag)) != quoted(tag):
        return None
    return read_ranges(headers.get("range"), size)


def _in_parts(
    reader: BlobReader,
    spans: Sequence[Span],
    headers: Mapping[str, str],
    media_type: str,
    *,
    boundary: str,
) -> Response:
    """Several parts; no file has its own hash in it, so that is what stands between them."""
    pieces: list[bytes | Span] = []
    for span in spans:
        pieces.append(
            f"--{boundary}\r\nContent-Type: {media_type}\r\n"
            f"Content-Range: {_content_range(span, reader.size)}\r\n\r\n".encode()
        )
        pieces += [span, b"\r\n"]
    pieces.append(f"--{boundary}--\r\n".encode())
    return _FileAnswer(reader, pieces, 206, headers, f"multipart/byteranges; boundary={boundary}")


def _content_range(span: Span, size: int) -> str:
    return f"bytes {span[0]}-{span[1] - 1}/{size}"


class _FileAnswer(Response):
    """Text and spans of a file one after another, read as fast as they are taken."""

    def __init__(
        self,
        reader: BlobReader,
        pieces: Sequence[bytes | Span],
        status: int,
        headers: Mapping[str, str],
        media_type: str,
    ) -> None:
        lengths = (len(p) if isinstance(p, bytes) else p[1] - p[0] for p in pieces)
        super().__init__(b"", status, {**headers, "Content-Length": str(sum(lengths))}, media_type)
        self._reader = reader
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send(
                {
                    "type": "http.response.start",
                    "status": self.status_code,
                    "headers": self.raw_headers,
                }
            )
            if scope["method"] != "HEAD":
                for piece in self._pieces:
                    await self._send(piece, send)
            await send({"type": "http.response.body", "body": b""})
        finally:
            await self._reader.close()

    async def _send(self, piece: bytes | Span, send: Send) -> None:
        if isinstance(piece, bytes):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            return
        begin, end = piece
        while begin < end:
            body = await self._reader.read(begin, min(_BLOCK, end - begin))
            if not body:
                raise EOFError("a file is shorter than it was")
            await send({"type": "http.response.body", "body": body, "more_body": True})
            begin += len(body)
