import os
from pathlib import Path
from typing import Any

import pytest

from lipwire_protocol import Codec, ErrorCode, FrameMode, Frames, LipwireError
from lipwire_server.face.emotions import NAMES
from lipwire_server.face.movie.kinds import Look
from lipwire_server.request import STANDARD_OUTPUT, Request, check, hello, look_of, sound_of
from lipwire_server.speech.audio.files import Container


def asked(**options: Any) -> Request:
    return Request(text="Hello.", **options)


@pytest.mark.parametrize(
    ("options", "container", "codec"),
    [
        ({}, Container.WAV, Codec.PCM_S16LE),
        ({"out": STANDARD_OUTPUT}, Container.WAV, Codec.PCM_S16LE),
        ({"out": Path("a.raw"), "codec": Codec.MULAW}, Container.RAW, Codec.MULAW),
        ({"out": Path("a.ogg")}, Container.OPUS, Codec.OPUS),
        ({"out": Path("a.wav"), "container": Container.OPUS}, Container.OPUS, Codec.OPUS),
    ],
)
def test_a_sound_file_is_what_its_name_and_the_options_say(
    options: dict[str, Any], container: Container, codec: Codec
) -> None:
    assert sound_of(asked(**options)) == (container, codec)


def test_a_movie_looks_as_is_usual_for_its_kind_or_as_asked_for() -> None:
    assert look_of(asked()) is None
    assert look_of(asked(movie=Path("a.mp4"))) == Look(512, 25)
    assert look_of(asked(movie=Path("a.gif"))) == Look(320, 20)
    assert look_of(asked(movie=Path("a.gif"), size=100, fps=10)) == Look(100, 10)


def test_a_session_is_asked_for_frames_only_for_a_movie() -> None:
    assert hello(asked()).frames == Frames()
    frames = hello(asked(movie=Path("a.mp4"), size=256, fps=30, avatar="ida"))
    assert frames.frames == Frames(mode=FrameMode.SPRITES, size=256, fps=30)
    assert frames.avatar == "ida"


@pytest.mark.parametrize(
    ("options", "codec"),
    [
        ({}, Codec.PCM_S16LE),
        ({"codec": Codec.ALAW}, Codec.ALAW),
        ({"out": Path("a.opus")}, Codec.PCM_F32LE),
        ({"codec": Codec.ALAW, "movie": Path("a.mp4")}, Codec.PCM_F32LE),
    ],
)
def test_what_is_encoded_here_is_asked_for_as_samples(
    options: dict[str, Any], codec: Codec
) -> None:
    assert hello(asked(**options)).audio.codec is codec


@pytest.mark.parametrize("name", ["a.mp4", "a.webm", "a.gif", "a.webp", "frames", "new/%04d.png"])
def test_a_movie_may_be_asked_for_where_there_is_none_yet(tmp_path: Path, name: str) -> None:
    check(asked(movie=tmp_path / name, emotion="happy"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"movie": "a.avi"}, r"movies can end with: \.mp4, \.webm, \.gif, \.webp"),
        ({"movie": "a.mp4", "size": 63}, r"--size is 63; .* 64\.\.1024"),
        ({"movie": "a.mp4", "size": 1_025}, r"--size is 1025; .* 64\.\.1024"),
        ({"movie": "a.mp4", "size": 255}, r"--size is 255; of a \.mp4 it is even"),
        ({"movie": "a.mp4", "fps": 4}, r"--fps is 4; .* 5\.\.60"),
        ({"movie": "a.gif", "fps": 51}, r"--fps is 51; of a \.gif it is 50 at most"),
        ({"movie": "no/a.mp4"}, r"cannot write no/a\.mp4: there is no folder /.*no; make it first"),
        ({"movie": "no/frames/%04d.png"}, "cannot write no/frames"),
        ({"movie": "/dev/null"}, "cannot write /dev/null: something else is there"),
        ({"movie": "-"}, "--movie writes a file"),
        ({"movie": "a.mp4", "timing": Path("a.mp4")}, "the same file"),
        ({"size": 64}, "--size is for --movie"),
        ({"fps": 25}, "--fps is for --movie"),
        ({"avatar": "joe"}, "--avatar is for --movie"),
        ({"emotion": "happy"}, "--emotion is for --movie"),
    ],
)
def test_a_movie_that_cannot_be_is_refused_with_what_can(
    options: dict[str, Any], message: str
) -> None:
    if "movie" in options:
        options = {**options, "movie": Path(options["movie"])}
    with pytest.raises(LipwireError, match=message):
        check(asked(**options))


def test_an_unknown_emotion_is_refused_with_the_known_ones() -> None:
    with pytest.raises(LipwireError) as caught:
        check(asked(movie=Path("a.mp4"), emotion="bored"))
    assert caught.value.code is ErrorCode.NOT_FOUND
    assert all(name in str(caught.value) for name in NAMES)


def test_a_pipe_is_not_replaced_by_a_movie(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.mp4")
    with pytest.raises(LipwireError, match="cannot write"):
        check(asked(movie=tmp_path / "a.mp4"))


@pytest.mark.parametrize("name", ["a.mp4", "frames.gif"])
def test_a_folder_is_no_place_for_a_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(LipwireError, match="cannot write"):
        check(asked(movie=tmp_path / name))


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "frames").write_text("mine")
    with pytest.raises(LipwireError, match="cannot write"):
        check(asked(movie=tmp_path / "frames"))
