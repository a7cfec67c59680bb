from pathlib import Path

import pytest

from lipwire_protocol import ErrorCode, Frames, LipwireError
from lipwire_server.face.movie.kinds import DEFAULTS, MEDIA_TYPES, Kind, kind_of


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("hello.mp4", Kind.MP4),
        ("HELLO.MP4", Kind.MP4),
        ("a.b/hello.webm", Kind.WEBM),
        ("hello.gif", Kind.GIF),
        ("hello.webp", Kind.WEBP),
        ("frames/", Kind.PNG),
        ("frames/%04d.png", Kind.PNG),
        ("hello-%d.PNG", Kind.PNG),
    ],
)
def test_a_name_says_what_a_movie_is(name: str, kind: Kind) -> None:
    assert kind_of(Path(name)) is kind


@pytest.mark.parametrize("name", ["hello.avi", "hello.mp3", "hello.jpg", ".x.y"])
def test_of_an_unknown_name_is_told_what_there_is(name: str) -> None:
    with pytest.raises(LipwireError, match=r"\.mp4, \.webm, \.gif, \.webp; .*%04d\.png") as caught:
        kind_of(Path(name))
    assert caught.value.code is ErrorCode.UNSUPPORTED


@pytest.mark.parametrize("name", ["hello.png", "%s.png", "%04x.png"])
def test_one_picture_is_no_movie(name: str) -> None:
    with pytest.raises(LipwireError, match=r"one picture; for many, name them like .*%04d\.png"):
        kind_of(Path(name))


def test_animated_pictures_are_silent() -> None:
    assert {kind for kind in Kind if kind.silent} == {Kind.GIF, Kind.WEBP}


@pytest.mark.parametrize("kind", [*Kind])
def test_every_kind_has_a_look_that_a_session_can_have(kind: Kind) -> None:
    look = DEFAULTS[kind]
    Frames(size=look.size, fps=look.fps)
    assert 64 <= look.size <= 1_024 and look.size % 2 == 0 and 5 <= look.fps <= 60
    # A delay in a GIF is a whole number of hundredths.
    assert kind is not Kind.GIF or 100 % look.fps == 0


def test_every_movie_that_is_one_file_has_a_media_type() -> None:
    assert set(MEDIA_TYPES) == set(Kind) - {Kind.PNG}
    for kind, media_type in MEDIA_TYPES.items():
        assert media_type == f"{'image' if kind.silent else 'video'}/{kind}"
