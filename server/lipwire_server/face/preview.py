"""An avatar at a glance: its visemes, feelings, blinks, gaze and turns, for people to look at."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lipwire_protocol.visemes import SETS, Oculus

from .articulation import HELD
from .atlas import Atlas
from .compositor import BACKGROUND, Compositor
from .emotions import EMOTIONS, NAMES, NEUTRAL
from .packs.avatar import Avatar
from .poses import Poses

__all__ = ["CELLS", "Cell", "gif", "sheet"]

_COLUMNS: Final = 6
_LABEL: Final = 18
_INK: Final = "#26344a"
_FPS: Final = 25
_SHOWN_MS: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    label: str
    viseme: Oculus = Oculus.SIL
    emotion: str = NEUTRAL
    lids: float = 0.0
    gaze: tuple[float, float] = (0.0, 0.0)
    head: tuple[float, float, float] = (0.0, 0.0, 0.0)


def _cells() -> Iterator[Cell]:
    for viseme, name in zip(Oculus, SETS["oculus"], strict=True):
        yield Cell(label=name, viseme=viseme)
    for emotion in NAMES:
        yield Cell(label=emotion, emotion=emotion)
    for closed in (0.5, 1.0):
        yield Cell(label=f"lids {closed:g}", lids=closed)
    for name, gaze in (("left", (-1.0, 0.0)), ("right", (1.0, 0.0)), ("up", (0.0, 1.0))):
        yield Cell(label=f"looks {name}", gaze=gaze)
    for name, head in (
        ("left", (-1.0, 0.0, 0.0)),
        ("right", (1.0, 0.0, 0.0)),
        ("up", (0.0, 1.0, 0.0)),
    ):
        yield Cell(label=f"turns {name}", head=head)
    yield Cell(label="tilts", head=(0.0, 0.0, 0.08))


CELLS: Final = tuple(_cells())


def sheet(avatar: Avatar, size: int) -> Image.Image:
    """All of it in one picture, each face with its name below."""
    pictures = _pictures(avatar, size)
    side = pictures[0].width
    rows = -(-len(pictures) // _COLUMNS)
    whole = Image.new("RGB", (_COLUMNS * side, rows * (side + _LABEL)), BACKGROUND)
    pen, font = ImageDraw.Draw(whole), ImageFont.load_default(12)
    for at, (cell, picture) in enumerate(zip(CELLS, pictures, strict=True)):
        left, top = at % _COLUMNS * side, at // _COLUMNS * (side + _LABEL)
        whole.paste(picture, (left, top))
        pen.text((left + side / 2, top + side + 2), cell.label, _INK, font, anchor="ma")
    return whole


def gif(avatar: Avatar, size: int) -> bytes:
    """One face after the other."""
    first, *others = _pictures(avatar, size)
    out = io.BytesIO()
    first.save(out, "GIF", save_all=True, append_images=others, duration=_SHOWN_MS, loop=0)
    return out.getvalue()


def _pictures(avatar: Avatar, size: int) -> list[Image.Image]:
    atlas = Atlas(avatar, size)
    compositor = Compositor(atlas)
    # One by one: shapes stay for a while, and these are no film.
    return [compositor.picture(atlas.draws(_poses([cell]), _FPS)[0]) for cell in CELLS]


def _poses(cells: Sequence[Cell]) -> Poses:
    visemes = [int(cell.viseme) for cell in cells]
    feelings = [EMOTIONS[cell.emotion] for cell in cells]
    both = list(zip(cells, feelings, strict=True))
    return Poses(
        mouth=HELD[visemes],
        weights=np.eye(len(Oculus), dtype=np.uint8)[visemes] * np.uint8(255),
        closed=np.array([v if v in (Oculus.PP, Oculus.FF) else -1 for v in visemes], np.int8),
        emotions=np.array([[float(cell.emotion == name) for name in NAMES] for cell in cells]),
        lids=np.array([min(1.0, cell.lids + feeling.lids) for cell, feeling in both]),
        gaze=np.array([np.add(cell.gaze, feeling.gaze) for cell, feeling in both]),
        brows=np.array([[feeling.brow_raise, feeling.brow_tilt] for feeling in feelings]),
        head=np.array([np.add(cell.head, feeling.head) for cell, feeling in both]),
        shift=np.zeros((len(cells), 2)),
        breath=np.zeros(len(cells)),
    )
