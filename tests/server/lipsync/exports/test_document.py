import json
from dataclasses import replace

import numpy as np

from lipwire_server.lipsync.exports.document import document_json
from lipwire_server.lipsync.exports.transcript import Weights
from tests.server.lipsync.exports.utterances import TEXT, transcript


def test_everything_is_in_it() -> None:
    weights = Weights(("aa", "ih"), 30, np.array([[1, 2], [3, 255]], np.uint8))
    whole = replace(transcript("a.wav"), weights={"vrm": weights})
    document = json.loads(document_json(whole))
    visemes = document.pop("visemes")
    assert visemes["azure"][1] == {"shape": "4", "start": 52, "count": 248, "weight": 255}
    assert {name: len(spans) for name, spans in visemes.items()} == dict.fromkeys(
        ("rhubarb", "preston_blair", "polly", "azure"), 8
    )
    assert document["phonemes"][-2] == {"symbol": "ˈaɪ", "start": 1300, "count": 400, "word": 2}
    del document["phonemes"]
    assert document == {
        "format": "lipwire",
        "version": 1,
        "text": TEXT,
        "sample_rate": 1000,
        "count": 2000,
        "sound_file": "a.wav",
        "sentences": [
            {"text": "Héy “you”!", "begin": 0, "end": 10, "start": 0, "count": 1200},
            {"text": "Bye.", "begin": 10, "end": 15, "start": 1200, "count": 800},
        ],
        "words": [
            {"text": "Héy", "begin": 0, "end": 3, "start": 52, "count": 248, "spoken": 1},
            {"text": "you", "begin": 5, "end": 8, "start": 300, "count": 300, "spoken": 1},
            {"text": "Bye", "begin": 11, "end": 14, "start": 1250, "count": 450, "spoken": 2},
        ],
        "weights": {"vrm": {"fps": 30, "shapes": ["aa", "ih"], "frames": [[1, 2], [3, 255]]}},
    }
