"""What those of a crowd say first."""

from typing import Final

from lipwire_protocol import (
    Flow,
    FlowMode,
    Hello,
    Position,
    Resume,
    SessionGrant,
    Timing,
    Watch,
    WatchFrom,
)

from .broadcast import Stage
from .ear import Ear

__all__ = ["hello", "resume", "watch"]

_LEAD_MS: Final = 3_000


def hello(token: str | None, voice: str | None) -> Hello:
    """Of who speaks: with all that a face needs, and nothing of it stored."""
    return Hello(
        token=token,
        voice=voice,
        flow=Flow(mode=FlowMode.PLAYED, lead_ms=_LEAD_MS),
        timing=Timing(words=True, phonemes=False, visemes=("oculus",)),
        persist=False,
    )


def watch(stage: Stage, token: str | None) -> Watch:
    """Of who listens."""
    return Watch(
        session=stage.session,
        watch_secret=stage.secret,
        from_=WatchFrom.LIVE,
        token=token,
        flow=Flow(mode=FlowMode.PACED),
    )


def resume(grant: SessionGrant, ear: Ear, token: str | None) -> Hello:
    """Of who lost the connection of that session in the middle of a segment."""
    segment = ear.segment
    assert grant.secret is not None and segment is not None
    position = Position(
        utterance=segment.utterance,
        segment=segment.segment,
        span=segment.span,
        start=segment.start,
        sample=ear.sample,
    )
    return Hello(token=token, session=Resume(id=grant.id, secret=grant.secret, position=position))
