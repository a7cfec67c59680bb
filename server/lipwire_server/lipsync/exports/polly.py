"""Speech marks as Amazon Polly gives them.

docs.aws.amazon.com/polly/latest/dg/output.html: JSON objects, one a line, in the order of their
time in milliseconds. `start` and `end` of sentences and words are offsets in bytes of UTF-8, not in
characters, and `value` is what lies between them. Visemes are those of the `polly` set.
"""

import json
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from lipwire_protocol.timeline import samples_to_ms

from .transcript import Transcript

__all__ = ["polly_marks"]


def polly_marks(transcript: Transcript) -> str:
    text, rate = transcript.text, transcript.sample_rate
    # The byte at which every code point begins.
    byte_of = list(accumulate((len(c.encode("utf-8", "replace")) for c in text), initial=0))
    marks: list[dict[str, Any]] = []
    for sentence in transcript.sentences:
        begin, end = _stripped(text, sentence.begin, sentence.end)
        marks.append(_mark("sentence", sentence.start, rate) | _place(text, begin, end, byte_of))
    for word in transcript.words:
        place = _place(text, word.begin, word.end, byte_of)
        marks.append(_mark("word", word.start, rate) | place)
    marks += [
        _mark("viseme", cue.start, rate) | {"value": cue.shape}
        for cue in transcript.track("polly").cues()
    ]
    # The sort is stable: at the same time a sentence comes before its word before its viseme.
    marks.sort(key=lambda mark: int(mark["time"]))
    return "".join(
        json.dumps(mark, ensure_ascii=False, separators=(",", ":")) + "\n" for mark in marks
    )


def _mark(kind: str, start: int, rate: int) -> dict[str, Any]:
    return {"time": samples_to_ms(start, rate), "type": kind}


def _place(text: str, begin: int, end: int, byte_of: Sequence[int]) -> dict[str, Any]:
    return {"start": byte_of[begin], "end": byte_of[end], "value": text[begin:end]}


def _stripped(text: str, begin: int, end: int) -> tuple[int, int]:
    """Without the spaces around it."""
    span = text[begin:end]
    left = len(span) - len(span.lstrip())
    return (begin + left, begin + len(span.rstrip())) if span.strip() else (begin, end)
