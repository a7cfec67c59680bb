"""Where sentences and clauses end. Rules only; `segmenter` applies them to a stream of text."""

import re
from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import Final

__all__ = ["LOOKAHEAD", "MAX_BLOCK", "Undecided", "clause_ends", "first_sentence_end"]

LOOKAHEAD: Final = 32
"""Characters after a full stop that may be looked at to decide whether it ends a sentence."""


MAX_BLOCK: Final = 400
"""Characters between `[[` and `]]`; brackets that are farther apart are no block."""


class Undecided(Enum):
    """Answers that are not a position."""

    NO_END = auto()
    MORE_TEXT_NEEDED = auto()


_STRONG = "。！？｡؟۔।॥።"
"""End a sentence whatever comes after them."""

_CANDIDATE = re.compile(rf"\[\[|[.!?…{_STRONG}]+|\n[^\S\n]*\n")
_BLOCK_END = "]]"
_QUOTES = "\"'”’»›」』"
_CLOSERS = re.compile(rf"[{re.escape(_QUOTES)}）)\]}}】〉》*_]*")
_WORD = re.compile(r"[^\W\d_]+")
_LAST_TOKEN = re.compile(r"[^\s(\[{\"“‘«„¿¡]*$")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+")
_ADDRESS = re.compile(r"://|www\.|@|/|\\", re.IGNORECASE)
_CLAUSE_MARK = re.compile(r"\[\[|[,;:](?=\s)|[，、；：،؛]|—|–(?!\d)|(?<=\s)-(?=\s)")


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split(" "))


_ABBREVIATIONS = _words(
    "mr mrs ms dr prof st mt ft gen col capt lt sgt maj rev gov sen rep pres vs cf eg ie e.g i.e",
    "fig figs dept univ approx mme mlle sra srta z.b d.h u.a bzw",
)
"""A sentence does not end with these."""

_BEFORE_NUMBERS = _words("no nos nr p pp v vol vols ch sec ext art abb min max ca")
"""Abbreviations where a number follows, words otherwise ("I said no.")."""

_AMBIGUOUS = _words(
    "etc inc ltd co corp jr sr bros a.m p.m u.s u.k u.n ph.d m.d b.a m.a rd ave blvd al usw",
    "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri",
)
"""A sentence may end with these: what comes next decides."""

_STARTERS = _words(
    "the a an it he she we they i you this that these those there here in on at but and so",
    "then what when where who why how if is are was were my your his her our their its no yes",
    "please let after before however now",
)
"""Words that, written with a capital, show that a new sentence has begun."""


def first_sentence_end(
    text: str, start: int, scan: int, stop: int, final: bool
) -> tuple[int | Undecided, int]:
    """The end of the sentence that begins at `start`, at most at `stop`.

    What is before `scan` was looked at already; the second value is where to go on when more text
    has come, or when the text is cut earlier. `final` says that no more will come.
    """
    while (found := _CANDIDATE.search(text, scan, stop)) is not None:
        end = _decide(text, start, found, final)
        if end is Undecided.MORE_TEXT_NEEDED or (isinstance(end, int) and end <= stop):
            return end, found.start()
        scan = found.end()
        if found.group() == "[[":
            block_end = text.find(_BLOCK_END, scan, stop)
            scan = block_end + 2 if block_end >= 0 else scan
    # A newline may turn out to be half of a blank line, a bracket the half of two.
    unfinished = len(text[scan:stop]) - len(text[scan:stop].rstrip().removesuffix("["))
    return Undecided.NO_END, max(scan, stop - unfinished)


def clause_ends(text: str, start: int, stop: int) -> Iterator[int]:
    """Where clauses of text[start:stop] end, in order; the character after each is known."""
    position = start
    while (found := _CLAUSE_MARK.search(text, position, stop)) is not None:
        position = found.end()
        if found.group() == "[[":
            block_end = text.find(_BLOCK_END, position, stop)
            if block_end < 0:
                return
            position = block_end + len(_BLOCK_END)
            continue
        closed = _CLOSERS.match(text, position, stop)
        end = closed.end() if closed is not None else position
        if end < len(text):
            yield end


