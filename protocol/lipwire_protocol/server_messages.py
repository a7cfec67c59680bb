"""Messages from the server to the client.

`seq` grows by one with every message of a connection: it is filled in when a message is packed.
No message carries a float. Positions and durations are samples at the session's audio rate unless
their name ends in `_ms`; text offsets are code points of the utterance's text.
"""

from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType, field

from .errors import ErrorCode
from .limits import Limits, Natural
from .options import Codec, Flow, Frames, Name, TextOptions, Timing, Weights

__all__ = [
    "Accepted",
    "AudioGrant",
    "Chunk",
    "Configured",
    "EndReason",
    "Error",
    "Flushed",
    "Frame",
    "FrameCounts",
    "GoAway",
    "Idle",
    "Interrupted",
    "Ledger",
    "MarkTiming",
    "PhonemeTiming",
    "Picture",
    "Pong",
    "Posed",
    "Ready",
    "Segment",
    "SegmentEnded",
    "ServerMessage",
    "SessionGrant",
    "Sprite",
    "Sprites",
    "UtteranceEnded",
    "UtteranceStarted",
    "VisemeTiming",
    "VoiceGrant",
    "Warning",
    "WordTiming",
]


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


class _Message(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag=_snake):
    seq: Natural = 0


class SessionGrant(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The key to the session. Keep `secret`; `watch_secret` may be given to observers.

    An observer gets neither.
    """

    id: str
    secret: str | None = None
    watch_secret: str | None = None
    resumed: bool
    received: tuple[Natural, ...]
    """Numbers of the `speak` messages whose text is safe: they need not be sent again."""


class VoiceGrant(Struct, frozen=True, kw_only=True, omit_defaults=True):
    name: str
    language: str
    sample_rate: Natural
    speakers: Natural
    speaker: str | None = None
    """Which of them speaks; absent when there is one."""


class AudioGrant(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The audio of the chunks, mono."""

    codec: Codec
    sample_rate: Natural
    chunk_ms: Natural | None = None
    delay: Natural = 0
    """Samples to throw away at the start of each segment: what the codec needs to start up."""


class Ready(_Message, frozen=True, kw_only=True):
    """The effective settings, read back."""

    session: SessionGrant
    voice: VoiceGrant
    audio: AudioGrant
    timing: Timing
    sets: dict[Name, tuple[str, ...]]
    """For each set in use, of visemes or weights, its names; numbers from then on."""
    weights: Weights | None = None
    frames: Frames
    avatar: str
    """Whose face it is, also while no frames are sent."""
    flow: Flow
    text: TextOptions
    rate_percent: Natural
    volume_percent: Natural
    noise_percent: Natural
    seed: Natural
    limits: Limits
    features: tuple[str, ...]
    """Types of the client's messages that this server acts on."""
    watching: bool = False
    """It answers `watch`: this connection observes the session of another one."""


class Configured(_Message, frozen=True, kw_only=True):
    """The effective settings after `configure`."""

    from_: tuple[Natural, Natural] = field(name="from")
    """Utterance and segment, the first that these hold for."""
    voice: VoiceGrant
    rate_percent: Natural
    volume_percent: Natural
    noise_percent: Natural
    timing: Timing
    sets: dict[Name, tuple[str, ...]]
    """As in `ready`."""
    weights: Weights | None = None
    frames: Frames
    avatar: str


class UtteranceStarted(_Message, frozen=True, kw_only=True):
    utterance: Natural
    at: Natural
    """Where its first sample lies on the session's clock."""
    from_: Natural = field(default=0, name="from")
    """Which sample of it that is: another one than 0 only of a replay."""


class WordTiming(Struct, frozen=True, array_like=True):
    text: str
    begin: Natural
    end: Natural
    start: Natural
    count: Natural
    spoken: Natural = 1
    """Words that are heard of it: several of "1984", none of "the" in "of the" as one word."""


class PhonemeTiming(Struct, frozen=True, array_like=True):
    symbol: str
    start: Natural
    count: Natural
    word: int
    """Index into the segment's words, -1 for a pause."""


class VisemeTiming(Struct, frozen=True, array_like=True):
    viseme: Natural
    start: Natural
    count: Natural
    weight: Natural


class MarkTiming(Struct, frozen=True, array_like=True):
    """A `<mark/>` of the text."""

    name: str
    at: Natural
    """The sample at which it is passed."""


class Ledger(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When things happened to a segment, in milliseconds since its utterance's first text."""

    received: Natural
    """Its last character arrived."""
    queued: Natural
    """It was handed to synthesis."""
    phonemized: Natural
    encoded: Natural
    """Its timing was known."""
    first_chunk: Natural | None = None
    last_chunk: Natural | None = None


class Segment(_Message, frozen=True, kw_only=True):
    """The whole timing of a segment, before any of its audio. `start` and `count` are exact."""

    utterance: Natural
    segment: Natural
    start: Natural
    count: Natural
    text: str
    span: tuple[Natural, Natural]
    words: tuple[WordTiming, ...] | UnsetType = UNSET
    phonemes: tuple[PhonemeTiming, ...] | UnsetType = UNSET
    visemes: dict[Name, tuple[VisemeTiming, ...]]
    marks: tuple[MarkTiming, ...] | UnsetType = UNSET
    """Where there are any."""
    ledger: Ledger


class Sprite(Struct, frozen=True, kw_only=True):
    """A picture that frames are composed of. Its number is never used for another one."""

    id: Natural
    key: str
    """Of its content: the first 16 hexadecimal digits of the SHA-256 of `data`."""
    mime: str
    width: Natural
    """Pixels."""
    height: Natural
    x: int
    """Where its centre is while the face is at rest, from the top left corner: 1/16 pixel."""
    y: int
    data: bytes


class Sprites(_Message, frozen=True, kw_only=True):
    """Pictures that frames are composed of: each once on a connection, before its first use."""

    sprites: tuple[Sprite, ...]


class Frame(Struct, frozen=True, array_like=True):
    """A frame as the sprites to draw, from back to front."""

    start: Natural
    draws: tuple[int, ...]
    """Four for each sprite: its number, how far its centre is to the right and down of where it
    rests (1/16 pixel), and how far it is turned clockwise about it (1/1000 rad)."""


class Picture(Struct, frozen=True, array_like=True):
    """A frame as a whole picture."""

    start: Natural
    key: bool
    """It needs no earlier picture."""
    data: bytes


class Chunk(_Message, frozen=True, kw_only=True):
    """A span of media. Its start is the previous chunk's `start + count`."""

    utterance: Natural
    segment: Natural
    start: Natural
    count: Natural
    audio: bytes | tuple[bytes, ...]
    """For Opus its packets; each segment is a stream of its own, with `audio.delay` before it."""
    frames: tuple[Frame, ...] | UnsetType = UNSET
    """In frame mode `sprites`."""
    pictures: tuple[Picture, ...] | UnsetType = UNSET
    """In frame mode `full`."""
    weights: bytes | UnsetType = UNSET
    """One row of bytes for each frame of the weight track that starts in this span."""


class Idle(_Message, frozen=True, kw_only=True):
    """A loop of frames for when nobody speaks, until there is another one."""

    count: Natural
    """Samples until it begins again."""
    frames: tuple[Frame, ...] | UnsetType = UNSET
    """In frame mode `sprites`; they start from 0 on."""
    pictures: tuple[Picture, ...] | UnsetType = UNSET
    """In frame mode `full`."""


class FrameCounts(Struct, frozen=True, kw_only=True):
    sent: Natural
    dropped: Natural


class SegmentEnded(_Message, frozen=True, kw_only=True):
    utterance: Natural
    segment: Natural
    count: Natural
    ledger: Ledger
    frames: FrameCounts
    cached: bool


class Accepted(_Message, frozen=True, kw_only=True):
    """The text of that `speak` is safe: the client may forget it."""

    number: Natural


class Flushed(_Message, frozen=True, kw_only=True):
    """Everything up to `sample` was asked for before the `flush`."""

    utterance: Natural
    sample: Natural


class Interrupted(_Message, frozen=True, kw_only=True):
    """What the listener really heard of it. Of this utterance at most its end follows.

    It also answers an `interrupt` of an utterance that was sent to its end but not heard to it.
    """

    utterance: Natural
    heard: Natural
    sent: Natural
    text_spoken: str
    text_remaining: str
    character: Natural
    """Offset of the first character that was not heard."""
    estimated: bool = False
    """`heard` was not reported, but worked out from when the audio was sent."""


class EndReason(StrEnum):
    DONE = "done"
    INTERRUPTED = "interrupted"
    ERROR = "error"
    LIMIT = "limit"
    IDLE = "idle"


class UtteranceEnded(_Message, frozen=True, kw_only=True):
    """Exactly once for every utterance that the server accepted; no media of it follows."""

    utterance: Natural
    count: Natural
    reason: EndReason


class Posed(_Message, frozen=True, kw_only=True):
    """The avatar's state now, all of it."""

    emotion: str
    gaze: tuple[int, int]
    head: tuple[int, int, int]


class Pong(_Message, frozen=True, kw_only=True):
    stamp: Natural
    now_ms: Natural
    """The server's monotonic clock."""


class Warning(_Message, frozen=True, kw_only=True):
    """Something was not done as asked; the stream goes on."""

    code: ErrorCode
    message: str
    utterance: Natural | None = None


class Error(_Message, frozen=True, kw_only=True):
    """A request or a segment failed. With `fatal`, a close follows."""

    code: ErrorCode
    message: str
    utterance: Natural | None = None
    fatal: bool = False
    retry_after_ms: Natural | None = None


class GoAway(_Message, frozen=True, kw_only=True, tag="goaway"):
    """The server restarts: what speaks now is finished, then the socket closes with 1012."""

    in_ms: Natural


ServerMessage = (
    Ready
    | Configured
    | UtteranceStarted
    | Segment
    | Sprites
    | Chunk
    | Idle
    | SegmentEnded
    | Accepted
    | Flushed
    | Interrupted
    | UtteranceEnded
    | Posed
    | Pong
    | Warning
    | Error
    | GoAway
)
