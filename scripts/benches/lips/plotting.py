"""Draw what is heard and what the mouth does, on one axis of time: `scripts/plot-lips "text"`.

The default voice speaks. From top to bottom: the sound and its spectrum; words, phonemes and Oculus
visemes as they are sent; the weights of the track, a row for each viseme that is used. `sil` has no
row: it is what the others leave.
"""

import argparse
import sys
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lipwire_protocol import LipwireError
from lipwire_protocol.visemes import SETS

from ..lab import Missing
from .speaking import Speaker, Speaking
from .tools import tool

__all__ = ["main", "picture"]

_FPS = 200


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/plot-lips",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("text", help="a sentence; up to three seconds are easy to read")
    parser.add_argument("--out", type=Path, default=Path("lips.png"), help="lips.png")
    parser.add_argument("--seed", type=int, default=1, help="another one, another reading (1)")
    options = parser.parse_args(argv)
    try:
        request = picture(options.text, Speaker(options.seed), options.out)
        painter = tool("picture", lambda line: print(line, file=sys.stderr))  # noqa: T201
    except (LipwireError, Missing) as reason:
        sys.stderr.write(f"plot-lips: {reason}\n")
        return 1
    try:
        painter.ask(request)
    except RuntimeError as error:
        sys.stderr.write(f"plot-lips: {error}\n")
        return 1
    finally:
        painter.close()
    sys.stderr.write(f"{options.out}\n")
    return 0


def picture(text: str, speaker: Speaking, out: Path) -> dict[str, Any]:
    """All that is drawn; times are in seconds. Raises `LipwireError` for what cannot be said."""
    speech, rate = speaker.speak(text), speaker.sample_rate
    plan = speech.plan
    at = np.arange(0, plan.count, rate // _FPS)
    names = SETS["oculus"]

    def span(name: str, start: int, count: int) -> tuple[str, float, float]:
        return name, start / rate, (start + count) / rate

    return {
        "text": text,
        "out": str(out.resolve()),
        "sample_rate": rate,
        "samples": b64encode(speech.samples.astype("<f4").tobytes()).decode(),
        "words": [span(one.text, one.start, one.count) for one in plan.words],
        "phonemes": [
            span(one.symbol if one.word >= 0 else "", one.start, one.count) for one in plan.phonemes
        ],
        "events": [
            span(names[one.viseme], one.start, one.count) for one in plan.mouth.sets["oculus"]
        ],
        "visemes": names,
        "times": (at / rate).tolist(),
        "weights": plan.mouth.weights("oculus", at).tolist(),
    }


if __name__ == "__main__":
    sys.exit(main())
