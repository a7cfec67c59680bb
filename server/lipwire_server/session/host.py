"""What all sessions of this process share, and how a session is opened."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lipwire_protocol import (
    ErrorCode,
    Hello,
    Limits,
    Ready,
    SessionGrant,
    Warning,
)

from ..face.cast import Cast
from ..face.studio import Studio
from ..speech.port import Synthesis
from ..store.records import Record
from .conversation import Conversation
from .full_frames import FullFrames
from .journal import Journal
from .speaker import Sink
from .terms import FEATURES, Terms, agree

__all__ = ["Host", "OpenSession"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    id: UUID
    conversation: Conversation
    journal: Journal


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """Everything that a session is given; nothing in a session reads a clock or makes up an id."""

    synthesis: Synthesis
    default_voice: str
    studio: Studio
    cast: Cast
    full_frames: FullFrames
    limits: Limits
    now_ns: Callable[[], int]
    wall: Callable[[], datetime]
    new_id: Callable[[], UUID]
    new_secret: Callable[[], str]
    record: Callable[[Record], object]
    storage_fault: Callable[[], str | None]
    """Why sessions are not being stored at the moment; None when they are."""

    def open(self, hello: Hello, sink: Sink) -> OpenSession:
        """Opens a session and answers `hello` through `sink`.

        Raises LipwireError for what cannot be agreed on.
        """
        agreed = agree(
            hello,
            self.synthesis.voices(),
            self.default_voice,
            self.cast,
            self.limits,
        )
        full = self.full_frames.seat()
        terms, less = full.grant(agreed)
        identifier, secret = self.new_id(), self.new_secret()
        journal = Journal(identifier, terms, record=self.record, new_id=self.new_id, wall=self.wall)
        sink.control(self._ready(terms, identifier, secret))
        if less is not None:
            sink.control(Warning(code=ErrorCode.OVERLOADED, message=less))
        for text in terms.unsupported:
            sink.control(
                Warning(code=ErrorCode.UNSUPPORTED, message=f"this server does not do {text}")
            )
        if terms.persist and (fault := self.storage_fault()) is not None:
            text = f"speaking works, but what is said is not stored yet: {fault}"
            sink.control(Warning(code=ErrorCode.STORAGE_UNAVAILABLE, message=text))
        journal.opened(secret)
        conversation = Conversation(
            terms,
            key=str(identifier),
            synthesis=self.synthesis,
            studio=self.studio,
            cast=self.cast,
            full=full,
            sink=sink,
            journal=journal,
            limits=self.limits,
            now_ns=self.now_ns,
        )
        return OpenSession(id=identifier, conversation=conversation, journal=journal)

    def _ready(self, terms: Terms, identifier: UUID, secret: str) -> Ready:
        return Ready(
            session=SessionGrant(id=str(identifier), secret=secret, resumed=False, received=()),
            voice=terms.voice_grant,
            audio=terms.audio,
            timing=terms.timing,
            sets=terms.sets,
            weights=terms.weights,
            frames=terms.frames,
            avatar=terms.avatar,
            flow=terms.flow,
            text=terms.text,
            rate_percent=terms.rate_percent,
            volume_percent=terms.volume_percent,
            noise_percent=terms.noise_percent,
            seed=terms.seed,
            limits=self.limits,
            features=FEATURES,
        )
