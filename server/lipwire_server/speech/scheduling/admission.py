"""Who may speak: no more at once than the machine can keep talking without a stutter."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from typing import Final, Protocol

from lipwire_protocol.errors import ErrorCode, LipwireError

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

    @property
    def idle(self) -> bool:
        """It holds a seat that it does not use: it may be taken away."""


class Admission:
    """Gives seats to claimants, up to a capacity that may change.

    - Claims wait in a line for each key, and the keys take turns. At most `longest_line` wait.
    - A claim that waited for `patience_s` is refused with `overloaded`, and told when to retry.
    - The seat of one who has been silent is given away, and claimed again when he goes on: before
      everybody who is new.
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
        self._patience_s = patience_s
        self._longest_line = longest_line
        self._seated: OrderedDict[Claimant, None] = OrderedDict()
        self._held: dict[str, int] = {}
        self._lines: OrderedDict[str, deque[tuple[Claimant, asyncio.Future[None]]]] = OrderedDict()
        self._waiting = 0
        self._freed_ns: int | None = None
        self._between_ns = 2e9
        """How long it takes until a seat becomes free, lately."""

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

    async def claim(self, claimant: Claimant, *, again: bool = False) -> None:
        """Returns when the claimant has a seat; `again` for one who had it before.

        Raises `LipwireError` (`overloaded`).
        """
        if claimant in self._seated:
            return
        if (again or not self._waiting) and self._room_for(claimant):
            self._seat(claimant)
            return
        if self._waiting >= self._longest_line:
            raise self._refusal()
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line = self._lines.setdefault(claimant.key, deque())
        (line.appendleft if again else line.append)((claimant, turn))
        if again:
            self._lines.move_to_end(claimant.key, last=False)
        self._waiting += 1
        self._serve()
        try:
            await self._turn(turn)
        except BaseException:
            if not self._leave_line(claimant, turn):
                self.release(claimant)  # It was seated in the moment of giving up.
            raise

    async def _turn(self, turn: asyncio.Future[None]) -> None:
        loop = asyncio.get_running_loop()
        patience_ends = loop.time() + self._patience_s
        while not turn.done():
            left = patience_ends - loop.time()
            if left <= 0:
                raise self._refusal()
            await asyncio.wait([turn], timeout=min(left, _LOOK_AGAIN_S))
            self._serve()

    def release(self, claimant: Claimant) -> None:
        """Gives the seat back; does nothing for one who has none."""
        if claimant not in self._seated:
            return
        self._unseat(claimant)
        now_ns = self._now_ns()
        if self._freed_ns is not None:
            passed = now_ns - self._freed_ns
            self._between_ns = _MEMORY * self._between_ns + (1 - _MEMORY) * passed
        self._freed_ns = now_ns
        self._serve()

    def _serve(self) -> None:
        """Seats those whose turn it is, while there is room; keys take turns."""
        skipped = 0
        while self._lines and skipped < len(self._lines):
            key, line = next(iter(self._lines.items()))
            claimant, turn = line[0]
            if not self._room_for(claimant):
                self._lines.move_to_end(key)
                skipped += 1
                continue
            skipped = 0
            line.popleft()
            self._waiting -= 1
            self._lines.move_to_end(key)
            if not line:
                del self._lines[key]
            self._seat(claimant)
            turn.set_result(None)

    def _room_for(self, claimant: Claimant) -> bool:
        seats = self.seats
        if self._held.get(claimant.key, 0) >= max(1, int(_LARGEST_SHARE * seats)):
            return False
        if len(self._seated) < seats:
            return True
        idle = next((seated for seated in self._seated if seated.idle), None)
        if idle is not None:
            self._unseat(idle)
        return idle is not None

    def _seat(self, claimant: Claimant) -> None:
        self._seated[claimant] = None
        self._held[claimant.key] = self._held.get(claimant.key, 0) + 1

    def _unseat(self, claimant: Claimant) -> None:
        del self._seated[claimant]
        self._held[claimant.key] -= 1
        if not self._held[claimant.key]:
            del self._held[claimant.key]

    def _leave_line(self, claimant: Claimant, turn: asyncio.Future[None]) -> bool:
        line = self._lines.get(claimant.key)
        if line is None or (claimant, turn) not in line:
            return False
        line.remove((claimant, turn))
        self._waiting -= 1
        if not line:
            del self._lines[claimant.key]
        return True

    def _refusal(self) -> LipwireError:
        expected_ms = int(self._between_ns / 1e6 * (self._waiting + 1))
        retry_after_ms = min(max(expected_ms, _SHORTEST_RETRY_MS), _LONGEST_RETRY_MS)
        return LipwireError(
            ErrorCode.OVERLOADED,
            f"all {self.seats} speakers that this machine can carry are speaking;"
            f" try again in {retry_after_ms} ms",
            retry_after_ms=retry_after_ms,
        )
