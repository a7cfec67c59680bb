"""The life of an utterance, as both sides see it: one table."""

from enum import Enum

from .errors import ErrorCode, LipwireError
from .server_messages import (
    Chunk,
    Error,
    Flushed,
    Interrupted,
    Segment,
    SegmentEnded,
    ServerMessage,
    UtteranceEnded,
    UtteranceStarted,
    Warning,
)

__all__ = ["TRANSITIONS", "UtteranceState", "advance"]


class UtteranceState(Enum):
    QUEUED = "queued"
    """Text has arrived, another utterance may be speaking."""
    STARTED = "started"
    """It has its turn; no segment is being sent."""
    SPEAKING = "speaking"
    """A segment's timing was sent, its audio follows."""
    INTERRUPTED = "interrupted"
    """Nothing but its end may follow."""
    ENDED = "ended"


QUEUED, STARTED, SPEAKING, INTERRUPTED, ENDED = UtteranceState

# (state, message) -> next state. What is not listed breaks an ordering guarantee. An error or a
# warning answers a request or reports a segment; it may come at any time and changes nothing.
TRANSITIONS: dict[tuple[UtteranceState, type[ServerMessage]], UtteranceState] = {
    (QUEUED, UtteranceStarted): STARTED,
    (QUEUED, Interrupted): INTERRUPTED,
    (QUEUED, Flushed): QUEUED,
    (STARTED, Segment): SPEAKING,
    (STARTED, Flushed): STARTED,
    (STARTED, Interrupted): INTERRUPTED,
    (STARTED, UtteranceEnded): ENDED,
    (SPEAKING, Chunk): SPEAKING,
    (SPEAKING, SegmentEnded): STARTED,
    (SPEAKING, Flushed): SPEAKING,
    (SPEAKING, Interrupted): INTERRUPTED,
    (INTERRUPTED, UtteranceEnded): ENDED,
    # It was sent to its end, but the listener threw the last of it away unheard.
    (ENDED, Interrupted): ENDED,
}


def advance(state: UtteranceState, message: ServerMessage) -> UtteranceState:
    """The state after `message` about this utterance.

    Raises LipwireError `bad_state` for a message that may not come now.
    """
    if isinstance(message, Error | Warning):
        return state
    try:
        return TRANSITIONS[state, type(message)]
    except KeyError:
        name = type(message).__name__
        raise LipwireError(
            ErrorCode.BAD_STATE, f"{name} while the utterance is {state.value}"
        ) from None
