"""How a worker times one utterance: until its first samples, until its last, and in CPU time."""

import time
from collections.abc import Iterable
from typing import Any

__all__ = ["Stopwatch", "timed"]


class Stopwatch:
    """Started when it is made; `samples` is told of each piece of sound."""

    def __init__(self) -> None:
        self._cpu = time.process_time_ns()
        self._begin = time.perf_counter_ns()
        self._first: int | None = None
        self._count = 0

    def samples(self, count: int) -> None:
        if self._first is None and count:
            self._first = time.perf_counter_ns()
        self._count += count

    def result(self, rate: int) -> dict[str, Any]:
        end = time.perf_counter_ns()
        cpu = time.process_time_ns() - self._cpu
        if self._first is None:
            raise RuntimeError("there was no sound")
        audio_s = self._count / rate
        return {
            "first_ms": (self._first - self._begin) / 1e6,
            "whole_ms": (end - self._begin) / 1e6,
            "audio_s": audio_s,
            "cpu_per_audio_s": cpu / 1e9 / audio_s,
        }


def timed(pieces: Iterable[int], rate: int) -> dict[str, Any]:
    """`pieces` gives the number of samples of each piece, when it is there."""
    watch = Stopwatch()
    for count in pieces:
        watch.samples(count)
    return watch.result(rate)
