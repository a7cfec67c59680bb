import io

import numpy as np
from PIL import Image

from lipwire_protocol.visemes import Oculus
from lipwire_server.face.emotions import NAMES
from lipwire_server.face.preview import CELLS, gif, sheet
from tests.tiny_avatar import IRIS, LID, SIZE, mouth_colour, tiny_avatar

LABEL = 18
COLUMNS = 6


def cells(size: int) -> dict[str, Image.Image]:
    whole = sheet(tiny_avatar(views=()), size)
    found = {}
    for at, cell in enumerate(CELLS):
        left, top = at % COLUMNS * size, at // COLUMNS * (size + LABEL)
        found[cell.label] = whole.crop((left, top, left + size, top + size))
    return found


def near(picture: Image.Image, colour: tuple[int, ...]) -> int:
    """How many pixels are of about a colour; sprites are not always kept to the bit."""
    distance = np.abs(np.asarray(picture, np.int32) - np.array(colour)).max(axis=2)
    return int((distance <= 6).sum())


def test_every_viseme_and_every_emotion_is_shown() -> None:
    faces = cells(SIZE)
    for viseme, label in ((Oculus.AA, "aa"), (Oculus.PP, "PP"), (Oculus.OU, "ou")):
        assert near(faces[label], mouth_colour(viseme)) > 3
    assert near(faces["happy"], mouth_colour(0, "happy")) > 3
    assert {cell.label for cell in CELLS} >= {*NAMES}


def test_lids_gaze_and_turns_are_seen() -> None:
    faces = cells(SIZE)
    assert near(faces["lids 1"], LID) > near(faces["sil"], LID)
    for label in ("looks left", "looks right", "looks up", "turns left", "turns right", "tilts"):
        assert faces[label].tobytes() != faces["sil"].tobytes()
    assert near(faces["sil"], IRIS) > 0


def test_a_face_is_never_larger_than_the_avatar() -> None:
    assert sheet(tiny_avatar(), 500).width == COLUMNS * SIZE


def test_a_gif_shows_one_face_after_the_other() -> None:
    with Image.open(io.BytesIO(gif(tiny_avatar(), 32))) as moving:
        assert moving.size == (32, 32)
        assert getattr(moving, "n_frames", 1) > len(Oculus) // 2
