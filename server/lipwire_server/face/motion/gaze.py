"""Where the eyes look: at the listener, but for glances in pauses and when a thought begins."""

from typing import Final

from .chance import Draw, chance, either_way
from .curves import Floats, Move, Moves
from .prosody import Prosody

__all__ = ["Glances", "glance", "turn"]

_SACCADE: Final = 0.07
"""How long the eyes take from one place to another."""
_LEAST: Final = 0.35
_MOST: Final = 0.9
"""How long a glance takes."""
_AWAY: Final = (0.36, 0.6)
"""How far it goes."""
_FIRST_SHARE: Final = 0.6
"""Of the segments that begin with one."""
_PAUSE_SHARE: Final = 0.55
"""Of the pauses that have one."""
_BEFORE_WORDS: Final = 0.1
"""A glance in a pause begins so long before the pause, and ends in the words after it."""
_ROOM: Final = 0.5
"""From the beginning of a segment to its first glance, and from the last to the end, at least."""

_FOLLOWS: Final = 0.4
"""The head goes this share of the way."""
_LATER: Final = 0.08
_TURN: Final = 0.28
"""So much later than the eyes, and it takes so long."""


class Glances:
    """Of one segment."""

    def __init__(self, prosody: Prosody, seed: int) -> None:
        glances = _glances(prosody, seed)
        self._eyes = Moves(2, glances)
        self._head = Moves(2, [turn(one) for one in glances])

    def eyes(self, times: Floats) -> Floats:
        """To the right and up, shape (times, 2)."""
        return self._eyes.at(times)

    def head(self, times: Floats) -> Floats:
        """How the head goes with the eyes: yaw and pitch, shape (times, 2)."""
        return self._head.at(times)


def glance(begin: float, seed: int, number: int) -> Move:
    """One to the side and mostly up, by chance."""
    end = begin + _LEAST + (_MOST - _LEAST) * chance(seed, Draw.LENGTH, number)
    far = _AWAY[0] + (_AWAY[1] - _AWAY[0]) * chance(seed, Draw.GLANCE, number)
    right = either_way(chance(seed, Draw.SIDE, number))
    up = 1.0 - 0.8 * abs(right)
    return Move.between(begin, _SACCADE, end, _SACCADE, far * right, far * up)


def turn(eyes: Move) -> Move:
    """What the head does when the eyes move."""
    amounts = (_FOLLOWS * amount for amount in eyes.amounts)
    return Move.between(eyes.begin + _LATER, _TURN, eyes.end + _TURN, _TURN, *amounts)


def _glances(prosody: Prosody, seed: int) -> list[Move]:
    begins: list[tuple[float, float]] = []
    if prosody.pauses or prosody.end - prosody.begin > 4 * _ROOM:
        begins.append((prosody.begin + 0.1, _FIRST_SHARE))
    begins += [(pause.begin - _BEFORE_WORDS, _PAUSE_SHARE) for pause in prosody.pauses]
    glances: list[Move] = []
    for begin, share in begins:
        number = round(begin * 1000)
        follows = glances and begin < glances[-1].end + _ROOM
        if not follows and chance(seed, Draw.GLANCE, number, 1) < share:
            one = glance(begin, seed, number)
            if one.end + _ROOM <= prosody.end:
                glances.append(one)
    return glances
