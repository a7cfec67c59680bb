"""Who may speak: no more at once than the machine can keep talking without a stutter."""

import asyncio
import itertools
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from lipwire_protocol.errors import ErrorCode, LipwireError

from ..port import Listener

__all__ = ["Admission", "Claimant"]

_LARGEST_SHARE: Final = 0.8
"""Of all seats that one key may hold, so that there is always one for somebody else soon."""
_SHORTEST_RETRY_MS: Final = 500
_LONGEST_RETRY_MS: Final = 30_000
_MEMORY: Final = 0.8
_LOOK_AGAIN_S: Final = 0.25
"""Nobody says that he has become idle, or that the machine has become faster."""


class Claimant(Protocol):
    key: str
    """Whose share it is."""
    listener: Listener

    @property
    def idle(self) -> bool:
        """It holds a seat that it does not use: it may be taken away."""


@dataclass(frozen=True, slots=True, eq=False)
class _Claim:
    """It is in its line until its turn is done."""

    claimant: Claimant
    turn: asyncio.Future[None]
    line: "deque[_Claim]"


class Admission:
    """Gives seats to claimants, up to a capacity that may change.

    - Claims wait in a line for each key, and the keys take turns. At most `longest_line` wait.
    - A claim that waited for `patience_s` is refused with `overloaded`, and told when to retry.
    - The seat of one who has been silent is given away, and claimed again when he goes on: before
      everybody who is new.
    - The seat of one who leaves stays his until he has heard what was made for him: it took the
      machine as much work as if he had stayed. When he comes back before, he has it at once.
    - When the capacity shrinks, nobody is sent away: no seat is given until enough became free.
    """

    def __init__(
        self,
        capacity: Callable[[], float],
        now_ns: Callable[[], int],
        *,
        patience_s: float,
        longest_line: int = 1_000,
    ) -> None:
        self._capacity = capacity
        self._now_ns = now_ns
        self._patience_ns = int(patience_s * 1e9)
        self._longest_line = longest_line
        self._seated: dict[Claimant, None] = {}
        self._held: dict[str, int] = {}
        self._returning: deque[_Claim] = deque()
        self._lines: OrderedDict[str, deque[_Claim]] = OrderedDict()
        self._waiting = 0
        self._leaving: dict[Listener, tuple[Claimant, asyncio.TimerHandle]] = {}
        self._look: asyncio.TimerHandle | None = None
        self._closed: LipwireError | None = None
        self._full_ns: int | None = None
        """Since when every seat is taken."""
        self._between_ns = 2e9
        """How long it takes until one of them becomes free, lately."""

    @property
    def seated(self) -> int:
        return len(self._seated)

    @property
    def waiting(self) -> int:
        return self._waiting

    @property
    def seats(self) -> int:
        return max(1, int(self._capacity()))

    def holds(self, claimant: Claimant) -> bool:
        return claimant in self._seated

    async def claim(
        self, claimant: Claimant, *, again: bool = False, since_ns: int | None = None
    ) -> None:
        """Returns when the claimant has a seat.

        `again` is for one who is spoken to already; `since_ns` says when he began to wait. Raises
        `LipwireError` (`overloaded`).
        """
        if claimant in self._seated:
            return
        if self._closed is not None:
            raise self._closed
        if claimant.listener in self._leaving:
            left, timer = self._leaving.pop(claimant.listener)
            timer.cancel()
            self.hand_over(left, claimant)
            if claimant in self._seated:
                return
        if self._waiting >= self._longest_line:
            raise self._refusal()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line = self._returning if again else self._lines.setdefault(claimant.key, deque())
        place = _Claim(claimant, turn, line)
        line.append(place)
        self._waiting += 1
        self._serve()
        if turn.done():
            return
        self._look_out()
        now_ns = self._now_ns()
        left_ns = (now_ns if since_ns is None else since_ns) + self._patience_ns - now_ns
        try:
            await asyncio.wait([turn], timeout=max(left_ns, 0) / 1e9)
            if not turn.done():
                raise self._refusal()
            turn.result()
        except BaseException:
            if turn.done():
                self.release(claimant)  # It was seated in the moment of giving up.
            else:
                self._leave_line(place)
            raise

    def release(self, claimant: Claimant) -> None:
        """Gives the seat back; does nothing for one who has none."""
        if claimant in self._seated:
            self._unseat(claimant)
            self._serve()

    def leave(self, claimant: Claimant, until_ns: int) -> None:
        """Gives the seat back when he will have heard everything."""
        left_s = (until_ns - self._now_ns()) / 1e9
        if left_s <= 0 or self._closed is not None or claimant not in self._seated:
            self.release(claimant)
            return
        if claimant.listener in self._leaving:
            self._gone(self._leaving[claimant.listener][0])
        timer = asyncio.get_running_loop().call_later(left_s, self._gone, claimant)
        self._leaving[claimant.listener] = claimant, timer

    def _gone(self, claimant: Claimant) -> None:
        _, timer = self._leaving.pop(claimant.listener)
        timer.cancel()
        self.release(claimant)

    def hand_over(self, claimant: Claimant, heir: Claimant) -> None:
        """Gives the seat to one who does not wait in line."""
        if claimant in self._seated and heir not in self._seated:
            self._get_up(claimant)
            self._sit_down(heir)
        else:
            self.release(claimant)

    def close(self, error: LipwireError) -> None:
        """Nobody gets a seat any more: whoever waits is told so."""
        self._closed = error
        for _, timer in self._leaving.values():
            timer.cancel()
        self._leaving.clear()
        lines = [self._returning, *self._lines.values()]
        self._returning, self._lines, self._waiting = deque(), OrderedDict(), 0
        for place in itertools.chain.from_iterable(lines):
            place.turn.set_exception(error)
            place.turn.exception()  # Whether anybody waits for it or not.

    def _look_out(self) -> None:
        if self._look is None:
            self._look = asyncio.get_running_loop().call_later(_LOOK_AGAIN_S, self._look_again)

    def _look_again(self) -> None:
        self._look = None
        self._serve()
        if self._waiting:
            self._look_out()

    def _serve(self) -> None:
        """Seats those whose turn it is, while there is room."""
        while self._waiting:
            idle = [claimant for claimant in self._seated if claimant.idle]
            if self.seated >= self.seats and not idle:
                return
            for place in self._heads():
                leavers = self._leavers(place.claimant.key, idle)
                if leavers is not None:
                    break
            else:
                return
            self._leave_line(place)
            for leaver in leavers:
                self._unseat(leaver)
            self._sit_down(place.claimant)
            place.turn.set_result(None)

    def _heads(self) -> Iterator[_Claim]:
        """Those whose turn it may be, in the order of the turns."""
        yield from self._returning
        yield from (line[0] for line in self._lines.values())

    def _leavers(self, key: str, idle: list[Claimant]) -> list[Claimant] | None:
        """Who has to get up for one of this key; None when that would not be enough."""
        seats = self.seats
        too_many = self.seated + 1 - seats
        too_many_of_key = self._held.get(key, 0) + 1 - max(1, int(_LARGEST_SHARE * seats))
        if too_many_of_key > 0:
            idle = [claimant for claimant in idle if claimant.key == key]
        count = max(too_many, too_many_of_key, 0)
        return idle[:count] if count <= len(idle) else None

    def _unseat(self, claimant: Claimant) -> None:
        self._get_up(claimant)
        now_ns = self._now_ns()
        if self._full_ns is not None:
            passed = now_ns - self._full_ns
            self._between_ns = _MEMORY * self._between_ns + (1 - _MEMORY) * passed
        self._full_ns = now_ns if self.seated >= self.seats else None

    def _sit_down(self, claimant: Claimant) -> None:
        if claimant in self._seated:
            return
        self._seated[claimant] = None
        self._held[claimant.key] = self._held.get(claimant.key, 0) + 1
        if self._full_ns is None and self.seated >= self.seats:
            self._full_ns = self._now_ns()

    def _get_up(self, claimant: Claimant) -> None:
        del self._seated[claimant]
        self._held[claimant.key] -= 1
        if not self._held[claimant.key]:
            del self._held[claimant.key]

    def _leave_line(self, place: _Claim) -> None:
        key, line = place.claimant.key, place.line
        line.remove(place)
        self._waiting -= 1
        if line is self._lines.get(key):
            # The other keys come next.
            self._lines.move_to_end(key)
            if not line:
                del self._lines[key]

    def _refusal(self) -> LipwireError:
        expected_ms = int(self._between_ns / 1e6 * (self._waiting + 1))
        retry_after_ms = min(max(expected_ms, _SHORTEST_RETRY_MS), _LONGEST_RETRY_MS)
        return LipwireError(
            ErrorCode.OVERLOADED,
            f"all {self.seats} speakers that this machine can carry are speaking;"
            f" try again in {retry_after_ms} ms",
            retry_after_ms=retry_after_ms,
        )
