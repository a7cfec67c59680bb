"""What a client may say when: the life of a connection to a session, as one table."""

from enum import Enum

from .client_messages import (
    Bye,
    ClientMessage,
    Configure,
    Continue,
    Flush,
    Hello,
    Interrupt,
    Pause,
    Ping,
    Played,
    Pose,
    Replay,
    Speak,
    Watch,
)
from .errors import ErrorCode, LipwireError

__all__ = ["TRANSITIONS", "SessionState", "advance"]


class SessionState(Enum):
    NEW = "new"
    """The socket is open; `hello` or `watch` must come first."""
    OPEN = "open"
    WATCHING = "watching"
    """A read-only observer."""
    FINISHING = "finishing"
    """`bye` was said: what waits is spoken, nothing new is taken."""


NEW, OPEN, WATCHING, FINISHING = SessionState

# (state, message) -> next state. Anything not listed is answered with `bad_state`.
TRANSITIONS: dict[tuple[SessionState, type[ClientMessage]], SessionState] = {
    (NEW, Hello): OPEN,
    (NEW, Watch): WATCHING,
    (OPEN, Speak): OPEN,
    (OPEN, Flush): OPEN,
    (OPEN, Interrupt): OPEN,
    (OPEN, Played): OPEN,
    (OPEN, Configure): OPEN,
    (OPEN, Pause): OPEN,
    (OPEN, Continue): OPEN,
    (OPEN, Pose): OPEN,
    (OPEN, Replay): OPEN,
    (OPEN, Ping): OPEN,
    (OPEN, Bye): FINISHING,
    (WATCHING, Played): WATCHING,
    (WATCHING, Ping): WATCHING,
    (WATCHING, Bye): FINISHING,
    (FINISHING, Interrupt): FINISHING,
    (FINISHING, Played): FINISHING,
    (FINISHING, Pause): FINISHING,
    (FINISHING, Continue): FINISHING,
    (FINISHING, Ping): FINISHING,
}


def advance(state: SessionState, message: ClientMessage) -> SessionState:
    """The state after `message`.

    Raises LipwireError when it may not come now: `bad_state`, or `forbidden` for an observer.
    """
    try:
        return TRANSITIONS[state, type(message)]
    except KeyError:
        name = type(message).__name__.lower()
        if state is WATCHING:
            text = f"an observer may not say {name}, but played, ping and bye"
            raise LipwireError(ErrorCode.FORBIDDEN, text) from None
        hint = ": say hello first" if state is NEW else ""
        raise LipwireError(
            ErrorCode.BAD_STATE, f"{name} while the session is {state.value}{hint}"
        ) from None
