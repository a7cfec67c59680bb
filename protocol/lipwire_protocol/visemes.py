"""Mouth shapes by number. The numbers are wire numbers: they are never changed."""

from enum import IntEnum

__all__ = ["SETS", "Oculus"]


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
}  # fmt: skip
"""Names of every set that can be asked for, indexed by wire number."""
