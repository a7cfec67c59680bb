from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from lipwire_protocol.timeline import rescale
from lipwire_server.face.movie.kinds import Kind
from lipwire_server.face.movie.video import Video
from lipwire_server.speech.audio.resampling import Resampler

from .clips import RATE, SIZE, bursts, lag, number_of, picture, play, write

BOTH = pytest.mark.parametrize("kind", [Kind.MP4, Kind.WEBM])
TICK = Fraction(1, 1000)
"""WebM counts in milliseconds."""


def video(path: Path, kind: Kind, fps: int = 25, rate: int = RATE, size: int = SIZE) -> Video:
    return Video(path, kind, size=size, fps=fps, rate=rate)


@BOTH
@pytest.mark.parametrize("fps", [5, 24, 25, 29, 30, 60])
def test_frame_k_is_shown_from_k_on(tmp_path: Path, kind: Kind, fps: int) -> None:
    path = tmp_path / f"movie.{kind}"
    with video(path, kind, fps) as movie:
        write(movie, 2 * fps, bursts(2))
    seen = play(path)
    assert [number_of(image) for image in seen.images] == [*range(2 * fps)]
    exact = [Fraction(number, fps) for number in range(2 * fps)]
    if kind is Kind.MP4:
        assert seen.times == exact
    else:
        assert max(abs(a - b) for a, b in zip(seen.times, exact, strict=True)) <= TICK / 2


@BOTH
@pytest.mark.parametrize("rate", [16_000, 22_050, 48_000])
def test_sound_is_heard_when_it_was_spoken(tmp_path: Path, kind: Kind, rate: int) -> None:
    path = tmp_path / f"movie.{kind}"
    spoken = bursts(2, rate)
    with video(path, kind, rate=rate) as movie:
        write(movie, 50, spoken)
    seen = play(path)
    resampler = Resampler(rate, seen.rate)
    expected = np.concatenate([resampler.push(spoken), resampler.finish()])
    assert seen.heard_from == 0
    assert lag(seen.sound, expected, 3_000) == 0
    loud = np.abs(expected) > 0.4
    assert np.corrcoef(seen.sound[: len(expected)][loud], expected[loud])[0, 1] > 0.99


@BOTH
@pytest.mark.parametrize(("pictures", "seconds"), [(50, 1.2), (30, 2.0), (50, 2.0), (1, 0.0)])
def test_pictures_and_sound_are_equally_long(
    tmp_path: Path, kind: Kind, pictures: int, seconds: float
) -> None:
    path = tmp_path / f"movie.{kind}"
    with video(path, kind) as movie:
        movie.sound(bursts(seconds))
        for number in range(pictures):
            movie.picture(picture(number))
        movie.finish()
    seen = play(path)
    length = max(pictures, round(seconds * 25))
    numbers = [number_of(image) for image in seen.images]
    assert numbers == [min(number, pictures - 1) for number in range(length)]
    assert 0 <= len(seen.sound) - length * seen.rate // 25 < 1_024
    with av.open(str(path)) as container:
        assert container.duration is not None
        assert container.duration == pytest.approx(length * 40_000, abs=25_000)


@BOTH
def test_what_is_in_it_plays_everywhere(tmp_path: Path, kind: Kind) -> None:
    path = tmp_path / f"movie.{kind}"
    with video(path, kind) as movie:
        write(movie, 25, bursts(1))
    with av.open(str(path)) as container:
        pictures, sound = container.streams.video[0], container.streams.audio[0]
        assert (pictures.codec.canonical_name, sound.codec.canonical_name) == (
            ("h264", "aac") if kind is Kind.MP4 else ("vp9", "opus")
        )
        codec = pictures.codec_context
        assert (codec.width, codec.height, codec.pix_fmt) == (SIZE, SIZE, "yuv420p")
        assert pictures.average_rate == 25
        assert (codec.colorspace, codec.color_primaries, codec.color_trc) == (1, 1, 13)
        assert (sound.rate, sound.layout.name) == (48_000, "mono")


def test_a_browser_finds_the_index_before_the_pictures(tmp_path: Path) -> None:
    path = tmp_path / "movie.mp4"
    with video(path, Kind.MP4) as movie:
        write(movie, 25, bursts(1))
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@BOTH
def test_colours_are_those_of_the_pictures(tmp_path: Path, kind: Kind) -> None:
    path = tmp_path / f"movie.{kind}"
    image = picture(0)
    image.paste((200, 90, 80), (0, 0, SIZE, SIZE))
    with video(path, kind) as movie:
        movie.picture(image)
        movie.finish()
    (shown,) = play(path).images
    assert np.abs(np.asarray(shown, np.int16) - np.asarray(image)).max() <= 4


@BOTH
def test_equal_pictures_and_sound_are_equal_files(tmp_path: Path, kind: Kind) -> None:
    for name in ("one", "other"):
        with video(tmp_path / name, kind) as movie:
            write(movie, 25, bursts(1), piece=5_000 if name == "one" else 700)
    one, other = play(tmp_path / "one"), play(tmp_path / "other")
    assert one.images == other.images
    assert np.array_equal(one.sound, other.sound)


@BOTH
def test_what_is_too_loud_is_clipped(tmp_path: Path, kind: Kind) -> None:
    path = tmp_path / f"movie.{kind}"
    with video(path, kind) as movie:
        write(movie, 25, 20 * bursts(1))
    assert np.abs(play(path).sound).max() < 1.5


@BOTH
def test_a_movie_that_is_not_finished_leaves_nothing(tmp_path: Path, kind: Kind) -> None:
    with pytest.raises(KeyboardInterrupt), video(tmp_path / "movie", kind) as movie:
        movie.sound(bursts(1))
        for number in range(25):
            movie.picture(picture(number))
        assert [*tmp_path.iterdir()]
        raise KeyboardInterrupt
    assert not [*tmp_path.iterdir()]


@BOTH
def test_an_older_movie_stays_until_the_new_one_is_whole(tmp_path: Path, kind: Kind) -> None:
    path = tmp_path / "movie"
    path.write_text("older")
    with video(path, kind) as movie:
        movie.picture(picture(1))
    assert path.read_text() == "older"
    with video(path, kind) as movie:
        movie.picture(picture(1))
        movie.finish()
    assert len(play(path).images) == 1
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize("name", ["a:b.mp4", "100%d.mp4", "häßlich 'x'.mp4"])
def test_a_name_is_taken_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with video(Path(name), Kind.MP4) as movie:
        movie.picture(picture(1))
        movie.finish()
    assert [path.name for path in tmp_path.iterdir()] == [name]


@BOTH
def test_where_nothing_can_be_written_it_is_an_error(tmp_path: Path, kind: Kind) -> None:
    with pytest.raises(OSError, match="No such file"):
        video(tmp_path / "nowhere" / "movie", kind)


def test_sound_at_another_rate_is_as_long(tmp_path: Path) -> None:
    path = tmp_path / "movie.mp4"
    with video(path, Kind.MP4, rate=8_000) as movie:
        write(movie, 25, bursts(1, 8_000))
    assert len(play(path).sound) >= rescale(8_000, 8_000, 48_000)
