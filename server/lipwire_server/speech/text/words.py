"""Which words are said otherwise or not at all: web addresses, emoji, the entries of a lexicon."""

import re
from typing import Final

from lipwire_protocol import Treatment, Urls

from .emoji import EMOJI, EMOJI_MAY_COME
from .lexicon import LETTER, TOKEN, Lexicon, is_inside_word
from .sentences import MAX_BLOCK, Undecided
from .source import Item, Run, Tape
from .urls import MAX_URL, find_url, host_of, may_become_url

__all__ = ["Words"]

_BEFORE_NO_URL = re.compile(rf"[@./-]|{LETTER.pattern}")
_REST_OF_URL = re.compile(r"[^\s\u3000-\uffef]*")
_BLOCK_END = "]]"

_WAIT: Final = -1
"""In place of a position: more text decides."""


class Words:
    """Replaces words of the text that runs have in common; blocks `[[...]]` are left alone.

    Keeps back no more than an address, an emoji, an entry of the lexicon or a block can be long.
    """

    def __init__(self, urls: Urls, emoji: Treatment, lexicon: Lexicon) -> None:
        self._urls = urls
        self._strips_emoji = emoji is Treatment.STRIP
        self._lexicon = lexicon
        self._text = ""
        self._tape = Tape()
        self._before = " "
        """The last character of what was given."""
        self._in_url = False
        """An address was too long: the rest of it follows."""
        self._given: list[Item] = []

    @property
    def pending(self) -> int:
        return len(self._text)

    def push(self, items: list[Item]) -> list[Item]:
        for item in items:
            if isinstance(item, Run) and item.shown is None:
                self._text += item.spoken
                self._tape.append(item)
                continue
            self._read(final=True)
            self._given.append(item)
            self._before = item.seen[-1:] or " " if isinstance(item, Run) else " "
        self._read(final=False)
        return self._take_given()

    def finish(self) -> list[Item]:
        """Gives what was kept back."""
        self._read(final=True)
        return self._take_given()

    def _take_given(self) -> list[Item]:
        given, self._given = self._given, []
        return given

    def _read(self, *, final: bool) -> None:
        text, position = self._text, 0
        self._begin = 0
        """Of what is neither given nor replaced yet."""
        while position < len(text):
            following = self._step(text, position, final)
            if following == _WAIT:
                break
            position = following
        self._give(position - self._begin)
        self._text = text[position:]

    def _step(self, text: str, position: int, final: bool) -> int:
        """Goes past what stands at `position`, or waits for more text."""
        if self._in_url:
            found = _REST_OF_URL.match(text, position)
            end = found.end() if found is not None else position
            self._in_url = end == len(text)
            self._replace(position, end, "")
            if end > position:
                return end
        if text[position] == "[":
            block_end = self._after_block(text, position, final)
            if block_end is not None:
                return block_end
        for stage in (self._url, self._emoji, self._entry):
            following = stage(text, position, final)
            if following is not None:
                return following
        token = TOKEN.match(text, position)
        assert token is not None
        return token.end()

    def _after_block(self, text: str, position: int, final: bool) -> int | None:
        begin = position + 2
        if not final and len(text) < begin:
            return _WAIT
        if not text.startswith("[[", position):
            return None
        end = text.find(_BLOCK_END, begin, begin + MAX_BLOCK)
        if end >= 0:
            return end + len(_BLOCK_END)
        return None if final or len(text) - begin >= MAX_BLOCK else _WAIT

    def _url(self, text: str, position: int, final: bool) -> int | None:
        if self._urls is Urls.KEEP or _BEFORE_NO_URL.match(self._previous(text, position)):
            return None
        if not final and may_become_url(text, position):
            return _WAIT
        found = find_url(text, position)
        if found is None:
            return None
        end, is_open = found
        if is_open and not final:
            return _WAIT
        host = host_of(text[position:end]) if self._urls is Urls.HOST else ""
        self._replace(position, end, host)
        self._in_url = end - position == MAX_URL
        return end

    def _emoji(self, text: str, position: int, final: bool) -> int | None:
        if not self._strips_emoji or text[position].isalpha():
            return None
        found = EMOJI.match(text, position)
        if found is None:
            waits = not final and EMOJI_MAY_COME.match(text, position) is not None
            return _WAIT if waits else None
        end = found.end()
        if end == len(text) and not final:
            return _WAIT
        # A word before it and a word after it do not become one.
        parts = self._previous(text, position).isalnum() and text[end : end + 1].isalnum()
        self._replace(position, end, " " if parts else "")
        return end

    def _entry(self, text: str, position: int, final: bool) -> int | None:
        if not self._lexicon or is_inside_word(self._previous(text, position), text[position]):
            return None
        found = self._lexicon.match(text, position, final=final)
        if found is None:
            return None
        if isinstance(found, Undecided):
            return _WAIT
        self._replace(position, found.end, found.say)
        return found.end

    def _previous(self, text: str, position: int) -> str:
        """The character before; what was left out is none."""
        return text[position - 1] if position > self._begin else self._before

    def _replace(self, position: int, end: int, say: str) -> None:
        self._give(position - self._begin)
        taken = self._tape.take(end - position)
        self._begin = end
        if say:
            shown = say if say.isspace() else "".join(run.seen for run in taken)
            self._given.append(Run(say, taken[0].begin, taken[-1].end, shown))
            self._before = shown[-1]

    def _give(self, count: int) -> None:
        if count:
            self._before = self._text[self._begin + count - 1]
            self._given += self._tape.take(count)
