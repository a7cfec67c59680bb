"""Text that arrives in pieces to the segments that are spoken in one go."""

import re
import unicodedata
from typing import Final

from lipwire_protocol import Split

from .lengths import length_as_read
from .segment import Segment
from .sentences import (
    LOOKAHEAD,
    Undecided,
    clause_ends,
    first_sentence_end,
)

__all__ = ["MAX_SEGMENT", "MIN_CLAUSE", "Segment", "Segmenter"]

MAX_SEGMENT: Final = 400
"""Characters of a segment, a digit, a symbol or a foreign letter counted as the word that it is
read as; a longer sentence is cut."""
MIN_CLAUSE: Final = 25
"""Characters of a clause that is spoken on its own."""

_JOINER = "\u200d"
_SPACE = re.compile(r"\s*")


class Segmenter:
    """Cuts the text of one utterance.

    What is not certain yet is kept back, at most about `MAX_SEGMENT` characters. Segments do not
    begin or end with white space; white space between them belongs to none. Takes time in
    proportion to the text, whatever is in it.

    Where a segment ends is decided on it and the `LOOKAHEAD` characters behind the farthest place
    that it may go to, never on more: so it does not matter in which pieces the text comes, but for
    the first segment.
    """

    def __init__(
        self, split: Split = Split.SENTENCE, limit: int = MAX_SEGMENT, *, language: str = ""
    ) -> None:
        """`language` is the voice's: the letters of other scripts take long to say."""
        self._split = split
        self._limit = limit
        self._language = language
        self._text = ""
        self._offset = 0
        """Of the text that is kept back, in all the text of the utterance."""
        self._scan = 0
        """In the segment that comes next: no sentence ends before it."""
        self._measured = 0
        """So many characters of that segment are measured, and it takes so long to say them."""
        self._length = 0
        self._at_first = True

    @property
    def pending(self) -> int:
        """Code points that `flush` would give."""
        return len(self._text)

    @property
    def is_steady(self) -> bool:
        """From now on it does not matter in which pieces the text comes."""
        return not self._at_first or self._split is not Split.SENTENCE

    def push(self, text: str, *, last: bool = False) -> list[Segment]:
        """Takes more text and gives the segments that are certain now.

        With `last`, no more text will come, and everything is given.
        """
        self._text += text
        segments: list[Segment] = []
        start = self._skip_space(0)
        while start < len(self._text):
            end = self._cut(start, last)
            if end is None:
                break
            segments.append(self._segment(start, end))
            following = self._skip_space(end)
            self._pass(start, following)
            start = following
        self._text = self._text[start:]
        self._offset += start
        return segments

    def flush(self) -> list[Segment]:
        """Gives what was kept back."""
        return self.push("", last=True)

    def _cut(self, start: int, last: bool) -> int | None:
        """Where the segment that begins at `start` ends; None while that is not certain."""
        stop = self._reach(start)
        view = self._text[start : start + stop + LOOKAHEAD]
        # With that much text, nothing is left to wait for.
        final = last or len(view) == stop + LOOKAHEAD
        end = None
        if self._split is not Split.NONE:
            end = self._sentence_or_clause(view, stop, last=last, final=final)
        if end is None and final:
            end = stop if stop == len(view) else self._forced_cut(view, stop)
        return None if end is None else start + end

    def _reach(self, start: int) -> int:
        """How far a segment that begins at `start` may go: to where it takes too long to say."""
        end = min(len(self._text) - start, self._limit)
        while self._measured < end:
            length = self._length + self._length_of(self._text[start + self._measured])
            if length > self._limit:
                break
            self._length = length
            self._measured += 1
        return max(self._measured, 1)

    def _length_of(self, character: str) -> int:
        return length_as_read(character, self._language)

    def _pass(self, start: int, following: int) -> None:
        """The segment that began at `start` is cut off, and the next one begins."""
        count = min(following - start, self._measured)
        self._length -= sum(map(self._length_of, self._text[start : start + count]))
        self._measured -= count
        self._scan = 0

    def _sentence_or_clause(self, view: str, stop: int, *, last: bool, final: bool) -> int | None:
        end, self._scan = first_sentence_end(view, 0, self._scan, stop, final)
        if self._split is Split.SENTENCE and (
            end is not Undecided.NO_END or not self._at_first or last
        ):
            return end if isinstance(end, int) else None
        border = stop if end is Undecided.NO_END else self._scan
        border = end if isinstance(end, int) else border
        for clause_end in clause_ends(view, 0, border):
            if MIN_CLAUSE <= clause_end < border:
                return clause_end
        return end if isinstance(end, int) else None

    def _forced_cut(self, view: str, stop: int) -> int:
        """Cuts a sentence that is too long: after a clause, else at a space, else anywhere."""
        cut = 0
        if self._split is Split.NONE:
            cut = _last_sentence_end(view, stop)
        if cut == 0:
            cut = max(clause_ends(view, 0, stop), default=0)
        if cut > 0:
            return cut
        for cut in range(stop, 0, -1):
            if view[cut].isspace():
                return cut
        for cut in range(stop, 0, -1):
            if not _is_inside_character(view, cut):
                return cut
        return stop

    def _skip_space(self, position: int) -> int:
        found = _SPACE.match(self._text, position)
        return found.end() if found is not None else position

    def _segment(self, start: int, end: int) -> Segment:
        self._at_first = False
        text = self._text[start:end].rstrip()
        begin = self._offset + start
        return Segment(text, begin, begin + len(text))


def _last_sentence_end(view: str, stop: int) -> int:
    """The end of the last sentence before `stop`; 0 where none ends."""
    cut = 0
    while True:
        end, _ = first_sentence_end(view, 0, cut, stop, True)
        if not isinstance(end, int) or end <= cut:
            return cut
        cut = end


def _is_inside_character(view: str, position: int) -> bool:
    """Whether what is seen as one character goes on at `position`."""
    character, before = view[position], view[position - 1]
    return (
        unicodedata.category(character).startswith("M")
        or _JOINER in (character, before)
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )
