"""`/v1/phonemes` and `/v1/lipsync/preview`: what a text sounds like, without its sound.

A segment is planned, and none of its samples are made: that is a tenth of the work.
"""

import asyncio
from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct
from starlette.responses import Response

from lipwire_protocol import WEIGHT_SETS, ErrorCode, Weights, WeightSet

from ..access.scopes import Scope
from ..lipsync.exports import transcript
from ..lipsync.exports.formats import FORMATS, Format
from ..lipsync.exports.transcript import Transcript, transcript_of
from ..session.host import Host
from ..session.rehearsal import rehearse
from .callers import for_caller
from .decoding import Query
from .rest import Call, Operation
from .spoken import (
    BODY_BYTES,
    Phoneme,
    Shape,
    Speech,
    Weighted,
    WeightTrack,
    Word,
    check_length,
    check_sets,
    hello_of,
    phonemes_of,
    shapes_of,
    weights_of,
    words_of,
)
from .utterances import TIMING_TYPES

__all__ = ["PhonemeTimes", "Phonemes", "Preview", "phoneme_operations"]

_DEADLINE_S = 60.0
_ERRORS = (
    ErrorCode.NOT_FOUND,
    ErrorCode.EMPTY_TEXT,
    ErrorCode.TEXT_LIMIT,
    ErrorCode.UNSUPPORTED,
    ErrorCode.OVERLOADED,
    ErrorCode.SYNTHESIS_FAILED,
)


class SymbolOfWord(Struct, kw_only=True, frozen=True):
    symbol: str
    word: Annotated[int, Meta(description="Index into the words; -1 in a pause.")]


class WordOfText(Struct, kw_only=True, frozen=True):
    text: str
    begin: Annotated[int, Meta(description="Of its first code point in the text.")]
    end: int


class Phonemes(Struct, kw_only=True, frozen=True):
    """How a text is pronounced, in the symbols of the International Phonetic Alphabet."""

    voice: str
    phonemes: list[SymbolOfWord]
    words: list[WordOfText]


class PhonemeTimes(Struct, kw_only=True, frozen=True):
    """How a text is pronounced, and when; exactly as long as the speech that would be made."""

    voice: str
    sample_rate: Annotated[int, Meta(description="Of all positions.")]
    samples: Annotated[int, Meta(description="Of the whole speech.")]
    phonemes: list[Phoneme]
    words: list[Word]


class PreviewBody(Speech, kw_only=True):
    """A text, and what is to be told of its mouth."""

    sets: Annotated[
        tuple[str, ...],
        Meta(max_length=16, description="Viseme sets, of those of /v1/visemes."),
    ] = ("oculus",)
    weights: Annotated[
        Weighted | None, Meta(description="A track of blend weights beside them.")
    ] = None


class Preview(Struct, kw_only=True, frozen=True):
    """What the mouth does for a text of which no sound is made."""

    voice: str
    sample_rate: Annotated[int, Meta(description="Of all positions.")]
    samples: Annotated[int, Meta(description="Of the whole speech.")]
    words: list[Word]
    visemes: Annotated[dict[str, list[Shape]], Meta(description="By set.")]
    weights: Annotated[dict[str, WeightTrack], Meta(description="By set.")]


class PreviewQuery(Query):
    format: Annotated[
        Annotated[
            str,
            Meta(
                pattern=f"^({'|'.join(FORMATS)})$",
                extra_json_schema={"enum": list(FORMATS)},
            ),
        ]
        | None,
        Meta(description="Answer with a file for another program; it has the sets that it needs."),
    ] = None


