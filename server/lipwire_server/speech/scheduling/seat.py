"""The place of one listener: what it takes to speak to him, and when it has to be there."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from lipwire_protocol.errors import LipwireError

from ..port import Job, Listener, Plan, VoiceInfo, Window
from ..synthesizer import Prepared
from .admission import Admission
from .pace import Pace
from .rendition import Errand, Rendition
from .shares import Shares
from .shelf import Shelf

__all__ = ["Counts", "Desk", "Library", "ReadyVoice", "Seat"]

_FIRST_AUDIO_NS: Final = 200_000_000
"""A first sound is due so long after it was asked for; those who run dry earlier go first."""
_IDLE_NS: Final = 1_000_000_000
"""After so long without anything to hear or to make, a seat may be given to somebody else."""


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
    send: Callable[[Callable[[], object], int, int], Errand]
    """Sends for the result of some work, by a deadline, of a voice of some sample rate."""
    now_ns: Callable[[], int]
    crew_size: int


class Seat:
    """Taken when something has to be made, unless somebody who has one makes the same."""

    def __init__(self, desk: Desk, listener: Listener) -> None:
        self.key = listener.key
        self._desk = desk
        self._listener = listener
        self._busy = False
        self._was_seated = False

    @property
    def idle(self) -> bool:
        """Nothing is made for him, and he has had nothing to hear for a while."""
        return not self._busy and self._listener.dry_ns() < self._desk.now_ns() - _IDLE_NS

    async def speak(self, job: Job) -> AsyncGenerator[Plan | Window, None]:
        """See the port."""
        voice = await self._desk.library.voice(job.voice)
        self._desk.counts.segments += 1
        with self._desk.shelf.use(voice.key(job), lambda: self._rendition(voice, job)) as rendition:
            try:
                async for part in self._parts(rendition, job.first_window):
                    yield part
            finally:
                if rendition.carrier is self:
                    rendition.carrier = None

    async def _parts(self, rendition: Rendition, first: int) -> AsyncGenerator[Plan | Window, None]:
        cached = rendition.has_plan
        if not cached:
            await self._sit(rendition)
        due_ns = self._due_ns(free=cached)
        self._busy = True
        try:
            plan = await rendition.plan(due_ns)
            if cached:
                self._desk.counts.hits += 1
                now_ns = self._desk.now_ns()
                plan = replace(plan, cached=True, phonemized_ns=now_ns, encoded_ns=now_ns)
            self._busy = False
            yield plan
            for index in range(max(0, first), rendition.count):
                if not rendition.has(index):
                    await self._sit(rendition)
                self._busy = True
                dry_ns = self._listener.dry_ns()
                starting = index == first and dry_ns <= self._desk.now_ns()
                window = await rendition.window(index, due_ns if starting else dry_ns)
                self._busy = False
                yield window
        finally:
            self._busy = False

    def _due_ns(self, *, free: bool) -> int:
        """When the first sound of a segment is due."""
        desk = self._desk
        now_ns, dry_ns = desk.now_ns(), self._listener.dry_ns()
        if dry_ns > now_ns:
            return dry_ns
        cost_ns = 0 if free else desk.pace.start_ns // desk.crew_size
        return desk.shares.stamp(self.key, now_ns, cost_ns) + _FIRST_AUDIO_NS

    async def _sit(self, rendition: Rendition) -> None:
        """Returns when somebody who uses the rendition has a seat; claims one for himself if not.

        Those who wait for the same rendition wait for one claim, and are refused together.
        """
        admission = self._desk.admission
        while rendition.carrier is None or not admission.holds(rendition.carrier):
            if rendition.claim is not None:
                await asyncio.shield(rendition.claim)
                continue
            claim = rendition.claim = asyncio.get_running_loop().create_future()
            try:
                await admission.claim(self, again=self._was_seated)
            except LipwireError as refusal:
                self._desk.counts.refused += 1
                claim.set_exception(refusal)
                claim.exception()  # Whether anybody waits for it or not.
                raise
            else:
                self._was_seated = True
                rendition.carrier = self
            finally:
                rendition.claim = None
                if not claim.done():
                    claim.set_result(None)

    def _rendition(self, voice: ReadyVoice, job: Job) -> Rendition:
        desk, rate = self._desk, voice.sample_rate
        return Rendition(
            lambda: voice.plan(job),
            voice.window,
            lambda work, deadline_ns: desk.send(work, deadline_ns, rate),
        )
