"""What is known about some spoken sentences from their sound alone, stored beside the benches.

`scripts/lips-reference` makes it. Durations of the voice's ids are stored too, so everything that
turns them into a mouth can be measured without the voice.
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["HOP", "PATH", "Closure", "Phone", "Reference", "Sentence", "load", "save"]

PATH: Final = Path(__file__).parents[1] / "data" / "lips_reference.json"

HOP: Final = 256
"""Samples of one step of the decoder, and of one value of the loudness."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A phoneme where the aligner hears it."""

    symbol: str
    phone: str
    """The same in ARPABET; two with a space between them where it is two sounds."""
    start: int
    """Samples from the start of the sentence; so are all times here."""
    end: int
    after_pause: bool
    """The first of a phrase. Where silence ends is not where a sound begins: such starts do not
    count."""


@dataclass(frozen=True, slots=True)
class Closure:
    """Lips that are closed, as far as that can be heard."""

    phone: str
    start: int
    end: int

    @property
    def middle(self) -> int:
        return (self.start + self.end) // 2


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    phonemes: str
    """One code point for each of the voice's symbols, without padding."""
    frames: tuple[int, ...]
    """Decoder steps of each id: BOS, PAD, then each phoneme and a PAD, EOS."""
    phones: tuple[Phone, ...]
    closures: tuple[Closure, ...]
    loudness: NDArray[np.uint8] = field(repr=False, compare=False)
    """Decibels above -96 dBFS, one for each hop."""

    @property
    def count(self) -> int:
        """Samples of the whole sentence."""
        return sum(self.frames) * HOP


@dataclass(frozen=True, slots=True)
class Reference:
    voice: str
    fingerprint: str
    """Of the voice: another model needs another reference."""
    seed: int
    sample_rate: int
    versions: Mapping[str, str]
    sentences: tuple[Sentence, ...]

    @property
    def audio_s(self) -> float:
        return sum(sentence.count for sentence in self.sentences) / self.sample_rate


def load(path: Path = PATH) -> Reference:
    raw = json.loads(path.read_text("utf-8"))
    sentences = tuple(map(_sentence, raw.pop("sentences")))
    return Reference(**raw, sentences=sentences)


def save(reference: Reference, path: Path = PATH) -> None:
    """One sentence on a line, so that a difference can be read."""
    head = json.dumps(
        {
            "voice": reference.voice,
            "fingerprint": reference.fingerprint,
            "seed": reference.seed,
            "sample_rate": reference.sample_rate,
            "versions": dict(reference.versions),
        },
        indent=1,
    )
    lines = ",\n".join(
        json.dumps(_raw(sentence), ensure_ascii=False, separators=(",", ":"))
        for sentence in reference.sentences
    )
    path.write_text(head.removesuffix("\n}") + f',\n "sentences": [\n{lines}\n]}}\n', "utf-8")


def _sentence(raw: Mapping[str, Any]) -> Sentence:
    return Sentence(
        text=raw["text"],
        phonemes=raw["phonemes"],
        frames=tuple(raw["frames"]),
        phones=tuple(
            Phone(symbol, phone, start, end, bool(after_pause))
            for symbol, phone, start, end, after_pause in raw["phones"]
        ),
        closures=tuple(Closure(*closure) for closure in raw["closures"]),
        loudness=np.frombuffer(b64decode(raw["loudness"]), np.uint8),
    )


def _raw(sentence: Sentence) -> dict[str, Any]:
    return {
        "text": sentence.text,
        "phonemes": sentence.phonemes,
        "frames": sentence.frames,
        "phones": [
            [one.symbol, one.phone, one.start, one.end, int(one.after_pause)]
            for one in sentence.phones
        ],
        "closures": [[one.phone, one.start, one.end] for one in sentence.closures],
        "loudness": b64encode(sentence.loudness.tobytes()).decode(),
    }
