"""How head and brows go along with speech: they sway, nod, tilt and rise."""

from typing import Final

import numpy as np

from .chance import Draw, chance, either_way
from .curves import Floats, Move, Moves, Steps, ease, envelope, wave
from .gaze import Glances
from .prosody import Prosody

__all__ = ["PHASES", "Heads", "breathing", "looped", "strolled"]

_SWAY: Final = (
    # Column of head and shift, turns a second, amount.
    (0, 0.097, 0.18), (0, 0.231, 0.11), (0, 0.613, 0.03),
    (1, 0.129, 0.10), (1, 0.317, 0.06),
    (2, 0.083, 0.012), (2, 0.209, 0.007),
    (3, 0.113, 1.6), (3, 0.271, 0.8),
    (4, 0.149, 1.0), (4, 0.353, 0.5),
)  # fmt: skip
"""Sines whose lengths have no common measure, so that nothing repeats."""
_COLUMNS: Final = 5

_NOD: Final = (0.32, 0.28)
"""How far down, and how much farther with emphasis."""
_NOD_BEFORE: Final = 0.10
_NOD_RISE: Final = 0.17
_NOD_LENGTH: Final = 0.38
"""It begins before the stressed vowel, goes down, and is over."""
_NOD_SHIFT: Final = 1.2
"""Pixels down, of a full nod."""

_BROWS: Final = (0.14, 0.26)
_BROWS_BEFORE: Final = 0.14
_BROWS_LENGTH: Final = 0.46
_BROWS_RISE: Final = 0.14
_QUESTION: Final = 0.4
"""How far brows are raised at the end of a question."""

_TURN: Final = 0.20
_TILT: Final = 0.02
"""Yaw, and radians of roll, at most, that a phrase has of its own."""
_TURN_TIME: Final = 0.6

_BREATH: Final = 0.25
"""Breaths in a second."""

PHASES: Final = 32
"""Places of the head that many faces share."""
_LOOP: Final = 6.4
"""How many seconds they go round in, about."""


class Heads:
    """Of one segment. At its beginning and its end all of it is at rest."""

    def __init__(self, prosody: Prosody, glances: Glances, seed: int) -> None:
        self._prosody = prosody
        self._glances = glances
        self._phases = [chance(seed, Draw.SWAY, index) for index in range(len(_SWAY))]
        self._nods = Moves(1, _nods(prosody))
        self._brows = Moves(1, _brow_raises(prosody))
        self._turns = Steps(_places(prosody, seed, Draw.TURN, _TURN), _TURN_TIME)
        self._tilts = Steps(_places(prosody, seed, Draw.TILT, _TILT), _TURN_TIME)

    def at(self, times: Floats) -> tuple[Floats, Floats]:
        """Yaw, pitch and roll, shape (times, 3), and the shift, shape (times, 2)."""
        rest = envelope(times, self._prosody.begin, self._prosody.end)
        moved = np.zeros((len(times), _COLUMNS))
        for (column, speed, amount), phase in zip(_SWAY, self._phases, strict=True):
            moved[:, column] += amount * wave(times * speed + phase)
        moved[:, 0] += self._turns.at(times)
        moved[:, 2] += self._tilts.at(times)
        moved *= rest[:, None]
        nods = self._nods.at(times)[:, 0]
        moved[:, :2] += self._glances.head(times)
        moved[:, 1] -= nods
        moved[:, 4] += _NOD_SHIFT * nods
        return moved[:, :3], moved[:, 3:]

    def brows(self, times: Floats) -> Floats:
        """How far they are raised, shape (times,)."""
        raised: Floats = self._brows.at(times)[:, 0]
        return raised

    def breath(self, times: Floats) -> Floats:
        """Shape (times,). Between segments it is out."""
        return breathing(times) * envelope(times, self._prosody.begin, self._prosody.end)


def breathing(times: Floats) -> Floats:
    return 0.5 - 0.5 * wave(times * _BREATH + 0.25)


def looped(turns: Floats) -> Floats:
    """The way of a head that many faces share: yaw, pitch and roll, shape (turns, 3).

    It begins and ends at rest, and stands still in one of `PHASES` places.
    """
    turns = np.rint(turns * PHASES) / PHASES
    return np.stack([0.28 * wave(turns), 0.14 * wave(2.0 * turns), 0.010 * wave(turns)], axis=1)


def strolled(times: Floats, begin: float, end: float) -> Floats:
    """A head that goes that way between two times and is at rest at both, shape (times, 3).

    It goes round as often as there is time for, or a part of the way and back. Of the places it
    is in all the while are no more than of the loop, so that many faces share their pictures.
    """
    passed = np.minimum(np.maximum((times - begin) / max(end - begin, 1e-6), 0.0), 1.0)
    turns = (end - begin) / _LOOP
    if turns < 0.5:
        back = ease(1.0 - np.abs(2.0 * passed - 1.0))
        return looped(0.5 * turns * back)
    return looped(max(1, round(turns)) * passed)


def _nods(prosody: Prosody) -> list[Move]:
    moves: list[Move] = []
    for at, strength in prosody.emphases:
        begin = max(prosody.begin, at - _NOD_BEFORE)
        end = min(prosody.end, begin + _NOD_LENGTH)
        depth = _NOD[0] + _NOD[1] * strength
        moves.append(Move.between(begin, _NOD_RISE, end, _NOD_LENGTH - _NOD_RISE, depth))
    return moves


def _brow_raises(prosody: Prosody) -> list[Move]:
    moves: list[Move] = []
    for index, (at, strength) in enumerate(prosody.emphases):
        begin = max(prosody.begin, at - _BROWS_BEFORE)
        end = min(prosody.end, begin + _BROWS_LENGTH)
        raised = _BROWS[0] + _BROWS[1] * strength
        if prosody.is_question and index == len(prosody.emphases) - 1:
            end = min(prosody.end, max(end, prosody.said_to + 0.25))
            raised = max(raised, _QUESTION)
        moves.append(Move.between(begin, _BROWS_RISE, end, 1.5 * _BROWS_RISE, raised))
    return moves


def _places(prosody: Prosody, seed: int, what: Draw, most: float) -> list[tuple[float, float]]:
    """Where the head is in each phrase, to one side or the other."""
    begins = [prosody.begin, *(pause.begin for pause in prosody.pauses)]
    return [(begin, most * either_way(chance(seed, what, round(begin * 1000)))) for begin in begins]
