"""Switch data for Moho and OpenToonz, with the mouth shapes of Preston Blair.

The format of Rhubarb Lip Sync's `DatExporter.cpp` (github.com/DanielSWolf/rhubarb-lip-sync, MIT):
`MohoSwitch1`, then the number of a frame, from 1, and the shape that begins there.
"""

from typing import Final

from lipwire_protocol.errors import ErrorCode, LipwireError

from .transcript import Transcript

__all__ = ["FPS", "moho_dat"]

FPS: Final = 24

_REST = "rest"


def moho_dat(transcript: Transcript, fps: int = FPS) -> str:
    """Of shapes that begin in the same frame the first is seen.

    Raises `LipwireError` (`bad_message`) for frame rates that lose shapes, or repeat them.
    """
    if not 24 <= fps <= 100:
        raise LipwireError(
            ErrorCode.BAD_MESSAGE, f"{fps} frames a second cannot be written: use 24 to 100"
        )
    lines = ["MohoSwitch1"]
    last = 0
    for cue in transcript.track("preston_blair").cues():
        frame = 1 + cue.start * fps // transcript.sample_rate
        if frame > last:
            lines.append(f"{frame} {cue.shape}")
            last = frame
    end = max(last + 1, 1 + transcript.count * fps // transcript.sample_rate)
    lines.append(f"{end} {_REST}")
    return "\n".join(lines) + "\n"
