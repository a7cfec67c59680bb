"""A head that can be given to TalkingHead: bones with its names, and a triangle with its morphs.

Its own examples may not be passed on, and nobody looks at this one: only its weights are read.
"""

import json
import struct

__all__ = ["head_glb"]

_VISEMES = "sil PP FF TH DD kk CH SS nn RR aa E I O U"
_ARKIT = """browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff
    cheekSquintLeft cheekSquintRight eyeBlinkLeft eyeBlinkRight eyeLookDownLeft eyeLookDownRight
    eyeLookInLeft eyeLookInRight eyeLookOutLeft eyeLookOutRight eyeLookUpLeft eyeLookUpRight
    eyeSquintLeft eyeSquintRight eyeWideLeft eyeWideRight jawForward jawLeft jawOpen jawRight
    mouthClose mouthDimpleLeft mouthDimpleRight mouthFrownLeft mouthFrownRight mouthFunnel mouthLeft
    mouthLowerDownLeft mouthLowerDownRight mouthPressLeft mouthPressRight mouthPucker mouthRight
    mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper mouthSmileLeft mouthSmileRight
    mouthStretchLeft mouthStretchRight mouthUpperUpLeft mouthUpperUpRight noseSneerLeft
    noseSneerRight tongueOut"""
_MORPHS = (*(f"viseme_{name}" for name in _VISEMES.split()), *_ARKIT.split())
_MIDDLE = "Hips Spine Spine1 Spine2 Neck Head"
_SIDED = """Shoulder Arm ForeArm Hand HandThumb1 HandThumb2 HandThumb3 HandIndex1 HandIndex2
HandIndex3 HandMiddle1 HandMiddle2 HandMiddle3 HandRing1 HandRing2 HandRing3 HandPinky1 HandPinky2
HandPinky3 UpLeg Leg Foot ToeBase Eye"""
_BONES = (
    *_MIDDLE.split(),
    *(f"{side}{name}" for side in ("Left", "Right") for name in _SIDED.split()),
)
_FLOAT, _VEC3 = 5126, "VEC3"


def head_glb() -> bytes:
    """A binary glTF 2.0 file."""
    corners = struct.pack("<9f", 0, 0, 0, 0.1, 0, 0, 0, 0.1, 0)
    moved = struct.pack("<9f", *(0.01,) * 9)
    body = corners + moved
    bones = [
        {"name": name, "translation": [0, 1.6 if name.endswith("Eye") else 0.1, 0]}
        for name in _BONES
    ]
    accessor = {"componentType": _FLOAT, "count": 3, "type": _VEC3}
    document = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [
            {"name": "Armature", "children": list(range(1, len(bones) + 2))},
            {"name": "Face", "mesh": 0},
            *bones,
        ],
        "meshes": [
            {
                "name": "Face",
                "primitives": [
                    {"attributes": {"POSITION": 0}, "targets": [{"POSITION": 1}] * len(_MORPHS)}
                ],
                "weights": [0] * len(_MORPHS),
                "extras": {"targetNames": _MORPHS},
            }
        ],
        "accessors": [
            {**accessor, "bufferView": 0, "min": [0, 0, 0], "max": [0.1, 0.1, 0]},
            {**accessor, "bufferView": 1, "min": [0.01] * 3, "max": [0.01] * 3},
        ],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": 36},
            {"buffer": 0, "byteOffset": 36, "byteLength": 36},
        ],
        "buffers": [{"byteLength": len(body)}],
    }
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text
    chunks += struct.pack("<II", len(body), 0x004E4942) + body
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks
