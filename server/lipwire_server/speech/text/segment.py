"""What is synthesized in one go."""

from collections.abc import Iterator
from dataclasses import dataclass

from .source import Run

__all__ = ["Mark", "Segment"]

_CLOSING = frozenset(".,;:!?…)]}»”’。，、！？؟،।")


@dataclass(frozen=True, slots=True)
class Mark:
    """A place that the caller gave a name to."""

    name: str
    at: int
    """Offset in the segment's `text`."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of an utterance: text that is said, or a silence.

    With neither it only carries the marks that stand after the last text.
    """

    text: str
    """What is synthesized."""
    begin: int
    """Offset of the first code point in all the text of the utterance, as the caller sent it."""
    end: int
    """Offset after the last code point."""
    runs: tuple[Run, ...] = ()
    """What `text` is made of; nothing where it is the caller's own text from `begin` on."""
    marks: tuple[Mark, ...] = ()
    rate_percent: int = 100
    """Of the speed that the session has."""
    silence_ms: int = 0

    @property
    def shown(self) -> str:
        """The text for people: without markup, and with the words that the caller wrote."""
        if not self.runs:
            return self.text
        parts: list[str] = []
        position = self.runs[0].begin
        for run in self.runs:
            part = run.seen
            if run.begin != position and parts:
                # Something was left out here; it leaves no second space behind, nor one before
                # a full stop.
                if part[:1] in _CLOSING:
                    parts[-1] = parts[-1].rstrip()
                elif parts[-1][-1:].isspace():
                    part = part.lstrip()
            if part:
                parts.append(part)
            position = run.end
        return "".join(parts).strip()

    def word(self, begin: int, end: int) -> tuple[str, int, int]:
        """What people read for `text[begin:end]`, and its span in the caller's text.

        All of a substitute, whatever part of it is asked for.
        """
        if not self.runs:
            return self.text[begin:end], self.begin + begin, self.begin + end
        found = list(self._stretches(begin, end))
        if not found:
            return "", self.end, self.end
        return "".join(run.seen for run in found), found[0].begin, found[-1].end

    def _stretches(self, begin: int, end: int) -> Iterator[Run]:
        position = 0
        for run in self.runs:
            a, b = max(begin - position, 0), min(end - position, len(run.spoken))
            if a < b:
                yield run if run.shown is not None else run.cut(a, b)
            position += len(run.spoken)
