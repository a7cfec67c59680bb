"""What is made of one content: its plan and its windows, each made once, whoever needs it."""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from lipwire_protocol.timeline import HOP

from ..port import Plan, Window
from ..synthesizer import Prepared
from .admission import Claimant
from .agenda import Due

__all__ = ["Errand", "Rendition"]

_PLAN: Final = -1
_LATENT_BYTES: Final = 2 * 192 * 4
"""Of each hop, before and after the flow, in a voice of 192 channels as all of Piper's are."""
_SMALLEST: Final = 4_096
"""Bytes of a plan, about."""


class Errand(Protocol):
    """A part on its way."""

    future: asyncio.Future[object]

    def hasten(self, due: Due) -> None: ...

    def drop(self) -> bool:
        """Gives it up; false when it is being made already."""


class Rendition:
    """Single-flight: whoever asks for a part that is being made waits for the same errand.

    What one made stays for the next one. An errand that nobody waits for any more is dropped.
    """

    def __init__(
        self,
        make_plan: Callable[[], Prepared],
        make_window: Callable[[Prepared, int], Window],
        send: Callable[[Callable[[], object], Due], Errand],
    ) -> None:
        """Both makers are pure, and called elsewhere: `send` sends for the result of some work, to
        be there by a deadline."""
        self.carrier: Claimant | None = None
        """The user whose seat in the machine its making goes on."""
        self.claim: asyncio.Future[None] | None = None
        """Of a seat, on the way."""
        self.users: dict[Claimant, None] = {}
        """Who keep it from being forgotten, in the order in which they came."""
        self.count = 0
        """Windows that there are; known with the plan."""
        self.nbytes = _SMALLEST
        self._make_plan = make_plan
        self._make_window = make_window
        self._send = send
        self._plan: Plan | None = None
        self._prepared: Prepared | None = None
        """Needed until all windows are made."""
        self._made: dict[int, Window] = {}
        self._errands: dict[int, Errand] = {}
        self._waiting: dict[int, int] = {}

    @property
    def empty(self) -> bool:
        """There is nothing in it, and nothing on its way."""
        return self._plan is None and not self._errands

    @property
    def has_plan(self) -> bool:
        """It is there or on its way."""
        return self._plan is not None or _PLAN in self._errands

    def has(self, index: int) -> bool:
        """Whether a window is there or on its way."""
        return index in self._made or index in self._errands

    @property
    def needs_a_seat(self) -> bool:
        """Its users may still ask for something that is not there, and none of them claims one."""
        complete = self._plan is not None and len(self._made) == self.count
        return bool(self.users) and self.claim is None and not complete

    async def plan(self, due: Due) -> Plan:
        if self._plan is None:
            await self._fetch(_PLAN, self._make_plan, due)
        assert self._plan is not None
        return self._plan

    async def window(self, index: int, due: Due) -> Window:
        """One of the windows; after the plan."""
        if index not in self._made:
            prepared, make = self._prepared, self._make_window
            assert prepared is not None
            await self._fetch(index, lambda: make(prepared, index), due)
        return self._made[index]

    async def _fetch(self, part: int, work: Callable[[], object], due: Due) -> None:
        errand = self._errands.get(part)
        if errand is None:
            errand = self._errands[part] = self._send(work, due)
            errand.future.add_done_callback(lambda _: self._keep(part, errand))
        else:
            errand.hasten(due)
        self._waiting[part] = self._waiting.get(part, 0) + 1
        try:
            # Shielded: the others go on waiting for it.
            await asyncio.shield(errand.future)
        finally:
            self._waiting[part] -= 1
            if not self._waiting[part]:
                del self._waiting[part]
                if not errand.future.done() and errand.drop():
                    del self._errands[part]
        # One who came when it was just done did not have to wait, and is here before the callback.
        self._keep(part, errand)

    def _keep(self, part: int, errand: Errand) -> None:
        if self._errands.get(part) is not errand:
            return  # Kept already; or dropped, and another one is on its way.
        del self._errands[part]
        if errand.future.cancelled() or errand.future.exception() is not None:
            return
        result = errand.future.result()
        if isinstance(result, Prepared):
            self._plan, self._prepared, self.count = result.plan, result, result.windows
            self.nbytes += self._latent_bytes
        elif isinstance(result, Window):
            # It may be sent to many: nobody may change it.
            result.samples.flags.writeable = False
            self._made[part] = result
            self.nbytes += result.samples.nbytes + len(result.pcm or b"")
            if len(self._made) == self.count:
                self._prepared = None
                self.nbytes -= self._latent_bytes

    @property
    def _latent_bytes(self) -> int:
        assert self._plan is not None
        return self._plan.count // HOP * _LATENT_BYTES
