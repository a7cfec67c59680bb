from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lipwire_protocol.visemes import Oculus
from lipwire_server.face.art.figures import FIGURES
from lipwire_server.face.art.mouth import mouth
from lipwire_server.face.art.raster import crop, draw

from .close_ups import held

GOLDEN = Path(__file__).with_name("golden")
BOX = (190, 250, 322, 382)
IDA = FIGURES["ida"]


def test_a_mouth_is_where_the_style_of_the_lips_says() -> None:
    at, size = crop(draw(mouth(IDA, held(Oculus.E)))).at, IDA.lips.at
    assert at[0] < size[0] < at[0] + 132
    assert at[1] < size[1] < at[1] + 80


def test_folds_show_with_a_smile() -> None:
    ease, smile = held(Oculus.SIL)._replace(smile=0.0), held(Oculus.SIL)._replace(smile=1.0)
    drawn = [draw(mouth(IDA, one), BOX)[25:45, 10:45, 3].max() for one in (ease, smile)]
    assert drawn[0] < 0.06 < drawn[1]


@pytest.mark.parametrize("viseme", [Oculus.PP, Oculus.FF, Oculus.AA, Oculus.OU, Oculus.TH])
def test_a_mouth_looks_as_it_was_accepted(viseme: Oculus) -> None:
    """Look at the new one, then replace the old one with it, if this was on purpose."""
    drawn = draw(mouth(IDA, held(viseme)), BOX)
    with Image.open(GOLDEN / f"ida-{viseme.name.lower()}.png") as accepted:
        wanted = np.asarray(accepted.convert("RGBa"), float) / 255.0
    error = float(np.mean((np.clip(drawn, 0.0, 1.0) - wanted) ** 2))
    assert error < 10 ** (-40 / 10)
