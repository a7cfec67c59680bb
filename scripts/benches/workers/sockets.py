"""What the crowd of the bench `sockets` is asked for, and what it answers."""

import asyncio
import gc
import os
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Final

from benches.process import cpu_s
from benches.stats import percentile
from benches.workers.crowd import AT_ONCE, PATIENCE_S, Crowd, Listener, crowd
from benches.workers.loop import Answer, serve, versions
from lipwire_protocol import (
    Flow,
    FlowMode,
    Hello,
    Watch,
)
from lipwire_server.edge.loop import new_event_loop

Json = dict[str, Any]

_SETTLED_S: Final = 2.0
_LONE: Final = 8
"""Sockets that tell how a stream comes when nobody else is there."""


async def idle(request: Json) -> Json:
    """What `sockets` cost that are open and do nothing; a few others before them warm up."""
    url, pid = request["url"], request["pid"]
    async with crowd(url) as few:
        await few.bring(AT_ONCE, Hello())
    await _settle(pid)
    rss, cpu = rss_kib(pid), cpu_s(pid)
    async with crowd(url) as many:
        await many.bring(request["sockets"], Hello())
        opened = _less(cpu_s(pid), cpu)
        await _settle(pid)
        grown = _less(rss_kib(pid), rss)
        watch = Stopwatch(pid)
        await asyncio.sleep(request["seconds"])
        return {
            **watch.told(),
            "grown_kib": grown,
            "opening_cpu_s": opened,
            "lost": many.lost,
            "faults": dict(many.tally.faults),
        }


async def broadcast(request: Json) -> Json:
    """One speaks, `sockets` watch live: all are sent the same chunks."""
    async with crowd(request["url"]) as people:
        (speaker,) = await people.bring(1, Hello())
        session = (await speaker.ready).session
        watch = Watch(session=session.id, watch_secret=session.watch_secret or "")
        watchers = await people.bring(request["sockets"], watch)
        await _settle(request["pid"])
        speaker.speak(request["text"])
        await _begun(watchers)
        watched = await _listen(request)
        late = later_than_first(_heard(watchers, watched))
        return _told(people, watched, late)


async def chorus(request: Json) -> Json:
    """`sockets` sessions speak the same, which was spoken before, all within `over_s`."""
    async with crowd(request["url"]) as people:
        (first,) = await people.bring(1, Hello(flow=Flow(mode=FlowMode.OFF)))
        first.speak(request["text"])
        await first.ended.wait()
    async with crowd(request["url"]) as few:
        lone = await few.bring(_LONE, Hello())
        for listener in lone:
            listener.speak(request["text"])
            await asyncio.sleep(0.05)
        await asyncio.gather(*(listener.ended.wait() for listener in lone))
        schedule = schedule_of([listener.arrivals for listener in lone])
    async with crowd(request["url"]) as people:
        singers = await people.bring(request["sockets"], Hello())
        await _settle(request["pid"])
        for listener in singers:
            listener.speak(request["text"])
            await asyncio.sleep(request["over_s"] / len(singers))
        await _begun(singers)
        watched = await _listen(request)
        late = later_than_alone(_heard(singers, watched), schedule)
        return _told(people, watched, late)


async def mixed(request: Json) -> Json:
    """Among `sockets`, so many as there are `texts` speak at once, each another one."""
    texts: list[str] = request["texts"]
    async with crowd(request["url"]) as people:
        await people.bring(request["sockets"] - len(texts), Hello())
        speakers = await people.bring(len(texts), Hello())
        await _settle(request["pid"])
        watch = Stopwatch(request["pid"])
        for listener, text in zip(speakers, texts, strict=True):
            listener.speak(text)
        await _begun(speakers)
        async with asyncio.timeout(request["seconds"] + PATIENCE_S):
            await asyncio.gather(*(listener.ended.wait() for listener in speakers))
        answers = [one.refused for one in speakers if one.refused is not None]
        return {
            **_told(people, watch.told(), []),
            "first_ms": people.tally.first_sound_ms.values,
            "refused": len(answers),
            "retry_after_ms": [
                one.retry_after_ms for one in answers if one.retry_after_ms is not None
            ],
            "stuttered": people.tally.gap_ms.values,
        }


