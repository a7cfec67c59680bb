"""Mouth cues as Rhubarb Lip Sync writes them: TSV, JSON and XML.

Byte for byte the formats of its `TsvExporter.cpp`, `JsonExporter.cpp` and `XmlExporter.cpp`
(github.com/DanielSWolf/rhubarb-lip-sync, MIT): hundredths of a second, the shapes A to H and X.
"""

import json
from xml.sax.saxutils import escape

from lipwire_protocol.timeline import rescale

from .transcript import Cue, Transcript

__all__ = ["rhubarb_json", "rhubarb_tsv", "rhubarb_xml"]

_CLOSED = "X"
_IN_XML = dict.fromkeys(
    (*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF), "\ufffd"
)
"""What must not stand in an XML document, not even escaped."""


def rhubarb_tsv(transcript: Transcript) -> str:
    """A line with the start of each shape; the last line is the end."""
    lines = [f"{_seconds(cue.start)}\t{cue.shape}\n" for cue in _cues(transcript)]
    return "".join(lines) + f"{_seconds(_duration(transcript))}\t{_CLOSED}\n"


def rhubarb_json(transcript: Transcript) -> str:
    cues = ",\n".join(
        f'    {{ "start": {_seconds(cue.start)}, "end": {_seconds(cue.end)},'
        f' "value": "{cue.shape}" }}'
        for cue in _cues(transcript) or [Cue(_CLOSED, 0, 0)]
    )
    return (
        "{\n"
        '  "metadata": {\n'
        f'    "soundFile": {json.dumps(transcript.sound_file, ensure_ascii=False)},\n'
        f'    "duration": {_seconds(_duration(transcript))}\n'
        "  },\n"
        '  "mouthCues": [\n'
        f"{cues}\n"
        "  ]\n"
        "}\n"
    )


def rhubarb_xml(transcript: Transcript) -> str:
    cues = "\n".join(
        f'    <mouthCue start="{_seconds(cue.start)}" end="{_seconds(cue.end)}">'
        f"{cue.shape}</mouthCue>"
        for cue in _cues(transcript) or [Cue(_CLOSED, 0, 0)]
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        "<rhubarbResult>\n"
        "  <metadata>\n"
        f"    <soundFile>{escape(transcript.sound_file.translate(_IN_XML))}</soundFile>\n"
        f"    <duration>{_seconds(_duration(transcript))}</duration>\n"
        "  </metadata>\n"
        "  <mouthCues>\n"
        f"{cues}\n"
        "  </mouthCues>\n"
        "</rhubarbResult>\n"
    )


def _cues(transcript: Transcript) -> list[Cue]:
    """In hundredths of a second; what is not even one long is left out."""
    rate = transcript.sample_rate
    rounded = (
        Cue(cue.shape, rescale(cue.start, rate, 100), rescale(cue.end, rate, 100))
        for cue in transcript.track("rhubarb").cues()
    )
    return [cue for cue in rounded if cue.end > cue.start]


def _duration(transcript: Transcript) -> int:
    return rescale(transcript.count, transcript.sample_rate, 100)


def _seconds(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02}"
