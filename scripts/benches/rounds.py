"""Systems take turns, so that whatever disturbs the machine disturbs all of them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .lab import Lab, System
from .stats import Spread, spread

__all__ = ["interleave", "ratio", "spread_of"]

Sample = dict[str, Any]


def interleave(
    lab: Lab,
    systems: Sequence[System],
    cases: Sequence[str],
    request: Callable[[str, int], Mapping[str, Any]],
) -> list[Sample]:
    """Asks A B C, A B C, ... with every case in every round.

    `request` makes a request out of a case and the number of the round. A first round, number 0,
    warms everything up and is thrown away; the samples are of rounds 1 to `lab.rounds`.
    """
    samples: list[Sample] = []
    total = (lab.rounds + 1) * len(cases) * len(systems)
    done = 0
    for number in range(lab.rounds + 1):
        lab.probe()
        for case in cases:
            asked = request(case, number)
            for system in systems:
                lab.progress(f"{system.name}, {case}" if number else "warming up", done, total)
                answer = system.ask(asked)
                done += 1
                if number:
                    samples.append({"round": number, "case": case, "system": system.name, **answer})
    return samples


def _values(samples: Sequence[Sample], system: str, case: str, key: str) -> dict[int, float]:
    return {
        sample["round"]: float(sample[key])
        for sample in samples
        if sample["system"] == system and sample["case"] == case
    }


def spread_of(samples: Sequence[Sample], system: str, case: str, key: str) -> Spread | None:
    values = _values(samples, system, case, key)
    return spread(list(values.values())) if values else None


def ratio(samples: Sequence[Sample], ours: str, theirs: str, case: str, key: str) -> float | None:
    """Median over the rounds of ours / theirs in the same round: noise that both saw cancels."""
    mine = _values(samples, ours, case, key)
    other = _values(samples, theirs, case, key)
    ratios = [mine[number] / other[number] for number in mine.keys() & other.keys()]
    return spread(ratios).median if ratios else None
