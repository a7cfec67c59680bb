import hashlib
import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_protocol.visemes import Oculus
from lipwire_server.face.atlas import Atlas
from tests.server.face.posing import poses, saying
from tests.tiny_avatar import SIZE, tiny_avatar

PNG = "image/png"
FPS = 25


@pytest.mark.parametrize(("size", "mime"), [(64, PNG), (32, PNG), (20, "image/webp")])
def test_a_sprite_says_what_it_is(size: int, mime: str) -> None:
    atlas = Atlas(tiny_avatar(), size, mime)
    for index in range(len(atlas)):
        sprite = atlas.sprite(index)
        assert (sprite.id, sprite.mime) == (index, mime)
        assert sprite.key == hashlib.sha256(sprite.data).hexdigest()[:16]
        with Image.open(io.BytesIO(sprite.data)) as picture:
            assert Image.MIME[picture.format or ""] == mime
            assert picture.size == (sprite.width, sprite.height)


def test_at_its_own_size_an_avatars_files_are_its_sprites() -> None:
    avatar = tiny_avatar()
    atlas = Atlas(avatar, SIZE, PNG)
    files = set(avatar.files.values())
    assert all(atlas.sprite(index).data in files for index in range(len(atlas)))


def test_a_sprite_rests_where_the_pack_says() -> None:
    atlas = Atlas(tiny_avatar(), SIZE, PNG)
    torso = atlas.sprite(0)
    assert (torso.x, torso.y) == ((8 + 48 // 2) * 16, (50 + 14 // 2) * 16)


def test_small_pictures_show_the_face_from_nearer() -> None:
    face = [Atlas(tiny_avatar(), size, PNG).sprite(1) for size in (64, 32)]
    # 32 of 64 pixels, and 32 of 48.
    assert face[0].width == 32
    assert face[1].width == pytest.approx(32 * 32 / 48, abs=1)


def test_nothing_is_larger_than_the_avatar() -> None:
    atlas = Atlas(tiny_avatar(), 1_024, PNG)
    assert atlas.size == SIZE
    assert atlas.key == Atlas(tiny_avatar(), SIZE, PNG).key


def test_what_looks_different_has_another_key() -> None:
    avatar, other = tiny_avatar(), tiny_avatar(title="Other")
    atlases = [(avatar, 64, PNG), (avatar, 64, "image/webp"), (avatar, 32, PNG), (other, 64, PNG)]
    assert len({Atlas(*atlas).key for atlas in atlases}) == len(atlases)
    assert Atlas(avatar, 64, PNG).key == Atlas(tiny_avatar(), 64, PNG).key


def test_a_sprite_is_made_once_for_all_threads() -> None:
    atlas = Atlas(tiny_avatar(), 40)
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(atlas.sprite, [3] * 64))
    assert len({id(sprite) for sprite in made}) == 1


def test_draws_name_sprites_that_there_are() -> None:
    atlas = Atlas(tiny_avatar(), 32)
    draws = atlas.draws(poses(len(Oculus), **saying(*Oculus)), FPS)
    assert draws.shape == (len(Oculus), atlas.layers, 4)
    assert draws[..., 0].min() >= 0
    assert draws[..., 0].max() < len(atlas)
    assert atlas.shapes(poses(len(Oculus), **saying(*Oculus)), FPS).tolist() == list(Oculus)


def test_sprites_of_another_kind_are_refused() -> None:
    with pytest.raises(LipwireError, match="image/webp or image/png, not 'image/gif'") as caught:
        Atlas(tiny_avatar(), 64, "image/gif")
    assert caught.value.code is ErrorCode.UNSUPPORTED
