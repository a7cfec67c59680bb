"""`/v1/audios`: the sound of what was spoken, where it is kept."""

from typing import Final
from uuid import UUID

from msgspec import Struct
from starlette.responses import Response

from lipwire_protocol import samples_to_ms
from lipwire_protocol.errors import ErrorCode

from ..store.audios import StoredAudio, get_audio, list_audios
from ..store.files import BlobStore
from ..store.storage import Storage
from ..store.utterances import get_utterance
from .paging import Page, PageQuery, page, read_id
from .rest import Call, Operation, When
from .serving_files import ServedFile, serve_file

__all__ = ["Audio", "operations", "shown_audio"]

_AWAY: Final = (ErrorCode.STORAGE_UNAVAILABLE,)


class Audio(Struct, kw_only=True, frozen=True):
    """How an utterance sounded, from its first sample to the last that was sent."""

    id: UUID
    utterance_id: UUID
    media_type: str
    codec: str
    sample_rate: int
    sample_count: int
    duration_ms: int
    byte_count: int
    sha256: str
    url: str
    created_at: When


def operations(storage: Storage, files: BlobStore) -> list[Operation]:
    async def get(call: Call) -> Audio:
        return shown_audio(await get_audio(storage.asked(), call.id()))

    async def content(call: Call) -> Response:
        row = await get_audio(storage.asked(), call.id())
        file = ServedFile(
            sha256=row.sha256, media_type=row.media_type, filename=f"{row.utterance_id}.wav"
        )
        return await serve_file(call, files, file)

    async def of_utterance(call: Call) -> Page[Audio]:
        query: PageQuery = call.query
        after = read_id(query.after)
        rows = await list_audios(storage.asked(), call.id(), after=after, limit=query.limit + 1)
        if not rows:
            await get_utterance(storage.asked(), call.id())  # Says so if there is none.
        return page(rows, query.limit, key=lambda row: row.id, shown=shown_audio)

    return [
        Operation(
            method="GET",
            path="/v1/utterances/{id}/audios",
            summary="What is kept of how an utterance sounded",
            tag="audios",
            handler=of_utterance,
            query=PageQuery,
            answer=Page[Audio],
            errors=_AWAY,
        ),
        Operation(
            method="GET",
            path="/v1/audios/{id}",
            summary="What is known of a recording",
            tag="audios",
            handler=get,
            answer=Audio,
            errors=_AWAY,
        ),
        Operation(
            method="GET",
            path="/v1/audios/{id}/content",
            summary="The sound",
            description="It never changes: `Range`, `If-Range` and `If-None-Match` are looked at.",
            tag="audios",
            handler=content,
            gives=("audio/wav",),
            errors=_AWAY,
        ),
    ]


def shown_audio(row: StoredAudio) -> Audio:
    return Audio(
        id=row.id,
        utterance_id=row.utterance_id,
        media_type=row.media_type,
        codec=row.codec,
        sample_rate=row.sample_rate,
        sample_count=row.sample_count,
        duration_ms=samples_to_ms(row.sample_count, row.sample_rate),
        byte_count=row.byte_count,
        sha256=row.sha256.hex(),
        url=f"/v1/audios/{row.id}/content",
        created_at=row.created_at,
    )
