"""openfacefx as its command line uses it: out of Piper's own alignment, or out of text and length.

Its tracks are keyframes at 60 fps, its default, between which it interpolates itself.
"""

import argparse
import json
import time
from typing import Any

import numpy as np
from openfacefx import generate_from_alignment, naive_segments
from openfacefx.edits import sample
from openfacefx.ipa import IPA_MAPPING, ipa_unknown_symbols
from openfacefx.mapping import Mapping
from openfacefx.timing import parse_piper_alignments, resolve_ends, to_segments
from openfacefx.visemes import VISEMES

from benches.workers.loop import Answer, serve, versions
from benches.workers.phones import same_phones

Json = dict[str, Any]


def start() -> tuple[Answer, Json]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--path", choices=("piper", "text"), required=True)
    by_piper = parser.parse_args().path == "piper"

    def answer(request: Json) -> Json:
        if "symbols" in request:
            symbols = request["symbols"]
            unknown = [symbol for symbol in symbols if ipa_unknown_symbols([symbol])]
            return {"symbols": len(symbols), "without": unknown if by_piper else None}
        return mouths(request, by_piper)

    return answer, {"packages": versions("openfacefx", "numpy")}


def mouths(request: Json, by_piper: bool) -> Json:
    rate, fps = request["sample_rate"], request["fps"]
    mapping = IPA_MAPPING if by_piper else None
    spent, audio_s = 0, 0.0
    told: list[Json] = []
    for sentence in request["sentences"]:
        seconds = sentence["count"] / rate
        at = np.arange(int(seconds * fps) + 1) / fps
        alignment = json.dumps({"alignments": sentence["alignment"]})
        begin = time.process_time_ns()
        if by_piper:
            segments = to_segments(resolve_ends(parse_piper_alignments(alignment, rate)))
        else:
            segments = naive_segments(sentence["text"], seconds)
        track = generate_from_alignment(segments, mapping=mapping)
        curves = {channel.name: sample(channel, at) for channel in track.channels}
        spent += time.process_time_ns() - begin
        audio_s += seconds
        if request.get("tell"):
            if by_piper:
                starts = [segments[place].start for place in sentence["places"]]
            else:
                same = same_phones([one.phoneme for one in segments], sentence["phones"])
                starts = [None if place is None else segments[place].start for place in same]
            told.append(
                {
                    "starts": [None if one is None else round(one * rate) for one in starts],
                    "events": events(segments, mapping or Mapping.default(), rate),
                    "track": [
                        round(255 * float(curves[name][frame])) if name in curves else 0
                        for frame in range(len(at))
                        for name in VISEMES
                    ],
                }
            )
    return {"ms_per_audio_s": spent / 1e6 / audio_s, "mouths": told}


def events(segments: list[Any], mapping: Any, rate: int) -> list[tuple[int, int, int]]:
    """The strongest shape of each of its segments."""
    shapes = []
    for segment in segments:
        row = mapping.row(segment.phoneme)
        shape = max(row, key=row.__getitem__, default=0)
        shapes.append((shape, round(segment.start * rate), round(segment.end * rate)))
    return shapes


if __name__ == "__main__":
    serve(start)
