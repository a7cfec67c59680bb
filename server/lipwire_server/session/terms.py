"""The terms of a session: what a client asked for, held against what this server does."""

from collections.abc import Sequence
from dataclasses import dataclass

from lipwire_protocol import (
    SETS,
    AudioFormat,
    AudioGrant,
    Codec,
    ErrorCode,
    Flow,
    FrameMode,
    Frames,
    Hello,
    Limits,
    LipwireError,
    TextOptions,
    Timing,
)

from ..speech.port import VoiceInfo

__all__ = ["FEATURES", "Terms", "agree"]

FEATURES = ("hello", "speak", "flush", "interrupt", "played", "ping", "bye")
"""Types of the client's messages that this server acts on; others answer `unsupported`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for a session, and what the client is told it will not get."""

    voice: VoiceInfo
    rate: int
    """Samples a second of the session's audio."""
    audio: AudioGrant
    timing: Timing
    frames: Frames
    flow: Flow
    text: TextOptions
    rate_percent: int
    seed: int
    persist: bool
    meta: dict[str, str | int | bool | None] | None
    """The application's own, stored with the session."""
    unsupported: tuple[str, ...]
    """A sentence for everything that was asked for in vain."""


def agree(hello: Hello, voices: Sequence[VoiceInfo], default: str, limits: Limits) -> Terms:
    """The terms for `hello`.

    What a listener could not do without is refused; of the rest the client is warned.

    Raises LipwireError: `not_found` for an unknown voice, `unsupported` for an audio format, a
    speaker, a language or a resumption that this server cannot give.
    """
    voice = _voice(hello, voices, default)
    if hello.session is not None:
        raise _unsupported("taking up a session again; leave `session` out to open a new one")
    return Terms(
        voice=voice,
        rate=voice.sample_rate,
        audio=_audio(hello.audio, voice),
        timing=Timing(
            words=hello.timing.words,
            phonemes=hello.timing.phonemes,
            visemes=tuple(name for name in hello.timing.visemes if name in voice.sets),
        ),
        frames=Frames(mode=FrameMode.NONE),
        flow=_flow(hello.flow, limits),
        text=TextOptions(
            split=hello.text.split,
            idle_flush_ms=hello.text.idle_flush_ms,
        ),
        rate_percent=hello.rate_percent,
        seed=hello.seed,
        persist=hello.persist,
        meta=hello.meta,
        unsupported=tuple(_in_vain(hello, voice)),
    )


def _flow(asked: Flow, limits: Limits) -> Flow:
    if asked.lead_ms > limits.lead_ms:
        raise _unsupported(f"a lead of {asked.lead_ms} ms; at most {limits.lead_ms}")
    return asked


def _voice(hello: Hello, voices: Sequence[VoiceInfo], default: str) -> VoiceInfo:
    name = hello.voice or default
    for voice in voices:
        if voice.name == name:
            break
    else:
        known = ", ".join(voice.name for voice in voices)
        raise LipwireError(ErrorCode.NOT_FOUND, f"no voice named {name!r}; there is: {known}")
    if hello.speaker not in (None, "0"):
        raise _unsupported(f"speakers: {voice.name} is used with its first one")
    if hello.language is not None and not _same_language(hello.language, voice.language):
        raise _unsupported(f"{hello.language} with {voice.name}, which speaks {voice.language}")
    return voice


def _same_language(asked: str, spoken: str) -> bool:
    asked, spoken = asked.replace("_", "-").lower(), spoken.replace("_", "-").lower()
    return asked == spoken or spoken.startswith(f"{asked}-")


def _audio(asked: AudioFormat, voice: VoiceInfo) -> AudioGrant:
    if asked.codec is not Codec.PCM_S16LE:
        raise _unsupported(f"audio codec {asked.codec}; there is: {Codec.PCM_S16LE}")
    if asked.sample_rate not in (None, voice.sample_rate):
        raise _unsupported(
            f"a sample rate of {asked.sample_rate} Hz; {voice.name} speaks at {voice.sample_rate}"
        )
    return AudioGrant(codec=asked.codec, sample_rate=voice.sample_rate, chunk_ms=asked.chunk_ms)


def _in_vain(hello: Hello, voice: VoiceInfo) -> list[str]:
    missing = []
    if hello.frames.mode is not FrameMode.NONE:
        missing.append(f"frames of mode {hello.frames.mode}: none are sent")
    if hello.weights is not None:
        missing.append("weight tracks: viseme events are sent")
    if hello.avatar is not None:
        missing.append("avatars: the client draws the face")
    plain = TextOptions(split=hello.text.split, idle_flush_ms=hello.text.idle_flush_ms)
    if hello.text != plain:
        missing.append("cleaning or SSML: text is spoken as it is")
    for name in hello.timing.visemes:
        if name not in voice.sets:
            known = ", ".join(set(voice.sets) & set(SETS))
            missing.append(f"viseme set {name!r}; there is: {known}")
    return missing


def _unsupported(what: str) -> LipwireError:
    return LipwireError(ErrorCode.UNSUPPORTED, f"this server does not do {what}")
