"""`/v1/assets`: pictures and recordings of people's own."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from starlette.responses import Response

from lipwire_protocol.errors import ErrorCode, LipwireError

from ..media.intake import Intake
from ..media.kinds import Kind
from ..store.assets import (
    NewAsset,
    StoredAsset,
    add_asset,
    delete_asset,
    get_asset,
    list_assets,
)
from ..store.files import BlobStore
from ..store.storage import Storage
from .filenames import tidy_filename
from .paging import Page, PageQuery, page, read_id
from .problems import problem
from .rest import Call, Operation, Query, Tagged, When
from .serving_files import ServedFile, serve_file
from .uploads import TAKEN, UnheardError, receive_file

__all__ = ["MOST_BYTES", "Asset", "operations"]

MOST_BYTES: Final = 16 << 20
_AT_ONCE: Final = 8
"""Uploads; each takes up to twice its size on the disk while it comes."""
_COME_BACK_MS: Final = 2_000
_AWAY: Final = (ErrorCode.STORAGE_UNAVAILABLE,)


class UploadQuery(Query):
    filename: Annotated[
        str, Meta(min_length=1, max_length=255, description="For people, and to save it under.")
    ] = "file"


class Asset(Struct, kw_only=True, frozen=True):
    """A file that was uploaded, as it is kept: drawn or written anew."""

    id: UUID
    kind: Annotated[str, Meta(description="`image` or `audio`.")]
    filename: str
    media_type: Annotated[str, Meta(description="What it is, by its content.")]
    byte_count: int
    sha256: str
    meta: Annotated[
        dict[str, int | str],
        Meta(description="`width` and `height`; or `codec`, `channels`, `sample_rate`, ..."),
    ]
    url: Annotated[str, Meta(description="Where its content is.")]
    created_at: When
    updated_at: When


class _Door:
    """Eight uploads at once; one more is told to come back."""

    def __init__(self) -> None:
        self._inside = 0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        if self._inside == _AT_ONCE:
            text = f"{_AT_ONCE} files are being uploaded; send it again in a moment"
            raise LipwireError(ErrorCode.OVERLOADED, text, retry_after_ms=_COME_BACK_MS)
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1


class _Assets:
    """The handlers."""

    def __init__(
        self, storage: Storage, files: BlobStore, new_id: Callable[[], UUID], most_bytes: int
    ) -> None:
        self._storage = storage
        self._files = files
        self._new_id = new_id
        self._most_bytes = most_bytes
        self._intake = Intake()
        self._door = _Door()

    async def upload(self, call: Call) -> Tagged | Response:
        try:
            return await self._take_in(call)
        except UnheardError as error:
            return problem(error, {"Connection": "close"})

    async def _take_in(self, call: Call) -> Tagged:
        query: UploadQuery = call.query
        database = self._storage.asked()
        async with self._door.open(), self._files.draft() as raw, self._files.draft() as clean:
            kind = await receive_file(call.request, self._files, raw, self._most_bytes)
            medium = await self._intake.take(kind, raw, clean)
            asset = NewAsset(
                id=self._new_id(),
                kind=medium.kind,
                filename=tidy_filename(query.filename, Kind(medium.media_type).suffixes),
                media_type=medium.media_type,
                meta=medium.meta,
            )
            content = await self._files.measure(clean)
            stored = await add_asset(database, self._files, clean, content, asset)
        return Tagged(_shown(stored), location=f"/v1/assets/{stored.id}")

    async def listing(self, call: Call) -> Page[Asset]:
        query: PageQuery = call.query
        after = read_id(query.after)
        rows = await list_assets(self._storage.asked(), after=after, limit=query.limit + 1)
        return page(rows, query.limit, key=lambda row: row.id, shown=_shown)

    async def get(self, call: Call) -> Asset:
        return _shown(await get_asset(self._storage.asked(), call.id()))

    async def content(self, call: Call) -> Response:
        row = await get_asset(self._storage.asked(), call.id())
        file = ServedFile(sha256=row.sha256, media_type=row.media_type, filename=row.filename)
        return await serve_file(call, self._files, file)

    async def delete(self, call: Call) -> None:
        await delete_asset(self._storage.asked(), call.id())


def operations(
    storage: Storage,
    files: BlobStore,
    new_id: Callable[[], UUID],
    *,
    most_bytes: int = MOST_BYTES,
) -> list[Operation]:
    assets = _Assets(storage, files, new_id, most_bytes)
    row = partial(Operation, tag="assets")
    return [
        row(
            method="POST",
            path="/v1/assets",
            summary="Upload a picture or a recording",
            description=(
                "The body is the file itself: PNG, JPEG or WebP of one picture with at most 8"
                " million pixels, or WAV. It is decoded and written anew, without metadata."
            ),
            handler=assets.upload,
            query=UploadQuery,
            takes=TAKEN,
            answer=Asset,
            status=201,
            errors=(
                *_AWAY,
                ErrorCode.MESSAGE_LIMIT,
                ErrorCode.UNSUPPORTED_MEDIA,
                ErrorCode.UNREADABLE,
                ErrorCode.IDLE,
                ErrorCode.OVERLOADED,
            ),
        ),
        row(
            method="GET",
            path="/v1/assets",
            summary="All assets, the newest first",
            handler=assets.listing,
            query=PageQuery,
            answer=Page[Asset],
            errors=_AWAY,
        ),
        row(
            method="GET",
            path="/v1/assets/{id}",
            summary="What is known of an asset",
            handler=assets.get,
            answer=Asset,
            errors=_AWAY,
        ),
        row(
            method="GET",
            path="/v1/assets/{id}/content",
            summary="The file",
            description="It never changes: `Range`, `If-Range` and `If-None-Match` are looked at.",
            handler=assets.content,
            gives=tuple(Kind),
            errors=_AWAY,
        ),
        row(
            method="DELETE",
            path="/v1/assets/{id}",
            summary="Take an asset away",
            handler=assets.delete,
            errors=_AWAY,
        ),
    ]


def _shown(row: StoredAsset) -> Asset:
    return Asset(
        id=row.id,
        kind=row.kind,
        filename=row.filename,
        media_type=row.media_type,
        byte_count=row.byte_count,
        sha256=row.sha256.hex(),
        meta=msgspec.json.decode(row.meta),
        url=f"/v1/assets/{row.id}/content",
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
