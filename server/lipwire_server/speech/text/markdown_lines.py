"""What a line of Markdown is, from how it begins."""

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

__all__ = ["MAX_LINE_START", "Line", "LineStart", "ends_before", "read"]

MAX_LINE_START: Final = 200
"""Characters that may be looked at to know what a line is."""


class Line(Enum):
    TEXT = auto()
    ITEM = auto()
    HEADING = auto()
    TABLE = auto()


@dataclass(frozen=True, slots=True)
class LineStart:
    begin: int
    """Where what is said of the line begins."""
    line: Line = Line.TEXT
    is_over: bool = False
    """Nothing of the line is said; another one begins at `begin`."""
    may_continue: bool = False
    """It looks like the second line of an item."""
    fence: str | None = None
    """What opens a block of code; "" where one ends."""


_QUOTE = re.compile(r"(?:[ \t]*+>[ \t]?+)*+")
_INDENT = re.compile(r"[ \t]*+")
_FENCE = re.compile(r"[ \t]*+(`{3,}+|~{3,}+)([^`]*+)")
_RULE = re.compile(
    r"[ \t]*+(?:(?:\*[ \t]*+){3,}+|(?:-[ \t]*+){3,}+|(?:_[ \t]*+){3,}+|={2,}+[ \t]*+)"
)
_BELOW_HEAD = re.compile(r"(?=[^|]*+\|)(?=[^-]*+-)[ \t|:-]++")
_HEADING = re.compile(r"[ \t]*+#{1,6}+[ \t]++(?=\S)")
_NUMBER_SIGN = re.compile(r"[ \t]*+#[ \t]++\d++(?![.):])")
_BULLET = re.compile(r"[ \t]*+[-*+•][ \t]++(?:\[[ xX]\][ \t]++)?+(?=\S)")
_NUMBERED = re.compile(r"[ \t]*+(?=\d{1,3}[.)][ \t]++\S)")
_ROW = re.compile(r"[ \t]*+\|[ \t|]*+")
_UNDECIDED = re.compile(
    r"[ \t]*+(?:#{1,6}+(?:[ \t]++\d*+)?+|[-*+•][ \t]++(?:\[(?:[ xX](?:\][ \t]*+)?+)?+)?+"
    r"|\d{1,3}+(?:[.)][ \t]*+)?+|``?+|`{3,}+[^`]*+|~~?+|~~~[^`]*+|[*_ \t]++|[|:= \t•+-]++)?"
)


def read(text: str, position: int, fence: str, *, final: bool) -> LineStart | None:
    """How the line at `position` begins; None where more text decides.

    `fence` is what the block of code that is open began with.
    """
    newline = text.find("\n", position, position + MAX_LINE_START)
    is_whole = newline >= 0 or (final and len(text) - position < MAX_LINE_START)
    stop = newline if newline >= 0 else min(len(text), position + MAX_LINE_START)
    after = stop + 1 if newline >= 0 else stop
    may_wait = not is_whole and not final and stop - position < MAX_LINE_START
    if fence:
        found = _FENCE.fullmatch(text, position, stop)
        ends = found is not None and found[1].startswith(fence) and not found[2].strip()
        if ends and is_whole:
            return LineStart(after, is_over=True, fence="")
        waits = may_wait and _UNDECIDED.fullmatch(text, position, stop) is not None
        return None if waits else LineStart(position)
    quoted = _QUOTE.match(text, position, stop)
    begin = quoted.end() if quoted is not None else position
    if may_wait and _UNDECIDED.fullmatch(text, begin, stop):
        return None
    if is_whole:
        if (found := _FENCE.fullmatch(text, begin, stop)) is not None:
            return LineStart(after, is_over=True, fence=found[1])
        if not text[begin:stop].strip() or any(
            rule.fullmatch(text, begin, stop) for rule in (_RULE, _BELOW_HEAD)
        ):
            return LineStart(after, is_over=True)
    return _with_text(text, begin)


def ends_before(line: Line, following: LineStart) -> bool:
    """Whether a sentence ends between a line and the one that begins after it."""
    if following.is_over or following.line is not Line.TEXT:
        return True
    return line is not Line.TEXT and not (line is Line.ITEM and following.may_continue)


def _with_text(text: str, begin: int) -> LineStart:
    if (row := _ROW.match(text, begin)) is not None:
        return LineStart(row.end(), Line.TABLE)
    if (heading := _HEADING.match(text, begin)) is not None:
        if _NUMBER_SIGN.match(text, begin) is None:
            return LineStart(heading.end(), Line.HEADING)
    elif (item := _BULLET.match(text, begin) or _NUMBERED.match(text, begin)) is not None:
        return LineStart(item.end(), Line.ITEM)
    indent = _INDENT.match(text, begin)
    first = indent.end() if indent is not None else begin
    return LineStart(first, may_continue=first > begin or text[first : first + 1].islower())
