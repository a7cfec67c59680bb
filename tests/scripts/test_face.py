"""A deliberate fault moves each figure."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import numpy as np
import pytest

from benches.bench import Outcome
from benches.face import BENCH
from benches.face.lines import HELD_OUT, SPEECH, different
from benches.face.speaking import MouthWatched, Source
from benches.workers.face import Face
from lipwire_server.face import rig
from lipwire_server.face.articulation import HELD, Articulation
from lipwire_server.face.motion.closures import Closures
from lipwire_server.face.motion.grid import Place, frame_start
from lipwire_server.face.packs.avatar import Avatar
from lipwire_server.face.poses import Poses
from lipwire_server.face.studio import Studio
from tests.scripts.fake_face import RATE, OpenMouth, Remembered, rich_avatar
from tests.scripts.fake_lab import FakeLab

Json = dict[str, Any]

SCRIPTS = Path(__file__).parents[2] / "scripts"
FRAME = RATE // 25
OPEN = tuple(Articulation(jaw=0.5))


def face(
    avatar: Callable[[], Avatar] = rich_avatar,
    *,
    source: Source | None = None,
    cache_bytes: int = 1 << 24,
) -> Face:
    def studio() -> Studio:
        return Studio({"joe": avatar, "ida": avatar}, "joe", cache_bytes=cache_bytes)

    return Face(source or Remembered(), studio)


CANNED: Mapping[str, Json] = {
    "sprites": {"sprites": [{"bytes": 100, "emotion": None}]},
    "speak": {
        "segments": [{"frames": 25, "cpu_ms": 1}],
        "chunks": [{"seconds": 1, "bytes": 2_000, "bytes_without": 1_000}],
    },
    "perform": {
        "rate": RATE,
        "fps": 25,
        "starts": [0],
        "asked": [FRAME // 2],
        "wanted": [OPEN],
        "shown": [OPEN],
        "sounds": [],
    },
    "pictures": {"composed": 10, "delivered": 100, "bytes": 8_000, "seconds": 4, "cpu_ms": 50},
    "fresh": {"ms": 900},
}
"""What a face answers that nobody looks at."""


def run(of: Face | None = None, **instead: Callable[[Json], Json]) -> Outcome:
    """The bench on a tiny face, or on answers that are made up: `instead` has some of its own."""

    def answer(request: Mapping[str, Any]) -> Json:
        what = request["do"]
        if what in instead:
            return instead[what](dict(request))
        real = of is not None and what not in ("pictures", "fresh")
        return of.answer(dict(request)) if of and real else CANNED[what]

    return BENCH.run(FakeLab(answers={"face": answer}, rounds=1))


def figure(key: str, of: Face | None = None, **instead: Callable[[Json], Json]) -> float:
    value = run(of, **instead).figures[key]
    assert value is not None
    return value


@cache
def usual() -> Outcome:
    return run(face())


def usually(key: str) -> float:
    return usual().figures[key] or 0.0


def test_a_good_face_keeps_what_is_promised() -> None:
    figures = usual().figures
    assert figures["drift_samples"] == 0
    assert figures["closures_seen"] == 1
    assert 0 < (figures["codebook_error_px"] or 0) < 1
    assert 0 < (figures["bytes_per_second_warm"] or 0) < 2_500


def test_fifteen_mouths_are_too_few() -> None:
    few = face(lambda: rich_avatar(len(HELD)))
    figures = run(few).figures
    for key, least in (("codebook_error_px", 2.0), ("codebook_error_px_p95", 4.0)):
        assert (figures[key] or 0) > least > usually(key)


def test_numbers_that_are_wide_on_the_wire_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    before = usually("bytes_per_second_warm")
    draws = rig.Rig.draws

    def wide(*given: Any, **named: Any) -> rig.Draws:
        found = draws(*given, **named)
        found[..., 1:3] += 100_000
        return found

    monkeypatch.setattr(rig.Rig, "draws", wide)
    # 25 frames of 8 layers with two numbers that take 5 bytes instead of 1 to 3.
    for key in ("bytes_per_second_warm", "bytes_per_second_warm_ida"):
        assert figure(key, face()) > before + 25 * 8 * 2 * 2


def test_sprites_that_are_sent_again_and_again_are_no_frames() -> None:
    """They are counted once, in the bytes of the avatar."""
    large = run(face(lambda: rich_avatar(side=24))).figures
    assert large["bytes_per_second_warm"] == usually("bytes_per_second_warm")
    for key in ("avatar_bytes_512", "avatar_bytes_512_ida", "avatar_bytes_256"):
        assert (large[key] or 0) > 2 * usually(key)


def test_the_bytes_of_an_emotion_are_counted_beside_those_of_a_neutral_face() -> None:
    sprites = [
        {"bytes": 100, "emotion": None},
        {"bytes": 50, "emotion": "neutral"},
        {"bytes": 30, "emotion": "happy"},
        {"bytes": 10, "emotion": "sad"},
        {"bytes": 15, "emotion": "sad"},
    ]

    def found(key: str) -> float:
        return figure(key, sprites=lambda asked: {"sprites": sprites})

    assert found("avatar_bytes_512") == found("avatar_bytes_512_ida") == 150
    assert found("emotion_bytes_512") == 30
    sprites.append({"bytes": 10, "emotion": "sad"})
    assert found("emotion_bytes_512") == 35
    assert found("avatar_bytes_512") == 150


def test_the_cost_of_a_frame_is_the_median_of_segments() -> None:
    def costs(*each: float) -> float:
        segments = [{"frames": 50, "cpu_ms": ms} for ms in each]
        chunks = [{"seconds": 1, "bytes": 300, "bytes_without": 100}]
        told = {"segments": segments, "chunks": chunks}
        return figure("cpu_ms_per_frame_sprites", speak=lambda asked: told)

    assert costs(1, 2, 3) == pytest.approx(0.04)
    assert costs(1, 2, 300) == pytest.approx(0.04)
    assert costs(2, 4, 6) == pytest.approx(0.08)


def test_what_drawing_takes_is_in_the_cost_of_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a clock that only goes on while something is drawn."""
    spent_ns = 0
    draws = rig.Rig.draws

    def slow(own: rig.Rig, poses: Poses, *given: Any) -> rig.Draws:
        nonlocal spent_ns
        spent_ns += 250_000 * len(poses)
        return draws(own, poses, *given)

    monkeypatch.setattr(rig.Rig, "draws", slow)
    monkeypatch.setattr("benches.workers.face.time.process_time_ns", lambda: spent_ns)
    assert figure("cpu_ms_per_frame_sprites", face()) == pytest.approx(0.25)


