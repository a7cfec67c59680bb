"""A deliberate fault moves each figure."""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import groupby
from pathlib import Path
from subprocess import CalledProcessError
from typing import Any

import numpy as np
import pytest
from msgspec import structs
from numpy.typing import NDArray
from PIL import Image as Pillow

from benches.bench import Outcome
from benches.face import BENCH
from benches.face.figures import Performed, closures_seen, drift_samples, mouth_errors_px
from benches.face.lines import HELD_OUT, SPEECH, different
from benches.face.speaking import Line, MouthWatched, Source, chunk_spans
from benches.lips.reference import load
from benches.lips.speaking import in_time
from benches.workers.face import Face
from lipwire_protocol.timeline import HOP
from lipwire_protocol.visemes import Oculus
from lipwire_server.face import rig
from lipwire_server.face.articulation import HELD, Articulation
from lipwire_server.face.codebook import SHAPES, default_codebook
from lipwire_server.face.motion.closures import Closures
from lipwire_server.face.motion.grid import Place, frame_start
from lipwire_server.face.packs.avatar import Avatar
from lipwire_server.face.packs.manifest import Image, MouthSet, Shows
from lipwire_server.face.packs.manifest import Mouth as ManifestMouth
from lipwire_server.face.poses import Poses
from lipwire_server.face.studio import Studio
from lipwire_server.lipsync.mouth import mouth
from lipwire_server.speech.port import Mouth, PhonemeSpan, Plan, VoiceInfo, WordSpan
from lipwire_server.speech.voices.reading import window_plan
from tests.scripts.fake_lab import FakeLab
from tests.tiny_avatar import tiny_avatar

Json = dict[str, Any]

SCRIPTS = Path(__file__).parents[2] / "scripts"
RATE = load().sample_rate
FRAME = RATE // 25
CLOSED = tuple(Articulation(press=1.0))
OPEN = tuple(Articulation(jaw=0.5))


class OpenMouth(MouthWatched):
    """Lips that never meet of their own accord."""

    def weights(self, name: str, times: NDArray[np.int64]) -> NDArray[np.uint8]:
        weights = super().weights(name, times)
        for closed in (Oculus.PP, Oculus.SIL):
            weights[:, Oculus.AA] += weights[:, closed]
            weights[:, closed] = 0
        return weights


