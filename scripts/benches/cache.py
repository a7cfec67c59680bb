"""Two hundred sockets ask for the same greeting at the same moment.

A real `lipwire serve` in a process of its own, real WebSockets from another process; flow is
`off`, so everybody gets everything as fast as it comes. All sockets are open before the first one
asks. A round:

1. the greeting with twenty different seeds, which are twenty syntheses: what one of them costs;
2. the greeting with a seed that the server has never heard of, from all sockets at once.

`syntheses` counts the answers of step 2 whose `segment_ended` does not say `cached`: one is the
work, all others wait for it. `syntheses_by_cpu` checks that claim from outside: the server's CPU
time in step 2, in units of an answer of step 1. It contains what 200 sockets cost, so that it is
a little above the number of syntheses. First-audio times are of step 2, from `speak` to the first
chunk, as the client saw it.
"""

from typing import Any

from .bench import Bench, Figure, Outcome
from .lab import Lab
from .stats import percentile, spread
from .texts import GREETING

__all__ = ["BENCH", "SOCKETS"]

SOCKETS = 200
_DIFFERENT = 20
_SEEDS = 100
"""A round has seeds of its own."""


def run(lab: Lab) -> Outcome:
    load = lab.system("load")
    with lab.server("lipwire") as server:
        if load is None or server is None:
            return Outcome(figures=dict.fromkeys((f.key for f in BENCH.figures), None))

        def ask(seeds: list[int]) -> dict[str, Any]:
            server.settle()
            lab.probe()
            return load.ask(
                {
                    "do": "ask_at_once",
                    "url": server.url,
                    "pid": server.pid,
                    "text": GREETING,
                    "seeds": seeds,
                }
            )

        ask([0])
        rounds = []
        for number in range(1, lab.rounds + 1):
            lab.progress(f"round {number}", number - 1, lab.rounds)
            own = number * _SEEDS
            rounds.append(
                {
                    "round": number,
                    "different": ask([own + 1 + one for one in range(_DIFFERENT)]),
                    "same": ask([own] * SOCKETS),
                }
            )
    return _outcome(rounds)


def _outcome(rounds: list[dict[str, Any]]) -> Outcome:
    heard = [one for each in rounds for one in each["same"]["heard"]]
    served = [one for one in heard if one["refused"] is None]
    firsts = [one["first_ms"] for one in served if one["first_ms"] is not None]
    made = [sum(not one["cached"] for one in each["same"]["heard"]) for each in rounds]
    hits = sum(one["cached"] for one in served)
    by_cpu = [found for each in rounds if (found := _syntheses_by_cpu(each)) is not None]
    return Outcome(
        figures={
            "syntheses": max(made) if made else None,
            "syntheses_by_cpu": spread(by_cpu).median if by_cpu else None,
            "hit_ratio": hits / len(served) if served else None,
            "first_audio_p50_ms": percentile(firsts, 50) if firsts else None,
            "first_audio_p95_ms": percentile(firsts, 95) if firsts else None,
            "refused": len(heard) - len(served),
        },
        details={"sockets": SOCKETS},
        samples=rounds,
    )


def _syntheses_by_cpu(each: dict[str, Any]) -> float | None:
    different, same = each["different"], each["same"]
    if not different["cpu_s"] or same["cpu_s"] is None:
        return None
    return float(same["cpu_s"] / (different["cpu_s"] / len(different["heard"])))


BENCH = Bench(
    name="cache",
    summary="200 sockets ask for the same greeting at once",
    definition=__doc__ or "",
    figures=(
        Figure(
            "syntheses", "", f"for {SOCKETS} equal requests at once, the worst round; 1 is best"
        ),
        Figure("syntheses_by_cpu", "", "the same, by the CPU time that the server used"),
        Figure("hit_ratio", "", f"answers marked `cached`; best is {SOCKETS - 1}/{SOCKETS}"),
        Figure("first_audio_p50_ms", "ms", "from `speak` to the first chunk, half of the sockets"),
        Figure("first_audio_p95_ms", "ms", "the same, 95 % of the sockets"),
        Figure("refused", "", "requests that were not taken; 0 is best"),
    ),
    rounds=5,
    quick_rounds=1,
    run=run,
)