class Stopwatch:
    """What a stretch of time took: the server, this process, the others."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._cpu = cpu_s(pid)
        self._own = time.process_time()
        self._waited = waited_s(pid)
        self.begin = time.perf_counter()

    def told(self) -> Json:
        now = time.perf_counter()
        return {
            "begin": self.begin,
            "wall_s": now - self.begin,
            "server_cpu_s": _less(cpu_s(self._pid), self._cpu),
            "server_waited_s": _less(waited_s(self._pid), self._waited),
            "tester_cpu_s": time.process_time() - self._own,
            "load": os.getloadavg()[0],
        }


async def _listen(request: Json) -> Json:
    watch = Stopwatch(request["pid"])
    await asyncio.sleep(request["seconds"])
    return watch.told()


def _told(people: Crowd, watched: Json, late: list[float]) -> Json:
    tally = people.tally
    return {
        **{key: value for key, value in watched.items() if key != "begin"},
        "underruns": tally.gap_ms.count,
        "faults": dict(tally.faults),
        "lost": people.lost,
        "chunks": len(late),
        "late_ms": {
            f"p{share}": percentile(late, share) * 1000 if late else None for share in (50, 95, 99)
        },
    }


def _heard(listeners: Sequence[Listener], watched: Json) -> list[dict[int, float]]:
    """Of each listener, what came during that time."""
    begin, end = watched["begin"], watched["begin"] + watched["wall_s"]
    return [
        {start: at for start, at in listener.arrivals.items() if begin <= at <= end}
        for listener in listeners
    ]


def later_than_first(heard: Sequence[dict[int, float]]) -> list[float]:
    """Of every chunk, in seconds, how much later each listener had it than the first one had."""
    came: defaultdict[int, list[float]] = defaultdict(list)
    for arrivals in heard:
        for start, at in arrivals.items():
            came[start].append(at)
    return [at - min(times) for times in came.values() for at in times]


def schedule_of(lone: Sequence[dict[int, float]]) -> dict[int, float]:
    """When each chunk comes after the first one, at the earliest."""
    aligned: defaultdict[int, list[float]] = defaultdict(list)
    for arrivals in lone:
        for start, at in arrivals.items():
            aligned[start].append(at - arrivals[0])
    return {start: min(times) for start, times in aligned.items()}


def later_than_alone(heard: Sequence[dict[int, float]], schedule: dict[int, float]) -> list[float]:
    """Of every chunk, in seconds, how much later it came than in a stream that is alone.

    The listener's most punctual chunk counts as one in time.
    """
    late: list[float] = []
    for arrivals in heard:
        behind = [at - schedule[start] for start, at in arrivals.items()]
        late += [one - min(behind) for one in behind]
    return late


async def _begun(listeners: Sequence[Listener]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*(listener.begun.wait() for listener in listeners))


async def _settle(pid: int) -> None:
    """Until the server has nothing to do, or for a while."""
    for _ in range(15):
        before = cpu_s(pid)
        await asyncio.sleep(_SETTLED_S / 4)
        used = _less(cpu_s(pid), before)
        if used is None or used < 0.05 * _SETTLED_S / 4:
            return


def waited_s(pid: int) -> float | None:
    """How long the main thread of a process was ready to work, and others had its core."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return None


def rss_kib(pid: int) -> int | None:
    """Memory of a process that is its own; None where that cannot be known."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("RssAnon")), None)


def _less(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else now - before


_KINDS: dict[str, Callable[[Json], Coroutine[Any, Any, Json]]] = {
    "idle": idle,
    "broadcast": broadcast,
    "chorus": chorus,
    "mixed": mixed,
}


def start() -> tuple[Answer, Json]:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    def answer(request: Json) -> Json:
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 20, 100)
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            return runner.run(_KINDS[request["do"]](request))

    return answer, {"packages": versions("websockets", "msgspec"), "files": most}


if __name__ == "__main__":
    serve(start)