class Remembered:
    """Says one sentence after another of those whose durations are stored."""

    info = VoiceInfo(name="remembered", language="en-US", sample_rate=RATE)

    def __init__(self, lips: Callable[[Mouth], Mouth] = lambda mouth: mouth) -> None:
        """`lips` changes what the mouth does."""
        self._turn: dict[str, int] = {}
        self._lips = lips

    def line(self, text: str, *, aloud: bool) -> Line:
        sentences = load().sentences
        sentence = sentences[self._turn.setdefault(text, len(self._turn)) % len(sentences)]
        spans = tuple(
            PhonemeSpan(unit.symbol, unit.start * HOP, (unit.end - unit.start) * HOP, unit.word)
            for unit in in_time(sentence.phonemes, sentence.frames)
        )
        plan = Plan(
            count=sentence.count,
            words=tuple(_words(spans)),
            phonemes=spans,
            mouth=self._lips(mouth(spans, RATE)),
            phonemized_ns=0,
            encoded_ns=0,
        )
        chunks = [
            (end - begin, bytes(2 * (end - begin)) if aloud else b"")
            for begin, end in chunk_spans(window_plan(sentence.count // HOP), RATE)
        ]
        return Line(plan, tuple(chunks))


def _words(spans: Sequence[PhonemeSpan]) -> Iterator[WordSpan]:
    for number, group in groupby(
        (span for span in spans if span.word >= 0), key=lambda span: span.word
    ):
        sounds = list(group)
        start, end = sounds[0].start, sounds[-1].start + sounds[-1].count
        yield WordSpan("word", 5 * number, 5 * number + 4, start, end - start)


@cache
def rich_avatar(shapes: int = SHAPES, *, side: int = 8) -> Avatar:
    """The tiny avatar with the mouths of the default ones, each a picture of its own."""
    plain = tiny_avatar()
    book = default_codebook().entries[:shapes]
    files = {f"rich/{shape}.png": _picture(side, shape) for shape in range(len(book))}
    images = tuple(
        Image(file=name, at=(28, 40), shape=str(shape)) for shape, name in enumerate(files)
    )
    layers = tuple(
        structs.replace(layer, images=images) if layer.shows is Shows.MOUTH else layer
        for layer in plain.manifest.layers
    )
    codebook = ManifestMouth(set=MouthSet.ARTICULATION, codebook=tuple(map(tuple, book.tolist())))
    manifest = structs.replace(plain.manifest, layers=layers, mouth=codebook)
    used = {image.file for layer in layers for image in layer.images}
    return Avatar.of(manifest, {n: d for n, d in {**plain.files, **files}.items() if n in used})


def _picture(side: int, colour: int) -> bytes:
    out = io.BytesIO()
    noise = np.random.default_rng(colour).integers(0, 255, (side, side, 4), np.uint8)
    Pillow.fromarray(noise, "RGBA").save(out, "PNG")
    return out.getvalue()


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


# Figures, of frames that are made up


def made_up(frames: int = 50, fps: int = 25, **other: Any) -> Performed:
    """Frames that are as they should be: the mouth is open all the time, and so it is shown."""
    numbers = range(frames)
    values: Json = {
        "rate": RATE,
        "fps": fps,
        "starts": tuple(-(-number * RATE // fps) for number in numbers),
        "asked": tuple((2 * number + 1) * RATE // (2 * fps) for number in numbers),
        "wanted": np.tile(OPEN, (frames, 1)),
        "shown": np.tile(OPEN, (frames, 1)),
        "sounds": (),
    }
    return Performed(**(values | other))


@pytest.mark.parametrize("fps", [24, 25, 60])
def test_frames_where_they_belong_do_not_drift(fps: int) -> None:
    assert drift_samples(made_up(fps=fps)) == 0


def test_one_frame_that_is_a_sample_late_is_seen() -> None:
    starts = list(made_up().starts)
    starts[33] += 1
    assert drift_samples(made_up(starts=tuple(starts))) == 1


def test_frames_that_are_counted_from_their_segment_drift() -> None:
    """A segment begins between two frames; so do all of its own."""
    starts = [start + 5 * HOP % FRAME * (start > RATE) for start in made_up().starts]
    assert drift_samples(made_up(starts=tuple(starts))) == 5 * HOP % FRAME


def test_a_frame_that_is_missing_moves_all_that_follow() -> None:
    starts = made_up(51).starts
    assert drift_samples(made_up(starts=(*starts[:20], *starts[21:]))) == FRAME


def test_a_mouth_of_the_beginning_of_its_frame_is_half_a_frame_off() -> None:
    right = made_up()
    assert drift_samples(replace(right, asked=right.starts)) == FRAME // 2


def test_the_distance_of_mouths_is_that_of_their_landmarks() -> None:
    same = made_up()
    assert mouth_errors_px(same).max() == 0
    wider = np.tile(Articulation(jaw=0.5, wide=0.4), (50, 1))
    errors = mouth_errors_px(made_up(shown=wider))
    assert errors == pytest.approx(np.full(50, errors[0]))
    assert 2 < errors[0] < 10


def _closing(*shut: int, sounds: Sequence[tuple[str, int, int]]) -> float | None:
    """With lips that are closed in some frames."""
    shown = np.tile(OPEN, (50, 1))
    shown[list(shut)] = CLOSED
    return closures_seen(made_up(shown=shown, sounds=tuple(sounds)))


@pytest.mark.parametrize("sound", ["p", "b", "m"])
@pytest.mark.parametrize(
    ("shut", "seen"), [((), 0), ((7,), 0), ((8,), 0), ((9,), 1), ((10,), 1), ((11,), 1), ((13,), 0)]
)
def test_a_closure_is_seen_during_its_sound_or_one_frame_from_it(
    sound: str, shut: tuple[int, ...], seen: int
) -> None:
    inside = (sound, 10 * FRAME + 50, 11 * FRAME - 50)
    assert _closing(*shut, sounds=[inside]) == seen


def test_lips_that_need_not_close_do_not_count() -> None:
    assert _closing(sounds=[("s", 0, FRAME), ("f", 2 * FRAME, 3 * FRAME)]) is None
    sounds = [("s", 0, FRAME), ("m", 5 * FRAME, 6 * FRAME), ("p", 20 * FRAME, 21 * FRAME)]
    assert _closing(5, sounds=sounds) == 0.5


# The bench, of faces that are made up or real


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
    heard = Place.heard
    monkeypatch.setattr(Place, "heard", lambda *given: heard(*given) + FRAME // 2)
    figures = run(face()).figures
    assert (figures["drift_samples"] or 0) >= FRAME // 2
    assert (figures["codebook_error_px"] or 0) > 2 * usually("codebook_error_px")


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
