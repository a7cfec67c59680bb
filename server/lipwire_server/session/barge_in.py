"""What an interrupt finds, and what it is answered with."""

from collections.abc import Iterable
from typing import NamedTuple

from lipwire_protocol import (
    Chunk,
    Heard,
    Interrupt,
    Interrupted,
    ServerMessage,
    WordTiming,
    split_heard,
)

from .utterance import Utterance

__all__ = ["Before", "interrupted_message", "is_heard_now", "samples_of", "split_after"]


class Before(NamedTuple):
    """What came of an utterance before the first word that is known: of a replay that begins in the
    middle, or of one that a process has begun that is no more."""

    samples: int = 0
    characters: int = 0


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
    before = Before()
    first = utterance.segments[0] if utterance.segments else None
    if first is not None and first.segment:
        before = Before(first.start, first.span[0])
    split = split_after(utterance.text, utterance.words, utterance.heard, before)
    return Interrupted(
        utterance=utterance.number,
        heard=utterance.heard,
        sent=utterance.sent,
        text_spoken=split.spoken,
        text_remaining=split.remaining,
        character=split.character,
        estimated=estimated or utterance.heard < before.samples,
    )


def split_after(text: str, words: Iterable[WordTiming], heard: int, before: Before) -> Heard:
    """Splits a text where it was heard to; in what came before the words that are known, in
    proportion."""
    if heard < before.samples:
        character = _end_of_word(text, before.characters * heard // before.samples)
    else:
        character = max(split_heard(text, words, heard).character, before.characters)
    return Heard(text[:character], text[character:], character)


def _end_of_word(text: str, character: int) -> int:
    """The end of the last word that is over by then."""
    if text[character : character + 1].isspace():
        return character
    return len(text[:character].rstrip().rpartition(" ")[0]) if character else 0
