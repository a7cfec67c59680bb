"""What all sessions of this process share, and how a session is opened."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from msgspec import structs

from lipwire_protocol import (
    ErrorCode,
    Hello,
    Limits,
    LipwireError,
    Position,
    Ready,
    Resume,
    SessionGrant,
    Warning,
    Watch,
    WatchFrom,
)

from ..face.cast import Cast
from ..face.studio import Studio
from ..speech.port import Synthesis
from ..store.keeping import AudioKeeper
from ..store.recollections import LoggedSession
from .account import FREE, Account, Payer
from .conversation import Conversation
from .full_frames import FullFrames
from .journal import Journal, Recording
from .logbook import LookUp, Recount, TakeUp, nothing, nowhere, unknown
from .memory import Memory
from .ownership import Ownership
from .placing import check_place
from .recalling import remembered
from .recounting import account_of, passages
from .registry import (
    LOST,
    Displaced,
    OpenSession,
    Registry,
    Secrets,
    gone,
    is_secret,
    sha256,
    taken_over,
    unheard,
)
from .speaker import Sink
from .terms import FEATURES, Terms, agree
from .watching import Observer, Watcher, Watching

__all__ = ["Host", "OpenSession"]


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
    record: Recording
    storage_fault: Callable[[], str | None]
    """Why sessions are not being stored at the moment; None when they are."""
    take_up: TakeUp = nowhere
    look_up: LookUp = nothing
    recount: Recount = unknown
    keeper: AudioKeeper | None = None
    """Keeps how utterances sound; without it, that is not kept."""
    registry: Registry = field(default_factory=Registry)
    watching: Watching = field(default_factory=Watching)

    @property
    def ownership(self) -> Ownership:
        """What others do with the sessions that are here."""
        return Ownership(self.registry, self.watching)

    def open(
        self, hello: Hello, sink: Sink, displaced: Displaced = unheard, payer: Payer = FREE
    ) -> OpenSession:
        """Opens a session and answers `hello` through `sink`.

        `displaced` is told why the session is not this connection's any more: another one has taken
        it over, or it was deleted. From then on nothing of it comes to this one. The machine is
        shared between the keys of those who pay; where there are none, between sessions.

        Raises LipwireError for what cannot be agreed on.
        """
        agreed = agree(hello, self.synthesis.voices(), self.default_voice, self.cast, self.limits)
        identifier, secret = self.new_id(), self.new_secret()
        memory, journal = Memory(agreed), self._journal(identifier, agreed)
        memory.watch_secret = self.new_secret()
        secrets = Secrets(sha256(secret))
        session = self._connect(identifier, memory, journal, secrets, sink, displaced, payer)
        self._welcome(session, secret, sink, resumed=False)
        journal.opened(session.secrets.newest, memory.watch_secret)
        self.registry.add(session)
        return session

    async def resume(
        self, wish: Resume, sink: Sink, displaced: Displaced = unheard, payer: Payer = FREE
    ) -> OpenSession:
        """Goes on with a session, whoever had it, and answers through `sink`.

        What is spoken again counts for `payer`.

        Raises LipwireError: `not_found` where there is none with that secret, or not any more, or
        its text has no such position; `storage_unavailable` where that cannot be known now;
        `rate_limited` where too much was spoken again.
        """
        payer.check_again()
        identifier, shown, secret = _identifier(wish.id), sha256(wish.secret), self.new_secret()
        found = self.registry.find(identifier, shown)
        if found is not None:
            # Before anybody loses his connection: he must not to one who has nowhere to go on.
            known = found.conversation.utterances
            await check_place(wish.position, found.memory, self.limits, known)
            found = self.registry.find(identifier, shown)
        if found is None:
            session = await self._recall(
                identifier, wish.position, shown, secret, sink, displaced, payer
            )
        else:
            session = self._go_on(found, wish.position, shown, secret, sink, displaced, payer)
            await self._note(session, shown)
        session.memory.account.payer = payer
        self._welcome(session, secret, sink, resumed=True)
        return session

    def leave(self, session: OpenSession, close_code: int, *, over: bool = False) -> None:
        """Its connection is gone. Unless it is over, it can be taken up for a while."""
        seconds = 0.0 if over else self.limits.resume_ms / 1000
        self.registry.lost(session, close_code, seconds)

    async def watch(self, wish: Watch, observer: Observer, payer: Payer = FREE) -> Watcher:
        """Shows a session to one who does not speak in it, and answers through `observer`.

        Where he is spoken to on his own, that counts for `payer`.

        Raises LipwireError: `not_found` where there is none with that secret, `overloaded` where
        too many watch already, `rate_limited` where too much was spoken again, and for what cannot
        be agreed on.
        """
        # Before anything is read for him, which may take long.
        self.watching.check_room(alone=wish.from_ is WatchFrom.START)
        identifier = _identifier(wish.session)
        account = await self._account(identifier, wish)
        if self.registry.was_deleted(identifier):
            raise gone()
        showing = self.watching.find(
            account,
            wish,
            session=identifier,
            payer=payer,
            synthesis=self.synthesis,
            studio=self.studio,
            cast=self.cast,
            full=self.full_frames,
            limits=self.limits,
            now_ns=self.now_ns,
        )
        watcher = Watcher(showing, observer)
        grant = SessionGrant(id=str(identifier), resumed=False, received=())
        observer.control(structs.replace(self._ready(showing.terms, grant), watching=True))
        watcher.join()
        return watcher

    async def _account(self, identifier: UUID, wish: Watch) -> Account:
        """What there is to watch of a session: what this process has of it, and what was stored
        before that."""
        found = self.registry.current(identifier)
        is_here = found is not None and is_secret(wish.watch_secret, found.memory.watch_secret)
        account = found.memory.account if found is not None and is_here else None
        is_live = wish.from_ is WatchFrom.LIVE
        if account is not None and (is_live or account.is_whole or account.forgotten >= 0):
            return account
        recounted = None if is_live else await self.recount(identifier, wish.watch_secret)
        if account is None and recounted is None:
            text = "no such session is live here; one that was stored can be watched from `start`"
            raise LipwireError(ErrorCode.NOT_FOUND, text)
        longest = self.limits.segment_text
        if account is None:
            assert recounted is not None
            voices = self.synthesis.voices()
            return await asyncio.to_thread(account_of, recounted, voices, longest=longest)
        if recounted is not None:
            memory = self._remembered(recounted.logged)
            earlier = await asyncio.to_thread(passages, recounted, memory, longest=longest)
            if not account.is_whole:  # Somebody else may have been faster.
                due = self._due(identifier)
                account.recall([each for each in earlier if each.number not in due])
        return account

    def _due(self, identifier: UUID) -> set[int]:
        """What broke off elsewhere, and is spoken here, or will be."""
        session = self.registry.current(identifier)
        utterances = [] if session is None else session.conversation.utterances
        return {utterance.number for utterance in utterances}

    def _go_on(
        self,
        found: OpenSession,
        position: Position | None,
        shown: bytes,
        secret: str,
        sink: Sink,
        displaced: Displaced,
        payer: Payer,
    ) -> OpenSession:
        """With a session of this process."""
        self.registry.displace(found, taken_over())
        secrets = Secrets(sha256(secret), shown)
        old = found.conversation
        session = self._connect(
            found.id, found.memory, found.journal, secrets, sink, displaced, payer
        )
        session.conversation.restore(position, old.utterances)
        old.forget()
        self.registry.add(session)
        return session

    async def _note(self, session: OpenSession, shown: bytes) -> None:
        """Returns when the new secret is safe: nobody is told of one that a crash would take."""
        try:
            await session.journal.resumed(session.secrets.newest, shown)
        except asyncio.CancelledError:
            self.leave(session, LOST)
            raise
        if self.registry.current(session.id) is not session:
            raise taken_over()

    async def _recall(
        self,
        identifier: UUID,
        position: Position | None,
        shown: bytes,
        secret: str,
        sink: Sink,
        displaced: Displaced,
        payer: Payer,
    ) -> OpenSession:
        """Of another process."""
        new = sha256(secret)
        logged = await self.take_up(
            identifier,
            shown_sha256=shown,
            new_sha256=new,
            first=None if position is None else position.utterance,
            now=self.wall(),
            window=timedelta(milliseconds=self.limits.resume_ms),
        )
        if logged is None:
            raise gone()
        memory = self._remembered(logged)
        await check_place(position, memory, self.limits)
        if self.registry.was_deleted(identifier):
            raise gone()
        here = self.registry.current(identifier)
        # What this process has is older than what another one did with it since, or newer.
        if here is not None and logged.epoch <= here.journal.epoch:
            raise gone()
        memory.watch_secret = logged.watch_secret
        memory.account.is_whole, memory.account.posed = False, memory.posed
        memory.account.elsewhere = {n: script.length for n, script in memory.scripts.items()}
        journal = self._journal(identifier, memory.terms, logged)
        secrets = Secrets(new, shown)
        session = self._connect(identifier, memory, journal, secrets, sink, displaced, payer)
        session.conversation.restore(position)
        if here is not None:
            self.ownership.hand_over(here)
        self.registry.add(session)
        return session

    async def _recalled(self, identifier: UUID, utterance: int) -> Memory | None:
        """One utterance of a session, however long ago it was spoken."""
        logged = await self.look_up(identifier, utterance)
        return None if logged is None else self._remembered(logged)

    def _remembered(self, logged: LoggedSession) -> Memory:
        """With the face that it had, if this server has it."""
        memory = remembered(logged, self.synthesis.voices())
        if memory.terms.avatar not in self.cast.sizes:
            frames, default = memory.terms.frames, self.cast.default
            size = min(frames.size, self.cast.sizes[default])
            memory.show(structs.replace(frames, size=size), default)
        return memory

    def _journal(
        self, identifier: UUID, terms: Terms, logged: LoggedSession | None = None
    ) -> Journal:
        return Journal(
            identifier,
            terms,
            record=self.record,
            new_id=self.new_id,
            wall=self.wall,
            keeper=self.keeper,
            epoch=0 if logged is None else logged.epoch,
            ended=None if logged is None else logged.ended,
        )

    def _connect(
        self,
        identifier: UUID,
        memory: Memory,
        journal: Journal,
        secrets: Secrets,
        sink: Sink,
        displaced: Displaced,
        payer: Payer,
    ) -> OpenSession:
        conversation = Conversation(
            memory,
            key=payer.key or str(identifier),
            synthesis=self.synthesis,
            studio=self.studio,
            cast=self.cast,
            full=self.full_frames.seat(),
            sink=sink,
            journal=journal,
            limits=self.limits,
            now_ns=self.now_ns,
            recall=partial(self._recalled, identifier),
        )
        return OpenSession(
            id=identifier,
            memory=memory,
            journal=journal,
            secrets=secrets,
            conversation=conversation,
            displaced=displaced,
        )

    def _welcome(self, session: OpenSession, secret: str, sink: Sink, *, resumed: bool) -> None:
        less = session.conversation.seat_frames()
        terms = session.memory.terms
        received = session.memory.received if resumed else ()
        grant = SessionGrant(
            id=str(session.id),
            secret=secret,
            watch_secret=session.memory.watch_secret,
            resumed=resumed,
            received=received,
        )
        sink.control(self._ready(terms, grant))
        session.conversation.acknowledge()
        if less is not None:
            sink.control(Warning(code=ErrorCode.OVERLOADED, message=less))
        for text in terms.unsupported:
            sink.control(
                Warning(code=ErrorCode.UNSUPPORTED, message=f"this server does not do {text}")
            )
        if terms.persist and (fault := self.storage_fault()) is not None:
            text = f"speaking works, but what is said is not stored yet: {fault}"
            sink.control(Warning(code=ErrorCode.STORAGE_UNAVAILABLE, message=text))

    def _ready(self, terms: Terms, grant: SessionGrant) -> Ready:
        return Ready(
            session=grant,
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


def _identifier(text: str) -> UUID:
    """One that nobody has, for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)
