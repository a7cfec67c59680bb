"""The terms of a session: what a client asked for, held against what this server does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from msgspec import structs

from lipwire_protocol import (
    SETS,
    WEIGHT_SETS,
    AudioGrant,
    Configure,
    ErrorCode,
    Flow,
    FrameMode,
    Frames,
    Hello,
    Limits,
    LipwireError,
    TextOptions,
    Timing,
    Treatment,
    VoiceGrant,
    Watch,
    Weights,
)

from ..face.cast import Cast
from ..speech.audio.formats import grant
from ..speech.port import VoiceInfo

__all__ = ["FEATURES", "Terms", "agree", "amend", "flow_of", "observed", "sounding_like"]

FEATURES = (
    *("hello", "speak", "flush", "interrupt", "played"),
    *("configure", "pause", "continue", "pose", "replay", "watch", "ping", "bye"),
)
"""Types of the client's messages that this server acts on; others answer `unsupported`."""


_MIMES = {
    FrameMode.NONE: (),
    FrameMode.SPRITES: ("image/webp", "image/png"),
    FrameMode.FULL: ("image/jpeg", "image/webp"),
}
"""What the pictures of a frame mode may be; the first one unless something else is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for a session, and what the client is told it will not get."""

    voice: VoiceInfo
    speaker: str | None
    rate_percent: int
    volume_percent: int
    noise_percent: int
    lexicon: Mapping[str, str]
    seed: int
    audio: AudioGrant
    timing: Timing
    weights: Weights | None
    frames: Frames
    avatar: str
    """Whose face it is, also while none is sent."""
    flow: Flow
    text: TextOptions
    persist: bool
    meta: dict[str, str | int | bool | None] | None
    """The application's own, stored with the session."""
    unsupported: tuple[str, ...]
    """A sentence for everything that was asked for in vain."""

    @property
    def rate(self) -> int:
        """Samples a second of the session's audio."""
        return self.audio.sample_rate

    @property
    def sets(self) -> dict[str, tuple[str, ...]]:
        """Names of the shapes of every set that is sent, events and weights."""
        sets = {name: SETS[name] for name in self.timing.visemes}
        if self.weights is not None:
            sets[self.weights.set] = WEIGHT_SETS[self.weights.set]
        return sets

    @property
    def voice_grant(self) -> VoiceGrant:
        return VoiceGrant(
            name=self.voice.name,
            language=self.voice.language,
            sample_rate=self.voice.sample_rate,
            speakers=max(1, len(self.voice.speakers)),
            speaker=self.speaker,
        )


def agree(
    hello: Hello, voices: Sequence[VoiceInfo], default: str, cast: Cast, limits: Limits
) -> Terms:
    """The terms for `hello`.

    What a listener could not do without is refused; of the rest the client is warned.

    Raises LipwireError: `not_found` for an unknown voice, speaker or avatar, `unsupported` for an
    audio format or a language that this server cannot give.
    """
    voice = _voice(hello.voice or default, voices)
    if hello.language is not None and not _same_language(hello.language, voice.language):
        raise _unsupported(f"{hello.language} with {voice.name}, which speaks {voice.language}")
    avatar = _avatar(hello.avatar, cast)
    return Terms(
        voice=voice,
        speaker=_speaker(hello.speaker, voice),
        rate_percent=hello.rate_percent,
        volume_percent=hello.volume_percent,
        noise_percent=hello.noise_percent,
        lexicon=hello.lexicon or {},
        seed=hello.seed,
        audio=grant(hello.audio, voice.sample_rate),
        timing=_timing(hello.timing, voice),
        weights=_weights(hello.weights, voice),
        frames=_frames(hello.frames, avatar, cast),
        avatar=avatar,
        flow=flow_of(hello.flow, limits),
        text=hello.text,
        persist=hello.persist,
        meta=hello.meta,
        unsupported=(*_in_vain(hello, hello.timing, voice), *_futile(hello.text)),
    )


def amend(terms: Terms, wish: Configure, voices: Sequence[VoiceInfo], cast: Cast) -> Terms:
    """The terms with what a `configure` changes of them; the audio stays as it is.

    Raises LipwireError (`not_found`) for an unknown voice, speaker or avatar.
    """
    voice = terms.voice if wish.voice is None else _voice(wish.voice, voices)
    speaker = terms.speaker if voice == terms.voice else _speaker(None, voice)
    timing = terms.timing if wish.timing is None else wish.timing
    frames = terms.frames if wish.frames is None else wish.frames
    avatar = _avatar(wish.avatar or terms.avatar, cast)

    def new(value: int | None, old: int) -> int:
        return old if value is None else value

    return replace(
        terms,
        voice=voice,
        speaker=speaker if wish.speaker is None else _speaker(wish.speaker, voice),
        rate_percent=new(wish.rate_percent, terms.rate_percent),
        volume_percent=new(wish.volume_percent, terms.volume_percent),
        noise_percent=new(wish.noise_percent, terms.noise_percent),
        lexicon=terms.lexicon if wish.lexicon is None else wish.lexicon,
        timing=_timing(timing, voice),
        weights=_weights(terms.weights if wish.weights is None else wish.weights, voice),
        frames=_frames(frames, avatar, cast),
        avatar=avatar,
        unsupported=tuple(_in_vain(wish, timing, voice)),
    )


