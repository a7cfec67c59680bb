"""What a bench is: figures with their meaning, and what running it gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from .lab import Lab

__all__ = ["Bench", "Figure", "Json", "Outcome", "Table"]

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a bench: a key of its JSON and a line of its table."""

    key: str
    unit: str
    meaning: str
    """How to read it: what is good, and what it is compared with."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table beside the figures, for example one line for each system."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a run gave."""

    figures: Mapping[str, float | int | None]
    """A value for each of the bench's figures; None where it could not be measured."""
    details: Json = field(default_factory=dict)
    """More of the same for the JSON: spreads, trials, settings."""
    tables: tuple[Table, ...] = ()
    samples: list[Json] = field(default_factory=list)
    """Every single measurement; in the JSON with `--raw`."""
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    name: str
    summary: str
    definition: str
    """What exactly is measured, printed by `--explain`."""
    figures: tuple[Figure, ...]
    rounds: int
    """Unless told otherwise with `--rounds`; what a round is, the definition says."""
    quick_rounds: int | None
    """When all quick benches run; None when this one is none of them."""
    run: Callable[[Lab], Outcome]
