"""What a load test counts, and how it is told."""

import random
from collections import Counter
from typing import Any, Final

__all__ = ["Sample", "Tally"]

_KEPT: Final = 100_000
_SHARES: Final = {"50": 0.5, "95": 0.95, "99": 0.99}
"""Which quantiles are figures."""

_WATCHED: Final = (
    "first_sound_p50_ms",
    "first_sound_p95_ms",
    "utterances",
    "gaps",
    "refused",
    "faults",
    "lost",
)


class Sample:
    """Values of one kind: of very many, so many as a fair choice, so that memory is bounded."""

    def __init__(self) -> None:
        self.values: list[float] = []
        self.count = 0
        self._random = random.Random(0)

    def add(self, value: float) -> None:
        self.count += 1
        if len(self.values) < _KEPT:
            self.values.append(value)
        elif (place := self._random.randrange(self.count)) < _KEPT:
            self.values[place] = value

    def quantile(self, share: float) -> float | None:
        """None where there is nothing."""
        if not self.values:
            return None
        ordered = sorted(self.values)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def told(self) -> dict[str, float | None]:
        return {
            "count": self.count,
            "p50": _rounded(self.quantile(0.5)),
            "p95": _rounded(self.quantile(0.95)),
            "p99": _rounded(self.quantile(0.99)),
            "max": _rounded(max(self.values, default=None)),
        }


class Tally:
    """Everything that one load test measures. Times are in milliseconds."""

    def __init__(self) -> None:
        self.connect_ms = Sample()
        """From the first packet to `ready`."""
        self.first_sound_ms = Sample()
        """From `speak` with a whole text to when a player would begin to be heard."""
        self.streamed_sound_ms = Sample()
        """The same, of texts that come in pieces: from the first piece on."""
        self.gap_ms = Sample()
        """How much later than it was due a chunk came, where the sound ran out."""
        self.lead_ms = Sample()
        """How much sound was there when another chunk came."""
        self.interrupt_ms = Sample()
        """From `interrupt` to its answer."""
        self.resume_ms = Sample()
        """From the loss of a connection to the sample at which the stream goes on."""
        self.chunk_late_ms = Sample()
        """How much later than its neighbours of the same broadcast a listener has a chunk."""
        self.own_delay_ms = Sample()
        """How late the load test itself is: above some 20 ms its other figures are too high."""
        self.counts: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        """By code."""
        self.faults: Counter[str] = Counter()
        """What a server must never do, by what it is."""
        self.drift_samples = 0
        """The most by which the mouth shapes of a segment miss its sound."""

    def fault(self, what: str) -> None:
        self.faults[what] += 1

    def told(self) -> dict[str, Any]:
        """All of it, for JSON."""
        return {
            **{f"{stem}_ms": sample.told() for stem, sample in self._samples().items()},
            "counts": dict(sorted(self.counts.items())),
            "refused": dict(sorted(self.refused.items())),
            "faults": dict(sorted(self.faults.items())),
            "drift_samples": self.drift_samples,
        }

    def names(self) -> list[str]:
        """Of every figure."""
        timed = [f"{stem}_p{share}_ms" for stem in self._samples() for share in _SHARES]
        return [*self._plain(), *timed]

    def figure(self, name: str) -> float | None:
        """One figure by its name, as `first_sound_p95_ms`, `gaps`, `faults` or `resume_success`.

        None where nothing of the kind was measured. Raises KeyError for a name that is none.
        """
        plain = self._plain()
        if name in plain:
            return plain[name]
        if name not in self.names():
            raise KeyError(name)
        stem, _, share = name.removesuffix("_ms").rpartition("_p")
        return self._samples()[stem].quantile(_SHARES[share])

    def glance(self) -> dict[str, float | None]:
        """The figures that are worth watching."""
        return {name: self.figure(name) for name in _WATCHED}

    def _plain(self) -> dict[str, float | None]:
        return {
            "opened": self.counts["opened"],
            "utterances": self.counts["utterances"],
            "gaps": self.gap_ms.count,
            "faults": self.faults.total(),
            "refused": self.refused.total(),
            "lost": self.counts["lost"],
            "drift_samples": self.drift_samples,
            "resume_success": self._resumed(),
        }

    def _samples(self) -> dict[str, Sample]:
        return {
            name.removesuffix("_ms"): value
            for name, value in vars(self).items()
            if isinstance(value, Sample)
        }

    def _resumed(self) -> float | None:
        drops = self.counts["drops"]
        return self.counts["resumed"] / drops if drops else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
