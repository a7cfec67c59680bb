import errno
import logging
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.speech.voices import preparing
from lipwire_server.speech.voices.inference import MODEL_ERRORS, open_model
from lipwire_server.speech.voices.parts import Parts
from lipwire_server.speech.voices.preparing import Contexts, Prepared, open_prepared, prepare
from lipwire_server.speech.voices.reading import Engine, Manner
from lipwire_server.speech.voices.whole import Whole
from tests.noises import decibels, noise_of, samples_of, silent
from tests.odd_voices import (
    averaging_over_time,
    no_voice,
    reading_the_text,
    renamed,
    rounding_twice,
    telling_durations,
    undefined,
    without,
)
from tests.tiny_voice import STANDARD, Anatomy, tiny_model

IDS = np.array([1, 0, *np.tile([20, 0, 59, 0, 24, 0, 100, 0], 2), 2], np.int64)
LONG = np.tile(IDS, 8)
NATURAL = Manner(prior_noise=0.667, duration_noise=0.8)

Made = tuple[Engine, dict[str, bytes], Prepared]


def _prepare(model: onnx.ModelProto) -> Made:
    return prepare(model.SerializeToString(), IDS)


def _contexts(anatomy: Anatomy) -> Contexts:
    contexts = _prepare(tiny_model(anatomy))[2].contexts
    assert contexts is not None
    return contexts


# Parts


def test_contexts_are_as_long_as_the_voice_looks_to_either_side() -> None:
    assert _contexts(Anatomy(flow_reach=0, vocoder_reach=0)) == Contexts(0, 0)
    assert _contexts(Anatomy(flow_reach=2, vocoder_reach=1)) == Contexts(4, 2)
    assert _contexts(Anatomy(flow_reach=20, vocoder_reach=1)) == Contexts(20, 2)
    assert _contexts(Anatomy(flow_reach=2, vocoder_reach=9)) == Contexts(4, 10)


@pytest.mark.parametrize(
    "anatomy", [STANDARD, Anatomy(speakers=3), Anatomy(flow_reach=20, vocoder_reach=9)]
)
@pytest.mark.parametrize("change", [lambda model: model, renamed, telling_durations])
def test_a_voice_that_can_be_cut_sounds_as_it_does_whole(
    anatomy: Anatomy, change: Callable[[onnx.ModelProto], onnx.ModelProto]
) -> None:
    engine, _, prepared = _prepare(change(tiny_model(anatomy)))
    assert isinstance(engine, Parts)
    assert prepared.why_whole == ""
    for speaker in range(anatomy.speakers):
        (expected,) = open_model(tiny_model(anatomy)).run(
            {
                "input": LONG[np.newaxis],
                "input_lengths": np.array([LONG.size]),
                "scales": np.array([0, 1, 0], np.float32),
            }
            | ({"sid": np.array([speaker])} if anatomy.speakers > 1 else {}),
        )
        reading = engine.read(LONG, Manner(speaker=speaker), silent)
        assert len(reading.windows) > 4
        assert np.abs(samples_of(reading) - expected.ravel()).max() < 1e-5


@pytest.mark.parametrize("anatomy", [STANDARD, Anatomy(flow_reach=20, vocoder_reach=9)])
def test_windows_are_those_of_the_whole_at_the_measured_contexts(anatomy: Anatomy) -> None:
    engine = _prepare(tiny_model(anatomy))[0]
    assert isinstance(engine, Parts)
    latent = engine.encode(LONG, NATURAL, noise_of(1)).sample(0.667, noise_of(1))
    whole = engine.vocode(engine.flow(latent, 0), 0)
    assert decibels(whole, samples_of(engine.read(LONG, NATURAL, noise_of(1)))) > 100
    engine.flow_context //= 4
    engine.vocoder_context //= 4
    assert decibels(whole, samples_of(engine.read(LONG, NATURAL, noise_of(1)))) < 60


# Whole


