import pytest

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.lipsync.exports.moho import moho_dat
from tests.server.lipsync.exports.utterances import transcript


def test_shapes_begin_at_frames_that_are_counted_from_one() -> None:
    assert moho_dat(transcript()) == (
        "MohoSwitch1\n1 rest\n2 E\n8 U\n15 rest\n31 MBP\n32 E\n41 rest\n49 rest\n"
    )


def test_the_rate_can_be_chosen() -> None:
    assert moho_dat(transcript(), fps=100).splitlines()[:4] == [
        "MohoSwitch1", "1 rest", "6 E", "31 U",
    ]  # fmt: skip


@pytest.mark.parametrize("fps", [0, -1, 23, 101])
def test_rates_that_lose_shapes_are_refused(fps: int) -> None:
    with pytest.raises(LipwireError, match="24 to 100") as caught:
        moho_dat(transcript(), fps=fps)
    assert caught.value.code is ErrorCode.BAD_MESSAGE
