"""From what is stored of a session to an account of it, for those who watch it from the start."""

from collections.abc import Iterator, Sequence
from itertools import chain

import msgspec

from lipwire_protocol import EndReason, Interrupted, WordTiming

from ..speech.port import VoiceInfo
from ..speech.text.reader import Reader
from ..speech.text.segment import Segment as TextSegment
from ..store.recollections import Recounted, SpokenUtterance
from .account import MOST_CHARACTERS, Account, Line, Passage
from .barge_in import Before, split_after
from .memory import Memory, Script
from .recalling import remembered
from .resuming import steps

__all__ = ["account_of", "passages"]


class _Timing(msgspec.Struct):
    words: tuple[WordTiming, ...] = ()


def account_of(recounted: Recounted, voices: Sequence[VoiceInfo], *, longest: int) -> Account:
    """Of a session of which nothing more comes: it is over, or another process has it.

    `longest` is how many characters a segment may have. Raises LipwireError (`not_found`) where
    this server does not have its voice.
    """
    memory = remembered(recounted.logged, voices)
    account = Account(memory.terms)
    account.recall(passages(recounted, memory, longest=longest))
    account.close()
    return account


def passages(recounted: Recounted, memory: Memory, *, longest: int) -> list[Passage]:
    """The utterances that have ended, as they were spoken: the last ones, as far as an account
    keeps them.

    Reading their text again takes its time: this is for a thread.
    """
    found: list[Passage] = []
    characters = 0
    for spoken in reversed(recounted.utterances):
        script = memory.scripts.get(spoken.number)
        if script is None or characters > MOST_CHARACTERS:
            break
        characters += script.length
        found.append(_passage(spoken, script, memory, longest))
    return found[::-1]


def _passage(spoken: SpokenUtterance, script: Script, memory: Memory, longest: int) -> Passage:
    texts = list(_segments(script, longest))
    passage = Passage(spoken.number, reason=EndReason(spoken.reason))
    for segment in spoken.segments:
        text = texts[segment.number] if segment.number < len(texts) else None
        if text is None or (text.begin, text.end) != segment.span:
            break  # Another version read it in another way.
        line = Line(
            segment=segment.number,
            text=text,
            terms=memory.terms_at(spoken.number, segment.number),
            start=segment.start,
            count=segment.count,
        )
        passage.items.append(line)
    first = next(passage.lines, None)
    if first is not None:
        passage.begin = max(script.begin, first.start)
    if passage.reason is EndReason.INTERRUPTED:
        passage.interrupted = _interrupted(spoken, script.text)
    return passage


def _segments(script: Script, longest: int) -> Iterator[TextSegment]:
    terms = script.terms
    reader = Reader(terms.text, terms.lexicon, longest, language=terms.voice.language)
    flushes = frozenset(script.flushes)
    for step in steps(reader, tuple(script.pieces), flushes, complete=script.complete):
        yield from reader.push(step.text, last=step.last)
        if step.flushes:
            yield from reader.flush()
    if not script.complete:
        yield from reader.push("", last=True)  # Its end was that of the session.


def _interrupted(spoken: SpokenUtterance, text: str) -> Interrupted:
    """What the one who spoke was told."""
    words = chain.from_iterable(
        msgspec.json.decode(segment.timing, type=_Timing).words
        for segment in spoken.segments
        if segment.timing
    )
    first = spoken.segments[0] if spoken.segments else None
    before = Before(first.start, first.span[0]) if first and first.number else Before()
    heard = split_after(text, words, spoken.heard, before)
    return Interrupted(
        utterance=spoken.number,
        heard=spoken.heard,
        sent=spoken.count,
        text_spoken=heard.spoken,
        text_remaining=heard.remaining,
        character=heard.character,
    )
