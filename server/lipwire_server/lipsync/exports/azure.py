"""What Azure's speech service tells of a face: viseme events and blend shapes.

learn.microsoft.com/azure/ai-services/speech-service/how-to-speech-synthesis-viseme. A viseme event
has an `AudioOffset` in ticks of 100 ns and a `VisemeId` from 0 to 21. Blend shapes come in pieces
of an animation, 60 frames a second with 55 numbers each: the 52 shapes of ARKit from 0 to 1, then
the rolls of the head and of both eyes. `FrameIndex` counts the frames that came before. Here there
is one JSON object a line of either.
"""

import json
from typing import Final

import numpy as np

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_protocol.timeline import rescale

from .transcript import Transcript

__all__ = ["BLEND_SHAPES", "FPS", "azure_blend_shapes", "azure_visemes"]

FPS: Final = 60

BLEND_SHAPES: Final = (
    "eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft",
    "eyeSquintLeft", "eyeWideLeft", "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight",
    "eyeLookOutRight", "eyeLookUpRight", "eyeSquintRight", "eyeWideRight", "jawForward", "jawLeft",
    "jawRight", "jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft", "mouthRight",
    "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight", "mouthDimpleLeft",
    "mouthDimpleRight", "mouthStretchLeft", "mouthStretchRight", "mouthRollLower",
    "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthPressLeft", "mouthPressRight",
    "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
    "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "noseSneerLeft", "noseSneerRight",
    "tongueOut", "headRoll", "leftEyeRoll", "rightEyeRoll",
)  # fmt: skip

_TICKS_A_SECOND = 10_000_000


def azure_visemes(transcript: Transcript) -> str:
    lines = (
        {
            "AudioOffset": rescale(cue.start, transcript.sample_rate, _TICKS_A_SECOND),
            "VisemeId": int(cue.shape),
        }
        for cue in transcript.track("azure").cues()
    )
    return "".join(json.dumps(line) + "\n" for line in lines)


def azure_blend_shapes(transcript: Transcript) -> str:
    """A line for every second. What the weights do not tell, like the rolls, is 0.

    Raises `LipwireError` (`unsupported`) without ARKit weights of 60 frames a second.
    """
    weights = transcript.weights.get("arkit")
    if weights is None or weights.fps != FPS:
        raise LipwireError(
            ErrorCode.UNSUPPORTED,
            f"there are no blend weights of the set 'arkit' at {FPS} frames a second to write:"
            " ask for them in `weights`",
        )
    column_of = {name: column for column, name in enumerate(weights.names)}
    frames = np.zeros((len(weights.values), len(BLEND_SHAPES)))
    for index, name in enumerate(BLEND_SHAPES):
        if name in column_of:
            frames[:, index] = weights.values[:, column_of[name]] / 255
    rows = np.round(frames, 3).tolist()
    return "".join(
        json.dumps({"FrameIndex": first, "BlendShapes": rows[first : first + FPS]}) + "\n"
        for first in range(0, len(rows), FPS)
    )
