import msgspec
import pytest

from lipwire_protocol import (
    AudioFormat,
    ErrorCode,
    Flow,
    Frames,
    Hello,
    Limits,
    LipwireError,
    TextOptions,
    Timing,
    Weights,
)
from lipwire_server.face.cast import Cast
from lipwire_server.session.settings import recalled, stored
from lipwire_server.session.terms import agree
from tests.fakes import VOICE, WIRE_VOICE

EVERYTHING = Hello(
    rate_percent=120,
    volume_percent=80,
    noise_percent=70,
    lexicon={"SQL": "sequel"},
    seed=9,
    audio=AudioFormat(sample_rate=16_000, chunk_ms=100),
    timing=Timing(phonemes=True, visemes=("oculus", "mpeg4")),
    weights=Weights(),
    frames=Frames(size=64),
    flow=Flow(lead_ms=1_234),
    text=TextOptions(ssml=True),
    meta={"customer": 7},
)


@pytest.mark.parametrize("hello", [Hello(), EVERYTHING], ids=["defaults", "everything"])
def test_terms_come_back_as_they_were_stored(hello: Hello) -> None:
    terms = agree(hello, [VOICE], VOICE.name, Cast("tiny", {"tiny": 64}), Limits())
    data = msgspec.json.encode(msgspec.json.decode(stored(terms)))  # As a database keeps it.
    assert recalled(VOICE.name, data, [WIRE_VOICE, VOICE][1:]) == terms


def test_a_voice_that_is_gone_is_told() -> None:
    terms = agree(Hello(), [VOICE], VOICE.name, Cast("tiny", {"tiny": 64}), Limits())
    with pytest.raises(LipwireError, match="'fake', which this server does not have") as gone:
        recalled(VOICE.name, stored(terms), [])
    assert gone.value.code is ErrorCode.NOT_FOUND
