"""Two hundred times: speak, hear the first chunk, interrupt.

A real `lipwire serve` in a process of its own, one WebSocket from another process, and nothing
else on the server. Each text is a long one that was never said before, and the flow is `played`
with a lead of 30 s, so that the server is in the middle of its work when the `interrupt` comes.
A round is one cancel (200 of them, unless told otherwise).

- The time is from sending `interrupt` to receiving `interrupted`.
- Wasted work is the CPU time that the server uses from the `interrupt` until half a second after
  the answer, less what it uses in that time when it is idle. In windows: over the CPU time of a
  window, which is that of texts that are spoken to their end / the number of their chunks.
- Before and after all the cancels a few texts are spoken to their end. When a cancel left anything
  behind (work, a slot), their first audio is later afterwards, or they are refused.
"""

from typing import Any

from .bench import Bench, Figure, Outcome
from .lab import Lab
from .stats import percentile, spread
from .texts import endless

__all__ = ["BENCH"]

_SETTLE_S = 0.5
_IDLE_S = 2.0
_WHOLE = 5
_SPEECH_S = 8.0


def run(lab: Lab) -> Outcome:
    load = lab.system("load")
    with lab.server("lipwire") as server:
        if load is None or server is None:
            return Outcome(figures=dict.fromkeys((f.key for f in BENCH.figures), None))

        def texts(first: int, count: int) -> list[str]:
            return [" ".join(endless(seed, _SPEECH_S)) for seed in range(first, first + count)]

        server.settle()
        lab.probe()
        lab.progress(f"{lab.rounds} cancels")
        answer = load.ask(
            {
                "do": "cancel",
                "url": server.url,
                "pid": server.pid,
                "seed": 1,
                "settle_s": _SETTLE_S,
                "idle_s": _IDLE_S,
                "before": texts(0, _WHOLE + 1),
                "texts": texts(1_000, lab.rounds),
                "after": texts(1_000_000, _WHOLE),
            }
        )
        lab.probe()
    return _outcome(answer)


def _outcome(answer: dict[str, Any]) -> Outcome:
    cycles, before, after = (
        [one for one in answer[part] if "refused" not in one]
        for part in ("cycles", "before", "after")
    )
    asked = sum(len(answer[part]) for part in ("cycles", "before", "after"))
    times = [cycle["interrupted_ms"] for cycle in cycles]
    # The first one warms up.
    first_before = _median([one["first_ms"] for one in before[1:]])
    first_after = _median([one["first_ms"] for one in after])
    idle = answer["idle_cpu_s"]
    wasted = _mean([cycle["cpu_s"] for cycle in cycles])
    wasted = None if wasted is None or idle is None else wasted - idle * _SETTLE_S / _IDLE_S
    window = _window_s([*before[1:], *after], idle)
    return Outcome(
        figures={
            "interrupted_p50_ms": percentile(times, 50) if times else None,
            "interrupted_p95_ms": percentile(times, 95) if times else None,
            "wasted_cpu_ms_per_cancel": None if wasted is None else wasted * 1000,
            "wasted_windows_per_cancel": wasted / window if wasted is not None and window else None,
            "late_chunks": sum(cycle["late_chunks"] for cycle in cycles),
            "first_audio_before_ms": first_before,
            "first_audio_after_ms": first_after,
            "after_ratio": first_after / first_before if first_before and first_after else None,
            "refused": asked - len(cycles) - len(before) - len(after),
        },
        details={"cancels": len(cycles), "window_cpu_ms": window * 1000 if window else None},
        samples=[answer],
    )


def _median(values: list[float]) -> float | None:
    return spread(values).median if values else None


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _window_s(whole: list[dict[str, Any]], idle_cpu_s: float | None) -> float | None:
    """CPU time of a window, idling left out."""
    if not whole or idle_cpu_s is None or any(one["cpu_s"] is None for one in whole):
        return None
    idle_s = idle_cpu_s * _SETTLE_S / _IDLE_S
    chunks: int = sum(one["chunks"] for one in whole)
    return sum(float(one["cpu_s"]) - idle_s for one in whole) / chunks


BENCH = Bench(
    name="cancel",
    summary="200 times speak and interrupt: how fast it stops, what is wasted, what is left behind",
    definition=__doc__ or "",
    figures=(
        Figure(
            "interrupted_p50_ms", "ms", "from `interrupt` to `interrupted`, half of the cancels"
        ),
        Figure("interrupted_p95_ms", "ms", "the same, 95 % of the cancels"),
        Figure("wasted_cpu_ms_per_cancel", "ms", "CPU time of the server after an `interrupt`"),
        Figure(
            "wasted_windows_per_cancel",
            "",
            "the same in windows; 1 for each worker is the window that was being made",
        ),
        Figure(
            "late_chunks", "", "chunks that were on their way before `interrupted`, in all cancels"
        ),
        Figure("first_audio_before_ms", "ms", "of an utterance before all the cancels"),
        Figure("first_audio_after_ms", "ms", "of an utterance after them"),
        Figure("after_ratio", "x", "after / before; 1 means that nothing was left behind"),
        Figure("refused", "", "texts that were not taken, or failed; 0 is best"),
    ),
    rounds=200,
    quick_rounds=None,
    run=run,
)
