"""What a listener was really heard to be told, from how far the sound got."""

from collections.abc import Iterable
from dataclasses import dataclass

from .server_messages import WordTiming

__all__ = ["Heard", "split_heard"]


@dataclass(frozen=True, slots=True)
class Heard:
    spoken: str
    remaining: str
    character: int
    """Offset of the first code point that was not heard."""


def split_heard(text: str, words: Iterable[WordTiming], samples: int) -> Heard:
    """Splits `text` where the sound broke off; `words` are in order, with offsets into `text`.

    A word counts as spoken when at least half of it was heard, and something of it. Punctuation
    after the last word of the text belongs to that word.
    """
    character, last = 0, True
    for word in words:
        heard = samples - word.start
        if heard <= 0 or 2 * heard < word.count:
            last = False
            break
        character = word.end
    if last and character and not any(c.isalnum() for c in text[character:]):
        character = len(text)
    return Heard(text[:character], text[character:], character)
