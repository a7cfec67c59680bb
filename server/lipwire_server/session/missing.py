"""What is left of a segment for somebody who has its beginning."""

from collections.abc import Iterator

from lipwire_protocol import ErrorCode, LipwireError

from ..speech.audio.formats import Span

__all__ = ["Missing"]


class Missing:
    """Takes the spans of a segment from its start, and gives those that did not arrive."""

    def __init__(self, arrived: int) -> None:
        """`arrived`: samples of the segment."""
        self._arrived = arrived

    def of(self, spans: list[Span]) -> list[Span]:
        """Raises LipwireError `not_found` where a packet would have to be cut."""
        return list(self._left(spans))

    def _left(self, spans: list[Span]) -> Iterator[Span]:
        for span in spans:
            if not self._arrived:
                yield span
                continue
            skipped = min(self._arrived, span.count)
            self._arrived -= skipped
            if skipped < span.count:
                yield _end(span, skipped)


def _end(span: Span, skipped: int) -> Span:
    if not isinstance(span.audio, bytes):
        text = "the position lies in the middle of a packet, not at the end of a chunk"
        raise LipwireError(ErrorCode.NOT_FOUND, text)
    width = len(span.audio) // span.count
    return Span(span.count - skipped, span.audio[skipped * width :])
