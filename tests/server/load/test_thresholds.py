import pytest

from lipwire_protocol import LipwireError
from lipwire_server.load.tally import Tally
from lipwire_server.load.thresholds import DEFAULTS, judge, read_thresholds


def broken(tally: Tally, *texts: str) -> list[str]:
    return [str(each) for each in judge(read_thresholds(texts), tally) if each.is_broken]


def well() -> Tally:
    """Of a test that found nothing."""
    tally = Tally()
    tally.counts["opened"] = 1
    return tally


def test_without_a_word_nothing_must_go_wrong() -> None:
    assert broken(well()) == []
    tally = well()
    tally.fault("two utterances at a time")
    tally.gap_ms.add(10)
    tally.counts["lost"] = 2
    tally.drift_samples = 1
    tally.counts["drops"] = 1
    assert broken(tally) == [
        "faults>0: it is 1",
        "gaps>0: it is 1",
        "lost>0: it is 2",
        "drift_samples>0: it is 1",
        "resume_success<1: it is 0",
    ]


def test_a_test_that_nobody_came_to_does_not_pass() -> None:
    assert broken(Tally()) == ["opened<1: it is 0"]


def test_one_for_the_same_figure_takes_the_place_of_a_default() -> None:
    tally = well()
    tally.gap_ms.add(10)
    assert broken(tally, "gaps>5") == []
    assert len(read_thresholds(["gaps>5", "gap_p95_ms > 100"])) == len(DEFAULTS) + 1


@pytest.mark.parametrize(
    ("text", "is_broken"),
    [
        ("first_sound_p95_ms>500", False),
        ("first_sound_p95_ms>=500", True),
        (" first_sound_p95_ms > 499.5 ", True),
        ("first_sound_p95_ms<=500", True),
        ("first_sound_p95_ms<500", False),
    ],
)
def test_a_figure_is_compared_with_a_number(text: str, is_broken: bool) -> None:
    tally = well()
    tally.first_sound_ms.add(500)
    assert bool(broken(tally, text)) is is_broken


def test_who_asks_for_a_figure_wants_to_have_it() -> None:
    assert broken(well(), "first_sound_p95_ms>500") == [
        "first_sound_p95_ms>500: nothing of it was measured"
    ]


@pytest.mark.parametrize(
    "text", ["", "gaps", "gaps>", "gaps>x", "gaps=1", "gaps>1e9", "gaps>nan", ">5", "gaps>1>2"]
)
def test_what_is_no_threshold_is_told(text: str) -> None:
    with pytest.raises(LipwireError, match="is no threshold; it is like 'first_sound_p95_ms>500'"):
        read_thresholds([text])


def test_a_figure_that_there_is_not_is_told_with_those_that_there_are() -> None:
    with pytest.raises(LipwireError, match=r"'first_p95' is no figure; .*first_sound_p95"):
        read_thresholds(["first_p95>500"])