@pytest.mark.parametrize(
    ("model", "why"),
    [
        (rounding_twice(tiny_model()), "rounds durations in 2 places"),
        (without(tiny_model(), "Ceil"), "rounds durations in 0 places"),
        (without(tiny_model(), "RandomNormalLike"), "samples a prior"),
        (reading_the_text(tiny_model()), "2 tensors besides the latent"),
        (averaging_over_time(tiny_model()), "more than 96 frames"),
        (tiny_model(Anatomy(vocoder_reach=120)), "more than 96 frames"),
        (tiny_model(Anatomy(hop=128)), "256 samples of a frame"),
        (tiny_model(Anatomy(hop=300)), "256 samples of a frame"),
        (tiny_model(Anatomy(hop=512)), "256 samples of a frame"),
    ],
)
def test_a_voice_that_cannot_be_cut_is_spoken_whole_and_says_why(
    model: onnx.ModelProto, why: str
) -> None:
    engine, models, prepared = _prepare(model)
    assert isinstance(engine, Whole)
    assert list(models) == ["whole.onnx"]
    assert prepared.contexts is None
    assert why in prepared.why_whole
    assert "\n" not in prepared.why_whole
    reading = engine.read(LONG, NATURAL, noise_of(1))
    assert reading.frames.shape == LONG.shape
    assert np.array_equal(samples_of(reading), samples_of(engine.read(LONG, NATURAL, noise_of(1))))


def test_half_a_hop_for_a_frame_is_seen_in_the_shortest_text() -> None:
    for length in range(3, 9):
        model = tiny_model(Anatomy(hop=128)).SerializeToString()
        assert "256 samples of a frame" in prepare(model, IDS[:length])[2].why_whole


def test_windows_that_do_not_make_the_whole_are_seen() -> None:
    prepared = prepare(averaging_over_time(tiny_model()).SerializeToString(), LONG)[2]
    assert "its parts do not make the sound of the whole" in prepared.why_whole


# No voice


def _asking_for_more() -> onnx.ModelProto:
    model = tiny_model()
    model.graph.input.append(helper.make_tensor_value_info("lid", TensorProto.INT64, [1]))
    return model


@pytest.mark.parametrize(
    ("model", "what"),
    [
        (no_voice(), "it is no Piper voice: it has the inputs pixels"),
        (_asking_for_more(), "it is no Piper voice: it has the inputs .*lid"),
        (onnx.ModelProto(), "it is no Piper voice: it has the inputs none"),
        (without(tiny_model(), "MatMul"), "does not speak"),
        (undefined(tiny_model()), "no sound"),
    ],
)
def test_what_is_no_voice_is_refused(model: onnx.ModelProto, what: str) -> None:
    with pytest.raises(LipwireError, match=what) as caught:
        _prepare(model)
    assert caught.value.code is ErrorCode.UNSUPPORTED
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"hello", tiny_model().SerializeToString()[:-7]])
def test_what_is_no_model_is_refused(content: bytes) -> None:
    with pytest.raises(MODEL_ERRORS):
        prepare(content, IDS)


# Keeping


