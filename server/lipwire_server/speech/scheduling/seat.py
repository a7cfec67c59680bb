"""The place of one listener: what it takes to speak to him, and when it has to be there."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final, Protocol

from lipwire_protocol.errors import ErrorCode, LipwireError

from ..port import Job, Listener, Plan, VoiceInfo, Window
from ..synthesizer import Prepared
from .admission import Admission
from .agenda import Due
from .pace import Pace
from .rendition import Errand, Rendition
from .shares import Shares
from .shelf import Shelf

__all__ = ["Counts", "Desk", "Library", "ReadyVoice", "Seat"]

_log = logging.getLogger(__name__)

_FIRST_AUDIO_NS: Final = 200_000_000
"""A first sound is due so long after it was asked for."""
_IDLE_NS: Final = 1_000_000_000
"""After so long without anything to hear or to make, a seat may be given to somebody else."""
_LONGEST_REST_NS: Final = 3_000_000_000
"""A seat is kept while its listener hears the rest, but not the rest of a whole file."""
_FASTEST_PERCENT: Final = 105
"""Of real time: no listener's clock is more wrong than that."""


class ReadyVoice(Protocol):
    """One voice, as the scheduler needs it. Called in worker threads."""

    @property
    def sample_rate(self) -> int: ...

    def key(self, job: Job) -> bytes:
        """Equal keys, equal samples. Raises `LipwireError` (`not_found`) for a speaker."""

    def plan(self, job: Job) -> Prepared: ...

    def window(self, prepared: Prepared, index: int) -> Window: ...


class Library(Protocol):
    """The voices that there are."""

    def voices(self) -> tuple[VoiceInfo, ...]: ...

    async def voice(self, name: str) -> ReadyVoice:
        """Raises `LipwireError`: `not_found`, `unsupported` for one that cannot be used."""