def _decide(text: str, start: int, found: re.Match[str], final: bool) -> int | Undecided:
    """Where the sentence ends with this candidate, if it does."""
    mark = found.group()
    if mark.startswith("\n"):
        return found.start()
    if mark == "[[":
        closed = text.find(_BLOCK_END, found.end(), found.end() + MAX_BLOCK) >= 0
        full = len(text) - found.end() >= MAX_BLOCK
        return Undecided.NO_END if closed or final or full else Undecided.MORE_TEXT_NEEDED
    closers = _CLOSERS.match(text, found.end())
    end = closers.end() if closers is not None else found.end()
    if end >= len(text):
        return end if final else Undecided.MORE_TEXT_NEEDED
    if any(character in _STRONG for character in mark):
        return end
    if not text[end].isspace():
        return _decide_joined(text, start, found, end, final)
    if mark == "." or "…" in mark or ".." in mark:
        return _decide_full_stop(text, start, found, end, final)
    return _decide_by_next(text, found, end, final)


def _decide_joined(
    text: str, start: int, found: re.Match[str], end: int, final: bool
) -> int | Undecided:
    """No space after it: "today?I am fine" is two sentences; 3.14, node.js and a?b=1 are not."""
    following = text[end : end + 2]
    if len(following) < 2 and not final:
        return Undecided.MORE_TEXT_NEEDED
    if not following[0].isupper() or end != found.end():
        return Undecided.NO_END
    token = _last_token(text, start, found.start())
    if _ADDRESS.search(token) is not None or not token:
        return Undecided.NO_END
    if found.group() in ("!", "?", "?!", "!?", "!!", "??"):
        return end
    word_follows = len(following) < 2 or following[1].islower() or not following[1].isalnum()
    one_word = len(token) > 1 and token.isalpha() and token[-1].islower()
    if found.group() == "." and one_word and word_follows and following[1:] != ".":
        return end
    return Undecided.NO_END


def _decide_full_stop(
    text: str, start: int, found: re.Match[str], end: int, final: bool
) -> int | Undecided:
    """A full stop or an ellipsis with a space after it."""
    token = _last_token(text, start, found.start())
    if found.group() != ".":
        return _unless(str.islower, text, end, final)
    bare = token.lower().strip("'’")
    if bare in _ABBREVIATIONS:
        return Undecided.NO_END
    if bare in _BEFORE_NUMBERS:
        return _unless(str.isdigit, text, end, final)
    number_of_a_list = token.isdigit() and text[start : found.start()].strip() == token
    if number_of_a_list:
        return Undecided.NO_END
    if bare in _AMBIGUOUS or (_INITIALS.fullmatch(token + ".") and token != "I"):
        return _if_starter(text, end, final)
    return _decide_by_next(text, found, end, final)


def _decide_by_next(text: str, found: re.Match[str], end: int, final: bool) -> int | Undecided:
    """A sentence ends, but “Stop!” he said does not end with the quotation."""
    if any(character in _QUOTES for character in text[found.end() : end]):
        return _unless(str.islower, text, end, final)
    return end


def _unless(goes_on: Callable[[str], bool], text: str, end: int, final: bool) -> int | Undecided:
    """Ends the sentence unless it goes on with such a character."""
    following = text[end : end + LOOKAHEAD].lstrip()
    if not following:
        complete = final or len(text) - end >= LOOKAHEAD
        return end if complete else Undecided.MORE_TEXT_NEEDED
    return Undecided.NO_END if goes_on(following[0]) else end


def _if_starter(text: str, end: int, final: bool) -> int | Undecided:
    """Ends the sentence if the next word, with a capital, is one that begins sentences."""
    following = text[end : end + LOOKAHEAD]
    word = _WORD.match(following, len(following) - len(following.lstrip()))
    complete = final or len(following) >= LOOKAHEAD
    if word is None:
        waiting = not following.strip() and not complete
        return Undecided.MORE_TEXT_NEEDED if waiting else Undecided.NO_END
    if word.end() == len(following) and not complete:
        return Undecided.MORE_TEXT_NEEDED
    begins = word.group()[0].isupper() and word.group().lower() in _STARTERS
    return end if begins else Undecided.NO_END


def _last_token(text: str, start: int, position: int) -> str:
    """What is written without a space before `position`, at most 80 characters of it."""
    found = _LAST_TOKEN.search(text[max(start, position - 80) : position])
    return found.group() if found is not None else ""
