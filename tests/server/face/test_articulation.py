import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol.visemes import Oculus
from lipwire_server.face.articulation import HELD, Articulation, articulations


def _of(viseme: Oculus) -> Articulation:
    return Articulation(*HELD[viseme].tolist())


def _weights(*visemes: Oculus) -> np.ndarray:
    return np.eye(len(Oculus), dtype=np.uint8)[list(visemes)] * np.uint8(255)


def test_every_viseme_is_held_in_its_own_way() -> None:
    assert HELD.shape == (len(Oculus), len(Articulation._fields))
    assert len(np.unique(HELD, axis=0)) == len(Oculus)


def test_a_whole_weight_is_the_viseme_itself() -> None:
    assert articulations(_weights(*Oculus)) == pytest.approx(HELD, abs=1e-4)


@given(st.integers(0, 255), st.sampled_from(Oculus), st.sampled_from(Oculus))
def test_weights_mix_linearly(share: int, one: Oculus, other: Oculus) -> None:
    weights = np.zeros((1, len(Oculus)), np.uint8)
    weights[0, one] += share
    weights[0, other] += 255 - share
    mixed = (HELD[one] * share + HELD[other] * (255 - share)) / 255
    assert articulations(weights)[0] == pytest.approx(mixed, abs=1e-4)


def test_a_frame_does_not_depend_on_how_many_are_asked_for() -> None:
    weights = np.random.default_rng(1).integers(0, 18, (500, len(Oculus))).astype(np.uint8)
    alone = np.concatenate([articulations(row[None]) for row in weights])
    assert (articulations(weights) == alone).all()


def test_lips_close_for_p_and_teeth_meet_the_lip_for_f() -> None:
    assert _of(Oculus.PP).press == 1.0
    assert _of(Oculus.FF).tuck == 1.0


def test_no_mouth_is_open_as_far_as_that_of_aa_or_as_round_as_that_of_ou() -> None:
    assert HELD[:, 0].argmax() == Oculus.AA
    assert HELD[:, Articulation._fields.index("round")].argmax() == Oculus.OU
