from pathlib import Path

import numpy as np
import onnx
import pytest

from lipwire_server.speech.voices.inference import MODEL_ERRORS, open_model
from tests.odd_voices import no_voice
from tests.tiny_voice import Anatomy, tiny_model


def test_a_model_is_opened_from_memory_or_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(no_voice().SerializeToString())
    pixels = np.array([[-1, 0, 2]], np.float32)
    for source in (no_voice(), path):
        for keep_memory in (True, False):
            (picture,) = open_model(source, keep_memory=keep_memory).run({"pixels": pixels})
            assert picture.tolist() == [[0, 0, 2]]


def test_a_model_computes_in_the_calling_thread_alone() -> None:
    options = open_model(no_voice()).session.get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)


def test_a_model_knows_its_inputs() -> None:
    voice = open_model(tiny_model(Anatomy(speakers=2)))
    assert voice.inputs == {"input", "input_lengths", "scales", "sid"}


def test_a_model_takes_what_it_has_an_input_for_and_nothing_else() -> None:
    pixels = np.array([[1, 2, 3]], np.float32)
    (picture,) = open_model(no_voice()).run({"pixels": pixels, "speaker": np.array([4])})
    assert picture.tolist() == [[1, 2, 3]]
    with pytest.raises(ValueError, match="pixels"):
        open_model(no_voice()).run({"speaker": np.array([4])})


@pytest.mark.parametrize("content", [b"", b"hello", b"\x00" * 100, b"\x08\x08"])
def test_what_is_no_model_raises_one_of_the_model_errors(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(MODEL_ERRORS):
        open_model(path)
    with pytest.raises(MODEL_ERRORS):
        open_model(onnx.ModelProto.FromString(content))


def test_a_missing_file_raises_one_of_the_model_errors(tmp_path: Path) -> None:
    with pytest.raises(MODEL_ERRORS):
        open_model(tmp_path / "model.onnx")


def test_an_input_that_does_not_fit_raises_one_of_the_model_errors() -> None:
    with pytest.raises(MODEL_ERRORS):
        open_model(no_voice()).run({"pixels": np.zeros((1, 4), np.float32)})
    with pytest.raises(MODEL_ERRORS):
        open_model(no_voice()).run({"pixels": np.zeros((1, 3), np.int64)})
