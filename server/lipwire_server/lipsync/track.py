"""Phonemes in time to mouth shapes in time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lipwire_protocol.visemes import Oculus

from ..speech.port import PhonemeSpan, VisemeSpan
from .table import CLOSURES, Copy, Shape, VisemeTable, viseme_table

__all__ = ["MIN_HOLD_MS", "lips", "oculus_track"]

MIN_HOLD_MS: Final = 40
"""Shapes that are shorter are not seen; they only make the mouth flutter."""

_DIPHTHONG_TENTHS = 6
"""Tenths of a diphthong's time in which its first vowel is seen; then the second."""
_AFFRICATE_TENTHS = 4
_COPY_SHARE = 0.6
"""How far the mouth goes towards the shape of a neighbour that is copied."""
_FULL = 255


@dataclass(slots=True)
class _Stretch:
    viseme: Oculus
    start: int
    end: int
    weight: int


@dataclass(frozen=True, slots=True)
class _Sound:
    """One shape of one phoneme; without a shape the mouth rests, or holds what it had."""

    shape: Shape | None
    gain: float
    start: int
    end: int
    is_pause: bool = False


def lips(phonemes: Sequence[PhonemeSpan], sample_rate: int) -> Mapping[str, tuple[VisemeSpan, ...]]:
    """Mouth shapes for phonemes that are contiguous from 0, by the name of their set."""
    return {"oculus": oculus_track(phonemes, sample_rate)}


def oculus_track(phonemes: Sequence[PhonemeSpan], sample_rate: int) -> tuple[VisemeSpan, ...]:
    """Oculus shapes, contiguous from 0 to the end of the phonemes, no two neighbours alike.

    The times are those of the sound: a face that wants to be early does that itself. `sil` is
    where a pause is. Shapes shorter than `MIN_HOLD_MS` give their time to a neighbour, except
    closures, whose time is neither taken nor added to.
    """
    table = viseme_table()
    sounds = [sound for phoneme in phonemes for sound in _sounds(phoneme, table)]
    stretches = _merged(_stretches(sounds))
    shortest = sample_rate * MIN_HOLD_MS // 1000
    # A shape that was given time may still be short, and then have a neighbour that takes it.
    while len(held := _merged(_held(stretches, shortest))) < len(stretches):
        stretches = held
    return tuple(
        VisemeSpan(int(part.viseme), part.start, part.end - part.start, part.weight)
        for part in stretches
    )


def _sounds(phoneme: PhonemeSpan, table: VisemeTable) -> list[_Sound]:
    start, end = phoneme.start, phoneme.start + phoneme.count
    if phoneme.word < 0:
        return [_Sound(None, 0.0, start, end, is_pause=True)]
    shapes = table.sounds(phoneme.symbol)
    gain = table.gain(phoneme.symbol)
    if len(shapes) < 2:
        return [_Sound(shapes[0] if shapes else None, gain, start, end)]
    tenths = _DIPHTHONG_TENTHS if shapes[0].is_vowel else _AFFRICATE_TENTHS
    cut = start + phoneme.count * tenths // 10
    return [_Sound(shapes[0], gain, start, cut), _Sound(shapes[-1], gain, cut, end)]


def _stretches(sounds: Sequence[_Sound]) -> list[_Stretch]:
    stretches: list[_Stretch] = []
    for index, sound in enumerate(sounds):
        if sound.is_pause:
            viseme, weight = Oculus.SIL, _FULL
        elif sound.shape is None:
            # A symbol without a shape: whatever the mouth does, it goes on doing.
            last = stretches[-1] if stretches else _Stretch(Oculus.SIL, 0, 0, _FULL)
            viseme, weight = last.viseme, last.weight
        elif sound.shape.copy is not None:
            viseme, weight = _copied(sound.shape, sounds, index)
        else:
            viseme, weight = sound.shape.viseme, _weight(sound.shape, sound.gain)
        if sound.end > sound.start:
            stretches.append(_Stretch(viseme, sound.start, sound.end, weight))
    return stretches


def _weight(shape: Shape, gain: float) -> int:
    """Full for stressed vowels; the mouth opens less for others, and for reduced ones."""
    if shape.viseme in CLOSURES:
        return _FULL
    return round(_FULL * min(1.0, shape.amount * (gain if shape.is_vowel else 1.0)))


def _copied(shape: Shape, sounds: Sequence[_Sound], index: int) -> tuple[Oculus, int]:
    """The shape of the neighbour in the same phrase: [h] is said with the lips of what follows."""
    order = (index + 1, index - 1) if shape.copy is Copy.NEXT else (index - 1, index + 1)
    for neighbour in order:
        if not 0 <= neighbour < len(sounds):
            continue
        found = sounds[neighbour].shape
        if found is not None and found.copy is None and found.viseme not in CLOSURES:
            return found.viseme, round(_FULL * _COPY_SHARE * found.amount)
    return shape.viseme, round(_FULL * shape.amount)


def _merged(stretches: Iterable[_Stretch]) -> list[_Stretch]:
    """Neighbours of the same shape as one; it goes as far as the one of them that goes farthest."""
    merged: list[_Stretch] = []
    for part in stretches:
        if merged and merged[-1].viseme == part.viseme:
            merged[-1].end = part.end
            merged[-1].weight = max(merged[-1].weight, part.weight)
        else:
            merged.append(part)
    return merged


def _held(stretches: Sequence[_Stretch], shortest: int) -> list[_Stretch]:
    """Gives the time of shapes shorter than `shortest` to the one before, else the one after.

    Neither to a closure, which would be released too late, nor to a pause; where there is no other
    neighbour, the short shape stays.
    """
    held: list[_Stretch] = []
    for index, part in enumerate(stretches):
        after = stretches[index + 1] if index + 1 < len(stretches) else None
        if part.end - part.start >= shortest or part.viseme in CLOSURES:
            held.append(part)
        elif held and _takes_time(held[-1]):
            held[-1].end = part.end
        elif after is not None and _takes_time(after):
            after.start = part.start
        else:
            held.append(part)
    return held


def _takes_time(part: _Stretch) -> bool:
    return part.viseme not in CLOSURES and part.viseme is not Oculus.SIL
