"""Chance that can be asked again: the same numbers for the same question, in any order."""

from enum import IntEnum
from typing import Final

__all__ = ["Draw", "chance", "either_way"]

_WORD: Final = (1 << 64) - 1
_STEP: Final = 0x9E3779B97F4A7C15


class Draw(IntEnum):
    """What is drawn, so that one seed gives each its own numbers."""

    SWAY = 0
    TILT = 1
    NOD = 2
    STRENGTH = 3
    BLINK = 4
    GLANCE = 5
    SIDE = 6
    LENGTH = 7
    TURN = 8


def chance(seed: int, what: Draw, *numbers: int) -> float:
    """From 0 to below 1: SplitMix64 (Steele et al. 2014) of all arguments."""
    state = _mixed(seed & _WORD)
    for number in (what, *numbers):
        state = _mixed((state ^ number) & _WORD)
    return (state >> 11) / (1 << 53)


def either_way(part: float) -> float:
    """From -1 to 1, but never near 0, for a number from 0 to 1."""
    return 1.2 * part - (1.0 if part < 0.5 else 0.2)


def _mixed(state: int) -> int:
    state = (state + _STEP) & _WORD
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & _WORD
    return state ^ (state >> 31)
