from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.face.packs.avatar import Avatar
from lipwire_server.face.studio import Studio
from tests.server.face.posing import poses
from tests.tiny_avatar import SIZE, tiny_avatar

PNG = "image/png"


class Shelf:
    """Avatars to load, and how often each was."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.loaded: list[str] = []

    def avatars(self) -> dict[str, Callable[[], Avatar]]:
        return {name: lambda name=name: self._load(name) for name in self.names}  # type: ignore[misc]

    def _load(self, name: str) -> Avatar:
        self.loaded.append(name)
        if name == "broken":
            raise LipwireError(ErrorCode.INTERNAL, "the pack is broken")
        return tiny_avatar(title=name)


def _studio(shelf: Shelf) -> Studio:
    return Studio(shelf.avatars(), shelf.names[0], cache_bytes=1 << 20)


def test_it_says_which_avatars_there_are() -> None:
    studio = _studio(Shelf("joe", "ida"))
    assert (studio.names, studio.default) == (("joe", "ida"), "joe")


def test_an_avatar_is_loaded_when_it_is_wanted_and_once_for_all_sizes() -> None:
    shelf = Shelf("joe", "ida")
    studio = _studio(shelf)
    assert shelf.loaded == []
    assert studio.atlas("ida", 64, PNG).key != studio.atlas("ida", 32, PNG).key
    assert shelf.loaded == ["ida"]


def test_an_atlas_is_made_once_for_all_threads() -> None:
    shelf = Shelf("joe")
    studio = _studio(shelf)
    with ThreadPoolExecutor(8) as threads:
        atlases = list(threads.map(lambda _: studio.atlas("joe", 64, PNG), range(40)))
    assert len({id(atlas) for atlas in atlases}) == 1
    assert shelf.loaded == ["joe"]


def test_all_sizes_that_are_too_large_are_one_atlas() -> None:
    studio = _studio(Shelf("joe"))
    assert studio.atlas("joe", 999, PNG) is studio.atlas("joe", SIZE, PNG)


def test_only_so_many_atlases_are_kept() -> None:
    studio = _studio(Shelf("joe"))
    first = studio.atlas("joe", 64, PNG)
    for size in range(20, 60):
        studio.atlas("joe", size, PNG)
    assert studio.atlas("joe", 64, PNG) is not first
    # Who holds the first one goes on with it.
    assert first.sprite(0).data == studio.atlas("joe", 64, PNG).sprite(0).data


def test_an_avatar_that_is_not_there_is_an_error_that_says_which_are() -> None:
    studio = _studio(Shelf("joe", "ida"))
    with pytest.raises(LipwireError, match="no avatar 'eve'; there are: joe, ida") as caught:
        studio.atlas("eve", 64, PNG)
    assert caught.value.code is ErrorCode.NOT_FOUND


def test_the_default_must_be_there() -> None:
    with pytest.raises(LipwireError, match="no avatar 'joe'; there are: none"):
        Studio({}, "joe", cache_bytes=0)


def test_an_avatar_that_cannot_be_loaded_is_tried_again() -> None:
    shelf = Shelf("broken")
    studio = _studio(shelf)
    for _ in range(2):
        with pytest.raises(LipwireError, match="the pack is broken"):
            studio.atlas("broken", 64, PNG)
    assert shelf.loaded == ["broken", "broken"]


def test_a_picture_is_made_once_and_its_compositor_kept() -> None:
    studio = _studio(Shelf("joe"))
    atlas = studio.atlas("joe", 64, PNG)
    row = atlas.draws(poses(), 25)[0]
    assert studio.picture(atlas, row, "image/jpeg") is studio.picture(atlas, row, "image/jpeg")
    assert studio.compositor(atlas) is studio.compositor(atlas)
    assert studio.pictures.stats.hits == 1
