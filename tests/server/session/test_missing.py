import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.session.missing import Missing
from lipwire_server.speech.audio.formats import Span

SPANS = [Span(3, b"aabbcc"), Span(2, b"ddee"), Span(4, b"ffgghhii")]
SOUND = b"aabbccddeeffgghhii"


@given(st.integers(0, 9))
def test_what_arrived_is_left_out_to_the_sample(arrived: int) -> None:
    missing = Missing(arrived)
    left = missing.of(SPANS[:1]) + missing.of(SPANS[1:])
    assert b"".join(bytes(*[span.audio]) for span in left) == SOUND[2 * arrived :]
    assert sum(span.count for span in left) == 9 - arrived


def test_packets_are_left_out_in_whole_spans() -> None:
    spans = [Span(100, (b"a", b"b")), Span(120, (b"c",))]
    assert Missing(100).of(spans) == spans[1:]
    with pytest.raises(LipwireError) as refused:
        Missing(130).of(spans)
    assert refused.value.code is ErrorCode.NOT_FOUND
