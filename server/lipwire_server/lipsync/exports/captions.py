"""Captions: WebVTT (w3.org/TR/webvtt1) and SubRip (.srt, which has no standard but its players).

The usual rules of broadcasters: at most two lines of 42 columns (a wide character is two), shown
for a second at least and long enough to be read at 17 characters a second where what follows
leaves the time. A sentence that does not fit is cut at a clause rather than inside one.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Final

from lipwire_protocol.timeline import samples_to_ms

from ...speech.port import WordSpan
from .transcript import Sentence, Transcript

__all__ = ["COLUMNS", "LINES", "Caption", "captions", "srt", "webvtt", "webvtt_words"]

COLUMNS: Final = 42
LINES: Final = 2
SHORTEST_MS: Final = 1000
LONGEST_MS: Final = 7000
CHARACTERS_A_SECOND: Final = 17

_CLAUSE_ENDS = frozenset(",;:.!?…—–،؛؟।、。，！？；：)]\"'»”’")
_OPENING = frozenset("([{«“‘„¿¡\"'「『（")

# What a cut costs, beside 1 for every caption.
_AMID_CLAUSE = 0.6
_TOO_SHORT = 0.5
_TOO_LONG = 2.0


@dataclass(frozen=True, slots=True)
class Piece:
    """A word with the punctuation around it; times in milliseconds."""

    text: str
    space: bool
    """Whether a space follows."""
    start: int
    end: int

    @property
    def ends_clause(self) -> bool:
        return self.text[-1] in _CLAUSE_ENDS


@dataclass(frozen=True)
class Caption:
    lines: tuple[tuple[Piece, ...], ...]
    start: int
    """Milliseconds."""
    end: int

    @cached_property
    def text(self) -> str:
        """With a line feed between its lines."""
        return "\n".join(_text(line) for line in self.lines)


def webvtt(transcript: Transcript) -> str:
    return _webvtt(transcript, words=False)


def webvtt_words(transcript: Transcript) -> str:
    """With a timestamp before every word but a caption's first: players colour what was said."""
    return _webvtt(transcript, words=True)


def srt(transcript: Transcript) -> str:
    return "\n".join(
        f"{number}\n{_clock(caption.start, ',')} --> {_clock(caption.end, ',')}\n"
        # An arrow could be taken for the times of the next caption.
        f"{caption.text.replace('-->', '->')}\n"
        for number, caption in enumerate(captions(transcript), 1)
    )


