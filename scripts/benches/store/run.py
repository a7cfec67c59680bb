"""The bench itself: what is asked for, and what is made of the answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..bench import Figure, Json, Outcome, Table
from ..lab import Lab, System
from ..rounds import Sample, interleave, ratio, spread_of
from ..stats import percentile

__all__ = ["CLAIMS", "FIGURES", "run"]

_OURS, _NAIVE = "lipwire", "naive"
_WRITES: Final = {"persist": 200, "persist_audio": 40, "insert": 50}
_READS: Final = {"query": 100, "utterances": 100, "sessions": 100}
"""How many of them a round has."""
CLAIMS: Final[Mapping[str, float]] = {"insert": 50.0, "query": 10.0}
"""Milliseconds that an older avatar-service claimed for these."""

_Found = dict[str, float | None]

FIGURES: Final = (
    Figure(
        "utterances_per_s", "/s", "made durable by the recorder; a core speaks about 2 a second"
    ),
    Figure("time_ratio_naive", "x", "Lipwire / naive, for the same utterances; below 1 is sooner"),
    Figure("cpu_ms_per_utterance", "ms", "client and PostgreSQL; speaking these 6 s takes 420"),
    Figure("postgres_cpu_ms_per_utterance", "ms", "of it, PostgreSQL's own"),
    Figure("cpu_ratio_naive", "x", "Lipwire / naive, CPU time of both sides; below 1 is less"),
    Figure("naive_utterances_per_s", "/s", "the naive way"),
    Figure("naive_cpu_ms_per_utterance", "ms", "the naive way"),
    Figure("audio_utterances_per_s", "/s", "the same with 265 kB of sound each, kept in files"),
    Figure("audio_time_ratio_naive", "x", "Lipwire / naive, which keeps sound in a column"),
    Figure("audio_cpu_ms_per_utterance", "ms", "client and PostgreSQL, sound included"),
    Figure("audio_cpu_ratio_naive", "x", "Lipwire / naive, sound included"),
    Figure("insert_p50_ms", "ms", "one utterance with 100 phonemes, commit included"),
    Figure("insert_p95_ms", "ms", "95 % of them; an older service claimed 50 for the phonemes"),
    Figure("insert_ratio_naive", "x", "Lipwire / naive, half of them; below 1 is sooner"),
    Figure("query_p50_ms", "ms", "one utterance with its words, by its id"),
    Figure("query_p95_ms", "ms", "95 % of them; an older service claimed 10"),
    Figure("get_utterances_p50_ms", "ms", "GET 50 utterances of a session, over a socket"),
    Figure("get_utterances_p95_ms", "ms", "95 % of them"),
    Figure("get_sessions_p50_ms", "ms", "GET 50 sessions, over a socket"),
    Figure("get_sessions_p95_ms", "ms", "95 % of them"),
    Figure("bytes_per_utterance", "B", "that the database grows by, indexes included, no sound"),
    Figure("not_stored", "", "utterances that are not found again with all they had; must be 0"),
    Figure("durable", "", "1 where every commit was on the disk before it counted"),
)


@dataclass(frozen=True, slots=True)
class _Way:
    """The same worker, asked to do it in one way."""

    name: str
    store: System

    def ask(self, request: Mapping[str, Any]) -> Json:
        return self.store.ask({**request, "how": self.name})


def run(lab: Lab) -> Outcome:
    store = lab.system("store")
    if store is None:
        return Outcome(figures=dict.fromkeys((figure.key for figure in FIGURES), None))
    ours, naive = _Way(_OURS, store), _Way(_NAIVE, store)
    writes = interleave(lab, (ours, naive), tuple(_WRITES), _asked(_WRITES))
    reads = interleave(lab, (ours,), tuple(_READS), _asked(_READS))
    found: _Found = {
        **_costs(writes, "persist", ""),
        **_costs(writes, "persist_audio", "audio_"),
        **_percentiles([*writes, *reads]),
        "insert_ratio_naive": ratio(writes, _OURS, _NAIVE, "insert", "median_ms"),
        "bytes_per_utterance": _grown(writes),
        "not_stored": sum(one["count"] - one["stored"] for one in writes),
        "durable": int(all(one["durable"] for one in writes)),
    }
    return Outcome(
        figures={figure.key: found[figure.key] for figure in FIGURES},
        details={"writes": _WRITES, "reads": _READS, "claimed_ms": dict(CLAIMS)},
        tables=(_claims(found),),
        samples=[*writes, *reads],
    )


def _asked(counts: Mapping[str, int]) -> Callable[[str, int], Json]:
    return lambda case, number: {"do": case, "count": counts[case]}


def _costs(writes: Sequence[Sample], case: str, prefix: str) -> _Found:
    # Where a system does not tell CPU times, there are none at all.
    timed = all(one["cpu_ms"] is not None for one in writes if one["case"] == case)

    def each(way: str, key: str) -> float | None:
        found = spread_of(writes, way, case, key)
        return None if found is None else found.median / _WRITES[case]

    def speed(way: str) -> float | None:
        seconds = each(way, "seconds")
        return 1 / seconds if seconds else None

    return {
        f"{prefix}utterances_per_s": speed(_OURS),
        f"{prefix}time_ratio_naive": ratio(writes, _OURS, _NAIVE, case, "seconds"),
        f"{prefix}cpu_ms_per_utterance": each(_OURS, "cpu_ms") if timed else None,
        f"{prefix}postgres_cpu_ms_per_utterance": (
            each(_OURS, "postgres_cpu_ms") if timed else None
        ),
        f"{prefix}cpu_ratio_naive": (
            ratio(writes, _OURS, _NAIVE, case, "cpu_ms") if timed else None
        ),
        f"{prefix}naive_utterances_per_s": speed(_NAIVE),
        f"{prefix}naive_cpu_ms_per_utterance": each(_NAIVE, "cpu_ms") if timed else None,
    }


def _percentiles(samples: Sequence[Sample]) -> _Found:
    """Over every single one of all rounds."""
    found: _Found = {}
    for case, name in (
        ("insert", "insert"),
        ("query", "query"),
        ("utterances", "get_utterances"),
        ("sessions", "get_sessions"),
    ):
        ours = [one for one in samples if (one["system"], one["case"]) == (_OURS, case)]
        times = [ms for one in ours for ms in one["ms"]]
        for percent in (50, 95):
            found[f"{name}_p{percent}_ms"] = percentile(times, percent)
    return found


def _grown(writes: Sequence[Sample]) -> float:
    ours = [one for one in writes if (one["system"], one["case"]) == (_OURS, "persist")]
    return float(sum(one["bytes"] for one in ours) / sum(one["count"] for one in ours))


def _claims(found: _Found) -> Table:
    def row(what: str, case: str) -> tuple[str, ...]:
        measured = (f"{found[f'{case}_p{percent}_ms']:.3g}" for percent in (50, 95))
        return (what, f"{CLAIMS[case]:.3g}", *measured)

    return Table(
        "milliseconds: what an older avatar-service claimed, and what is measured here",
        ("", "claimed", "half", "95 %"),
        (row("100 phonemes inserted", "insert"), row("a query", "query")),
    )
