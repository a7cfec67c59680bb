import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol.visemes import SETS, Oculus
from lipwire_server.face.packs.manifest import MouthSet
from lipwire_server.face.shapes import Shapes
from tests.server.face.posing import saying

RHUBARB = "ABCDEFGHX"
FPS = 25
V = Oculus


def _shown(
    shapes: Shapes, *visemes: Oculus, closed: tuple[int, ...] | None = None, fps: int = 10
) -> list[str]:
    """By default frames are longer than shapes are held."""
    said = saying(*visemes, closed=closed)
    picks = shapes.pick(said["weights"], said["closed"], fps)
    return [shapes.names[pick] for pick in picks]


def test_an_oculus_mouth_shows_each_viseme_as_it_is() -> None:
    shapes = Shapes(MouthSet.OCULUS, SETS["oculus"])
    assert _shown(shapes, *Oculus) == list(SETS["oculus"])


def test_a_rhubarb_mouth_shows_what_rhubarb_would() -> None:
    shapes = Shapes(MouthSet.RHUBARB, RHUBARB)
    assert "".join(_shown(shapes, *Oculus)) == "XAGBBBBBHEDCBEF"


@pytest.mark.parametrize(
    ("of", "available", "viseme", "shown"),
    [
        (MouthSet.RHUBARB, "ABCDEF", V.SIL, "A"),
        (MouthSet.RHUBARB, "ABCDEF", V.FF, "A"),
        (MouthSet.RHUBARB, "ABCDEF", V.NN, "C"),
        (MouthSet.PRESTON_BLAIR, ("AI", "E", "O", "U", "MBP", "rest"), V.DD, "E"),
        (MouthSet.PNGTUBER, ("closed", "open"), V.AA, "open"),
        (MouthSet.PNGTUBER, ("closed", "open"), V.OU, "open"),
        (MouthSet.PNGTUBER, ("closed", "open"), V.IH, "open"),
        (MouthSet.PNGTUBER, ("closed", "open"), V.SS, "closed"),
        (MouthSet.PNGTUBER, ("closed", "half", "open", "e", "u"), V.SS, "half"),
        (MouthSet.PNGTUBER, ("closed", "half", "open", "e", "u"), V.OU, "u"),
    ],
)
def test_what_a_mouth_lacks_is_shown_as_something_like_it(
    of: MouthSet, available: tuple[str, ...], viseme: Oculus, shown: str
) -> None:
    assert _shown(Shapes(of, available), viseme) == [shown]


def test_a_viseme_without_a_shape_is_shown_as_the_one_that_looks_most_like_it() -> None:
    without = [name for name in SETS["oculus"] if name != "nn"]
    assert _shown(Shapes(MouthSet.OCULUS, without), V.NN) == ["DD"]


def test_half_an_aa_is_no_open_mouth() -> None:
    shapes = Shapes(MouthSet.RHUBARB, RHUBARB)
    weights = np.zeros((1, len(Oculus)), np.uint8)
    weights[0, [V.SIL, V.AA]] = 120, 135
    picks = shapes.pick(weights, np.array([-1], np.int8), FPS)
    assert [shapes.names[pick] for pick in picks] == ["C"]


def test_a_shape_is_held_for_a_while() -> None:
    shapes = Shapes(MouthSet.RHUBARB, RHUBARB, hold_ms=120)
    visemes = (V.AA, V.E, V.E, V.OU, V.OU, V.E, V.E)
    assert "".join(_shown(shapes, *visemes, fps=FPS)) == "DDDFFFC"


def test_a_pack_that_does_not_say_holds_shapes_for_80_ms() -> None:
    visemes = (V.AA, V.E, V.AA, V.E, V.AA)
    shown = _shown(Shapes(MouthSet.RHUBARB, RHUBARB), *visemes, fps=FPS)
    assert "".join(shown) == "DDDCC"
    assert "".join(_shown(Shapes(MouthSet.RHUBARB, RHUBARB), *visemes, fps=12)) == "DCDCD"


def test_a_closure_is_seen_in_its_frame_and_held_like_any_other_shape() -> None:
    shapes = Shapes(MouthSet.RHUBARB, RHUBARB)
    visemes = (V.AA, V.AA, V.AA, V.AA, V.AA)
    closed = (-1, V.PP, -1, -1, V.FF)
    assert "".join(_shown(shapes, *visemes, closed=closed, fps=FPS)) == "DAADG"


def test_it_goes_on_from_the_shape_before() -> None:
    shapes = Shapes(MouthSet.RHUBARB, RHUBARB)
    said = saying(V.AA)
    assert shapes.pick(said["weights"], said["closed"], FPS, previous=0).tolist() == [3]


@pytest.mark.parametrize("of", [of for of in MouthSet if of is not MouthSet.ARTICULATION])
def test_a_mouth_of_nothing_that_is_known_stays_as_it_is(of: MouthSet) -> None:
    assert _shown(Shapes(of, ("smirk", "grin")), *Oculus) == ["smirk"] * len(Oculus)


def test_shapes_of_other_sets_are_passed_over() -> None:
    shapes = Shapes(MouthSet.PNGTUBER, ("smirk", "open", "closed", "open", "A"))
    assert shapes.names == ("open", "closed")


@given(
    st.lists(st.lists(st.integers(0, 255), min_size=15, max_size=15), max_size=40),
    st.sampled_from((5, 25, 60)),
)
def test_whatever_is_said_no_shape_is_shorter_than_it_should_be(
    rows: list[list[int]], fps: int
) -> None:
    shapes = Shapes(MouthSet.RHUBARB, RHUBARB, hold_ms=100)
    weights = np.array(rows, np.uint8).reshape(-1, 15)
    picks = shapes.pick(weights, np.full(len(rows), -1, np.int8), fps)
    changes = np.flatnonzero(np.diff(picks)) + 1
    held = np.diff(np.concatenate([[0], changes]))
    assert (held * 1_000 >= 100 * fps).all()
