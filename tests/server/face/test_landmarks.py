import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol.visemes import Oculus
from lipwire_server.face.articulation import HELD, Articulation
from lipwire_server.face.landmarks import JAW_PX, landmarks, measures


def _measured(**held: float) -> dict[str, float]:
    at = measures(np.asarray(Articulation(**held)))
    return {name: float(value) for name, value in at._asdict().items()}


def test_the_lower_lip_goes_down_with_the_jaw() -> None:
    assert _measured(jaw=1.0)["below"] - _measured()["below"] == pytest.approx(JAW_PX)


def test_pressed_lips_stay_closed_though_the_jaw_is_down() -> None:
    at = _measured(press=1.0, jaw=1.0, upper=1.0, lower=1.0, round=1.0)
    assert at["above"] == at["below"] == 0.0


@pytest.mark.parametrize("jaw", [0.0, 0.95])
def test_a_smile_lifts_the_corners_and_widens(jaw: float) -> None:
    ease, smile = _measured(jaw=jaw), _measured(jaw=jaw, smile=1.0)
    assert smile["corner"] < ease["corner"] - 5.0
    assert smile["half_width"] > ease["half_width"]


def test_a_round_mouth_is_narrow() -> None:
    assert _measured(round=1.0)["half_width"] < 0.7 * _measured()["half_width"]


def test_a_tongue_counts_as_far_as_it_is_seen() -> None:
    def moved(**mouth: float) -> float:
        up = landmarks(np.asarray(Articulation(tongue=1.0, tip=1.0, out=1.0, **mouth)))
        down = landmarks(np.asarray(Articulation(**mouth)))
        return float(np.abs(up - down).sum())

    assert moved() == 0.0 < moved(jaw=0.1) < moved(jaw=0.5)


def test_visemes_are_apart() -> None:
    places = landmarks(HELD)
    apart = np.linalg.norm(places[:, None] - places[None], axis=-1)
    np.fill_diagonal(apart, np.inf)
    assert float(apart.min()) > 1.0
    assert float(apart[Oculus.PP, Oculus.AA]) > 20.0


NUMBERS = st.lists(st.floats(-2.0, 3.0), min_size=12, max_size=12)


@given(NUMBERS)
def test_any_mouth_can_be_measured(held: list[float]) -> None:
    places = landmarks(np.asarray(held))
    assert places.shape == (11,)
    assert np.isfinite(places).all()
    assert places[0] >= 15.0