def test_chunks_are_weighed_with_and_without_frames() -> None:
    chunks = [
        {"seconds": 2, "bytes": 5_000, "bytes_without": 1_000},
        {"seconds": 1, "bytes": 2_000, "bytes_without": 500},
    ]
    told = {"segments": [{"frames": 1, "cpu_ms": 1}], "chunks": chunks}
    assert figure("bytes_per_second_warm", speak=lambda asked: told) == pytest.approx(5_500 / 3)


def test_a_grid_that_is_one_sample_late_drifts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "lipwire_server.session.animation.frame_start", lambda *given: frame_start(*given) + 1
    )
    assert figure("drift_samples", face()) == 1


def test_a_mouth_that_is_made_for_another_time_drifts_and_is_another_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = usually("codebook_error_px")
    heard = Place.heard
    monkeypatch.setattr(Place, "heard", lambda *given: heard(*given) + FRAME // 2)
    figures = run(face()).figures
    assert (figures["drift_samples"] or 0) >= FRAME // 2
    assert (figures["codebook_error_px"] or 0) > 2 * before


def test_closures_that_are_not_forced_are_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    def gaping() -> Face:
        return face(source=Remembered(OpenMouth))

    assert figure("closures_seen", gaping()) == 1
    monkeypatch.setattr(Closures, "at", lambda closures, frames: np.full(len(frames), -1, np.int8))
    assert figure("closures_seen", gaping()) < 0.3


def test_pictures_of_a_crowd_are_drawn_once_unless_nothing_is_kept() -> None:
    asked: Json = {"avatar": "joe", "size": 64, "fps": 25, "lines": HELD_OUT[:1], "listeners": 8}
    kept, forgotten = (
        face(cache_bytes=size).answer({"do": "pictures", **asked}) for size in (1 << 24, 0)
    )
    assert kept["delivered"] == forgotten["delivered"] > 8 * 25
    assert kept["composed"] * 8 <= kept["delivered"]
    assert forgotten["composed"] > 2 * kept["composed"]


def test_what_everybody_hears_for_himself_is_drawn_for_himself() -> None:
    asked: Json = {"avatar": "joe", "size": 64, "fps": 25, "lines": HELD_OUT[:4], "listeners": 4}
    told = face().answer({"do": "pictures", **asked})
    assert told["composed"] > told["delivered"] / 4


def test_pictures_are_told_for_each_that_was_delivered() -> None:
    for crowd in ("shared", "different"):
        assert figure(f"full_{crowd}_composed") == pytest.approx(0.1)
        assert figure(f"full_{crowd}_cpu_ms_per_frame") == pytest.approx(0.5)
        assert figure(f"full_{crowd}_bytes_per_second") == pytest.approx(2_000)


def test_the_first_sprites_are_those_of_a_process_of_its_own() -> None:
    def fresh(asked: Json) -> Json:
        return {"ms": 900 if asked["size"] == 512 else 400}

    assert figure("first_sprites_ms_512", fresh=fresh) == 900
    assert figure("first_sprites_ms_256", fresh=fresh) == 400


def test_a_fresh_process_shows_the_default_avatar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(SCRIPTS))
    asked = {"do": "fresh", "size": 64, "fps": 25}
    assert face().answer({**asked, "avatar": "joe"})["ms"] > 0
    with pytest.raises(CalledProcessError):
        face().answer({**asked, "avatar": "nobody"})


def test_the_mouth_that_is_watched_is_the_mouth() -> None:
    line = Remembered().line("anything", aloud=False)
    watched = MouthWatched(line.plan.mouth)
    times = np.array([100, 2_000, 5_000])
    assert np.array_equal(
        watched.weights("oculus", times), line.plan.mouth.weights("oculus", times)
    )
    assert watched.asked == [100, 2_000, 5_000]
    assert watched.sets["oculus"] == line.plan.mouth.sets["oculus"]


def test_no_line_is_one_that_the_mouths_were_chosen_from() -> None:
    chosen_from = (SCRIPTS / "codebook-lines.txt").read_text().splitlines()
    assert set(HELD_OUT).isdisjoint(chosen_from)


def test_lines_are_enough_and_no_two_of_a_crowd_are_the_same() -> None:
    assert len(HELD_OUT) == 20
    assert len(" ".join(SPEECH)) > 35 * 15
    lines = different(100)
    assert len(set(lines)) == 100
