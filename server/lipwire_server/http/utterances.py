"""`/v1/utterances`: what was said, how far it was heard, and its timing in every format."""

import asyncio
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta, Struct
from starlette.responses import Response

from lipwire_protocol import WordTiming, samples_to_ms
from lipwire_protocol.errors import ErrorCode

from ..lipsync.exports.formats import FORMATS
from ..session.barge_in import Before, split_after
from ..store.storage import Storage
from ..store.utterances import StoredUtterance, get_utterance, timed_utterance
from .rest import Call, Operation, Query, When
from .stored_timing import stored_transcript

__all__ = ["TIMING_TYPES", "FormatQuery", "Utterance", "operations", "shown_utterance"]

TIMING_TYPES: Final = tuple(dict.fromkeys(form.mime.partition(";")[0] for form in FORMATS.values()))
"""Media types of timing in all its formats."""

_AWAY = (ErrorCode.STORAGE_UNAVAILABLE,)
_words = msgspec.json.Decoder(tuple[WordTiming, ...])


class Utterance(Struct, kw_only=True, frozen=True):
    """What was said. Positions are samples at `sample_rate`."""

    id: UUID
    session_id: UUID
    number: Annotated[int, Meta(description="The client's own number of it.")]
    at: Annotated[int, Meta(description="Where it begins in the session.")]
    count: Annotated[int, Meta(description="Samples that were made.")]
    heard: Annotated[int | None, Meta(description="Samples that were heard, if that was told.")]
    sample_rate: int
    duration_ms: int
    heard_ms: int | None
    text: str
    text_spoken: Annotated[str | None, Meta(description="What was heard of the text.")]
    text_remaining: Annotated[str | None, Meta(description="What was not.")]
    voice: str
    rate_percent: int
    seed: int
    reason: Annotated[str, Meta(description="Why it ended: `done`, `interrupted`, ...")]
    started_at: When
    ended_at: When
    created_at: When
    updated_at: When


class FormatQuery(Query):
    """In which format timing is wanted."""

    format: Annotated[
        str,
        Meta(
            pattern=f"^({'|'.join(FORMATS)})$",
            description="How the timing is written.",
            extra_json_schema={"enum": list(FORMATS)},
        ),
    ] = "json"


def operations(storage: Storage) -> list[Operation]:
    async def get(call: Call) -> Utterance:
        return shown_utterance(await get_utterance(storage.asked(), call.id()))

    async def timing(call: Call) -> Response:
        query: FormatQuery = call.query
        form = FORMATS[query.format]
        record, sample_rate = await timed_utterance(storage.asked(), call.id())

        def write() -> bytes:
            return form.write(stored_transcript(record, sample_rate, form))

        # A minute of ARKit weights takes a while.
        content = await asyncio.to_thread(write)
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-cache"}
        return Response(content, media_type=form.mime, headers=headers)

    return [
        Operation(
            method="GET",
            path="/v1/utterances/{id}",
            summary="One utterance, and how far it was heard",
            tag="utterances",
            handler=get,
            answer=Utterance,
            errors=_AWAY,
        ),
        Operation(
            method="GET",
            path="/v1/utterances/{id}/timing",
            summary="When which word, phoneme and mouth shape is heard and seen",
            tag="utterances",
            handler=timing,
            description="In the format of the program that is to read it.",
            query=FormatQuery,
            gives=TIMING_TYPES,
            errors=_AWAY,
        ),
    ]


def shown_utterance(row: StoredUtterance) -> Utterance:
    spoken, remaining = _heard(row)
    return Utterance(
        id=row.id,
        session_id=row.session_id,
        number=row.number,
        at=row.at,
        count=row.count,
        heard=row.heard,
        sample_rate=row.sample_rate,
        duration_ms=samples_to_ms(row.count, row.sample_rate),
        heard_ms=None if row.heard is None else samples_to_ms(row.heard, row.sample_rate),
        text=row.text,
        text_spoken=spoken,
        text_remaining=remaining,
        voice=row.voice,
        rate_percent=row.rate_percent,
        seed=row.seed,
        reason=row.reason,
        started_at=row.started_at,
        ended_at=row.ended_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _heard(row: StoredUtterance) -> tuple[str | None, str | None]:
    if row.heard is None:
        return None, None
    words = (word for part in row.words for word in _words.decode(part))
    split = split_after(row.text, words, row.heard, Before(*row.before))
    return split.spoken, split.remaining
