"""The terms of a session as they are stored, and back."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from lipwire_protocol import (
    AudioGrant,
    ErrorCode,
    Flow,
    Frames,
    LipwireError,
    TextOptions,
    Timing,
    Weights,
)

from ..speech.port import VoiceInfo
from .terms import Terms

__all__ = ["recalled", "stored"]


class _Settings(Struct, frozen=True, kw_only=True):
    audio: AudioGrant
    timing: Timing
    weights: Weights | None = None
    flow: Flow
    text: TextOptions
    frames: Frames
    avatar: str
    speaker: str | None
    rate_percent: int
    volume_percent: int
    noise_percent: int
    lexicon: dict[str, str]
    seed: int
    meta: dict[str, str | int | bool | None] | None


def stored(terms: Terms) -> bytes:
    """All but the voice's name, as JSON."""
    settings = _Settings(
        audio=terms.audio,
        timing=terms.timing,
        weights=terms.weights,
        flow=terms.flow,
        text=terms.text,
        frames=terms.frames,
        avatar=terms.avatar,
        speaker=terms.speaker,
        rate_percent=terms.rate_percent,
        volume_percent=terms.volume_percent,
        noise_percent=terms.noise_percent,
        lexicon=dict(terms.lexicon),
        seed=terms.seed,
        meta=terms.meta,
    )
    return msgspec.json.encode(settings)


def recalled(voice: str, settings: bytes, voices: Sequence[VoiceInfo]) -> Terms:
    """The terms that were stored.

    Raises LipwireError `not_found` where this server does not have the voice any more.
    """
    known = next((info for info in voices if info.name == voice), None)
    if known is None:
        text = f"the session speaks with {voice!r}, which this server does not have"
        raise LipwireError(ErrorCode.NOT_FOUND, text)
    terms = msgspec.json.decode(settings, type=_Settings)
    return Terms(
        voice=known,
        persist=True,
        unsupported=(),
        **{name: getattr(terms, name) for name in terms.__struct_fields__},
    )
