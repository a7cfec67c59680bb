"""Finding the place in a text again at which a stream broke off."""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from lipwire_protocol import ErrorCode, LipwireError, Position

from ..speech.text.reader import Reader
from ..speech.text.segment import Segment

__all__ = ["Step", "check_position", "flushes_for", "has_begun", "not_there", "steps"]

_STEP: Final = 4_096
"""Characters that are put together at most."""
_SEGMENT_S: Final = 600
"""Seconds; more than can be made of a segment, however slow it is."""
_LONGEST: Final = 2**40
"""Samples; more than half a year of speech."""


def has_begun(position: Position) -> bool:
    """Whether something of that utterance has arrived."""
    return position.span[1] > 0


def check_position(position: Position, rate: int) -> None:
    """Raises LipwireError (`not_found`) for one that no utterance has, with so many samples a
    second."""
    begin, end = position.span
    arrived = position.sample - position.start
    in_order = begin <= end and 0 <= arrived <= _SEGMENT_S * rate and position.start <= _LONGEST
    if not in_order or position.segment > begin:  # Each segment has a character at least.
        raise not_there(position)


def not_there(position: Position) -> LipwireError:
    begin, end = position.span
    text = f"utterance {position.utterance} has no segment from {begin} to {end} to go on with"
    return LipwireError(ErrorCode.NOT_FOUND, f"{text}, or is not kept any more")


@dataclass(frozen=True, slots=True)
class Step:
    """Text for a reader."""

    text: str
    last: bool = False
    """No more follows."""
    flushes: bool = False
    """What it keeps back then is spoken."""


def steps(
    reader: Reader, pieces: Sequence[str], flushes: Collection[int], *, complete: bool
) -> Iterator[Step]:
    """All the text for a reader; it is flushed after the pieces with those numbers.

    A client may have said every letter on its own: as soon as that changes nothing, they are put
    together.
    """
    index = 0
    while index < len(pieces):
        parts = [pieces[index]]
        length = len(parts[0])
        while (
            reader.is_steady and length < _STEP and index < len(pieces) - 1 and index not in flushes
        ):
            index += 1
            parts.append(pieces[index])
            length += len(parts[-1])
        is_last = complete and index == len(pieces) - 1
        yield Step("".join(parts), is_last, index in flushes)
        index += 1


async def flushes_for(
    reader: Reader,
    pieces: Sequence[str],
    complete: bool,
    span: tuple[int, int],
    known: Collection[int] = (),
) -> frozenset[int] | None:
    """The pieces after which a new `reader` must be flushed for it to give a segment with that
    `span`.

    Where a segment ends depends on the text alone, unless it was flushed: because the client said
    so, or because no more text came for a while. What is `known` of that may lack the last of it,
    which was between two pieces, around the span. None where it cannot be found, though all its
    text is there. Reads the text once, and lets others have the loop meanwhile.
    """
    ends = list(accumulate(map(len, pieces)))
    before = max((i for i, end in enumerate(ends) if 0 < end <= span[0]), default=None)
    after = next((i for i, end in enumerate(ends) if end >= span[1]), None)
    common = before or 0
    for step in steps(reader, pieces[:common], known, complete=False):
        if (found := _gives(reader, step, span)) is not None:
            return frozenset(known) if found else None
        await asyncio.sleep(0)
    for more in _guesses(before, after):
        found = None
        flushes = more.union(known)
        guess = deepcopy(reader)
        rest = {index - common for index in flushes}
        for step in steps(guess, pieces[common:], rest, complete=complete):
            if (found := _gives(guess, step, span)) is not None:
                break
            await asyncio.sleep(0)
        if found:
            return flushes
    is_to_come = not ends or (ends[-1] < span[1] and not complete)
    return frozenset(known) if is_to_come else None


def _guesses(before: int | None, after: int | None) -> Iterator[frozenset[int]]:
    yield frozenset()
    if after is not None:
        yield frozenset({after})
    if before is not None:
        yield frozenset({before})
    if before is not None and after is not None:
        yield frozenset({before, after})


def _gives(reader: Reader, step: Step, span: tuple[int, int]) -> bool | None:
    """Whether a reader gives a segment with that span; None where it may yet do so."""
    segments: list[Segment] = reader.push(step.text, last=step.last)
    if step.flushes:
        segments += reader.flush()
    for segment in segments:
        if (segment.begin, segment.end) == span:
            return True
        if segment.end > span[0] and segment.begin >= span[0]:
            return False
    return None
