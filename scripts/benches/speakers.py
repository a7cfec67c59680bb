"""How many listeners a server speaks to at once, each in real time, without one gap.

A real `lipwire serve` in a process of its own, with its own PostgreSQL; the listeners are real
WebSockets in another process. Each listener sends a long text of its own (no two sentences are
equal, so that no cache helps), flow `played` with the browser client's lead of 3 s and a report
five times a second, and listens for `--seconds` (30). They arrive evenly spread over two seconds.

A listener's clock starts 100 ms after his first chunk. When his samples run out while the
utterance goes on, that is an underrun. A number of listeners holds when nobody is refused and
nobody has an underrun. `speakers_held` is the largest number that holds, found by strides and
halving.

`capacity_fraction` is the share of the engine's own capacity that arrives at listeners:

    speakers_held / (audio seconds per second that saturated workers make) / (1 - load share)

The capacity is measured in the same run, before and after the search, with the engine alone in a
process: a worker thread for each core, always something to do, nobody to wait for, no sockets; the
figure is the mean of the two. On one machine the load generator takes CPU time that the server
could have used; the load share is its CPU time / (cores * wall time) in the trial that held.
`capacity_fraction_raw` is the same without that correction.

- `first_audio_p95_ms`: from sending the text to the first chunk, with 80 % of the held number.
- Behaviour at 150 %: the held number speaks, and after three seconds half as many again arrive.
  Those who spoke already must not have one underrun (`overload_underruns` counts those of
  everybody who was taken, `overload_existing_underruns` those of the first), and those who are
  refused are told when to come back.
- `piper.http_server` and `wyoming-piper` in the same way: their listeners ask for one sentence
  after another, the next one when less than 3 s are left to hear. How many they hold (searched up
  to Lipwire's number), how many listeners have no underrun at Lipwire's number, and the
  first-audio p95 at 80 % of Lipwire's number; who heard nothing counts with the time he listened.

Each trial begins when the server has nothing left to do of the one before. There are no rounds: a
trial takes as long as its listeners listen.
"""

from .bench import Bench, Figure, Json, Outcome, Table
from .lab import Lab, Server, System
from .search import largest
from .stats import percentile
from .texts import endless

__all__ = ["BENCH"]

_LEAD_MS = 3_000
_ARRIVAL_S = 2.0
_LATECOMERS_S = 3.0
_SPARE_S = 15.0
"""Text beyond what is listened to: the server runs ahead by the lead."""
_MOST = 1_000
_PEERS = {"piper-http": "piper_http", "wyoming": "wyoming"}


class Crowd:
    """Sends numbers of listeners to a server and keeps what they went through."""

    def __init__(self, lab: Lab, load: System) -> None:
        self._lab = lab
        self._load = load
        self._arrived = 0
        self.trials: list[Json] = []

    def listen(self, server: Server, kind: str, groups: list[tuple[int, float]]) -> Json:
        """A trial. A group is a number of listeners and when its first one arrives."""
        listeners = [
            self._listener(at_s + _ARRIVAL_S * index / count)
            for count, at_s in groups
            for index in range(count)
        ]
        server.settle()
        self._lab.probe()
        self._lab.progress(f"{kind}: {len(listeners)} listeners")
        before = server.cpu_s()
        answer = self._load.ask(
            {
                "do": "listen",
                "kind": kind,
                "url": server.url,
                "lead_ms": _LEAD_MS,
                "listeners": listeners,
            }
        )
        after = server.cpu_s()
        trial = {
            "kind": kind,
            "listeners": len(listeners),
            "groups": groups,
            "seconds": self._lab.seconds,
            **answer,
            "server_cpu_s": None if before is None or after is None else after - before,
        }
        self.trials.append(trial)
        return trial

    def _listener(self, at_s: float) -> Json:
        """Each one has a text and a seed that no other ever had."""
        self._arrived += 1
        seconds = self._lab.seconds
        return {
            "at_s": at_s,
            "seconds": seconds,
            "seed": self._arrived,
            "texts": endless(self._arrived, seconds + _SPARE_S),
        }


