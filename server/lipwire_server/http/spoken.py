"""What is asked for when something is to be spoken, and what is told about it."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from lipwire_protocol import (
    AudioFormat,
    ErrorCode,
    Flow,
    FlowMode,
    Hello,
    Limits,
    LipwireError,
    TextOptions,
    Timing,
    Weights,
    WeightSet,
)
from lipwire_protocol.limits import Natural
from lipwire_protocol.options import Lexicon, Name, Noise, Rate
from lipwire_protocol.visemes import SETS

from ..lipsync.exports.transcript import Transcript
from .decoding import Body

__all__ = [
    "BODY_BYTES",
    "Manner",
    "Phoneme",
    "Shape",
    "Speech",
    "WeightTrack",
    "Weighted",
    "Word",
    "check_length",
    "check_sets",
    "hello_of",
    "phonemes_of",
    "shapes_of",
    "weights_of",
    "words_of",
]

BODY_BYTES = 256 << 10
"""A text of the greatest length, however it is escaped, and a lexicon."""


class Manner(Body, kw_only=True):
    """How something is said; what is left out is as in the voice or the session."""

    voice: Annotated[Name | None, Meta(description="One of /v1/voices.")] = None
    speaker: Annotated[Name | None, Meta(description="Of a voice that has several.")] = None
    language: Annotated[
        Name | None, Meta(description="Refuse a voice of another language: `en`, `en-US`.")
    ] = None
    rate_percent: Annotated[Rate, Meta(description="Of the voice's own speed.")] = 100
    noise_percent: Annotated[
        Noise, Meta(description="Of the voice's own noise: how much readings differ.")
    ] = 100
    seed: Annotated[
        Natural, Meta(description="The same seed and text are the same speech, bit by bit.")
    ] = 0
    lexicon: Annotated[
        Lexicon | None,
        Meta(description="A pronunciation for each word: phonemes in `[[...]]`, or other words."),
    ] = None
    text_options: Annotated[
        TextOptions, Meta(description="How the text is cut, and what of its markup is said.")
    ] = TextOptions()


class Speech(Manner, kw_only=True):
    """A text, and how it is said."""

    text: Annotated[str, Meta(description="What is said; phonemes in `[[...]]`.")]


class Weighted(Body):
    """A track of blend weights."""

    set: WeightSet = WeightSet.OCULUS
    fps: Annotated[int, Meta(ge=10, le=60)] = 30


class Word(Struct, kw_only=True, frozen=True):
    text: str
    begin: Annotated[int, Meta(description="Of its first code point in the text.")]
    end: int
    start: Annotated[int, Meta(description="Its first sample.")]
    count: Annotated[int, Meta(description="Samples.")]
    spoken: Annotated[int, Meta(description='Words that are heard of it: several of "1984".')]


class Phoneme(Struct, kw_only=True, frozen=True):
    symbol: str
    start: Annotated[int, Meta(description="Its first sample.")]
    count: Annotated[int, Meta(description="Samples.")]
    word: Annotated[int, Meta(description="Index into the words; -1 in a pause.")]


class Shape(Struct, kw_only=True, frozen=True):
    viseme: Annotated[str, Meta(description="Name of the mouth shape in its set.")]
    start: Annotated[int, Meta(description="Its first sample.")]
    count: Annotated[int, Meta(description="Samples.")]
    weight: Annotated[int, Meta(description="How much of it is seen, 0 to 255.")]


class WeightTrack(Struct, kw_only=True, frozen=True):
    """Frame k is that of sample k * sample_rate / fps."""

    fps: int
    shapes: Annotated[list[str], Meta(description="Names of the columns.")]
    frames: Annotated[list[list[int]], Meta(description="Rows of weights, 0 to 255.")] = field(
        default_factory=list
    )


def check_length(text: str, limits: Limits) -> None:
    """Raises LipwireError: `empty_text` where nothing is there, `text_limit` for too much."""
    if not text.strip():
        raise LipwireError(ErrorCode.EMPTY_TEXT, "body: there is nothing to say in `text`")
    if len(text) > limits.message_text:
        raise LipwireError(
            ErrorCode.TEXT_LIMIT,
            f"body: `text` has {len(text)} characters; at most {limits.message_text},"
            " speak longer ones in parts, or on a WebSocket",
        )


def check_sets(names: Iterable[str]) -> None:
    """Raises LipwireError `not_found` for a viseme set that there is not."""
    for name in names:
        if name not in SETS:
            raise LipwireError(
                ErrorCode.NOT_FOUND,
                f"body: `sets` has {name!r}, which is no viseme set; there is: {', '.join(SETS)}",
            )


def hello_of(
    manner: Manner,
    *,
    voice: str | None = None,
    sample_rate: int | None = None,
    sets: tuple[str, ...] = ("oculus",),
    weights: Weights | None = None,
    persist: bool = False,
    **more: Any,
) -> Hello:
    """A session that speaks in that manner as fast as it can; `voice` is the one by default."""
    return Hello(
        voice=manner.voice or voice,
        speaker=manner.speaker,
        language=manner.language,
        rate_percent=manner.rate_percent,
        noise_percent=manner.noise_percent,
        seed=manner.seed,
        lexicon=manner.lexicon,
        text=manner.text_options,
        audio=AudioFormat(sample_rate=sample_rate),
        timing=Timing(words=True, phonemes=True, visemes=sets),
        weights=weights,
        flow=Flow(mode=FlowMode.OFF),
        persist=persist,
        **more,
    )


# What is told


def words_of(transcript: Transcript) -> list[Word]:
    return [
        Word(text=w.text, begin=w.begin, end=w.end, start=w.start, count=w.count, spoken=w.spoken)
        for w in transcript.words
    ]


def phonemes_of(transcript: Transcript) -> list[Phoneme]:
    return [
        Phoneme(symbol=p.symbol, start=p.start, count=p.count, word=p.word)
        for p in transcript.phonemes
    ]


def shapes_of(transcript: Transcript, sets: Iterable[str]) -> dict[str, list[Shape]]:
    """Of the sets that were asked for and the voice has."""
    tracks = {name: transcript.visemes[name] for name in sets if name in transcript.visemes}
    return {
        name: [
            Shape(
                viseme=track.names[span.viseme],
                start=span.start,
                count=span.count,
                weight=span.weight,
            )
            for span in track.spans
        ]
        for name, track in tracks.items()
    }


def weights_of(transcript: Transcript) -> Mapping[str, WeightTrack]:
    return {
        name: WeightTrack(
            fps=weights.fps, shapes=list(weights.names), frames=weights.values.tolist()
        )
        for name, weights in transcript.weights.items()
    }
