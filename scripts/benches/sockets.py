"""Thousands of sockets on one server: what they cost, and whether anybody has to wait for it.

A real `lipwire serve` in a process of its own with its PostgreSQL, and a crowd of lean sockets in
another process. The voice's own rate, 16 bit, no frames, flow `paced` with its lead of 3 s: what a
client gets that asks for nothing. A round is each of these, one after another, with a server of its
own, since memory that was used and freed before would be used again and count for nothing; the
figures are the medians of the rounds (counts of what must not happen are sums).

- `idle`: 5,000 sessions are opened, and nothing is said. Memory is what the server's process has of
  its own (`RssAnon`), less what it had before, when 50 others had come and gone. The CPU time of
  opening them is that until all have their `ready`.
- `broadcast`: one session is spoken, 1,000 watch it live. A chunk's lateness is how much later a
  watcher has it than the first one who has it.
- `chorus`: 1,000 sessions speak the same, which was spoken before, and begin within 5 s. A chunk's
  lateness is against the schedule on which 8 sockets had it when nobody else was there, the most
  punctual chunk of a socket being in time.
- `speakers`: of 1,000 sessions, 50 begin to speak at once, each a text of about 12 s that nobody
  has said before. Those for whom there is no room are refused.

Every listener has a player with a perfect clock that waits 60 ms when its sound comes, or comes
again: each time that it runs dry is an underrun. Each message is also held to the protocol: a fault
is sound before its timing, a gap in `seq` or the like; lost is who was disconnected. CPU time is
that of the server's process over the time in which all listen, threads and synthesis included, and
that of the crowd's beside it. The crowd notes when data came before it reads any of it.

`starved` is the share of time in which the server's event loop was ready to work and another
process had its core, in `broadcast` and `chorus`: with more than 0.05, somebody else worked on this
machine, and lateness is his, too.
"""

from collections.abc import Callable
from typing import Any

from .bench import Bench, Figure, Json, Outcome
from .lab import Lab
from .stats import percentile
from .texts import endless

__all__ = ["BENCH", "CROWD", "IDLE", "SPEAKING"]

IDLE = 5_000
CROWD = 1_000
SPEAKING = 50
_OVER_S = 5.0
_LEAD_S = 3.0
_SPEECH_S = 8.0
"""By the cautious measure of `texts`: about 12 s."""
_STARVED = 0.05
_CASES = ("idle", "broadcast", "chorus", "mixed")


def run(lab: Lab) -> Outcome:
    crowd = lab.system("sockets")
    rounds: list[Json] = []
    for number in range(lab.rounds):
        one: Json = {"round": number + 1}
        with lab.server("lipwire") as server:
            if crowd is None or server is None:
                return Outcome(figures=dict.fromkeys((f.key for f in BENCH.figures), None))
            for place, case in enumerate(_CASES):
                lab.progress(case, number * len(_CASES) + place, lab.rounds * len(_CASES))
                server.settle()
                lab.probe()
                asked = _request(case, number, lab.seconds)
                one[case] = crowd.ask({"url": server.url, "pid": server.pid, "do": case, **asked})
        rounds.append(one)
    return _outcome(rounds)


def _request(case: str, number: int, seconds: float) -> Json:
    heard_s = seconds + _OVER_S + _LEAD_S
    match case:
        case "idle":
            return {"sockets": IDLE, "seconds": min(seconds, 10.0)}
        case "broadcast":
            text = " ".join(endless(2 * number, heard_s))
            return {"sockets": CROWD, "seconds": seconds, "text": text}
        case "chorus":
            text = " ".join(endless(2 * number + 1, heard_s))
            return {"sockets": CROWD, "seconds": seconds, "text": text, "over_s": _OVER_S}
        case _:
            first = 1_000 * (number + 1)
            seeds = range(first, first + SPEAKING)
            texts = [" ".join(endless(seed, _SPEECH_S)) for seed in seeds]
            return {"sockets": CROWD, "seconds": seconds, "texts": texts}


