"""Bounds that both sides hold to. A server advertises its own in `ready.limits`."""

from typing import Annotated, Final

from msgspec import Meta, Struct

__all__ = ["MAX_INTEGER", "Limits", "Natural", "Positive"]

MAX_INTEGER: Final = 2**53 - 1
"""The largest integer that JavaScript represents exactly."""

Natural = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
Positive = Annotated[int, Meta(ge=1, le=MAX_INTEGER)]


class Limits(Struct, frozen=True, kw_only=True):
    """What a server accepts. Times are in milliseconds, texts in code points."""

    message_bytes: Positive = 65_536
    """One message from the client, in bytes."""
    message_text: Positive = 10_000
    """The text of one `speak`."""
    waiting_text: Positive = 20_000
    """Text of a session that is not spoken yet."""
    utterance_text: Positive = 200_000
    """All the text of one utterance."""
    segment_text: Positive = 400
    """Longer sentences are cut."""
    waiting_utterances: Positive = 64
    hello_ms: Positive = 10_000
    """From the open socket to `hello`."""
    idle_ms: Positive = 300_000
    """Without a message from the client, and never while speaking."""
    stall_ms: Positive = 20_000
    """How long a client may leave its socket unread before it is cut off."""
    resume_ms: Positive = 120_000
    """How long a session that lost its connection can be taken up again."""
    lead_ms: Positive = 30_000
    """The largest `flow.lead_ms` that a client may ask for."""
