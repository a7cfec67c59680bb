import numpy as np
import pytest
from numpy.typing import NDArray

from benches.lips.landmarks import closures, loudness
from benches.lips.reference import HOP, Closure, Phone

RATE = 22_050
SECOND = RATE // HOP * HOP
"""As many whole hops as there are in a second."""
GAP = (9_000, 10_500)

Samples = NDArray[np.float32]


def sound(*, depth_db: float = 60, voice: float = 0.0) -> Samples:
    """Noise that is quieter for 68 ms, over a low voice that is not."""
    noise = np.random.default_rng(1).standard_normal(SECOND) * 0.1
    noise[slice(*GAP)] *= 10 ** (-depth_db / 20)
    return (noise + voice * np.sin(np.arange(SECOND) * 2 * np.pi * 120 / RATE)).astype(np.float32)


def phones(
    middle: str = "P", *, before: str = "AH", after: str = "AH", pauses: tuple[int, ...] = (0,)
) -> tuple[Phone, ...]:
    names, edges = (before, middle, after), (4_000, 8_800, 10_800, 16_000)
    return tuple(
        Phone(name, name, edges[index], edges[index + 1], index in pauses)
        for index, name in enumerate(names)
    )


@pytest.mark.parametrize("voice", [0.0, 0.3], ids=["silent", "voiced"])
@pytest.mark.parametrize("phone", "PB")
def test_a_dip_is_found_where_it_is_whatever_the_voice_does(phone: str, voice: float) -> None:
    (found,) = closures(sound(voice=voice), phones(phone), RATE)
    assert found.phone == phone
    assert found.start == pytest.approx(GAP[0], abs=RATE * 0.004)
    assert found.end == pytest.approx(GAP[1], abs=RATE * 0.004)


def test_a_shallow_dip_is_none() -> None:
    assert closures(sound(depth_db=5), phones(), RATE) == []


@pytest.mark.parametrize("other", ["T", "K", "T S"])
def test_beside_another_stop_nobody_knows_which_one_is_heard(other: str) -> None:
    assert closures(sound(), phones(before=other), RATE) == []
    assert closures(sound(), phones(after=other), RATE) == []


def test_beside_a_pause_nobody_knows_since_when() -> None:
    assert closures(sound(), phones(pauses=(0, 1)), RATE) == []
    assert closures(sound(), phones(pauses=(0, 2)), RATE) == []
    assert closures(sound(), phones()[1:], RATE) == []


def test_where_the_aligner_hears_it_elsewhere_it_does_not_count() -> None:
    edges = (4_000, 11_500, 13_000, 17_000)
    elsewhere = tuple(
        Phone(name, name, edges[index], edges[index + 1], not index)
        for index, name in enumerate(("AH", "P", "AH"))
    )
    assert closures(sound(), elsewhere, RATE) == []


def test_an_m_is_where_the_aligner_hears_it() -> None:
    assert closures(sound(depth_db=0), phones("M"), RATE) == [Closure("M", 8_800, 10_800)]


def test_other_sounds_have_no_closure() -> None:
    assert closures(sound(), phones("N"), RATE) == []


def test_loudness_is_in_decibels_with_silence_at_zero() -> None:
    full = np.ones(3 * HOP, np.float32)
    full[HOP:] *= 0.1
    full[2 * HOP :] = 0
    assert loudness(full).tolist() == [96, 76, 0]
