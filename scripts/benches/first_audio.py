"""From text to the first samples, in one process, without a socket.

Every system speaks with the same voice (en_US-joe-medium) and runs in a process of its own. In
each round each of them is asked for the same three sentences: "short" (about 1 s of speech), "3s"
and "6s". The clock starts when the text is handed over, as characters, and stops when the first
samples are there; finding the phonemes is part of it. The rest of the sentence is spoken too,
before the next system's turn, so that nobody works in anybody's background.

- `lipwire`: its speech engine with one worker thread, until the first window. Another seed in each
  round, so that no cache helps.
- `piper-1`: Piper's own `synthesize`, its session limited to one thread. It gives a sentence whole.
- `piper`: the same with onnxruntime's own number of threads, one for each core.
- `streaming-vits`: chunks of its decoder, as it is shipped: with four threads, which on fewer cores
  are in each other's way.
- `streaming-vits-1`: the same told to use one thread, which suits it best on two cores.
- `sherpa-onnx`: whole sentences, one thread for each core.

A ratio is the median over the rounds of Lipwire's time / the peer's time in the same round: below
1, Lipwire is sooner. Noise that hits a whole round cancels out. The first round warms up and does
not count.
"""

from .bench import Bench, Figure, Outcome, Table
from .lab import Lab
from .rounds import Sample, interleave, ratio, spread_of
from .texts import CASES

__all__ = ["BENCH", "SYSTEMS"]

SYSTEMS = ("lipwire", "piper-1", "piper", "streaming-vits", "streaming-vits-1", "sherpa-onnx")

_RATIOS = {
    "ratio_piper_6s_one_thread": ("piper-1", "6s"),
    "ratio_piper_6s": ("piper", "6s"),
    "ratio_piper_3s": ("piper", "3s"),
    "ratio_piper_short": ("piper", "short"),
    "ratio_streaming_vits_6s": ("streaming-vits", "6s"),
    "ratio_streaming_vits_6s_one_thread": ("streaming-vits-1", "6s"),
    "ratio_sherpa_onnx_6s": ("sherpa-onnx", "6s"),
}
_MEDIANS = {f"first_ms_{case}": case for case in CASES}


def _figures() -> tuple[Figure, ...]:
    ratios = tuple(
        Figure(key, "x", f"Lipwire / {system}, sentence {case}; below 1 Lipwire is sooner")
        for key, (system, case) in _RATIOS.items()
    )
    medians = tuple(
        Figure(key, "ms", f"Lipwire alone, sentence {case}") for key, case in _MEDIANS.items()
    )
    return ratios + medians


def run(lab: Lab) -> Outcome:
    systems = [system for name in SYSTEMS if (system := lab.system(name)) is not None]
    samples = interleave(
        lab, systems, list(CASES), lambda case, number: {"text": CASES[case], "seed": number}
    )
    figures: dict[str, float | None] = {
        key: ratio(samples, "lipwire", system, case, "first_ms")
        for key, (system, case) in _RATIOS.items()
    }
    for key, case in _MEDIANS.items():
        found = spread_of(samples, "lipwire", case, "first_ms")
        figures[key] = found.median if found else None
    names = [system.name for system in systems]
    return Outcome(
        figures=figures,
        details={"systems": {name: _medians(samples, name) for name in names}},
        tables=(_table(samples, names),),
        samples=samples,
    )


def _medians(samples: list[Sample], name: str) -> dict[str, dict[str, float]]:
    medians = {}
    for case in CASES:
        if found := spread_of(samples, name, case, "first_ms"):
            medians[case] = {
                "first_ms": found.median,
                "first_ms_low": found.low,
                "first_ms_high": found.high,
            }
    return medians


def _table(samples: list[Sample], names: list[str]) -> Table:
    rows = []
    for name in names:
        cells = [name]
        for case in CASES:
            found = spread_of(samples, name, case, "first_ms")
            cells.append(
                f"{found.median:.0f}  ({found.low:.0f}..{found.high:.0f})" if found else "-"
            )
        rows.append(tuple(cells))
    return Table("first audio in ms: median (quartiles)", ("system", *CASES), tuple(rows))


BENCH = Bench(
    name="first-audio",
    summary="from text to the first samples, beside Piper, streaming-vits and sherpa-onnx",
    definition=__doc__ or "",
    figures=_figures(),
    rounds=15,
    quick_rounds=3,
    run=run,
)
