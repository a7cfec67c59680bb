"""What an interrupt finds, and what it is answered with."""

from collections.abc import Iterable

from lipwire_protocol import Chunk, Interrupt, Interrupted, ServerMessage, split_heard

from .utterance import Utterance

__all__ = ["interrupted_message", "is_heard_now", "samples_of"]


def samples_of(messages: Iterable[ServerMessage]) -> int:
    return sum(message.count for message in messages if isinstance(message, Chunk))


def is_heard_now(utterance: Utterance, message: Interrupt, position: int) -> bool:
    """Whether an utterance that was sent to its end has something left to interrupt.

    What was worked out is ahead of the listener by the time that the sound takes to get there.
    """
    if utterance.at + utterance.sent > position:
        return True
    named = message.utterance == utterance.number
    return named and message.heard is not None and message.heard < utterance.sent


def interrupted_message(utterance: Utterance, *, estimated: bool) -> Interrupted:
    assert utterance.heard is not None
    heard = split_heard(utterance.text, utterance.words, utterance.heard)
    return Interrupted(
        utterance=utterance.number,
        heard=utterance.heard,
        sent=utterance.sent,
        text_spoken=heard.spoken,
        text_remaining=heard.remaining,
        character=heard.character,
        estimated=estimated,
    )
