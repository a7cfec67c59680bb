"""What a load test counts, and how it is told."""

import random
from collections import Counter
from typing import Any, Final

__all__ = ["Sample", "Tally"]

_KEPT: Final = 100_000


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
        """From `speak` to when a player would begin to be heard."""
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
            "connect_ms": self.connect_ms.told(),
            "first_sound_ms": self.first_sound_ms.told(),
            "gap_ms": self.gap_ms.told(),
            "lead_ms": self.lead_ms.told(),
            "interrupt_ms": self.interrupt_ms.told(),
            "resume_ms": self.resume_ms.told(),
            "chunk_late_ms": self.chunk_late_ms.told(),
            "counts": dict(sorted(self.counts.items())),
            "refused": dict(sorted(self.refused.items())),
            "faults": dict(sorted(self.faults.items())),
            "drift_samples": self.drift_samples,
        }

    def figure(self, name: str) -> float | None:
        """One figure by its name, as `first_sound_p95_ms`, `gaps`, `faults` or `resume_success`.

        None where nothing of the kind was measured. Raises KeyError for a name that is none.
        """
        plain: dict[str, float | None] = {
            "gaps": self.gap_ms.count,
            "faults": self.faults.total(),
            "refused": self.refused.total(),
            "lost": self.counts["lost"],
            "drift_samples": self.drift_samples,
            "utterances": self.counts["utterances"],
            "resume_success": self._resumed(),
        }
        if name in plain:
            return plain[name]
        stem, _, rest = name.rpartition("_p")
        sample = getattr(self, f"{stem}_ms", None)
        share = {"50_ms": 0.5, "95_ms": 0.95, "99_ms": 0.99}.get(rest)
        if not isinstance(sample, Sample) or share is None:
            raise KeyError(name)
        return sample.quantile(share)

    def _resumed(self) -> float | None:
        drops = self.counts["drops"]
        return self.counts["resumed"] / drops if drops else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