@dataclass(slots=True)
class Counts:
    """What was done since the start."""

    plans: int = 0
    windows: int = 0
    hits: int = 0
    """Segments for which nothing had to be computed."""
    segments: int = 0
    refused: int = 0
    retried: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What all seats share."""

    library: Library
    admission: Admission
    shares: Shares
    shelf: Shelf
    pace: Pace
    counts: Counts
    send: Callable[[Callable[[], object], Due, str, int], Errand]
    """Sends for the result of some work, when it is due, of a voice and its sample rate."""
    now_ns: Callable[[], int]
    crew_size: int


class Seat:
    """Taken when something has to be made, unless somebody who has one makes the same.

    Not before, and not for what is there already: what is made for one is for whoever else asks
    for it, and somebody who stops while others need it hands his seat over to one of them.
    """

    def __init__(self, desk: Desk, listener: Listener) -> None:
        self.key = listener.key
        self._desk = desk
        self.listener = listener
        self._busy = False
        self._rested_ns = 0
        """When he was last given something."""
        self._heard_ns = 0
        """When he can have heard it all, at the earliest."""
        self._spoken_to = False
        self._rendition: Rendition | None = None
        """What he hears, or heard last."""

    @property
    def idle(self) -> bool:
        """Nothing is made for him, and he has had nothing to hear for a while; nor have those for
        whom he has the seat."""
        since_ns = self._desk.now_ns() - _IDLE_NS
        if self._busy or max(self._rested_ns, self.listener.dry_ns()) >= since_ns:
            return False
        rendition = self._rendition
        if rendition is None or rendition.carrier is not self:
            return True
        return all(user.idle for user in rendition.users if user is not self)

    async def speak(self, job: Job) -> AsyncGenerator[Plan | Window, None]:
        """See the port."""
        voice = await self._voice(job.voice)
        self._desk.counts.segments += 1
        key, first = voice.key(job), max(0, job.first_window)
        with self._desk.shelf.use(key, lambda: self._new(voice, job), self) as rendition:
            self._rendition = rendition
            try:
                plan, due = await self._plan(rendition)
                yield plan
                for index in range(first, rendition.count):
                    window = await self._window(rendition, index, due if index == first else None)
                    self._given(window.samples.size, voice.sample_rate)
                    yield window
            finally:
                if rendition.carrier is self:
                    rendition.carrier = None

    async def _voice(self, name: str) -> ReadyVoice:
        try:
            return await self._desk.library.voice(name)
        except LipwireError as error:
            if error.code is ErrorCode.NOT_FOUND and name not in self._known():
                raise
            # What is wrong with a file is for the log; the listener need not know where it lies.
            _log.error("the voice %s cannot be used: %s", name, error)
            text = f"the voice {name} cannot be used; the server's log says why"
            raise LipwireError(ErrorCode.UNSUPPORTED, text) from error

    def _known(self) -> set[str]:
        return {voice.name for voice in self._desk.library.voices()}

    def leave(self) -> None:
        """Gives the seat back, or to somebody who still hears what was made on it."""
        admission, rendition = self._desk.admission, self._rendition
        if rendition is not None and rendition.needs_a_seat and not self._carried(rendition):
            admission.hand_over(self, next(iter(rendition.users)))
        longest_ns = self._desk.now_ns() + _LONGEST_REST_NS
        admission.leave(self, min(self.listener.dry_ns(), longest_ns))

    async def _plan(self, rendition: Rendition) -> tuple[Plan, Due]:
        """The plan, and when the first sound is due."""
        desk, there = self._desk, rendition.has_plan
        with self._working():
            if not there:
                await self._sit(rendition)
            due = self._due(free=rendition.has_plan)
            plan = await rendition.plan(due)
        self._spoken_to = True
        if there:
            desk.counts.hits += 1
            now_ns = desk.now_ns()
            plan = replace(plan, cached=True, phonemized_ns=now_ns, encoded_ns=now_ns)
        return plan, due

    async def _window(self, rendition: Rendition, index: int, first: Due | None) -> Window:
        with self._working():
            if not rendition.has(index):
                await self._sit(rendition)
            due = Due(max(self.listener.dry_ns(), self._heard_ns))
            if first is not None and due.ns <= self._desk.now_ns():
                due = first
            return await rendition.window(index, due)

    @contextmanager
    def _working(self) -> Iterator[None]:
        self._busy = True
        try:
            yield
        finally:
            self._busy = False
            self._rested_ns = self._desk.now_ns()

    def _given(self, count: int, rate: int) -> None:
        """Who claims to have heard everything at once gets no more than others do for it."""
        self._heard_ns = max(self._heard_ns, self._desk.now_ns())
        self._heard_ns += count * 1_000_000_000 // rate * 100 // _FASTEST_PERCENT

    def _due(self, *, free: bool) -> Due:
        """When the first sound of a segment is due."""
        desk = self._desk
        now_ns = desk.now_ns()
        dry_ns = max(self.listener.dry_ns(), self._heard_ns)
        if dry_ns > now_ns:
            return Due(dry_ns)
        cost_ns = 0 if free else desk.pace.start_ns // desk.crew_size
        turn_ns = desk.shares.stamp(self.key, now_ns, cost_ns)
        return Due(turn_ns + _FIRST_AUDIO_NS, starting=True)

    def _carried(self, rendition: Rendition) -> bool:
        """Whether somebody who uses the rendition has a seat."""
        holds = self._desk.admission.holds
        if rendition.carrier is None or not holds(rendition.carrier):
            rendition.carrier = next((user for user in rendition.users if holds(user)), None)
        return rendition.carrier is not None

    async def _sit(self, rendition: Rendition) -> None:
        """Returns when somebody who uses the rendition has a seat; claims one for himself if not.

        Those who wait for the same rendition wait for one claim, and are refused together.
        """
        asked_ns = self._desk.now_ns()
        try:
            while not self._carried(rendition):
                if rendition.claim is not None:
                    await asyncio.shield(rendition.claim)
                else:
                    await self._claim(rendition, asked_ns)
        except LipwireError:
            self._desk.counts.refused += 1
            raise

    async def _claim(self, rendition: Rendition, asked_ns: int) -> None:
        claim = rendition.claim = asyncio.get_running_loop().create_future()
        try:
            await self._desk.admission.claim(self, again=self._spoken_to, since_ns=asked_ns)
        except LipwireError as refusal:
            claim.set_exception(refusal)
            claim.exception()  # Whether anybody waits for it or not.
            raise
        finally:
            rendition.claim = None
            if not claim.done():
                claim.set_result(None)

    def _new(self, voice: ReadyVoice, job: Job) -> Rendition:
        desk, rate = self._desk, voice.sample_rate
        return Rendition(
            lambda: voice.plan(job),
            voice.window,
            lambda work, due: desk.send(work, due, job.voice, rate),
        )
