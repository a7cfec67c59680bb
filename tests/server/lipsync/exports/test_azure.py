import json
from dataclasses import replace

import numpy as np
import pytest

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_protocol.visemes import WEIGHT_SETS
from lipwire_server.lipsync.exports.azure import BLEND_SHAPES, azure_blend_shapes, azure_visemes
from lipwire_server.lipsync.exports.transcript import Transcript, Weights
from tests.server.lipsync.exports.utterances import transcript


def _with_weights(frames: int, fps: int = 60) -> Transcript:
    values = np.zeros((frames, 2), np.uint8)
    values[:, 0] = np.arange(frames) % 256
    values[:, 1] = 255
    return replace(transcript(), weights={"arkit": Weights(("mouthClose", "jawOpen"), fps, values)})


def test_events_are_in_ticks_of_100_ns() -> None:
    assert azure_visemes(transcript()).splitlines()[:3] == [
        '{"AudioOffset": 0, "VisemeId": 0}',
        '{"AudioOffset": 520000, "VisemeId": 4}',
        '{"AudioOffset": 3000000, "VisemeId": 7}',
    ]


def test_blend_shapes_are_the_52_of_arkit_and_three_rolls() -> None:
    assert len(BLEND_SHAPES) == 55
    assert BLEND_SHAPES[:52] == WEIGHT_SETS["arkit"]


def test_frames_come_a_second_a_line_with_55_numbers_each() -> None:
    lines = [json.loads(line) for line in azure_blend_shapes(_with_weights(130)).splitlines()]
    assert [line["FrameIndex"] for line in lines] == [0, 60, 120]
    assert [len(line["BlendShapes"]) for line in lines] == [60, 60, 10]
    frame = lines[1]["BlendShapes"][3]
    assert len(frame) == 55
    told = {name: value for name, value in zip(BLEND_SHAPES, frame, strict=True) if value}
    assert told == {"jawOpen": 1.0, "mouthClose": round(63 / 255, 3)}


def test_without_frames_there_are_no_lines() -> None:
    assert azure_blend_shapes(_with_weights(0)) == ""


@pytest.mark.parametrize("whole", [transcript(), _with_weights(3, fps=30)])
def test_other_weights_are_refused(whole: Transcript) -> None:
    with pytest.raises(LipwireError, match=r"arkit.*60") as caught:
        azure_blend_shapes(whole)
    assert caught.value.code is ErrorCode.UNSUPPORTED
