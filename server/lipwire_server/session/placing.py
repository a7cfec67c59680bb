"""Whether there is anything to go on with where a client says that it is."""

from collections.abc import Iterable

from lipwire_protocol import Limits, Position, Segment

from .memory import Memory
from .resuming import check_position, flushes_for, has_begun, not_there
from .utterance import Utterance
from .utterances import reader_for

__all__ = ["check_place"]


async def check_place(
    position: Position | None, memory: Memory, limits: Limits, known: Iterable[Utterance] = ()
) -> None:
    """Sees to it that the text comes to the position again; `known` is what this process has sent.

    Raises LipwireError (`not_found`) where it does not.
    """
    if position is None:
        return
    check_position(position, memory.terms.rate)
    if not has_begun(position):
        return
    script = memory.scripts.get(position.utterance)
    if script is None:
        if position.utterance <= memory.highest:
            raise not_there(position)
        return  # The client will send its text again.
    if not all(_fits(position, each) for each in known if each.number == position.utterance):
        raise not_there(position)
    flushes = await flushes_for(
        reader_for(script.terms, limits),
        tuple(script.pieces),
        script.complete,
        position.span,
        frozenset(script.flushes),
    )
    if flushes is None:
        raise not_there(position)
    script.flushes.update(flushes)


def _fits(position: Position, utterance: Utterance) -> bool:
    """Whether a position does not contradict what was sent of its utterance."""
    return all(
        _is_in(position, segment)
        for segment in utterance.segments
        if segment.segment == position.segment and segment is not utterance.announced
    )


def _is_in(position: Position, segment: Segment) -> bool:
    return (segment.span, segment.start) == (position.span, position.start) and (
        position.sample <= segment.start + segment.count
    )
