"""The crowd of the bench `sockets`: thousands of lean sockets in one process."""

import asyncio
import gc
import os
import resource
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from websockets.uri import parse_uri

from benches.process import cpu_s
from benches.stats import percentile
from benches.workers.loop import Answer, serve, versions
from lipwire_protocol import (
    Chunk,
    ClientMessage,
    Error,
    Flow,
    FlowMode,
    Hello,
    Ready,
    ServerMessage,
    Speak,
    UtteranceEnded,
    Watch,
)
from lipwire_server.edge.loop import new_event_loop
from lipwire_server.load.ear import Ear
from lipwire_server.load.socket import LoadSocket
from lipwire_server.load.tally import Tally

Json = dict[str, Any]

_AT_ONCE: Final = 50
"""Sockets that are being opened at a time."""
_SETTLED_S: Final = 2.0
_PATIENCE_S: Final = 60.0
_READ_AT_ONCE: Final = 8
"""Messages, about: then the clock is looked at for what has come meanwhile."""
_LONE: Final = 8
"""Sockets that tell how a stream comes when nobody else is there."""


class Desk:
    """Notes when data came before any of it is read: reading what a thousand sockets got at once
    takes longer than it took to come."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.now = 0.0
        """When what is being read came."""
        self._waiting: deque[tuple[float, Callable[[], None]]] = deque()
        self._called = False
        self._loop = asyncio.get_running_loop()

    def put(self, read: Callable[[], None]) -> None:
        self._waiting.append((self.clock(), read))
        if not self._called:
            self._called = True
            self._loop.call_soon(self._work)

    def _work(self) -> None:
        try:
            for _ in range(min(_READ_AT_ONCE, len(self._waiting))):
                self.now, read = self._waiting.popleft()
                read()
        finally:
            self._called = bool(self._waiting)
            if self._called:
                self._loop.call_soon(self._work)


class PunctualSocket(LoadSocket):
    """Hands what comes to a desk."""

    def __init__(self, url: str, heard: Callable[[ServerMessage], None], desk: Desk) -> None:
        super().__init__(url, heard)
        self._desk = desk

    def data_received(self, data: bytes) -> None:
        self._desk.put(partial(super().data_received, data))

    def eof_received(self) -> None:
        self._desk.put(super().eof_received)

    def connection_lost(self, exc: Exception | None) -> None:
        self._desk.put(partial(super().connection_lost, exc))


class Listener:
    """One socket, the ear that hears it, and when each chunk of what it heard came."""

    def __init__(self, tally: Tally, desk: Desk) -> None:
        self.ready: asyncio.Future[Ready] = asyncio.get_running_loop().create_future()
        self.begun = asyncio.Event()
        """Its first sound has come, or never will."""
        self.ended = asyncio.Event()
        self.refused: Error | None = None
        self.arrivals: dict[int, float] = {}
        """By the first sample of the chunk."""
        self.socket: LoadSocket
        self._ear = Ear(tally)
        self._desk = desk

    async def open(self, url: str, first: ClientMessage) -> Ready:
        """Raises OSError or TimeoutError."""
        uri = parse_uri(url)
        async with asyncio.timeout(_PATIENCE_S):
            _, self.socket = await asyncio.get_running_loop().create_connection(
                lambda: PunctualSocket(url, self._hear, self._desk), uri.host, uri.port
            )
            self.socket.closed.add_done_callback(self._lose)
            await self.socket.opened
            self.socket.send(first)
            return await self.ready

    def speak(self, text: str) -> None:
        self._ear.ask(self._desk.clock())
        self.socket.send(Speak(utterance=1, text=text, end=True))

    def _hear(self, message: ServerMessage) -> None:
        now = self._desk.now
        self._ear.hear(message, now)
        match message:
            case Chunk(start=start):
                self.arrivals[start] = now
                self.begun.set()
            case Ready() if not self.ready.done():
                self.ready.set_result(message)
            case Error():
                self.refused = message
                self._give_up(message.message)
            case UtteranceEnded():
                self.begun.set()
                self.ended.set()

    def _lose(self, closed: asyncio.Future[int]) -> None:
        self._give_up(f"closed with {closed.result()}")

    def _give_up(self, reason: str) -> None:
        self.begun.set()
        self.ended.set()
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(reason))


class Crowd:
    """Opens sockets, and closes them again when it is left."""

    def __init__(self, url: str) -> None:
        self.tally = Tally()
        self.there: list[Listener] = []
        self._url = url
        self._gate = asyncio.Semaphore(_AT_ONCE)
        # That of uvloop stands still while it has something to do.
        self._desk = Desk(time.perf_counter)

    async def bring(self, count: int, first: ClientMessage) -> list[Listener]:
        """So many more. Raises OSError or TimeoutError where the server does not take them all."""
        come = [Listener(self.tally, self._desk) for _ in range(count)]

        async def one(listener: Listener) -> None:
            async with self._gate:
                await listener.open(self._url, first)
                self.there.append(listener)

        await asyncio.gather(*(one(listener) for listener in come))
        return come

    @property
    def lost(self) -> int:
        """Those whose socket was closed by the server."""
        return sum(listener.socket.closed.done() for listener in self.there)

    async def leave(self) -> None:
        """What they have not heard is not spoken any more."""
        for listener in self.there:
            if not listener.socket.closed.done():
                listener.socket.close()
        closing = [listener.socket.closed for listener in self.there]
        if closing:
            await asyncio.wait(closing, timeout=_PATIENCE_S)


@asynccontextmanager
async def crowd(url: str) -> AsyncIterator[Crowd]:
    gathered = Crowd(url)
    try:
        yield gathered
    finally:
        await gathered.leave()


async def idle(request: Json) -> Json:
    """What `sockets` cost that are open and do nothing; a few others before them warm up."""
    url, pid = request["url"], request["pid"]
    async with crowd(url) as few:
        await few.bring(_AT_ONCE, Hello())
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
        async with asyncio.timeout(request["seconds"] + _PATIENCE_S):
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
    async with asyncio.timeout(_PATIENCE_S):
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