def _outcome(rounds: list[Json]) -> Outcome:
    def median(of: Callable[[Json], float | None]) -> float | None:
        known = [value for one in rounds if (value := of(one)) is not None]
        return percentile(known, 50) if known else None

    def total(case: str, key: str) -> int:
        return sum(int(one[case][key]) for one in rounds)

    figures: dict[str, float | int | None] = {
        "idle_kib_per_socket": median(lambda one: _share(one["idle"]["grown_kib"], IDLE)),
        "opening_cpu_ms": median(lambda one: _share(one["idle"]["opening_cpu_s"], IDLE / 1000)),
        "idle_cpu_fraction": median(lambda one: _cores(one["idle"], "server_cpu_s")),
    }
    for case in ("broadcast", "chorus"):
        figures |= _listening(case, median, total)
    firsts = [ms for one in rounds for ms in one["mixed"]["first_ms"]]
    refused = total("mixed", "refused")
    figures |= {
        "speakers_first_p50_ms": percentile(firsts, 50) if firsts else None,
        "speakers_first_p95_ms": percentile(firsts, 95) if firsts else None,
        "speakers_underruns": total("mixed", "underruns"),
        "speakers_refused": median(lambda one: one["mixed"]["refused"]),
        "speakers_refused_without_time": refused
        - sum(len(one["mixed"]["retry_after_ms"]) for one in rounds),
        "faults": sum(sum(one[case]["faults"].values()) for one in rounds for case in _CASES),
        "lost": sum(total(case, "lost") for case in _CASES),
        "starved": median(
            lambda one: max(
                _cores(one[case], "server_waited_s") or 0.0 for case in ("broadcast", "chorus")
            )
        ),
    }
    faults = {text for one in rounds for case in _CASES for text in one[case]["faults"]}
    outcome = Outcome(
        figures=figures,
        details={"idle": IDLE, "crowd": CROWD, "speaking": SPEAKING, "faults": sorted(faults)},
        samples=rounds,
    )
    starved = figures["starved"]
    if starved is not None and starved > _STARVED:
        outcome.warnings.append(
            f"for {starved:.0%} of the time the server was ready to work, and another process had"
            " its core: lateness and underruns are not the server's alone"
        )
    return outcome


def _listening(
    case: str,
    median: Callable[[Callable[[Json], float | None]], float | None],
    total: Callable[[str, str], int],
) -> dict[str, float | int | None]:
    return {
        f"{case}_underruns": total(case, "underruns"),
        f"{case}_cpu_fraction": median(lambda one: _cores(one[case], "server_cpu_s")),
        f"{case}_crowd_cpu_fraction": median(lambda one: _cores(one[case], "tester_cpu_s")),
        f"{case}_chunk_p50_ms": median(lambda one: one[case]["late_ms"]["p50"]),
        f"{case}_chunk_p99_ms": median(lambda one: one[case]["late_ms"]["p99"]),
    }


def _cores(answer: dict[str, Any], key: str) -> float | None:
    return _share(answer[key], answer["wall_s"])


def _share(value: float | None, of: float) -> float | None:
    return None if value is None else value / of


def _figures_of(case: str, who: str, late: str) -> tuple[Figure, ...]:
    return (
        Figure(f"{case}_underruns", "", f"{who}: players that ran dry; must be 0"),
        Figure(f"{case}_cpu_fraction", "", "the server, of one core; at most 0.5"),
        Figure(f"{case}_crowd_cpu_fraction", "", "the crowd beside it, of one core"),
        Figure(f"{case}_chunk_p50_ms", "ms", f"half of the chunks, later than {late}"),
        Figure(f"{case}_chunk_p99_ms", "ms", "99 % of them; 25 is the target"),
    )


BENCH = Bench(
    name="sockets",
    summary="5,000 idle sockets, 1,000 who hear the same, 50 who speak among 1,000",
    definition=__doc__ or "",
    figures=(
        Figure("idle_kib_per_socket", "KiB", "memory of a session that does nothing; at most 40"),
        Figure("opening_cpu_ms", "ms", "CPU time of the server from the handshake to `ready`"),
        Figure("idle_cpu_fraction", "", f"{IDLE} sockets that do nothing, of one core"),
        *_figures_of("broadcast", f"{CROWD} watch one session", "the first watcher's"),
        *_figures_of("chorus", f"{CROWD} sessions speak the same", "on a server without others"),
        Figure(
            "speakers_first_p50_ms", "ms", f"{SPEAKING} speak at once: first sound, who had room"
        ),
        Figure("speakers_first_p95_ms", "ms", "the same, 95 % of them"),
        Figure("speakers_underruns", "", "the same: players that ran dry; must be 0"),
        Figure("speakers_refused", "", f"of {SPEAKING}, told to come back instead"),
        Figure("speakers_refused_without_time", "", "of them, not told when; must be 0"),
        Figure("faults", "", "breaches of the protocol, in all cases; must be 0"),
        Figure("lost", "", "sockets that the server closed, in all cases; must be 0"),
        Figure("starved", "", "time in which another process had the server's core; below 0.05"),
    ),
    rounds=3,
    quick_rounds=None,
    run=run,
)
