"""When the eyes close for a moment.

Time is divided into slots of equal length, and each has one blink near its beginning: when it is
depends on nothing but the seed and the number of the slot, and on the speech around it.
"""

from typing import Final

import numpy as np

from .chance import Draw, chance
from .curves import Floats, Move, Moves
from .prosody import Prosody

__all__ = ["Blinks", "blink", "quantised"]

_SLOT: Final = 3.75
_PLAY: Final = 1.75
"""How late in its slot a blink may be: 2 to 5.5 s lie between two."""
_CLOSE, _HELD, _OPEN = 0.065, 0.04, 0.12
"""How long lids take to close, are closed, and take to open."""
_LENGTH: Final = _CLOSE + _HELD + _OPEN
_TRIES: Final = 8
_AFTER_WORD: Final = 0.03
"""At the end of a phrase lids begin to close so long after the last sound."""


def blink(begin: float) -> Move:
    full = begin + _CLOSE
    return Move(begin, full, full + _HELD, begin + _LENGTH, (1.0,))


class Blinks:
    """Of one segment."""

    def __init__(self, prosody: Prosody, seed: int) -> None:
        first = int(prosody.begin // _SLOT) - 1
        last = int(prosody.end // _SLOT) + 1
        self._moves = Moves(
            1, [blink(_when(prosody, seed, slot)) for slot in range(first, last + 1)]
        )

    def at(self, times: Floats) -> Floats:
        """How far the lids are closed, 0..1, shape (times,)."""
        closed: Floats = self._moves.at(times)[:, 0]
        return closed


def _when(prosody: Prosody, seed: int, slot: int) -> float:
    earliest = slot * _SLOT
    tries = [earliest + _PLAY * chance(seed, Draw.BLINK, slot, i) for i in range(_TRIES)]
    latest = earliest + _PLAY
    if earliest < prosody.begin or latest + _LENGTH > prosody.end:
        # The segment before, or after, has a part of it and must come to the same time.
        return tries[0]
    ends = [pause.begin + _AFTER_WORD for pause in prosody.pauses]
    ends.append(prosody.said_to + _AFTER_WORD)
    in_pauses = [end for end in ends if earliest <= end <= latest]
    if in_pauses:
        return in_pauses[0]
    return next((one for one in tries if not _disturbs(prosody, one)), tries[0])


def _disturbs(prosody: Prosody, begin: float) -> bool:
    return any(at < begin + _LENGTH and begin < end for at, end in prosody.stressed)


def quantised(closed: Floats) -> Floats:
    """To open, half closed and closed."""
    return np.where(closed < 0.2, 0.0, np.where(closed < 0.75, 0.45, 1.0))