def holds(trial: Json) -> bool:
    """Everybody was heard, without a gap."""
    return all(is_fine(one) for one in trial["heard"])


def is_fine(one: Json) -> bool:
    return (
        one["underruns"] == 0
        and one["refused"] is None
        and one["failed"] is None
        and one["first_ms"] is not None
    )


def run(lab: Lab) -> Outcome:
    figures: dict[str, float | int | None] = dict.fromkeys(figure.key for figure in BENCH.figures)
    load, engine = lab.system("load"), lab.system("saturation")
    if load is None or engine is None:
        return Outcome(figures=figures)
    crowd = Crowd(lab, load)
    lab.progress("the engine alone")
    texts = [text for seed in range(10) for text in endless(10_000 + seed, 30.0)]
    seconds = min(10.0, lab.seconds)
    engine.ask({"seconds": seconds / 4, "texts": texts})

    def alone() -> float:
        lab.probe()
        return float(engine.ask({"seconds": seconds, "texts": texts})["audio_s_per_s"])

    capacities = [alone()]
    with lab.server("lipwire") as server:
        if server is None:
            return Outcome(figures=figures)
        crowd.listen(server, "lipwire", [(1, 0.0)])
        held = largest(
            lambda count: holds(crowd.listen(server, "lipwire", [(count, 0.0)])),
            guess=max(1, round(0.8 * capacities[0])),
            limit=_MOST,
        )
        figures["speakers_held"] = held
        capacities.append(alone())
        capacity = figures["engine_audio_s_per_s"] = sum(capacities) / len(capacities)
        if held:
            figures |= _of_the_held(crowd, held, capacity, lab.cores)
            figures |= _at_80_percent(crowd, server, held)
            figures |= _at_150_percent(crowd, server, held)
    if held:
        for kind, prefix in _PEERS.items():
            with lab.server(kind) as peer:
                if peer is not None:
                    figures |= _of_a_peer(crowd, peer, kind, prefix, held)
    return Outcome(
        figures=figures,
        details={
            "seconds": lab.seconds,
            "lead_ms": _LEAD_MS,
            "engine_audio_s_per_s": capacities,
            "trials": [_summary(trial) for trial in crowd.trials],
        },
        tables=(_table(crowd.trials),),
        samples=crowd.trials,
    )


def _of_the_held(
    crowd: Crowd, held: int, capacity: float, cores: int
) -> dict[str, float | int | None]:
    trial = next(
        trial for trial in reversed(crowd.trials) if trial["listeners"] == held and holds(trial)
    )
    wall, load_cpu, server_cpu = trial["wall_s"], trial["load_cpu_s"], trial["server_cpu_s"]
    share = load_cpu / (cores * wall)
    return {
        "capacity_fraction_raw": held / capacity,
        "capacity_fraction": held / capacity / (1 - share),
        "load_cores": load_cpu / wall,
        "server_cores": None if server_cpu is None else server_cpu / wall,
    }


def _at_80_percent(crowd: Crowd, server: Server, held: int) -> dict[str, float | int | None]:
    trial = crowd.listen(server, "lipwire", [(max(1, int(0.8 * held)), 0.0)])
    return {"first_audio_p95_ms": _first_p95(trial)}


