"""Mouth shapes by number. The numbers are wire numbers: they are never changed."""

from enum import IntEnum

__all__ = ["SETS", "WEIGHT_SETS", "Oculus"]


class Oculus(IntEnum):
    """The 15 Oculus visemes in the order of OpenXR's `XR_META_face_tracking_visemes`."""

    SIL = 0
    PP = 1
    FF = 2
    TH = 3
    DD = 4
    KK = 5
    CH = 6
    SS = 7
    NN = 8
    RR = 9
    AA = 10
    E = 11
    IH = 12
    OH = 13
    OU = 14


SETS: dict[str, tuple[str, ...]] = {
    "oculus": (
        "sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh", "ou",
    ),
    "azure": tuple(map(str, range(22))),
    "mpeg4": tuple(map(str, range(15))),
    "rhubarb": ("A", "B", "C", "D", "E", "F", "G", "H", "X"),
    "preston_blair": ("AI", "E", "O", "U", "etc", "L", "WQ", "MBP", "FV", "rest"),
    "polly": (
        "sil", "p", "t", "S", "T", "f", "k", "i", "r", "s", "u", "@", "a", "e", "E", "o", "O",
        "J", "B",
    ),
}  # fmt: skip
"""Names of every set of events that can be asked for, indexed by wire number."""

WEIGHT_SETS: dict[str, tuple[str, ...]] = {
    "oculus": SETS["oculus"],
    "arkit": (
        "eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft",
        "eyeSquintLeft", "eyeWideLeft", "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight",
        "eyeLookOutRight", "eyeLookUpRight", "eyeSquintRight", "eyeWideRight", "jawForward",
        "jawLeft", "jawRight", "jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthLeft",
        "mouthRight", "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight",
        "mouthDimpleLeft", "mouthDimpleRight", "mouthStretchLeft", "mouthStretchRight",
        "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper",
        "mouthPressLeft", "mouthPressRight", "mouthLowerDownLeft", "mouthLowerDownRight",
        "mouthUpperUpLeft", "mouthUpperUpRight", "browDownLeft", "browDownRight", "browInnerUp",
        "browOuterUpLeft", "browOuterUpRight", "cheekPuff", "cheekSquintLeft", "cheekSquintRight",
        "noseSneerLeft", "noseSneerRight", "tongueOut",
    ),
    "vrm": ("aa", "ih", "ou", "ee", "oh"),
    "live2d": ("ParamMouthOpenY", "ParamMouthForm"),
}  # fmt: skip
"""Names of every set that tracks of blend weights are made of, in the order of their bytes."""