def captions(transcript: Transcript) -> list[Caption]:
    """In order, without overlaps."""
    cut = [
        cue
        for sentence, words in _sentences(transcript)
        for cue in _cut(list(_pieces(sentence, words, transcript.sample_rate)))
    ]
    last_end = samples_to_ms(transcript.count, transcript.sample_rate)
    limits = [*(pieces[0].start for pieces in cut), last_end][1:]
    found: list[Caption] = []
    for pieces, limit in zip(cut, limits, strict=True):
        start, end = pieces[0].start, pieces[-1].end
        shown = max(SHORTEST_MS, len(_text(pieces)) * 1000 // CHARACTERS_A_SECOND)
        end = max(end, min(start + shown, limit), start + 1)
        found.append(Caption(tuple(_lines(pieces) or (tuple(pieces),)), start, end))
    return found


def _webvtt(transcript: Transcript, *, words: bool) -> str:
    blocks = ["WEBVTT\n"]
    for caption in captions(transcript):
        times = f"{_clock(caption.start, '.')} --> {_clock(caption.end, '.')}"
        blocks.append(f"{times}\n{_marked_up(caption, words=words)}\n")
    return "\n".join(blocks)


def _marked_up(caption: Caption, *, words: bool) -> str:
    last = caption.start
    lines: list[str] = []
    for line in caption.lines:
        text = ""
        for piece in line:
            # Timestamps have to rise.
            if words and piece.start > last:
                text += f"<{_clock(piece.start, '.')}>"
                last = piece.start
            text += escape(piece.text, quote=False) + (" " if piece.space else "")
        lines.append(text.rstrip())
    return "\n".join(lines)


def _clock(ms: int, point: str) -> str:
    seconds, ms = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{ms:03}"


def _sentences(transcript: Transcript) -> Iterator[tuple[Sentence, list[WordSpan]]]:
    index = 0
    for sentence in transcript.sentences:
        words: list[WordSpan] = []
        while index < len(transcript.words) and transcript.words[index].begin < sentence.end:
            words.append(transcript.words[index])
            index += 1
        yield sentence, words


def _pieces(sentence: Sentence, words: Sequence[WordSpan], rate: int) -> Iterator[Piece]:
    """The words of a sentence as people read it, each with what stands between it and the next."""
    edges = _edges(sentence.text, words)
    for word, begin, end in zip(words, edges, edges[1:], strict=False):
        shown = sentence.text[begin:end]
        text = " ".join(shown.split())
        start = samples_to_ms(word.start, rate)
        stop = samples_to_ms(word.start + word.count, rate)
        if text:
            yield from _fitting(Piece(text, shown[-1:].isspace(), start, stop))


def _edges(text: str, words: Sequence[WordSpan]) -> list[int]:
    """Where the piece of every word begins in `text`, and the end of it."""
    edges: list[int] = []
    cursor = 0
    for word in words:
        found = text.find(word.text, cursor)
        begin = found if found >= 0 else cursor
        while begin > cursor and text[begin - 1] in _OPENING:
            begin -= 1
        edges.append(begin)
        cursor = found + len(word.text) if found >= 0 else cursor
    return [0, *edges[1:], len(text)] if edges else []


def _fitting(piece: Piece) -> Iterator[Piece]:
    """A piece that is longer than a line in parts that are not."""
    parts: list[str] = [""]
    for character in piece.text:
        if _width(parts[-1]) + _width(character) > COLUMNS:
            parts.append("")
        parts[-1] += character
    for index, part in enumerate(parts):
        start, end = (
            piece.start + (piece.end - piece.start) * at // len(parts) for at in (index, index + 1)
        )
        yield Piece(part, piece.space and index == len(parts) - 1, start, end)


def _cut(pieces: Sequence[Piece]) -> list[Sequence[Piece]]:
    """The cheapest way to divide pieces into captions that fit, by dynamic programming."""
    cost = [0.0] + [float("inf")] * len(pieces)
    came_from = [0] * (len(pieces) + 1)
    for begin in range(len(pieces)):
        for end in range(begin + 1, len(pieces) + 1):
            part = pieces[begin:end]
            if _lines(part) is None:
                break
            total = cost[begin] + _cost(part, is_last=end == len(pieces))
            if total < cost[end]:
                cost[end], came_from[end] = total, begin
    cut: list[Sequence[Piece]] = []
    end = len(pieces)
    while end:
        cut.append(pieces[came_from[end] : end])
        end = came_from[end]
    return cut[::-1]


def _cost(pieces: Sequence[Piece], *, is_last: bool) -> float:
    duration = pieces[-1].end - pieces[0].start
    cost = 1.0
    if not is_last and not pieces[-1].ends_clause:
        cost += _AMID_CLAUSE
    if duration < SHORTEST_MS:
        cost += _TOO_SHORT
    if duration > LONGEST_MS:
        cost += _TOO_LONG
    return cost


def _lines(pieces: Sequence[Piece]) -> list[tuple[Piece, ...]] | None:
    """The pieces as one line, else as two that are about equal; `None` when they do not fit."""
    widths = [_width(piece.text) + piece.space for piece in pieces]
    total = sum(widths) - pieces[-1].space
    if total <= COLUMNS:
        return [tuple(pieces)]
    if total > LINES * COLUMNS + 1:
        return None
    best: tuple[int, int] | None = None
    above = 0
    for index in range(1, len(pieces)):
        above += widths[index - 1]
        upper, lower = above - pieces[index - 1].space, total - above
        if upper <= COLUMNS and lower <= COLUMNS:
            bias = 0 if pieces[index - 1].ends_clause else COLUMNS // 2
            best = min(best or (10**9, 0), (abs(upper - lower) + bias, index))
    return [tuple(pieces[: best[1]]), tuple(pieces[best[1] :])] if best else None


def _text(pieces: Sequence[Piece]) -> str:
    return "".join(piece.text + (" " if piece.space else "") for piece in pieces).rstrip()


def _width(text: str) -> int:
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
