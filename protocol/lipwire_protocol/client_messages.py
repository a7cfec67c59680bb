"""Messages from the client to the server.

No message carries a float. Positions and durations are samples at the session's audio rate unless
their name ends in `_ms`; text offsets are code points.
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct, field

from .limits import Natural, Positive
from .options import (
    AudioFormat,
    Flow,
    Frames,
    Lexicon,
    Name,
    Noise,
    Rate,
    TextOptions,
    Timing,
    Volume,
    Weights,
)

__all__ = [
    "Bye",
    "ClientMessage",
    "Configure",
    "Continue",
    "Flush",
    "Hello",
    "Interrupt",
    "Pause",
    "Ping",
    "Played",
    "Pose",
    "Position",
    "Replay",
    "Resume",
    "Speak",
    "Watch",
    "WatchFrom",
]

Secret = Annotated[str, Meta(min_length=1, max_length=200)]
Token = Annotated[str, Meta(max_length=4_096)]
SpokenText = Annotated[str, Meta(pattern=r"\A[^\x00]*\Z")]
"""U+0000 has no sound and no place in a database."""
Angle = Annotated[int, Meta(ge=-3_142, le=3_142)]
"""1/1000 rad."""
MetaData = Annotated[
    dict[Annotated[str, Meta(max_length=64)], str | int | bool | None], Meta(max_length=32)
]


class _Message(
    Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag=str.lower
):
    """Unknown fields are ignored, so that a newer client can talk to an older server."""


class Position(Struct, frozen=True, kw_only=True):
    """Where a stream broke off: all of it is known from the last `segment` and `chunk`."""

    utterance: Natural
    segment: Natural
    span: tuple[Natural, Natural]
    start: Natural
    """First sample of that segment."""
    sample: Natural
    """First sample that is wanted."""


class Resume(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Takes a session up again."""

    id: Name
    secret: Secret
    position: Position | None = None


class Hello(_Message, frozen=True, kw_only=True):
    """The first message: who is there and what it would like. Everything has a default."""

    token: Token | None = None
    session: Resume | None = None
    voice: Name | None = None
    speaker: Name | None = None
    language: Name | None = None
    rate_percent: Rate = 100
    volume_percent: Volume = 100
    noise_percent: Noise = 100
    lexicon: Lexicon | None = None
    seed: Natural = 0
    audio: AudioFormat = AudioFormat()
    timing: Timing = Timing()
    weights: Weights | None = None
    frames: Frames = Frames()
    avatar: Name | None = None
    flow: Flow = Flow()
    text: TextOptions = TextOptions()
    persist: bool = True
    meta: MetaData | None = None


class Speak(_Message, frozen=True, kw_only=True):
    """Appends text to an utterance, which opens itself; `end` says that no more text comes."""

    utterance: Natural
    text: SpokenText = ""
    end: bool = False
    number: Positive | None = None
    """Counts the client's `speak` messages; answered by `accepted` once the text is safe."""


class Flush(_Message, frozen=True, kw_only=True):
    """Speak now what waits for the end of its sentence."""

    utterance: Natural


class Interrupt(_Message, frozen=True, kw_only=True):
    """Barge-in: stop now. Without `utterance`, everything that speaks or waits."""

    utterance: Natural | None = None
    heard: Natural | None = None
    """Samples of the utterance that the listener heard."""


class Played(_Message, frozen=True, kw_only=True):
    """What the listener has heard so far, two to ten times a second."""

    utterance: Natural
    sample: Natural
    buffered_ms: Natural | None = None
    underruns: Natural | None = None
    first_ms: Natural | None = None
    """From `speak` to the first sound, as the client saw it."""
    frame_credit: Natural | None = None
    """Frames that the listener still has room for; without it there is no bound."""


class Configure(_Message, frozen=True, kw_only=True):
    """Changes settings from the next segment on; what is left out stays as it is."""

    voice: Name | None = None
    speaker: Name | None = None
    rate_percent: Rate | None = None
    volume_percent: Volume | None = None
    noise_percent: Noise | None = None
    lexicon: Lexicon | None = None
    avatar: Name | None = None
    frames: Frames | None = None
    timing: Timing | None = None
    weights: Weights | None = None


class Pause(_Message, frozen=True, kw_only=True):
    """Holds emission, of one utterance or of all."""

    utterance: Natural | None = None


class Continue(_Message, frozen=True, kw_only=True):
    """Releases what `pause` holds."""

    utterance: Natural | None = None


class Pose(_Message, frozen=True, kw_only=True):
    """Changes the state of the avatar; what is left out stays as it is."""

    emotion: Name | None = None
    gaze: tuple[Angle, Angle] | None = None
    """To the right and up, as the listener sees it."""
    head: tuple[Angle, Angle, Angle] | None = None
    """Yaw to the right, pitch up, roll to the right."""


class Replay(_Message, frozen=True, kw_only=True):
    """Speaks a stored utterance again, as a new one: the same bytes."""

    utterance: Natural
    of: Natural
    from_: Natural = field(default=0, name="from")
    """First sample that is wanted."""


class WatchFrom(StrEnum):
    LIVE = "live"
    START = "start"


class Watch(_Message, frozen=True, kw_only=True):
    """Instead of `hello`: a read-only observer of a session."""

    session: Name
    watch_secret: Secret
    from_: WatchFrom = field(default=WatchFrom.LIVE, name="from")
    token: Token | None = None
    audio: AudioFormat = AudioFormat()
    timing: Timing = Timing()
    weights: Weights | None = None
    frames: Frames = Frames()
    flow: Flow = Flow()


class Ping(_Message, frozen=True, kw_only=True):
    stamp: Natural = 0


class Bye(_Message, frozen=True, kw_only=True):
    """Finish what was said, then close."""


ClientMessage = (
    Hello
    | Speak
    | Flush
    | Interrupt
    | Played
    | Configure
    | Pause
    | Continue
    | Pose
    | Replay
    | Watch
    | Ping
    | Bye
)
