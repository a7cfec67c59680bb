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
    text = utterance.text
    character = split_heard(text, utterance.words, utterance.heard).character
    first = utterance.segments[0] if utterance.segments else None
    if first is not None and first.segment:
        # What comes before it was sent by a process that is no more, and its timing with it.
        begin = first.span[0]
        if utterance.heard < first.start:
            estimated = True
            character = _end_of_word(text, begin * utterance.heard // first.start)
        character = max(character, begin if utterance.heard >= first.start else 0)
    return Interrupted(
        utterance=utterance.number,
        heard=utterance.heard,
        sent=utterance.sent,
        text_spoken=text[:character],
        text_remaining=text[character:],
        character=character,
        estimated=estimated,
    )


def _end_of_word(text: str, character: int) -> int:
    """The end of the last word that is over by then."""
    if text[character : character + 1].isspace():
        return character
    return len(text[:character].rstrip().rpartition(" ")[0]) if character else 0
