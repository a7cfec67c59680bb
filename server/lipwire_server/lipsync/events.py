"""Phonemes in time to mouth shapes in time: one after another, each with its number in a set."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from lipwire_protocol.visemes import SETS

from ..speech.port import VisemeSpan
from .sounds import COPY_SHARE, Role, Spoken, lenders
from .table import REST, Copy

__all__ = ["MIN_HOLD_MS", "events"]

MIN_HOLD_MS: Final = 40
"""Shapes that are shorter are not seen; they only make the mouth flutter."""

_FULL = 255
_WIDE_MS = 200
"""Rhubarb opens the mouth to `D` only in diphthongs that last as long; else to `C`."""
_RHUBARB_C, _RHUBARB_D = (SETS["rhubarb"].index(shape) for shape in "CD")


@dataclass(slots=True)
class _Stretch:
    number: int
    start: int
    end: int
    weight: float
    role: Role
    copy: Copy | None = None
    choices: frozenset[int] = frozenset()
    """Other numbers that would do."""
    is_pause: bool = False

    @property
    def is_closed(self) -> bool:
        """Whether the lips touch: what is seen at once when it is late or too short."""
        return self.role is Role.BLOCKS and not self.is_pause

    @property
    def takes_time(self) -> bool:
        """Not of a closure, which would be released too late, nor of a pause."""
        return self.role is not Role.BLOCKS


def events(phonemes: Sequence[Spoken], name: str, sample_rate: int) -> tuple[VisemeSpan, ...]:
    """Shapes of the set `name`, contiguous from 0 to the end of the phonemes, no two neighbours
    alike.

    The times are those of the sound: a face that wants to be early does that itself. The mouth
    rests in pauses only. Shapes shorter than `MIN_HOLD_MS` give their time to a neighbour, except
    closures, whose time is neither taken nor added to.
    """
    stretches = [part for phoneme in phonemes for part in _parts(phoneme, name, sample_rate)]
    _borrow(stretches)
    if name == "rhubarb":
        _choose(stretches)
    stretches = _merged(stretches)
    shortest = sample_rate * MIN_HOLD_MS // 1000
    # A shape that was given time may still be short, and then have a neighbour that takes it.
    while len(held := _merged(_held(stretches, shortest))) < len(stretches):
        stretches = held
    return tuple(
        VisemeSpan(part.number, part.start, part.end - part.start, round(_FULL * part.weight))
        for part in stretches
    )


def _parts(phoneme: Spoken, name: str, sample_rate: int) -> list[_Stretch]:
    found = phoneme.articulation
    if found is None:
        rest = SETS[name].index(REST[name])
        return [_Stretch(rest, phoneme.start, phoneme.end, 1.0, Role.BLOCKS, is_pause=True)]
    numbers = found.numbers[name]
    edges = [phoneme.start, phoneme.end]
    if len(numbers) > 1:
        edges.insert(1, phoneme.cut)
    parts = []
    for index, (number, start, end) in enumerate(zip(numbers, edges, edges[1:], strict=False)):
        shape = found.shapes[min(index, len(found.shapes) - 1)]
        choices: frozenset[int] = frozenset()
        if name == "rhubarb":
            choices = found.choices[min(index, len(found.choices) - 1)]
            short = phoneme.end - phoneme.start < sample_rate * _WIDE_MS // 1000
            if number == _RHUBARB_D and len(numbers) > 1 and short:
                number = _RHUBARB_C
        weight = 1.0
        if not shape.is_closed:
            weight = min(1.0, shape.amount * (found.gain if shape.is_vowel else 1.0))
        copy = found.copies.get(name)
        role = Role.BLOCKS if shape.is_closed else Role.BORROWS if copy else Role.LENDS
        if end > start:
            parts.append(_Stretch(number, start, end, weight, role, copy, choices))
    return parts


def _borrow(stretches: list[_Stretch]) -> None:
    """Sounds of the throat take the shape of a neighbour in the same phrase."""
    if all(part.copy is None for part in stretches):
        return
    before, after = lenders([part.role for part in stretches])
    for index, part in enumerate(stretches):
        if part.copy is None:
            continue
        order = (before[index], after[index])
        first, second = order if part.copy is Copy.PREVIOUS else order[::-1]
        lender = first if first is not None else second
        if lender is not None:
            part.number = stretches[lender].number
            part.weight = stretches[lender].weight * COPY_SHARE[part.copy]
            part.choices = stretches[lender].choices


def _choose(stretches: Sequence[_Stretch]) -> None:
    """A consonant that can be said with the mouth of its neighbour is, as Rhubarb does it.

    Rather of the one that follows; so the mouth moves less often.
    """
    for index in reversed(range(len(stretches))):
        part = stretches[index]
        for near in (index + 1, index - 1):
            if 0 <= near < len(stretches) and stretches[near].number in part.choices:
                part.number = stretches[near].number
                break


def _merged(stretches: Iterable[_Stretch]) -> list[_Stretch]:
    """Neighbours of the same shape as one; it goes as far as the one of them that goes farthest."""
    merged: list[_Stretch] = []
    for part in stretches:
        if merged and merged[-1].number == part.number:
            last = merged[-1]
            last.end = part.end
            last.weight = max(last.weight, part.weight)
            if part.is_closed:
                last.role = part.role
        else:
            merged.append(part)
    return merged


def _held(stretches: Sequence[_Stretch], shortest: int) -> list[_Stretch]:
    """Gives the time of shapes shorter than `shortest` to the one before, else the one after.

    Where there is no neighbour that takes it, the short shape stays.
    """
    held: list[_Stretch] = []
    for index, part in enumerate(stretches):
        after = stretches[index + 1] if index + 1 < len(stretches) else None
        if part.end - part.start >= shortest or part.is_closed:
            held.append(part)
        elif held and held[-1].takes_time:
            held[-1].end = part.end
        elif after is not None and after.takes_time:
            after.start = part.start
        else:
            held.append(part)
    return held
