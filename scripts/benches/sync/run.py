"""The bench itself: has pages speak, in turn, and works out how far their mouths are off."""

from dataclasses import asdict, dataclass
from typing import Any, Final

from ..bench import Figure, Json, Outcome, Table
from ..lab import Lab, System
from ..stats import percentile
from .network import CLEAN, Network

__all__ = ["CASES", "FIGURES", "TEXT", "run"]

TEXT: Final = (
    "Papa may buy a big map of the moon. Nobody knows why the old boat left the harbour before"
    " five. We pay for what we promise, and maybe Bob will move the bowl back home."
)
_LEAD_MS: Final = 3_000


@dataclass(frozen=True, slots=True)
class Case:
    meaning: str
    network: Network = CLEAN
    lead_ms: int = _LEAD_MS
    block_ms: int = 0
    after_break: bool = False
    """Only what is heard after the sound broke off counts."""


CASES: Final = {
    "quiet": Case("nothing in the way"),
    "jitter": Case("the network up to 120 ms late", Network(jitter_ms=120)),
    "blocked": Case("the page busy for 250 ms each second", block_ms=250),
    "underrun": Case(
        "after the sound broke off",
        Network(hold_after_s=2, hold_ms=1_500),
        lead_ms=700,
        after_break=True,
    ),
}
_PERCENTS: Final = (5, 50, 95)
_PEER: Final = "talkinghead"

FIGURES: Final = (
    Figure("p05_ms", "ms", "quiet: 5 % of the pictures are earlier; from -12 to 12 is the target"),
    Figure("p50_ms", "ms", "quiet: half of them; 0 is best, negative is early"),
    Figure("p95_ms", "ms", "quiet: 5 % are later"),
    *(
        Figure(f"{name}_p{percent:02}_ms", "ms", f"the same, {case.meaning}")
        for name, case in CASES.items()
        if name != "quiet"
        for percent in _PERCENTS
    ),
    Figure("lost_share", "", "pictures that suit nothing that is heard, all cases; must be 0"),
    *(
        Figure(f"{_PEER}_{name}_p{percent:02}_ms", "ms", f"TalkingHead, {case.meaning}")
        for name, case in CASES.items()
        for percent in _PERCENTS
    ),
    Figure(f"{_PEER}_lost_share", "", "TalkingHead: pictures that suit nothing that is heard"),
)


def run(lab: Lab) -> Outcome:
    systems = [one for name in ("sync", _PEER) if (one := lab.system(name)) is not None]
    samples: list[Json] = []
    if systems:
        with lab.server("lipwire") as server:
            if server is not None:
                samples = _takes(lab, systems, server.url)
    for system in systems:
        system.ask({"do": "end"})
    return Outcome(
        figures={figure.key: None for figure in FIGURES}
        | _figures(samples, "sync", "")
        | _figures(samples, _PEER, f"{_PEER}_"),
        details={"breaks": _breaks(samples), "text": TEXT},
        tables=(_table(samples, [system.name for system in systems]),),
        samples=samples,
    )


def _takes(lab: Lab, systems: list[System], url: str) -> list[Json]:
    samples: list[Json] = []
    total = lab.rounds * len(CASES) * len(systems)
    for number in range(1, lab.rounds + 1):
        for name, case in CASES.items():
            for system in systems:
                lab.probe()
                lab.progress(f"{system.name}, {name}", len(samples), total)
                answer = system.ask(_request(url, case))
                samples.append({"round": number, "case": name, "system": system.name, **answer})
    return samples


def _request(url: str, case: Case) -> Json:
    return {
        "do": "take",
        "url": url,
        "text": TEXT,
        "network": asdict(case.network),
        "lead_ms": case.lead_ms,
        "block_ms": case.block_ms,
    }


def _skews(samples: list[Json], system: str, case: str) -> list[float]:
    """Of all rounds; where it is about a break, of rounds that had one and after the last of it."""
    found: list[float] = []
    for sample in samples:
        if (sample["system"], sample["case"]) != (system, case):
            continue
        begin = 0.0
        if CASES[case].after_break:
            begin = max(sample["breaks_ms"], default=float("inf"))
        pairs = zip(sample["heard_ms"], sample["skews_ms"], strict=True)
        found += [skew for heard, skew in pairs if heard >= begin]
    return found


def _figures(samples: list[Json], system: str, prefix: str) -> dict[str, float | None]:
    figures: dict[str, float | None] = {}
    for name in CASES:
        skews = _skews(samples, system, name)
        case = "" if name == "quiet" and not prefix else f"{name}_"
        for percent in _PERCENTS:
            key = f"{prefix}{case}p{percent:02}_ms"
            figures[key] = percentile(skews, percent) if skews else None
    mine = [sample for sample in samples if sample["system"] == system]
    looked_at = sum(sample["looked_at"] for sample in mine)
    lost = sum(sample["lost"] for sample in mine)
    figures[f"{prefix}lost_share"] = lost / looked_at if looked_at else None
    return figures


def _breaks(samples: list[Json]) -> dict[str, dict[str, int]]:
    """How often the sound broke off."""
    found: dict[str, dict[str, int]] = {}
    for sample in samples:
        cases = found.setdefault(sample["system"], {})
        cases[sample["case"]] = cases.get(sample["case"], 0) + len(sample["breaks_ms"])
    return found


def _table(samples: list[Json], systems: list[str]) -> Table:
    def cell(system: str, case: str) -> str:
        skews = _skews(samples, system, case)
        shown = [f"{percentile(skews, percent):.0f}" for percent in _PERCENTS if skews]
        return " / ".join(shown) or "-"

    names: dict[str, Any] = {"sync": "lipwire"}
    rows = tuple(
        (names.get(system, system), *(cell(system, case) for case in CASES)) for system in systems
    )
    return Table(
        "mouth behind sound in ms: 5 % / half / 95 % of the pictures (negative is early)",
        ("system", *CASES),
        rows,
    )
