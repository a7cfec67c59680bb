"""How good a mouth is: what it did, held against what is heard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from lipwire_protocol.visemes import Oculus

from ..stats import percentile
from .arpabet import MOUTHS
from .reference import HOP, Phone, Sentence

__all__ = ["FPS", "Mouthing", "measure"]

FPS: Final = 30
"""Frames of the tracks: what a face asks for."""

_SEALED: Final = 0.8
"""Weight of PP from which lips touch."""
_EDGE_MS: Final = 20
"""An aligner does not know better where a pause ends."""
_LAGS_MS: Final = range(-200, 201, 5)
_QUIETEST_DB: Final = 40.0
"""Below the loudest moment of a sentence; what is quieter tells nothing about the jaw."""

_JAW: Final = np.array(
    # sil  PP   FF   TH   DD   kk   CH   SS   nn   RR   aa   E    ih   oh   ou
    [0.0, 0.0, 0.1, 0.2, 0.2, 0.3, 0.2, 0.1, 0.2, 0.3, 1.0, 0.7, 0.4, 0.8, 0.4]
)
"""How far the jaw is open in each Oculus shape."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Mouthing:
    """What a system makes of one sentence. Times are samples."""

    starts: tuple[int | None, ...]
    """Of each of the reference's phonemes, as far as the system has it."""
    events: tuple[tuple[int, int, int], ...]
    """Oculus viseme, start, end."""
    track: Floats
    """Oculus weights at `FPS` from the start of the sentence, 0..1, shape (frames, 15)."""

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """Out of a worker's answer; weights are 0..255 there."""
        return cls(
            tuple(raw["starts"]),
            tuple((viseme, start, end) for viseme, start, end in raw["events"]),
            np.array(raw["track"], np.float64).reshape(-1, len(Oculus)) / 255,
        )


def measure(
    sentences: Sequence[Sentence], mouths: Sequence[Mouthing], sample_rate: int
) -> dict[str, float | None]:
    """All figures of a system, in the order in which the bench tells them."""
    pairs = list(zip(sentences, mouths, strict=True))
    seals: dict[str, list[bool]] = {"P": [], "B": [], "M": []}
    for sentence, mouth in pairs:
        for closure in sentence.closures:
            there = _at(mouth.track, closure.middle / sample_rate)
            seals[closure.phone].append(bool(there[Oculus.PP] >= _SEALED))
    errors = [
        (start - phone.start) * 1000 / sample_rate
        for sentence, mouth in pairs
        for phone, start in zip(sentence.phones, mouth.starts, strict=True)
        if start is not None and not phone.after_pause
    ]
    sizes = [abs(error) for error in errors]
    return {
        "closure_seal": _share([seal for each in seals.values() for seal in each]),
        **{f"closure_seal_{phone.lower()}": _share(each) for phone, each in seals.items()},
        "false_silence": _false_silence(pairs, sample_rate),
        "false_silence_track": _false_silence_of_tracks(pairs, sample_rate),
        "start_error_ms_median": percentile(sizes, 50) if sizes else None,
        "start_error_ms_p95": percentile(sizes, 95) if sizes else None,
        "start_bias_ms": percentile(errors, 50) if errors else None,
        "jaw_energy_lag_ms": _jaw_lag_ms(pairs, sample_rate),
        "frame_accuracy": _frame_accuracy(pairs, sample_rate),
    }


def _at(track: Floats, seconds: float) -> Floats:
    """Weights between two frames, as a face that is drawn then interpolates them."""
    place = min(max(seconds * FPS, 0.0), len(track) - 1.0)
    below = int(place)
    above = min(below + 1, len(track) - 1)
    weights: Floats = track[below] + (track[above] - track[below]) * (place - below)
    return weights


def _share(found: Sequence[bool] | NDArray[np.bool_]) -> float | None:
    return float(np.mean(found)) if len(found) else None


def _phrases(sentence: Sentence) -> list[list[Phone]]:
    number = 0
    numbered = []
    for phone in sentence.phones:
        number += phone.after_pause
        numbered.append((number, phone))
    return [[phone for _, phone in each] for _, each in groupby(numbered, key=lambda one: one[0])]


def _insides(sentence: Sentence, sample_rate: int) -> list[tuple[int, int]]:
    """Between the first and the last phoneme of each phrase: there the mouth never rests."""
    edge = _EDGE_MS * sample_rate // 1000
    spans = [(phrase[0].end + edge, phrase[-1].start - edge) for phrase in _phrases(sentence)]
    return [(begin, end) for begin, end in spans if begin < end]


def _false_silence(pairs: Sequence[tuple[Sentence, Mouthing]], sample_rate: int) -> float | None:
    silent = spoken = 0
    for sentence, mouth in pairs:
        for begin, end in _insides(sentence, sample_rate):
            spoken += end - begin
            silent += sum(
                max(0, min(stop, end) - max(start, begin))
                for viseme, start, stop in mouth.events
                if viseme == Oculus.SIL
            )
    return silent / spoken if spoken else None


def _false_silence_of_tracks(
    pairs: Sequence[tuple[Sentence, Mouthing]], sample_rate: int
) -> float | None:
    silent: list[bool] = []
    for sentence, mouth in pairs:
        rests = mouth.track[:, Oculus.SIL] > mouth.track[:, Oculus.SIL + 1 :].sum(axis=1)
        at = np.arange(len(rests)) * sample_rate / FPS
        for begin, end in _insides(sentence, sample_rate):
            silent += rests[(at >= begin) & (at < end)].tolist()
    return _share(silent)


def _frame_accuracy(pairs: Sequence[tuple[Sentence, Mouthing]], sample_rate: int) -> float | None:
    right: list[bool] = []
    for sentence, mouth in pairs:
        strongest = mouth.track.argmax(axis=1)
        for phone in sentence.phones:
            allowed = frozenset[Oculus]().union(*(MOUTHS[part] for part in phone.phone.split()))
            frames = slice(*(-(-at * FPS // sample_rate) for at in (phone.start, phone.end)))
            right += [viseme in allowed for viseme in strongest[frames]]
    return _share(right)


def _jaw_lag_ms(pairs: Sequence[tuple[Sentence, Mouthing]], sample_rate: int) -> float | None:
    """Shifts the jaw against the loudness until they go together best; positive is a late jaw."""
    loud: list[Floats] = []
    jaws: list[Floats] = []
    for sentence, mouth in pairs:
        at = np.arange(0, sentence.count / sample_rate, 0.005)
        middles = (np.arange(len(sentence.loudness)) + 0.5) * HOP / sample_rate
        level = np.interp(at, middles, sentence.loudness)
        level = np.maximum(level - level.max() + _QUIETEST_DB, 0.0)
        inside = np.zeros(len(at), bool)
        for begin, end in _insides(sentence, sample_rate):
            inside |= (at >= begin / sample_rate) & (at < end / sample_rate)
        frames = np.arange(len(mouth.track)) / FPS
        jaw = mouth.track @ _JAW
        loud.append(level[inside])
        jaws.append(np.stack([np.interp(at[inside] + lag / 1000, frames, jaw) for lag in _LAGS_MS]))
    if not loud:
        return None
    level = np.concatenate(loud)
    together = [_correlation(jaw, level) for jaw in np.concatenate(jaws, axis=1)]
    return float(_LAGS_MS[int(np.argmax(together))]) if max(together) > 0 else None


def _correlation(one: Floats, other: Floats) -> float:
    one, other = one - one.mean(), other - other.mean()
    size = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / size if size else 0.0
