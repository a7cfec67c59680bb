"""Half a hundred people for as long as one likes, and something going wrong all the time.

`SOAK_MINUTES=10 .venv/bin/pytest -s -m soak tests/adversity/test_soak.py`: thirty who have text
after text said and come back whatever happens, twenty of the load test's own crowd, and every few
seconds a killed server, a flood, a stalled reader or a lost connection. In the second half no
server is killed, so that its memory can be watched.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest

from lipwire_client import ResumePoint, Session, Spoken, connect
from lipwire_protocol import ErrorCode, Flow, FlowMode, Hello, LipwireError, ServerMessage, Speak
from lipwire_server.load.crowd import LINES, Plan, run
from lipwire_server.load.socket import Closed, open_socket
from tests.adversity.beside import left_of
from tests.adversity.floods import FLOODS, flood
from tests.adversity.hearing import memory_mib
from tests.server_process import ServerProcess, server_folder
from tests.tiny_voice import NAME, write_tiny_voice

MINUTES = float(os.environ.get("SOAK_MINUTES", "0"))
RESIDENTS = 30
CROWD = 20
TEXTS = 30
"""In a session: what it has said so far is kept, the last 256 utterances of it."""
GRACE_S = 75
"""In which what was begun has to be heard to its end when the time is over."""
FLOWS = (
    Hello(flow=Flow(mode=FlowMode.PACED, lead_ms=500)),
    Hello(flow=Flow(mode=FlowMode.OFF)),
)

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not MINUTES, reason="for as many minutes as SOAK_MINUTES says"),
    pytest.mark.timeout(MINUTES * 60 + 300),
]


class Town:
    """The server of the moment, and what is counted of all of them."""

    def __init__(self, folder: Path) -> None:
        self._data, self._voices = folder / "data", folder / "voices"
        self._voices.mkdir()
        write_tiny_voice(self._voices)
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.server = self._start()
        self.is_over = False

    def _start(self) -> ServerProcess:
        names = {"LIPWIRE_VOICES": str(self._voices), "LIPWIRE_VOICE": NAME}
        names |= {"LIPWIRE_LOAD_PERCENT": "1000", "LIPWIRE_CACHE_MB": "8"}
        return ServerProcess(self._data, names)

    async def kill(self) -> None:
        self.server.process.kill()
        await asyncio.to_thread(self.server.process.wait)
        self._look_at_log()
        self.server = await asyncio.to_thread(self._start)

    async def stop(self) -> None:
        assert await asyncio.to_thread(self.server.stop) == 0
        self._look_at_log()

    def _look_at_log(self) -> None:
        self.wrong += [line for line in self.server.log if "Traceback" in line]


@pytest.fixture
def town() -> Iterator[Town]:
    with server_folder() as folder:
        yield Town(folder)


class Resident:
    """Has one text after another said, and goes on with each of them wherever it broke off."""

    def __init__(self, number: int, town: Town, whole: dict[str, bytes]) -> None:
        self._chance = random.Random(number)
        self._town = town
        self._whole = whole
        self._hello = FLOWS[number % len(FLOWS)]
        self._point: ResumePoint | None = None
        self._text: str | None = None
        """What is being said."""
        self.session: Session | None = None
        self._left = TEXTS

    @property
    def waits(self) -> bool:
        """Something that was begun was not heard to its end."""
        return self._text is not None

    @property
    def where(self) -> str:
        session, point = self.session, self._point
        point = point if session is None else session.resume_point
        if point is None:
            return "nowhere"
        place = (point.place.position, [speak.number for speak in point.unaccepted])
        return f"{point.id}, {place}, of {point.speaks} and {point.utterances}: {self._text}"

    async def live(self) -> None:
        while not (self._town.is_over and self._text is None):
            try:
                await self._stay()
            except LipwireError as error:
                self._note(error)
            except (OSError, EOFError, TimeoutError):
                self._town.counts["found nobody"] += 1
            await asyncio.sleep(self._chance.uniform(0.1, 0.6))

    async def _stay(self) -> None:
        stream = self._town.server.stream
        async with connect(stream, self._hello, resume=self._point) as session:
            self.session = session
            try:
                if self._point is not None:
                    self._town.counts["resumed"] += 1
                if self._text is not None:
                    self._check(await session.finish())
                while not self._town.is_over and self._left:
                    self._text = self._chance.choice(LINES)
                    self._check(await session.say(self._text))
                    self._left -= 1
                    await asyncio.sleep(self._chance.uniform(0, 1))
            finally:
                # Who has said it all leaves: a session that is over is not taken up, also when
                # nobody was there any more to say good-bye to.
                self._point = session.resume_point if self._left else None
                self._left, self.session = self._left or TEXTS, None

    def _check(self, spoken: Spoken) -> None:
        assert self._text is not None
        if spoken.audio != self._whole[self._text]:
            self._town.wrong.append(f"another sound: {self._text}")
        if not all(a.start + a.count == b.start for a, b in pairwise(spoken.chunks)):
            self._town.wrong.append(f"a gap or a double: {self._text}")
        self._town.counts["texts"] += 1
        self._text = None

    def _note(self, error: LipwireError) -> None:
        if error.code is ErrorCode.GOING_AWAY:
            self._town.counts["lost"] += 1
        elif error.code is ErrorCode.STORAGE_UNAVAILABLE:
            self._town.counts["told to wait"] += 1
        else:
            # Among them `not_found`: a session that could not be taken up.
            self._town.wrong.append(f"{error.code}: {error}")
            self._point = self._text = None


async def crowd(town: Town, seed: int) -> None:
    """Comes anew whenever its server was killed."""
    while not town.is_over:
        plan = Plan(url=town.server.stream, sockets=CROWD, ramp_s=2, duration_s=20, seed=seed)
        with suppress(LipwireError, Closed, OSError, TimeoutError, ExceptionGroup):
            tally = (await run(plan)).tally
            town.wrong += [f"crowd: {what}" for what in tally.faults]
            town.counts["texts of the crowd"] += tally.counts["utterances"]
        seed += 1
        await asyncio.sleep(1)


async def stall(town: Town) -> None:
    """Asks for much, and reads none of it."""

    def heard(message: ServerMessage) -> None:
        pass

    with suppress(OSError, TimeoutError):
        socket = await open_socket(town.server.stream, heard)
        socket.send(FLOWS[1])
        socket.send(Speak(utterance=1, text=" ".join(LINES) * 20, end=True))
        socket.pause()
        await asyncio.sleep(30)
        socket.cut()


async def trouble(town: Town, residents: list[Resident], seconds: float) -> None:
    """One thing after another, until the time is over; in its second half no server is killed."""
    chance = random.Random(49)
    now = asyncio.get_running_loop().time
    began = now()
    async with asyncio.TaskGroup() as group:
        while now() - began < seconds:
            await asyncio.sleep(chance.uniform(1, 4))
            early = now() - began < seconds / 2
            kinds = ["drop", "drop", "flood", "stall", *(["kill", "kill"] if early else [])]
            kind = chance.choice(kinds)
            town.counts[kind] += 1
            if kind == "kill":
                await town.kill()
            elif kind == "flood":
                opening, drop = FLOODS[chance.choice(sorted(FLOODS))]
                group.create_task(_shortly(flood(town.server, opening, drop)))
            elif kind == "stall":
                group.create_task(stall(town))
            else:
                for resident in chance.sample(residents, 5):
                    if resident.session is not None:
                        resident.session._socket.transport.abort()
        town.is_over = True


async def _shortly(work: object) -> None:
    assert asyncio.iscoroutine(work)
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(5):
            await work


async def watch(town: Town, seen: list[tuple[int, float]]) -> None:
    """What each server has in memory, twice a second."""
    while True:
        with suppress(OSError, ValueError):
            seen.append((town.server.process.pid, memory_mib(town.server.process.pid)))
        await asyncio.sleep(0.5)


async def test_nothing_grows_and_nothing_is_lost_whatever_goes_wrong(town: Town) -> None:
    whole = {}
    async with connect(town.server.stream, FLOWS[1]) as session:
        for line in LINES:
            whole[line] = (await session.say(line)).audio
    residents = [Resident(number, town, whole) for number in range(RESIDENTS)]
    seen: list[tuple[int, float]] = []
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(watch(town, seen))
        living = [group.create_task(resident.live()) for resident in residents]
        coming = group.create_task(crowd(town, 100))
        await trouble(town, residents, MINUTES * 60)
        _, stuck = await asyncio.wait([*living, coming], timeout=GRACE_S)
        town.wrong += [f"waits for ever: {each.where}" for each in residents if each.waits]
        for task in (*stuck, watching):
            task.cancel()
    last = [mib for pid, mib in seen if pid == town.server.process.pid]
    third = len(last) // 3
    early, late = _middle(last[third : 2 * third]), _middle(last[2 * third :])
    left = await left_of(town.server)
    await town.stop()
    print(f"\n{dict(town.counts)}")  # noqa: T201
    print(f"memory {early:.0f}, later {late:.0f} MiB, at most {max(last):.0f}; {left}")  # noqa: T201
    assert not town.wrong, town.wrong[:10]
    assert late < early * 1.1


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