def sounding_like(terms: Terms, other: Terms) -> Terms:
    """These terms for what is told and shown, the `other` ones for what is heard."""
    return replace(
        terms,
        voice=other.voice,
        speaker=other.speaker,
        rate_percent=other.rate_percent,
        volume_percent=other.volume_percent,
        noise_percent=other.noise_percent,
        lexicon=other.lexicon,
        seed=other.seed,
        text=other.text,
        timing=_timing(terms.timing, other.voice),
        weights=_weights(terms.weights, other.voice),
    )


def observed(terms: Terms, watch: Watch, audio: AudioGrant, flow: Flow, cast: Cast) -> Terms:
    """What is said under these terms, for those who watch: shown and told as they would like it."""
    return replace(
        terms,
        audio=audio,
        timing=_timing(watch.timing, terms.voice),
        weights=_weights(watch.weights, terms.voice),
        frames=_frames(watch.frames, terms.avatar, cast),
        flow=flow,
        unsupported=tuple(_in_vain(watch, watch.timing, terms.voice)),
    )


def flow_of(asked: Flow, limits: Limits) -> Flow:
    """Raises LipwireError (`bad_message`) for more than may run ahead."""
    if asked.lead_ms > limits.lead_ms:
        text = f"flow.lead_ms is {asked.lead_ms} and may be {limits.lead_ms} at most"
        raise LipwireError(ErrorCode.BAD_MESSAGE, text)
    return asked


def _voice(name: str, voices: Sequence[VoiceInfo]) -> VoiceInfo:
    for voice in voices:
        if voice.name == name:
            return voice
    known = ", ".join(voice.name for voice in voices)
    raise LipwireError(ErrorCode.NOT_FOUND, f"no voice named {name!r}; there is: {known}")


def _speaker(name: str | None, voice: VoiceInfo) -> str | None:
    if name is None:
        return next(iter(voice.speakers), None)
    if name in voice.speakers:
        return name
    if not voice.speakers:
        raise LipwireError(
            ErrorCode.NOT_FOUND, f"{voice.name} has one speaker: leave `speaker` out"
        )
    some = ", ".join(voice.speakers[:20])
    more = " and others, see /v1/voices" if len(voice.speakers) > 20 else ""
    raise LipwireError(
        ErrorCode.NOT_FOUND, f"{voice.name} has no speaker {name!r}; there is: {some}{more}"
    )


def _avatar(name: str | None, cast: Cast) -> str:
    if name is None:
        return cast.default
    if name not in cast.sizes:
        known = ", ".join(cast.sizes)
        raise LipwireError(ErrorCode.NOT_FOUND, f"no avatar named {name!r}; there is: {known}")
    return name


def _frames(asked: Frames, avatar: str, cast: Cast) -> Frames:
    if asked.mode is FrameMode.NONE:
        return Frames(mode=FrameMode.NONE)
    mimes = _MIMES[asked.mode]
    mime = asked.mime if asked.mime in mimes else mimes[0]
    return structs.replace(asked, size=min(asked.size, cast.sizes[avatar]), mime=mime)


def _same_language(asked: str, spoken: str) -> bool:
    asked, spoken = asked.replace("_", "-").lower(), spoken.replace("_", "-").lower()
    return asked == spoken or spoken.startswith(f"{asked}-")


def _timing(asked: Timing, voice: VoiceInfo) -> Timing:
    return Timing(
        words=asked.words,
        phonemes=asked.phonemes,
        visemes=tuple(name for name in asked.visemes if name in voice.sets),
    )


def _weights(asked: Weights | None, voice: VoiceInfo) -> Weights | None:
    return asked if asked is not None and asked.set in voice.weight_sets else None


def _in_vain(wish: Hello | Configure | Watch, timing: Timing, voice: VoiceInfo) -> Iterator[str]:
    frames = wish.frames
    if frames is not None and frames.mime not in (None, *_MIMES[frames.mode]):
        known = ", ".join(_MIMES[frames.mode]) or "none"
        yield f"{frames.mime} in frame mode {frames.mode}; there is: {known}"
    if wish.weights is not None and wish.weights.set not in voice.weight_sets:
        known = ", ".join(voice.weight_sets) or "none"
        yield f"weight tracks of {wish.weights.set}; there is: {known}"
    for name in timing.visemes:
        if name not in voice.sets:
            known = ", ".join(voice.sets) or "none"
            yield f"viseme set {name!r}; there is: {known}"


def _futile(text: TextOptions) -> Iterator[str]:
    if text.ssml and text.markdown is Treatment.STRIP:
        yield "stripping Markdown from SSML: the text is SSML"
    elif text.code is Treatment.STRIP and text.markdown is not Treatment.STRIP:
        yield "stripping code without Markdown: set `markdown` to `strip` too"


def _unsupported(what: str) -> LipwireError:
    return LipwireError(ErrorCode.UNSUPPORTED, f"this server does not do {what}")