class _Maker:
    """Prepares a voice and counts how often it was asked to."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._model = model.SerializeToString()
        self.calls = 0

    def __call__(self) -> Made:
        self.calls += 1
        return prepare(self._model, IDS)


@pytest.fixture(params=["parts", "whole"])
def maker(request: pytest.FixtureRequest) -> _Maker:
    model = tiny_model(Anatomy(speakers=2, flow_reach=6))
    return _Maker(model if request.param == "parts" else rounding_twice(model))


@pytest.fixture
def cutting() -> _Maker:
    return _Maker(tiny_model())


def _sound(engine: Engine) -> bytes:
    return samples_of(engine.read(LONG, NATURAL, noise_of(1))).tobytes()


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_what_was_prepared_once_is_not_prepared_again(tmp_path: Path, maker: _Maker) -> None:
    first, about_first = open_prepared(tmp_path / "new" / "cache", "key", maker)
    again, about_again = open_prepared(tmp_path / "new" / "cache", "key", maker)
    assert maker.calls == 1
    assert about_again == about_first
    assert _sound(again) == _sound(first)


def test_another_key_is_another_voice(tmp_path: Path, cutting: _Maker) -> None:
    open_prepared(tmp_path, "one", cutting)
    open_prepared(tmp_path, "two", cutting)
    assert cutting.calls == 2


def _nothing(path: Path) -> None:
    path.write_bytes(b"")


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _zeros(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("damage", [_nothing, _half, _zeros, Path.unlink, _folder])
@pytest.mark.parametrize("file", ["about.json", "encode.onnx", "flow.onnx", "vocoder.onnx"])
def test_what_is_damaged_is_made_again(
    tmp_path: Path, cutting: _Maker, file: str, damage: Callable[[Path], None]
) -> None:
    expected = _sound(open_prepared(tmp_path, "key", cutting)[0])
    kept = _files(tmp_path)
    (path,) = (path for path in kept if path.name == file)
    damage(path)
    assert _sound(open_prepared(tmp_path, "key", cutting)[0]) == expected
    assert cutting.calls == 2
    assert _sound(open_prepared(tmp_path, "key", cutting)[0]) == expected
    assert cutting.calls == 2
    assert _files(tmp_path) == kept


def test_damage_is_logged(
    tmp_path: Path, cutting: _Maker, caplog: pytest.LogCaptureFixture
) -> None:
    open_prepared(tmp_path, "key", cutting)
    assert not caplog.records
    _half(next(path for path in _files(tmp_path) if path.name == "flow.onnx"))
    open_prepared(tmp_path, "key", cutting)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "damaged (flow.onnx does not have" in record.getMessage()


def test_what_an_older_version_kept_is_not_used(
    tmp_path: Path, cutting: _Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_prepared(tmp_path, "key", cutting)
    monkeypatch.setattr(preparing, "_VERSION", preparing._VERSION + 1)
    open_prepared(tmp_path, "key", cutting)
    assert cutting.calls == 2


def test_a_folder_that_cannot_be_written_only_warns(
    tmp_path: Path, cutting: _Maker, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("not a folder")
    engine, _ = open_prepared(tmp_path / "file" / "cache", "key", cutting)
    assert _sound(engine) == _sound(cutting()[0])
    assert "it cannot be kept" in caplog.records[-1].getMessage()
    assert all(record.levelno == logging.WARNING for record in caplog.records)


def test_a_full_disk_only_warns_and_nothing_half_is_left(
    tmp_path: Path,
    cutting: _Maker,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def full(file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        engine, _ = open_prepared(tmp_path, "key", cutting)
    assert _sound(engine) == _sound(cutting()[0])
    assert "No space left on device" in caplog.records[-1].getMessage()
    assert list(tmp_path.iterdir()) == []


def test_a_voice_that_cannot_be_prepared_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(LipwireError):
        open_prepared(tmp_path, "key", _Maker(no_voice()))
    assert list(tmp_path.iterdir()) == []


def test_one_who_prepares_while_another_finishes_keeps_a_whole_voice(
    tmp_path: Path, cutting: _Maker
) -> None:
    other = _Maker(tiny_model())
    theirs: list[int] = []

    def slowly() -> Made:
        open_prepared(tmp_path, "key", other)
        theirs.extend(path.stat().st_ino for path in _files(tmp_path))
        return cutting()

    engine, _ = open_prepared(tmp_path, "key", slowly)
    # A third one may be opening it.
    assert [path.stat().st_ino for path in _files(tmp_path)] == theirs
    kept, _ = open_prepared(tmp_path, "key", cutting)
    assert (cutting.calls, other.calls) == (1, 1)
    assert _sound(kept) == _sound(engine)


def test_one_who_is_overtaken_at_the_last_moment_takes_what_is_there(
    tmp_path: Path,
    cutting: _Maker,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    made = cutting()
    rename = Path.rename

    def overtaken(self: Path, target: Path) -> Path:
        monkeypatch.setattr(Path, "rename", rename)
        shutil.copytree(self, target)
        return self.rename(target)

    monkeypatch.setattr(Path, "rename", overtaken)
    open_prepared(tmp_path, "key", lambda: made)
    open_prepared(tmp_path, "key", cutting)
    assert cutting.calls == 1
    assert len(list(tmp_path.iterdir())) == 1
    assert not caplog.records


@pytest.mark.parametrize("damaged", [False, True])
def test_many_who_prepare_at_once_do_not_harm_each_other(tmp_path: Path, damaged: bool) -> None:
    made = prepare(tiny_model().SerializeToString(), IDS)
    expected = _sound(made[0])
    start = Barrier(6)

    def open_one(_: int) -> bytes:
        start.wait()
        return _sound(open_prepared(tmp_path, "key", lambda: made)[0])

    with ThreadPoolExecutor(6) as threads:
        for _ in range(5):
            if damaged:
                for path in _files(tmp_path):
                    _half(path)
            assert set(threads.map(open_one, range(6))) == {expected}
    (kept,) = tmp_path.iterdir()
    assert not kept.name.startswith(".")
