import numpy as np
import pytest

from lipwire_server.face.art.brows import brow
from lipwire_server.face.art.figures import FIGURES
from lipwire_server.face.art.raster import draw


@pytest.mark.parametrize("name", FIGURES)
def test_brows_mirror_each_other(name: str) -> None:
    left, right = (draw(brow(FIGURES[name], side)) for side in (-1, 1))
    assert np.abs(left[:, ::-1] - right).max() < 0.15
    assert left[:, :256, 3].sum() > 100
    assert left[:, 256:, 3].sum() == 0


def test_a_raised_brow_is_higher_and_arches() -> None:
    rest, raised = (draw(brow(FIGURES["ida"], 1, up))[..., 3] for up in (0.0, 7.0))

    def height(alpha: np.ndarray, column: int) -> float:
        return float(np.average(np.arange(512), weights=alpha[:, column]))

    middle, end = (height(rest, x) - height(raised, x) for x in (302, 320))
    assert middle > end > 0.0
