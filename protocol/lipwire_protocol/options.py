"""What a client asks for in `hello` or `configure`, and reads back in `ready` or `configured`."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

__all__ = [
    "AudioFormat",
    "Codec",
    "Flow",
    "FlowMode",
    "FrameMode",
    "Frames",
    "Lexicon",
    "Name",
    "Noise",
    "Rate",
    "Split",
    "TextOptions",
    "Timing",
    "Treatment",
    "Urls",
    "Volume",
    "WeightSet",
    "Weights",
]

Name = Annotated[str, Meta(min_length=1, max_length=100)]
Rate = Annotated[int, Meta(ge=50, le=200)]
"""Percent of the voice's own speed."""
Volume = Annotated[int, Meta(ge=0, le=200)]
"""Percent of the voice's own amplitude; what gets too loud is clipped."""
Noise = Annotated[int, Meta(ge=0, le=200)]
"""Percent of the voice's own noise scales: how much one reading differs from another."""

Lexicon = Annotated[
    dict[Annotated[str, Meta(min_length=1, max_length=100)], Annotated[str, Meta(max_length=400)]],
    Meta(max_length=500),
]
"""A pronunciation for each word: phonemes in `[[...]]`, or other words to say instead."""


class Codec(StrEnum):
    PCM_S16LE = "pcm_s16le"
    PCM_F32LE = "pcm_f32le"
    MULAW = "mulaw"
    ALAW = "alaw"
    OPUS = "opus"


class AudioFormat(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Mono. Without `sample_rate` the voice's own rate is used."""

    codec: Codec = Codec.PCM_S16LE
    sample_rate: Annotated[int, Meta(ge=8_000, le=48_000)] | None = None
    chunk_ms: Annotated[int, Meta(ge=20, le=1_000)] | None = None


class Timing(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which timing a `segment` carries. `visemes` names sets, for example `["oculus"]`."""

    words: bool = True
    phonemes: bool = False
    visemes: Annotated[tuple[Name, ...], Meta(max_length=16)] = ("oculus",)


class WeightSet(StrEnum):
    OCULUS = "oculus"
    ARKIT = "arkit"
    VRM = "vrm"
    LIVE2D = "live2d"


class Weights(Struct, frozen=True, kw_only=True):
    """A track of blend weights beside the events: one byte for each shape and frame."""

    set: WeightSet = WeightSet.OCULUS
    fps: Annotated[int, Meta(ge=10, le=60)] = 30


class FrameMode(StrEnum):
    NONE = "none"
    SPRITES = "sprites"
    FULL = "full"


class Frames(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Rendered avatar frames: as lists of sprites to draw, as whole pictures, or none."""

    mode: FrameMode = FrameMode.NONE
    size: Annotated[int, Meta(ge=64, le=1_024)] = 512
    """Width and height in pixels."""
    fps: Annotated[int, Meta(ge=5, le=60)] = 25
    mime: Name | None = None
    """`image/webp` or `image/png` for sprites, `image/jpeg` or `image/webp` for whole pictures;
    the first one without it."""


class FlowMode(StrEnum):
    PLAYED = "played"
    """Media runs ahead of what the client reports as heard, by `lead_ms`."""
    PACED = "paced"
    """`lead_ms` at once, then real time: for clients that send no reports."""
    OFF = "off"
    """As fast as possible: files and load tests."""


class Flow(Struct, frozen=True, kw_only=True):
    mode: FlowMode = FlowMode.PACED
    lead_ms: Annotated[int, Meta(ge=100, le=30_000)] = 3_000


class Split(StrEnum):
    SENTENCE = "sentence"
    CLAUSE = "clause"
    NONE = "none"


class Treatment(StrEnum):
    STRIP = "strip"
    KEEP = "keep"


class Urls(StrEnum):
    KEEP = "keep"
    HOST = "host"
    """Of an address, only its host is said."""
    STRIP = "strip"


class TextOptions(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How text becomes segments, and what of it is said."""

    split: Split = Split.SENTENCE
    idle_flush_ms: Annotated[int, Meta(ge=50, le=10_000)] = 500
    """Text that waits for its sentence's end is spoken after this long without more of it."""
    markdown: Treatment = Treatment.KEEP
    emoji: Treatment = Treatment.KEEP
    code: Treatment = Treatment.KEEP
    """Blocks of code; needs `markdown`, which tells where they are, to be `strip`."""
    urls: Urls = Urls.KEEP
    ssml: bool = False
    """The text is SSML instead; see the protocol's page for what is understood of it."""
