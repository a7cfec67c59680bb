"""Everything that is known of an utterance, as one JSON document.

    {
      "format": "lipwire", "version": 1,
      "text": the text that was sent,
      "sample_rate": of all positions, "count": samples in all, "sound_file": or "",
      "sentences": [{"text", "begin", "end", "start", "count"}],
      "words": [{"text", "begin", "end", "start", "count", "spoken"}],
      "phonemes": [{"symbol", "start", "count", "word"}],
      "visemes": {set: [{"shape", "start", "count", "weight"}]},
      "weights": {set: {"fps", "shapes": [name], "frames": [[weight]]}}
    }

`start` and `count` are samples, `begin` and `end` code points of `text`. `word` is an index into
`words`, -1 in a pause; `spoken` is how many words are heard of it. `weight` is 0..255.
"""

import json
from dataclasses import asdict

from .transcript import Transcript

__all__ = ["document_json"]


def document_json(transcript: Transcript) -> str:
    document = {
        "format": "lipwire",
        "version": 1,
        "text": transcript.text,
        "sample_rate": transcript.sample_rate,
        "count": transcript.count,
        "sound_file": transcript.sound_file,
        "sentences": [asdict(sentence) for sentence in transcript.sentences],
        "words": [asdict(word) for word in transcript.words],
        "phonemes": [asdict(phoneme) for phoneme in transcript.phonemes],
        "visemes": {
            name: [
                {
                    "shape": track.names[span.viseme],
                    "start": span.start,
                    "count": span.count,
                    "weight": span.weight,
                }
                for span in track.spans
            ]
            for name, track in transcript.visemes.items()
        },
        "weights": {
            name: {
                "fps": weights.fps,
                "shapes": list(weights.names),
                "frames": weights.values.tolist(),
            }
            for name, weights in transcript.weights.items()
        },
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"
