"""Phonemes in time to sounds in time: each with one shape of the mouth, or none in a pause."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from ..speech.port import PhonemeSpan
from .table import Articulation, Copy, Shape, viseme_table

__all__ = ["COPY_SHARE", "Role", "Sound", "Spoken", "lenders", "sounds_of", "spoken"]

COPY_SHARE = {Copy.NEXT: 0.75, Copy.PREVIOUS: 1.0}
"""How far the mouth goes towards what it copies: breath on its way, and a hold."""


class Role(Enum):
    """What a sound is to sounds that have no shape of their own."""

    LENDS = auto()
    BORROWS = auto()
    BLOCKS = auto()
    """A pause; or closed lips, with which nothing else can be said."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A phoneme or a pause, with what the table says about it."""

    articulation: Articulation | None
    """None of a pause."""
    start: int
    end: int

    @property
    def cut(self) -> int:
        """Where a phoneme that moves goes over from its first shape to its second."""
        tenths = self.articulation.tenths if self.articulation else 0
        return self.start + (self.end - self.start) * tenths // 10


@dataclass(frozen=True, slots=True)
class Sound:
    """A shape that the mouth is in for a while."""

    shape: Shape | None
    """None of a pause."""
    gain: float
    """How much farther than usual the mouth opens."""
    start: int
    end: int

    @property
    def amount(self) -> float:
        """How far the mouth goes from neutral to the shape, 0..1."""
        if self.shape is None:
            return 0.0
        return 1.0 if self.shape.is_closed else min(1.0, self.shape.amount * self.gain)


def spoken(phonemes: Sequence[PhonemeSpan]) -> list[Spoken]:
    """What takes time of phonemes that are contiguous from 0."""
    table = viseme_table()
    return [
        Spoken(
            table.articulation(phoneme.symbol) if phoneme.word >= 0 else None,
            phoneme.start,
            phoneme.start + phoneme.count,
        )
        for phoneme in phonemes
        if phoneme.count > 0
    ]


def sounds_of(phonemes: Sequence[Spoken]) -> list[Sound]:
    """Sounds, contiguous like the phonemes.

    What is made in the throat has the lips of its neighbour: `h` of the vowel that follows, a
    glottal stop of what was before. So has a symbol that is not known.
    """
    sounds: list[Sound] = []
    for phoneme in phonemes:
        found = phoneme.articulation
        if found is None:
            sounds.append(Sound(None, 1.0, phoneme.start, phoneme.end))
            continue
        edges = (phoneme.start, phoneme.cut, phoneme.end)
        if len(found.shapes) == 1:
            edges = (phoneme.start, phoneme.end, phoneme.end)
        for shape, start, end in zip(found.shapes, edges, edges[1:], strict=False):
            if end > start:
                sounds.append(Sound(shape, found.gain if shape.is_vowel else 1.0, start, end))
    return _settled(sounds)


def _settled(sounds: list[Sound]) -> list[Sound]:
    roles = [_role(sound.shape) for sound in sounds]
    if Role.BORROWS not in roles:
        return sounds
    before, after = lenders(roles)
    settled = list(sounds)
    for index, sound in enumerate(sounds):
        if roles[index] is Role.BORROWS and sound.shape is not None:
            copy = sound.shape.copy or Copy.PREVIOUS
            order = (before[index], after[index])
            first, second = order if copy is Copy.PREVIOUS else order[::-1]
            lender = first if first is not None else second
            if lender is not None:
                gain = sounds[lender].gain * COPY_SHARE[copy]
                settled[index] = replace(sound, shape=sounds[lender].shape, gain=gain)
    return settled


def _role(shape: Shape | None) -> Role:
    if shape is None or shape.is_closed:
        return Role.BLOCKS
    return Role.LENDS if shape.copy is None else Role.BORROWS


def lenders(roles: Sequence[Role]) -> tuple[list[int | None], list[int | None]]:
    """For each, the index of the nearest that lends before it, and after it.

    Only those that borrow themselves may lie between.
    """
    before = _nearest(roles)
    last = len(roles) - 1
    after = [None if near is None else last - near for near in _nearest(roles[::-1])[::-1]]
    return before, after


def _nearest(roles: Sequence[Role]) -> list[int | None]:
    nearest: list[int | None] = []
    lender: int | None = None
    for index, role in enumerate(roles):
        nearest.append(lender)
        if role is not Role.BORROWS:
            lender = index if role is Role.LENDS else None
    return nearest