def phoneme_operations(host: Host) -> list[Operation]:
    async def phonemes(call: Call) -> Phonemes:
        voice, heard = await _read(host, call)
        return Phonemes(
            voice=voice,
            phonemes=[SymbolOfWord(symbol=p.symbol, word=p.word) for p in heard.phonemes],
            words=[WordOfText(text=w.text, begin=w.begin, end=w.end) for w in heard.words],
        )

    async def timing(call: Call) -> PhonemeTimes:
        voice, heard = await _read(host, call)
        return PhonemeTimes(
            voice=voice,
            sample_rate=heard.sample_rate,
            samples=heard.count,
            phonemes=phonemes_of(heard),
            words=words_of(heard),
        )

    async def preview(call: Call) -> Preview | Response:
        asked: PreviewBody = call.body
        query: PreviewQuery = call.query
        check_sets(asked.sets)
        if query.format is not None:
            form = FORMATS[query.format]
            _, seen = await _read(host, call, _sets(form, asked), _weights(form, asked))
            headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
            # Minutes of ARKit weights take a while.
            content = await asyncio.to_thread(form.write, seen)
            return Response(content, media_type=form.mime, headers=headers)
        voice, seen = await _read(host, call, asked.sets, _wanted(asked))
        return await asyncio.to_thread(_preview, voice, seen, asked.sets)

    return [
        Operation(
            method="POST",
            path="/v1/phonemes",
            scope=Scope.SPEAK,
            summary="How a text is pronounced",
            tag="speech",
            handler=phonemes,
            body=Speech,
            body_bytes=BODY_BYTES,
            answer=Phonemes,
            errors=_ERRORS,
        ),
        Operation(
            method="POST",
            path="/v1/phonemes/timing",
            scope=Scope.SPEAK,
            summary="How a text is pronounced, and when which sound would be heard",
            tag="speech",
            handler=timing,
            description="The times are those of the speech, to the sample, though none is made.",
            body=Speech,
            body_bytes=BODY_BYTES,
            answer=PhonemeTimes,
            errors=_ERRORS,
        ),
        Operation(
            method="POST",
            path="/v1/lipsync/preview",
            scope=Scope.SPEAK,
            summary="What the mouth does for a text, without its sound",
            tag="speech",
            handler=preview,
            description=(
                "Nothing is stored. With `format`, the answer is a file of that format in place of"
                f" this JSON: {', '.join(f'`{name}`' for name in FORMATS)}."
            ),
            query=PreviewQuery,
            body=PreviewBody,
            body_bytes=BODY_BYTES,
            answer=Preview,
            gives=TIMING_TYPES,
            errors=_ERRORS,
        ),
    ]


def _preview(voice: str, seen: Transcript, sets: Sequence[str]) -> Preview:
    return Preview(
        voice=voice,
        sample_rate=seen.sample_rate,
        samples=seen.count,
        words=words_of(seen),
        visemes=shapes_of(seen, sets),
        weights=dict(weights_of(seen)),
    )


async def _read(
    host: Host, call: Call, sets: tuple[str, ...] = (), weights: Weights | None = None
) -> tuple[str, Transcript]:
    """The name of the voice, and all that is known of the text before it is spoken."""
    asked: Speech = call.body
    check_length(asked.text, host.limits)
    hello = hello_of(asked, sets=sets, weights=weights)
    work = rehearse(host, hello, asked.text, key=str(host.new_id()))
    done = await for_caller(call.request, work, within_s=_DEADLINE_S)
    tracks = {
        name: transcript.Weights(WEIGHT_SETS[name], weights.fps, values)
        for name, values in done.weights.items()
        if weights is not None
    }
    rate = done.terms.rate
    heard = transcript_of(done.segments, asked.text, rate, weights=tracks)
    return done.terms.voice.name, heard


def _wanted(asked: PreviewBody) -> Weights | None:
    return None if asked.weights is None else Weights(set=asked.weights.set, fps=asked.weights.fps)


def _sets(form: Format, asked: PreviewBody) -> tuple[str, ...]:
    return form.visemes or asked.sets


def _weights(form: Format, asked: PreviewBody) -> Weights | None:
    if form.weights is None:
        return _wanted(asked)
    name, fps = form.weights
    return Weights(set=WeightSet(name), fps=fps)