def _at_150_percent(crowd: Crowd, server: Server, held: int) -> dict[str, float | int | None]:
    late = max(1, held // 2)
    trial = crowd.listen(server, "lipwire", [(held, 0.0), (late, _LATECOMERS_S)])
    heard = trial["heard"]
    refused = [one for one in heard if one["refused"] is not None]
    waits = [one["retry_after_ms"] for one in refused if one["retry_after_ms"] is not None]
    return {
        "overload_existing_underruns": sum(one["underruns"] for one in heard[:held]),
        "overload_underruns": sum(one["underruns"] for one in heard),
        "overload_refused": len(refused),
        "overload_retry_after_p50_ms": percentile(waits, 50) if waits else None,
    }


def _of_a_peer(
    crowd: Crowd, server: Server, kind: str, prefix: str, held: int
) -> dict[str, float | int | None]:
    crowd.listen(server, kind, [(1, 0.0)])
    own = largest(
        lambda count: holds(crowd.listen(server, kind, [(count, 0.0)])),
        guess=max(1, held // 2),
        limit=held,
    )
    same = crowd.listen(server, kind, [(held, 0.0)])
    fewer = crowd.listen(server, kind, [(max(1, int(0.8 * held)), 0.0)])
    return {
        f"{prefix}_held": own,
        f"{prefix}_without_underrun": sum(is_fine(one) for one in same["heard"]),
        f"{prefix}_first_audio_p95_ms": _first_p95(fewer),
    }


def _first_p95(trial: Json) -> float | None:
    """Who heard nothing counts with the time he listened; who was refused does not count."""
    taken = [one for one in trial["heard"] if one["refused"] is None]
    firsts = [
        trial["seconds"] * 1000 if one["first_ms"] is None else one["first_ms"] for one in taken
    ]
    return percentile(firsts, 95) if firsts else None


def _summary(trial: Json) -> Json:
    heard = trial["heard"]
    wall = trial["wall_s"]
    return {
        "kind": trial["kind"],
        "listeners": trial["listeners"],
        "holds": holds(trial),
        "underruns": sum(one["underruns"] for one in heard),
        "refused": sum(one["refused"] is not None for one in heard),
        "failed": sorted({one["failed"] for one in heard if one["failed"] is not None}),
        "first_audio_p95_ms": _first_p95(trial),
        "server_cores": None if trial["server_cpu_s"] is None else trial["server_cpu_s"] / wall,
        "load_cores": trial["load_cpu_s"] / wall,
    }


def _table(trials: list[Json]) -> Table:
    def cell(value: object) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        return "-" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)

    columns = (
        "kind", "listeners", "holds", "underruns", "refused", "first_audio_p95_ms",
        "server_cores", "load_cores",
    )  # fmt: skip
    rows = [_summary(trial) for trial in trials]
    return Table(
        "trials, in their order",
        columns,
        tuple(tuple(cell(row[column]) for column in columns) for row in rows),
    )


BENCH = Bench(
    name="speakers",
    summary="how many listeners in real time without a gap, beside piper.http_server and wyoming",
    definition=__doc__ or "",
    figures=(
        Figure("speakers_held", "", "the largest number of listeners without one underrun"),
        Figure(
            "capacity_fraction",
            "",
            "of what the engine alone makes; 1 means that sockets cost nothing",
        ),
        Figure("capacity_fraction_raw", "", "the same with the load generator on the same cores"),
        Figure("engine_audio_s_per_s", "s/s", "what saturated workers make without sockets"),
        Figure("server_cores", "", "cores that the server used with the held number"),
        Figure("load_cores", "", "cores that the load generator used beside it"),
        Figure("first_audio_p95_ms", "ms", "with 80 % of the held number"),
        Figure("overload_existing_underruns", "", "at 150 %: of those who spoke before; must be 0"),
        Figure("overload_underruns", "", "at 150 %: of everybody who was taken"),
        Figure("overload_refused", "", "at 150 %: told `overloaded` instead of stuttering"),
        Figure("overload_retry_after_p50_ms", "ms", "at 150 %: when they were told to come back"),
        Figure("piper_http_held", "", "the same for piper.http_server"),
        Figure("piper_http_without_underrun", "", "its listeners, of as many as Lipwire holds"),
        Figure("piper_http_first_audio_p95_ms", "ms", "with 80 % of Lipwire's number"),
        Figure("wyoming_held", "", "the same for wyoming-piper"),
        Figure("wyoming_without_underrun", "", "its listeners, of as many as Lipwire holds"),
        Figure("wyoming_first_audio_p95_ms", "ms", "with 80 % of Lipwire's number"),
    ),
    rounds=1,
    quick_rounds=None,
    run=run,
)
