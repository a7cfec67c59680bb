"""A load test as one object, for programs."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

from .crowd import Result
from .thresholds import Verdict

__all__ = ["document"]


def document(result: Result, verdicts: Sequence[Verdict]) -> Mapping[str, Any]:
    """All of it. Neither the token nor what was said is in it."""
    plan, tally = result.plan, result.tally
    return {
        "lipwire": version("lipwire"),
        "machine": {
            "cores": os.cpu_count(),
            "system": platform.platform(),
            "python": platform.python_version(),
        },
        "plan": {
            "url": plan.url,
            "sockets": plan.sockets,
            "ramp_s": plan.ramp_s,
            "duration_s": plan.duration_s,
            "mix": dict(plan.mix),
            "texts": len(plan.lines),
            "same": plan.is_same,
            "voice": plan.voice,
            "seed": plan.seed,
        },
        "seconds": result.seconds,
        "cpu_s": round(result.cpu_s, 2),
        "passed": not any(verdict.is_broken for verdict in verdicts),
        "thresholds": [
            {
                "threshold": str(verdict.threshold),
                "value": _rounded(verdict.value),
                "broken": verdict.is_broken,
            }
            for verdict in verdicts
        ],
        "figures": {name: _rounded(tally.figure(name)) for name in tally.names()},
        "measured": tally.told(),
        "moments": [asdict(moment) for moment in result.moments],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
