"""Lipwire's mouth, out of durations that are known: no sound, and no model unless it has to speak.

`sentences` are phonemes with the decoder steps of each id: answered with what the mouth does, if
`tell` is set, and with how long that took. `texts` are spoken, to learn their durations today and
how long it takes to place their words. Without any of that: which symbols have a mouth.
"""

import time
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

from benches.lips.speaking import Speaker, in_time
from benches.workers.loop import Answer, serve, versions
from lipwire_protocol.timeline import HOP
from lipwire_server.lipsync.mouth import mouth
from lipwire_server.lipsync.table import viseme_table
from lipwire_server.speech.port import PhonemeSpan, VisemeSpan
from lipwire_server.speech.timing.alignment import Unit
from lipwire_server.speech.timing.symbols import is_spoken
from lipwire_server.speech.timing.words import place_words

__all__ = ["answer", "start"]

Json = dict[str, Any]


def answer(request: Json) -> Json:
    if "sentences" in request:
        return _mouths(request)
    if "texts" in request:
        return _durations(request["texts"], request["seed"])
    return _symbols()


def _mouths(request: Json) -> Json:
    rate, fps = request["sample_rate"], request["fps"]
    spent, audio_s = 0, 0.0
    mouths: list[Json] = []
    for sentence in request["sentences"]:
        phonemes, frames = sentence["phonemes"], tuple(sentence["frames"])
        count = sum(frames) * HOP
        at = np.arange(count * fps // rate + 1) * rate // fps
        begin = time.process_time_ns()
        spans = _spans(in_time(phonemes, frames))
        moving = mouth(spans, rate)
        events = moving.sets["oculus"]
        track = moving.weights("oculus", at)
        spent += time.process_time_ns() - begin
        audio_s += count / rate
        if request.get("tell"):
            mouths.append(_told(spans, events, track))
    return {"ms_per_audio_s": spent / 1e6 / audio_s, "mouths": mouths}


def _spans(units: list[Unit]) -> list[PhonemeSpan]:
    return [
        PhonemeSpan(unit.symbol, unit.start * HOP, (unit.end - unit.start) * HOP, unit.word)
        for unit in units
    ]


def _told(
    spans: list[PhonemeSpan], events: tuple[VisemeSpan, ...], track: NDArray[np.uint8]
) -> Json:
    return {
        "starts": [span.start for span in spans if span.word >= 0],
        "events": [(int(one.viseme), one.start, one.start + one.count) for one in events],
        "track": track.ravel().tolist(),
    }


@cache
def _speaker(seed: int) -> Speaker:
    return Speaker(seed)


def _durations(texts: list[str], seed: int) -> Json:
    speaker = _speaker(seed)
    spent, audio_s = 0, 0.0
    durations = []
    for text in texts:
        speech = speaker.speak(text, aloud=False)
        units = in_time(speech.phonemes, speech.frames)
        begin = time.process_time_ns()
        place_words(text, units, speaker.phonemizer.token_phonemes)
        spent += time.process_time_ns() - begin
        audio_s += speech.plan.count / speaker.sample_rate
        durations.append({"phonemes": speech.phonemes, "frames": speech.frames})
    return {"durations": durations, "words_ms_per_audio_s": spent / 1e6 / audio_s}


def _symbols() -> Json:
    """Of all symbols that Piper's voices may know: a mouth for each sound, none for the others."""
    without = [symbol for symbol in DEFAULT_PHONEME_ID_MAP if not _has_mouth(symbol)]
    return {"symbols": len(DEFAULT_PHONEME_ID_MAP), "without": without}


def _has_mouth(symbol: str) -> bool:
    """Between two vowels everything that takes time has a shape, and so has the symbol itself."""
    sounds = viseme_table().sounds
    units = [unit for unit in in_time(("ɑ", symbol, "ɑ"), (1,) * 9) if unit.word >= 0]
    return all(sounds(unit.symbol) for unit in units) and (
        not is_spoken(symbol) or bool(sounds(symbol))
    )


def start() -> tuple[Answer, Json]:
    return answer, {"threads": 1, "packages": versions("lipwire", "numpy")}


if __name__ == "__main__":
    serve(start)
