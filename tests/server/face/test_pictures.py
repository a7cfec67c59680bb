import io
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_protocol.visemes import Oculus
from lipwire_server.face.atlas import Atlas
from lipwire_server.face.pictures import MIMES, PictureCache, Stats
from tests.server.face.posing import poses, saying
from tests.tiny_avatar import SIZE, tiny_avatar


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return Atlas(tiny_avatar(), SIZE, "image/png")


@pytest.mark.parametrize("mime", MIMES)
def test_a_frame_is_a_file_of_what_is_composed(atlas: Atlas, mime: str) -> None:
    cache = PictureCache(1 << 20)
    row = atlas.draws(poses(**saying(Oculus.AA)), 25)[0]
    with Image.open(io.BytesIO(cache.picture(atlas, row, mime))) as picture:
        assert Image.MIME[picture.format or ""] == mime
        decoded = np.asarray(picture.convert("RGB"), float)
    composed = np.asarray(cache.compositor(atlas).picture(row), float)
    assert decoded.shape == composed.shape
    assert np.abs(decoded - composed).mean() < 6


def test_a_frame_is_made_once_for_everybody(atlas: Atlas) -> None:
    cache = PictureCache(1 << 20)
    row = atlas.draws(poses(), 25)[0]
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: cache.picture(atlas, row.copy(), MIMES[0]), range(40)))
    assert len({id(picture) for picture in made}) == 1
    assert cache.stats == Stats(hits=39, misses=1, bytes=len(made[0]))


def test_what_looks_different_is_another_frame(atlas: Atlas) -> None:
    cache, small = PictureCache(1 << 20), Atlas(tiny_avatar(), 32, "image/png")
    for one in (atlas, small):
        for mime in MIMES:
            for row in one.draws(poses(2, **saying(Oculus.SIL, Oculus.AA)), 25):
                cache.picture(one, row, mime)
    assert cache.stats[:2] == (0, 8)


def test_it_holds_no_more_bytes_than_it_may(atlas: Atlas) -> None:
    rows = atlas.draws(poses(len(Oculus), **saying(*Oculus)), 25)
    largest = max(len(PictureCache(0).picture(atlas, row)) for row in rows)
    cache = PictureCache(3 * largest)
    for row in rows:
        cache.picture(atlas, row)
        assert cache.stats.bytes <= 3 * largest
    cache.picture(atlas, rows[-1])
    assert cache.stats.hits == 1
    cache.picture(atlas, rows[0])
    assert cache.stats.hits == 1


def test_frames_of_another_kind_are_refused(atlas: Atlas) -> None:
    cache = PictureCache(1 << 20)
    with pytest.raises(LipwireError, match="image/jpeg or image/webp, not 'image/avif'") as caught:
        cache.picture(atlas, atlas.draws(poses(), 25)[0], "image/avif")
    assert caught.value.code is ErrorCode.UNSUPPORTED
    assert cache.stats == Stats(0, 0, 0)
