"""A lab without processes or clocks: systems that answer what a test wants them to."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from benches.lab import Server, System

__all__ = ["FakeLab", "FakeServer", "FakeSystem", "speaking"]

Json = dict[str, Any]


@dataclass(slots=True)
class FakeSystem:
    name: str
    answer: Callable[[Mapping[str, Any]], Json]
    order: list[str] = field(default_factory=list)

    def ask(self, request: Mapping[str, Any]) -> Json:
        self.order.append(self.name)
        return self.answer(request)


@dataclass(slots=True)
class FakeServer:
    url: str = "ws://nowhere"
    pid: int = 1
    used_s: float = 0.0
    settled: int = 0

    def cpu_s(self) -> float | None:
        self.used_s += 1.0
        return self.used_s

    def settle(self) -> None:
        self.settled += 1


@dataclass(slots=True, kw_only=True)
class FakeLab:
    answers: Mapping[str, Callable[[Mapping[str, Any]], Json]]
    """Systems that there are, by name; all others are missing."""
    servers: tuple[str, ...] = ("lipwire", "piper-http", "wyoming")
    rounds: int = 3
    seconds: float = 30.0
    cores: int = 2
    order: list[str] = field(default_factory=list)
    """Who was asked, one after another."""
    probes: int = 0
    opened: list[FakeServer] = field(default_factory=list)

    def system(self, name: str) -> System | None:
        if name not in self.answers:
            return None
        return FakeSystem(name, self.answers[name], self.order)

    @contextmanager
    def server(self, name: str) -> Iterator[Server | None]:
        if name not in self.servers:
            yield None
            return
        self.opened.append(FakeServer(name))
        yield self.opened[-1]

    def probe(self) -> None:
        self.probes += 1

    def progress(self, what: str, done: int = 0, total: int = 0) -> None:
        pass


def speaking(first_ms: float, cpu: float = 0.1) -> Callable[[Mapping[str, Any]], Json]:
    """A system that always takes as long."""
    return lambda request: {
        "first_ms": first_ms,
        "whole_ms": 2 * first_ms,
        "audio_s": 6.0,
        "cpu_per_audio_s": cpu,
    }
