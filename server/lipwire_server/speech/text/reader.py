"""All the text of one utterance: from what the caller sends to the segments that are spoken.

Three stages, each of which keeps back what it cannot decide yet, and each of which knows where its
text stands in the caller's:

    text → markup (Markdown, SSML or neither) → words (URLs, emoji, lexicon) → segmenter
"""

from collections.abc import Mapping
from typing import Final

from lipwire_protocol import Split, TextOptions, Treatment, Urls

from .lengths import length_as_read
from .lexicon import Lexicon
from .markdown import Markdown
from .segment import Mark, Segment
from .segmenter import MAX_SEGMENT, Segmenter
from .source import Cut, Item, MarkHere, Problem, Rate, Run, Silence, Tape, joined
from .ssml import Ssml
from .words import Words

__all__ = ["PIECE", "Reader"]

PIECE: Final = 4_096
"""Characters that go through the stages at once; more are cut into so many."""

_DEFAULTS: Final = TextOptions()

_LENGTH_OF_HANGUL: Final = length_as_read("한")


class Reader:
    """Cuts the text of one utterance into segments.

    Where the options ask for nothing, this is the `Segmenter`. What is kept back is bounded, and
    the time it takes is in proportion to the text, whatever is in it. `language` is that of the
    voice ("en"): some things are written in each language in its own way before they are read.
    """

    def __init__(
        self,
        options: TextOptions = _DEFAULTS,
        lexicon: Mapping[str, str] | None = None,
        limit: int = MAX_SEGMENT,
        *,
        language: str = "",
    ) -> None:
        self.problems: list[Problem] = []
        """What was not understood of the text's markup, the first few."""
        self._segmenter = Segmenter(options.split, limit, language=language)
        self._language = language
        self._markup: Markdown | Ssml | None = None
        if options.ssml:
            self._markup = Ssml(self.problems, language)
        elif options.markdown is Treatment.STRIP:
            self._markup = Markdown(options.code)
        self._words: Words | None = None
        if lexicon or options.urls is not Urls.KEEP or options.emoji is Treatment.STRIP:
            self._words = Words(options.urls, options.emoji, Lexicon(lexicon or {}))
        self._cuts_sentences = options.split is not Split.NONE
        self._is_plain = self._markup is None and self._words is None
        self._received = 0
        self._tape = Tape()
        """Of what the segmenter has, and what it has not given back."""
        self._given = 0
        """Characters that were taken off the tape."""
        self._told = 0
        """Characters that the segmenter was told."""
        self._waiting = ""
        """What the segmenter will be told."""
        self._marks: list[tuple[str, int, int]] = []
        """Names, and offsets in what is said and in the caller's text."""
        self._rate = 100

    @property
    def pending(self) -> int:
        """Code points that `flush` would give."""
        stages = (self._markup, self._words, self._segmenter)
        return sum(stage.pending for stage in stages if stage is not None)

    @property
    def is_steady(self) -> bool:
        """From now on it does not matter in which pieces the text comes."""
        return self._segmenter.is_steady

    def push(self, text: str, *, last: bool = False) -> list[Segment]:
        """Takes more text and gives the segments that are certain now.

        With `last`, no more text will come, and everything is given.
        """
        if self._is_plain:
            return self._segmenter.push(text, last=last)
        segments: list[Segment] = []
        for position in range(0, len(text), PIECE):
            segments += self._read(text[position : position + PIECE])
        return segments + self._finish(last=last) if last else segments

    def flush(self) -> list[Segment]:
        """Gives what was kept back. Markup that has begun goes on with the text that comes."""
        return self._segmenter.flush() if self._is_plain else self._finish(last=False)

    def _read(self, text: str) -> list[Segment]:
        begin = self._received
        self._received += len(text)
        items: list[Item] = [Run(text, begin, self._received)]
        if self._markup:
            items = self._markup.push(text)
        return self._speak(self._words.push(items) if self._words else items, final=False)

    def _finish(self, *, last: bool) -> list[Segment]:
        items: list[Item] = self._markup.finish(last=last) if self._markup else []
        if self._words:
            items = self._words.push(items) + self._words.finish()
        segments = self._speak(items, final=True)
        if last and self._marks:
            at = self._marks[0][2]
            segments.append(Segment("", at, at, marks=self._take_marks(self._told, self._told)))
        return segments

    def _speak(self, items: list[Item], *, final: bool) -> list[Segment]:
        segments: list[Segment] = []
        for item in items:
            match item:
                case Run():
                    self._tape.append(item)
                    self._waiting += _as_segmented(item, self._language)
                case Cut() if not self._cuts_sentences:
                    pause = Run("\n\n", item.at, item.at, "\n\n")
                    self._tape.append(pause)
                    self._waiting += pause.spoken
                case Cut():
                    segments += self._cut(last=True)
                case Rate(percent) if percent != self._rate:
                    segments += self._cut(last=True)
                    self._rate = percent
                case Silence(milliseconds, begin, end):
                    segments += self._cut(last=True)
                    marks = self._take_marks(self._told, self._told)
                    segments.append(Segment("", begin, end, marks=marks, silence_ms=milliseconds))
                case MarkHere(name, at):
                    self._marks.append((name, self._told + len(self._waiting), at))
        return segments + self._cut(last=final)

    def _cut(self, *, last: bool) -> list[Segment]:
        """Tells the segmenter what waits, and puts what it gives back on its place."""
        waiting, self._waiting = self._waiting, ""
        self._told += len(waiting)
        return [self._placed(cut) for cut in self._segmenter.push(waiting, last=last)]

    def _placed(self, cut: Segment) -> Segment:
        self._tape.take(cut.begin - self._given)
        self._given = cut.end
        runs = tuple(joined(self._tape.take(cut.end - cut.begin)))
        is_callers_own = len(runs) == 1 and runs[0].shown is None
        return Segment(
            text="".join(run.spoken for run in runs),
            begin=runs[0].begin,
            end=runs[-1].end,
            runs=() if is_callers_own else runs,
            marks=self._take_marks(cut.end, cut.begin),
            rate_percent=self._rate,
        )

    def _take_marks(self, until: int, begin: int) -> tuple[Mark, ...]:
        """Marks up to a place in what is said, for a segment that begins at another."""
        taken = [mark for mark in self._marks if mark[1] <= until]
        self._marks = self._marks[len(taken) :]
        return tuple(Mark(name, max(0, place - begin)) for name, place, _ in taken)


def _as_segmented(run: Run, language: str) -> str:
    """What the segmenter sees: nothing in a substitute ends a sentence or is cut.

    It is as long as what is said, takes about as long to say, and begins as what people read does.
    """
    if not run.is_substitute:
        return run.spoken
    hidden = "".join(_hidden(length_as_read(c, language)) for c in run.spoken)
    first = run.seen[:1]
    return first + hidden[1:] if first.isalnum() else hidden


def _hidden(length: int) -> str:
    """A letter that takes so long to say in every language, or nearly."""
    if length == 1:
        return "x"
    return "한" if length <= _LENGTH_OF_HANGUL else "日"
