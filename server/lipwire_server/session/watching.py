"""Those who watch sessions: who is sent the same is spoken to once."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol, TypeAlias
from uuid import UUID

from msgspec import structs

from lipwire_protocol import (
    AudioGrant,
    Bye,
    ClientMessage,
    Codec,
    EndReason,
    ErrorCode,
    Flow,
    FlowMode,
    Limits,
    LipwireError,
    Ping,
    Played,
    Pong,
    ServerMessage,
    Warning,
    Watch,
    WatchFrom,
    tag,
)

from ..face.cast import Cast
from ..face.studio import Studio
from ..speech.audio.formats import grant
from ..speech.port import Synthesis
from ..stopping import free, without_frames
from .account import FREE, Account, Payer
from .audience import Audience, Outlet
from .credit import Credit
from .following import Following
from .full_frames import FullFrames
from .terms import Terms, flow_of, observed

__all__ = ["Observer", "Showing", "Watcher", "Watching"]

_OBSERVERS: Final = 10_000
_ALONE: Final = 200
"""Each of these is spoken to on his own, which takes as much as a session does."""
_WAYS: Final = 32
"""In which one session is watched with others: each takes as much as a session does, too."""
_LATER_MS: Final = 10_000
_SHARED_LEAD_MS: Final = 5_000
"""Whoever joins is sent so much at once."""
_SHARED_CHUNK_MS: Final = 100
"""The last of a thousand has a chunk when all of them were written: less at a time."""

_Kind: TypeAlias = tuple[Account, Watch]


class Observer(Outlet, Protocol):
    """The connection of one who watches."""

    def control(self, message: ServerMessage) -> None:
        """Queues a message that goes before all media."""


class Watching:
    """Everybody who watches, in this process. More than 10,000 are refused, and more than 200 who
    have to be spoken to on their own, or who would like one session in more than 32 ways."""

    def __init__(self, observers: int = _OBSERVERS, alone: int = _ALONE, ways: int = _WAYS) -> None:
        self._most = observers
        self._most_alone = alone
        self._most_ways = ways
        self._shown: dict[_Kind, Showing] = {}
        self._alone: set[Showing] = set()

    def __len__(self) -> int:
        return sum(map(len, self._all))

    def check_room(self, *, alone: bool) -> None:
        """Raises LipwireError (`overloaded`) for one too many; `alone` has a pace of his own."""
        if len(self) >= self._most:
            raise _full(f"{self._most} connections watch sessions here already")
        if alone and len(self._alone) >= self._most_alone:
            text = f"{self._most_alone} observers set their own pace already; flow mode `paced`"
            raise _full(f"{text} from `live` is for any number")

    def find(
        self,
        account: Account,
        watch: Watch,
        *,
        session: UUID,
        payer: Payer = FREE,
        synthesis: Synthesis,
        studio: Studio,
        cast: Cast,
        full: FullFrames,
        limits: Limits,
        now_ns: Callable[[], int],
    ) -> "Showing":
        """What is shown to those who watch a session like that, or else begins to be.

        It is over when the last of them has left.

        Whoever is spoken to on his own pays for it.

        Raises LipwireError: `overloaded` for one too many, `rate_limited` for who has had his
        share, and for what cannot be agreed on.
        """
        audio, flow = grant(watch.audio, account.terms.rate), flow_of(watch.flow, limits)
        alone = watch.from_ is WatchFrom.START or flow.mode is not FlowMode.PACED
        self.check_room(alone=alone)
        if alone:
            payer.check_again()
        else:
            flow = structs.replace(flow, lead_ms=min(flow.lead_ms, _SHARED_LEAD_MS))
            audio = structs.replace(audio, chunk_ms=audio.chunk_ms or _SHARED_CHUNK_MS)
        kind = account, structs.replace(watch, session="-", watch_secret="-", token=None, flow=flow)
        if not alone and (shown := self._shown.get(kind)) is not None:
            return shown
        if not alone and self._ways(account) >= self._most_ways:
            raise _full(f"this session is watched in {self._most_ways} ways already")
        showing = Showing(
            account,
            structs.replace(watch, flow=flow),
            alone=alone,
            audio=audio,
            flow=flow,
            session=session,
            payer=payer if alone else FREE,
            synthesis=synthesis,
            studio=studio,
            cast=cast,
            full=full,
            now_ns=now_ns,
        )
        if alone:
            self._alone.add(showing)
            showing.when_left = self._alone.discard
        else:
            self._shown[kind] = showing
            showing.when_left = partial(self._drop, kind)
        showing.begin()
        return showing

    @property
    def sessions(self) -> set[UUID]:
        """Those that are watched."""
        return {showing.session for showing in self._all}

    def of(self, session: UUID) -> list["Showing"]:
        """All that is shown of a session."""
        return [showing for showing in self._all if showing.session == session]

    @property
    def _all(self) -> list["Showing"]:
        return [*self._shown.values(), *self._alone]

    def _ways(self, account: Account) -> int:
        return sum(watched is account for watched, _ in self._shown)

    def _drop(self, kind: _Kind, showing: "Showing") -> None:
        if self._shown.get(kind) is showing:
            del self._shown[kind]


class Showing:
    """A session as it is spoken for one audience: a task that runs while somebody is there."""

    def __init__(
        self,
        account: Account,
        watch: Watch,
        *,
        alone: bool,
        audio: AudioGrant,
        flow: Flow,
        session: UUID,
        payer: Payer,
        synthesis: Synthesis,
        studio: Studio,
        cast: Cast,
        full: FullFrames,
        now_ns: Callable[[], int],
    ) -> None:
        self.account = account
        self.session = session
        self.now_ns = now_ns
        self.alone = alone
        self._full = full.seat()
        first = observed(account.terms, watch, audio, flow, cast)
        granted, self.less = self._full.grant(first)
        """`less`: what to tell where there are fewer frames than were asked for."""
        self.vain = first.unsupported
        watch = structs.replace(watch, frames=granted.frames)
        credit = Credit(flow, first.rate, now_ns)
        self.audience = Audience(audio.codec, lambda: credit.heard, alone=alone)
        begin = account.beginning() if watch.from_ is WatchFrom.START else account.now()
        if audio.codec is Codec.OPUS:
            begin = begin.at_start()  # No decoder can begin in the middle of a segment.
        self.following = Following(
            account,
            begin,
            observed=lambda terms: observed(terms, watch, audio, flow, cast),
            key=payer.key or str(session),
            payer=payer,
            synthesis=synthesis,
            studio=studio,
            sink=self.audience,
            credit=credit,
            now_ns=now_ns,
        )
        self.when_left: Callable[[Showing], None] = lambda showing: None
        self.task: asyncio.Task[None]

    def __len__(self) -> int:
        return len(self.audience)

    @property
    def terms(self) -> Terms:
        return self.following.terms

    def begin(self) -> None:
        self.account.join(self.following)
        self.task = asyncio.get_running_loop().create_task(self.following.run())
        self.task.add_done_callback(self._ended)

    def leave(self, outlet: Outlet) -> None:
        """The last one ends it."""
        self.audience.leave(outlet)
        if not len(self.audience):
            self._end()
            self.task.cancel()

    def fail(self, why: LipwireError) -> None:
        """Everybody who is there is told so, and leaves."""
        self.following.fault = why
        self.task.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        free(task)
        self.following.let_go()
        self._end()

    def _end(self) -> None:
        self.account.leave(self.following)
        self._full.release()
        self.when_left(self)


class Watcher:
    """One who watches: what he says, and how it ends for him."""

    def __init__(self, showing: Showing, observer: Observer) -> None:
        self._showing = showing
        self._observer = observer
        self._left = asyncio.Event()
        self._fault: LipwireError | None = None

    busy = True
    """He may be silent for as long as he likes."""

    def join(self) -> None:
        """After `ready`: what there is, and what is to come."""
        showing = self._showing
        if showing.less is not None:
            self._observer.control(Warning(code=ErrorCode.OVERLOADED, message=showing.less))
        for what in showing.vain:
            text = f"this server does not do {what}"
            self._observer.control(Warning(code=ErrorCode.UNSUPPORTED, message=text))
        showing.audience.join(self._observer, self._lose)

    async def run(self) -> None:
        """Returns when everything was sent, or after `bye`.

        Raises LipwireError (`slow_consumer`) where he cannot keep up.
        """
        showing, leaving = self._showing, asyncio.ensure_future(self._left.wait())
        try:
            await asyncio.wait({leaving, showing.task}, return_when=asyncio.FIRST_COMPLETED)
            fault = self._fault
            if showing.task.done():
                if not showing.task.cancelled():
                    showing.task.result()
                fault = fault or showing.following.fault
            if fault is not None:
                raise without_frames(fault)  # It is shared, and would get those of each of us.
        finally:
            leaving.cancel()
            self.leave()
            if showing.task.cancelling():
                await asyncio.wait([showing.task])

    def leave(self) -> None:
        """His connection is gone."""
        self._showing.leave(self._observer)

    async def follow(self, message: ClientMessage) -> None:
        """Raises LipwireError (`forbidden`) for whatever would change something."""
        match message:
            case Ping():
                now_ms = self._showing.now_ns() // 1_000_000
                self._observer.control(Pong(stamp=message.stamp, now_ms=now_ms))
            case Played():
                if self._showing.alone:
                    self._showing.following.played(message)
            case Bye():
                self._left.set()
            case _:
                text = f"an observer may not say {tag(message)}, but played, ping and bye"
                raise LipwireError(ErrorCode.FORBIDDEN, text)

    def drain(self) -> None:
        """The server goes: the segment that is being spoken is the last one."""
        self._showing.following.drain()

    def abandon(self, reason: EndReason) -> None:
        """There is no time left: what he was not sent he can see from another server."""
        self._left.set()

    def _lose(self, fault: LipwireError) -> None:
        self._fault = fault
        self._left.set()


def _full(text: str) -> LipwireError:
    return LipwireError(ErrorCode.OVERLOADED, text, retry_after_ms=_LATER_MS)
