"""A load test as one object, for programs."""

import math
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from typing import Any, Final

from .crowd import Result
from .doubts import doubts
from .thresholds import Verdict

__all__ = ["document"]

_FORMAT: Final = 1
"""Grows when a name goes or means something else; new names may come at any time."""
_STRETCHES: Final = 60
"""Into which the time is divided, at most."""


def document(result: Result, verdicts: Sequence[Verdict], began: datetime) -> Mapping[str, Any]:
    """All of it. Neither the token nor what was said is in it."""
    plan, tally = result.plan, result.tally
    width = max(1, math.ceil(result.seconds / _STRETCHES))
    return {
        "format": _FORMAT,
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
            "ramp_down_s": plan.ramp_down_s,
            "duration_s": plan.duration_s,
            "mix": dict(plan.mix),
            "people": dict(plan.people),
            "texts": len(plan.lines),
            "same": plan.is_same,
            "voice": plan.voice,
            "seed": plan.seed,
        },
        "began": began.isoformat(timespec="seconds"),
        "seconds": result.seconds,
        "stopped": result.is_stopped,
        "cpu_s": round(result.cpu_s, 2),
        "passed": not any(verdict.is_broken for verdict in verdicts),
        "doubts": doubts(result),
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
        "over_time": {
            "first_sound_ms": tally.first_sound_ms.over_time(result.began, width),
            "streamed_sound_ms": tally.streamed_sound_ms.over_time(result.began, width),
        },
        "moments": [asdict(moment) for moment in result.moments],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
