"""Durations of phoneme ids to phonemes in time.

A voice was trained with a PAD between all phonemes, and PADs get half of the time. Whose time that
is was measured against acoustic landmarks and a forced aligner: a PAD or a stress mark belongs to
the phoneme that comes after it (a stop's closure lies in the PAD before the stop), a word begins
where the id of its space begins, and after a pause a phoneme begins at its own id. So aligned,
phonemes start 2 ms early on average; no constant correction makes it better.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..voices.config import BOS, EOS, PAD
from .phonemizer import PhonemeIds
from .symbols import JOINED, JOINT, MODIFIERS, PAUSES, SPACE, STRESS, VOWELS, is_spoken

__all__ = ["Unit", "has_sound", "units_in_time"]

_GLOTTAL_STOP = "ʔ"

_VOWEL_SHARE = 2
"""Time of a vowel to that of a consonant, where one id stands for both."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A phoneme or a pause, in decoder steps."""

    symbol: str
    """Stress mark, phoneme (one or two symbols), then what modifies it: `ˈiː`, `tʃ`, `ˌoʊ`.

    Of a pause the punctuation that made it; `^` of the lead-in, `$` of an end without punctuation.
    """
    start: int
    end: int
    word: int
    """Which of the words that espeak separated by spaces; -1 for a pause."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """A symbol and the decoder steps of its own ids, without the PADs around them."""

    symbol: str
    start: int
    end: int


def has_sound(phonemes: Sequence[str]) -> bool:
    """Whether there is anything but pauses in phonemes."""
    return any(is_spoken(symbol) for symbol in phonemes)


def units_in_time(phonemes: PhonemeIds, frames: Sequence[int]) -> list[Unit]:
    """Phonemes and pauses, contiguous from 0 to the sum of `frames`.

    `frames` are the decoder steps of each id, shape (ids,).
    """
    marks = list(_marks(phonemes, frames))
    walk = _Walk()
    following = [mark.symbol for mark in marks[2:]] + [EOS]
    for mark, next_symbol in zip(marks[1:-1], following, strict=False):
        walk.step(mark, next_symbol)
    walk.finish(sum(frames))
    parts = (part for unit in walk.units for part in _parts(unit))
    return [unit for unit in parts if unit.end > unit.start]


def _marks(phonemes: PhonemeIds, frames: Sequence[int]) -> Iterator[_Mark]:
    """Symbols without PADs; a symbol of several ids is one."""
    position = 0
    mark: _Mark | None = None
    for symbol, count in zip(phonemes.symbols, frames, strict=True):
        end = position + count
        if mark is not None and symbol == mark.symbol:
            mark = replace(mark, end=end)
        else:
            if mark is not None:
                yield mark
            mark = None if symbol == PAD else _Mark(symbol, position, end)
        position = end
    if mark is not None:
        yield mark


def _parts(unit: Unit) -> Iterator[Unit]:
    """The sounds of a phoneme that has several: how long each is, is not known but guessed."""
    sounds = [sound for sound in unit.symbol.split(JOINT) if sound] or [unit.symbol]
    shares = [_VOWEL_SHARE if VOWELS.intersection(sound) else 1 for sound in sounds]
    start, passed = unit.start, 0
    for sound, share in zip(sounds, shares, strict=True):
        passed += share
        end = unit.start + (unit.end - unit.start) * passed // sum(shares)
        yield replace(unit, symbol=sound, start=start, end=end)
        start = end


class _Walk:
    """Goes through the symbols between BOS and EOS from left to right."""

    def __init__(self) -> None:
        self.units: list[Unit] = []
        self._word = -1
        self._word_begins = True
        self._space_start: int | None = None
        self._stress = ""
        self._pause = BOS
        """What makes the pause that is open; empty inside a phrase."""
        self._core = ""
        """Last phoneme without marks, while a second symbol may still join it."""

    def step(self, mark: _Mark, next_symbol: str) -> None:
        symbol = mark.symbol
        if symbol == SPACE:
            self._begin_word()
            if self._space_start is None:
                self._space_start = mark.start
        elif symbol in STRESS:
            self._stress = symbol
        elif symbol in PAUSES and (next_symbol in (SPACE, EOS) or next_symbol in PAUSES):
            self._pause = self._pause or symbol
            self._begin_word()
        elif symbol in MODIFIERS or (symbol in PAUSES and symbol != "?"):
            self._modify(mark)
        elif self._core + symbol in JOINED and not self._stress and not self._word_begins:
            self._extend(mark)
            self._core = ""
        else:
            # Danish and Oromo write the glottal stop as a question mark.
            self._begin_phoneme(_GLOTTAL_STOP if symbol == "?" else symbol, mark)

    def finish(self, end: int) -> None:
        start = self.units[-1].end if self.units else 0
        self.units.append(Unit(self._pause or EOS, start, end, -1))

    def _begin_word(self) -> None:
        self._word_begins = True
        self._stress = ""

    def _modify(self, mark: _Mark) -> None:
        if self.units and not self._word_begins and not self._stress:
            self._extend(mark)
            self._core = ""

    def _extend(self, mark: _Mark) -> None:
        last = self.units[-1]
        self.units[-1] = replace(last, symbol=last.symbol + mark.symbol, end=mark.end)

    def _begin_phoneme(self, symbol: str, mark: _Mark) -> None:
        end_before = self.units[-1].end if self.units else 0
        start = end_before
        if self._pause:
            start = mark.start
            self.units.append(Unit(self._pause, end_before, start, -1))
        elif self._space_start is not None:
            start = self._space_start
            self.units[-1] = replace(self.units[-1], end=start)
        if self._word_begins:
            self._word += 1
        self.units.append(Unit(self._stress + symbol, start, mark.end, self._word))
        self._pause = self._stress = ""
        self._space_start = None
        self._word_begins = False
        self._core = symbol
