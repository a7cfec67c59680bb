"""What a load test counts, and how it is told."""

import math
import random
from collections import Counter
from typing import Any, Final

__all__ = ["Sample", "Tally"]

_KEPT: Final = 20_000
_BLIND_S: Final = 0.07
"""Between two looks at the clock: a beat and what may be late about it."""
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
        self.most: float | None = None
        """Of all of them, kept or not."""
        self._moments: list[float] = []
        self._random = random.Random(0)

    def add(self, value: float, at: float = 0.0) -> None:
        """`at` is when it was measured, for those that are told over time."""
        self.count += 1
        self.most = value if self.most is None else max(self.most, value)
        if len(self.values) < _KEPT:
            self.values.append(value)
            self._moments.append(at)
        elif (place := self._random.randrange(self.count)) < _KEPT:
            self.values[place], self._moments[place] = value, at

    def quantile(self, share: float) -> float | None:
        """The least value that this share of them does not exceed. None where there is none."""
        return _quantile(sorted(self.values), share) if self.values else None

    def over_time(self, began: float, width: float) -> list[dict[str, float]]:
        """Each stretch of so many seconds in which there were any: of what was kept."""
        stretches: dict[int, list[float]] = {}
        for at, value in zip(self._moments, self.values, strict=True):
            stretches.setdefault(max(0, int((at - began) / width)), []).append(value)
        return [
            {
                "seconds": round(number * width, 3),
                "count": len(values),
                "p50": round(_quantile(sorted(values), 0.5), 1),
                "p95": round(_quantile(sorted(values), 0.95), 1),
            }
            for number, values in sorted(stretches.items())
        ]

    def told(self) -> dict[str, float | None]:
        return {
            "count": self.count,
            "p50": _rounded(self.quantile(0.5)),
            "p95": _rounded(self.quantile(0.95)),
            "p99": _rounded(self.quantile(0.99)),
            "max": _rounded(self.most),
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
        self.beat: float | None = None
        """When the load test was on time last, where it looks."""
        self.counts: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        """By code."""
        self.faults: Counter[str] = Counter()
        """What a server must never do, by what it is."""
        self.drift_samples = 0
        """The most by which the mouth shapes of a segment miss its sound."""

    def gap(self, due: float, now: float) -> None:
        """Sound that was due then is read now. If nothing was read since before it was due, it may
        have been there in time: the load test was held up, and cannot tell."""
        if self.beat is not None and now > self.beat + _BLIND_S and due >= self.beat:
            self.counts["unsure gaps"] += 1
        else:
            self.gap_ms.add((now - due) * 1000, now)

    def fault(self, what: str) -> None:
        self.faults[what] += 1

    @property
    def losses(self) -> Counter[str]:
        """Of connections, by reason."""
        named = ((name.partition("lost: ")[2], count) for name, count in self.counts.items())
        return Counter({reason: count for reason, count in named if reason})

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
            "unanswered": self.counts["unanswered"],
            "gaps": self.gap_ms.count,
            "unsure_gaps": self.counts["unsure gaps"],
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


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
