"""What a second of speech costs in CPU time, streamed, in one process and without a socket.

In each round, with the sentence "6s": Lipwire's engine speaks it with its real windows and one
worker thread, Piper's own `synthesize` speaks it in one call with one thread, and a float32
product of two 1024 x 1024 matrices tells what one core can do at most. CPU time is that of all
threads of the process (`time.process_time`) over the length of the speech.

`cpu_ratio_piper` is what streaming costs beside not streaming: windows need context that is
computed twice.

`floor_ratio` is what is lost beside pure arithmetic: CPU time per second of speech / (operations
per second of speech / operations per second of the matrix product). The operations are counted in
Piper's own graph while it speaks the sentence, from the shapes of every Conv, ConvTranspose,
MatMul and Gemm, one multiplication and addition being two operations; all else in the graph counts
as free. No implementation in float32 gets below 1.

Ratios are medians over the rounds. The first round warms up and does not count.
"""

from .bench import Bench, Figure, Outcome, Table
from .lab import Lab
from .rounds import interleave, ratio, spread_of
from .stats import spread
from .texts import CASES

__all__ = ["BENCH"]

_CASE = "6s"


def run(lab: Lab) -> Outcome:
    names = ("lipwire", "piper-1", "floor")
    systems = [system for name in names if (system := lab.system(name)) is not None]
    samples = interleave(
        lab, systems, [_CASE], lambda case, number: {"text": CASES[case], "seed": number}
    )
    medians = {
        name: spread_of(samples, name, _CASE, "cpu_per_audio_s")
        for name in ("lipwire", "piper-1")
        if any(system.name == name for system in systems)
    }
    floors = {
        sample["round"]: sample["gflop_per_audio_s"] / sample["peak_gflops"]
        for sample in samples
        if sample["system"] == "floor"
    }
    over = [
        sample["cpu_per_audio_s"] / floors[sample["round"]]
        for sample in samples
        if sample["system"] == "lipwire" and sample["round"] in floors
    ]
    ours = medians.get("lipwire")
    theirs = medians.get("piper-1")
    gflop = spread_of(samples, "floor", _CASE, "gflop_per_audio_s") if floors else None
    peak = spread_of(samples, "floor", _CASE, "peak_gflops") if floors else None
    return Outcome(
        figures={
            "cpu_ratio_piper": ratio(samples, "lipwire", "piper-1", _CASE, "cpu_per_audio_s"),
            "floor_ratio": spread(over).median if over else None,
            "cpu_per_audio_s": ours.median if ours else None,
            "piper_cpu_per_audio_s": theirs.median if theirs else None,
            "floor_cpu_per_audio_s": spread(list(floors.values())).median if floors else None,
            "gflop_per_audio_s": gflop.median if gflop else None,
            "peak_gflops": peak.median if peak else None,
        },
        tables=(
            Table(
                "CPU seconds per second of speech: median (quartiles)",
                ("system", "CPU s / s"),
                tuple(
                    (name, f"{found.median:.4f}  ({found.low:.4f}..{found.high:.4f})")
                    for name, found in medians.items()
                    if found
                ),
            ),
        ),
        samples=samples,
    )


BENCH = Bench(
    name="cpu",
    summary="CPU time for a second of streamed speech, beside Piper and beside pure arithmetic",
    definition=__doc__ or "",
    figures=(
        Figure("cpu_ratio_piper", "x", "streaming / Piper's whole-sentence call, both on one core"),
        Figure(
            "floor_ratio",
            "x",
            "over the arithmetic alone at a core's measured peak; 1 is the floor",
        ),
        Figure("cpu_per_audio_s", "s/s", "Lipwire, streamed; its inverse is speakers per core"),
        Figure("piper_cpu_per_audio_s", "s/s", "Piper, whole sentences, one thread"),
        Figure("floor_cpu_per_audio_s", "s/s", "what the arithmetic alone would cost on this core"),
        Figure("gflop_per_audio_s", "GFLOP/s", "counted in the voice's graph"),
        Figure("peak_gflops", "GFLOP/s", "float32 matrix product on one core"),
    ),
    rounds=15,
    quick_rounds=3,
    run=run,
)
