import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from benches.bench import Outcome
from benches.sockets import BENCH, CROWD, IDLE, SPEAKING
from benches.workers import sockets
from benches.workers.crowd import Desk
from benches.workers.sockets import (
    broadcast,
    chorus,
    idle,
    later_than_alone,
    later_than_first,
    mixed,
    rss_kib,
    schedule_of,
)
from lipwire_server.load.crowd import _feel_pulse
from lipwire_server.load.ear import CUSHION_S
from lipwire_server.load.tally import Tally
from tests.scripts.fake_lab import FakeLab
from tests.server.test_serving import serving

Json = dict[str, Any]

UNHURRIED = {"per_character": 400, "window": 8_000}
"""A voice of long windows, so that a busy machine makes no gaps."""


def answer(request: Mapping[str, Any], **changed: Any) -> Json:
    """A server that does well, but for what is `changed`."""
    common = {"wall_s": 10.0, "server_cpu_s": 3.0, "server_waited_s": 0.0, "tester_cpu_s": 1.0}
    heard: Json = {"underruns": 0, "faults": {}, "lost": 0, "late_ms": {"p50": 4.0, "p99": 20.0}}
    kinds: dict[str, Json] = {
        "idle": {"grown_kib": 35 * IDLE, "opening_cpu_s": IDLE / 1000},
        "mixed": {"first_ms": [100.0, 200.0], "refused": 2, "retry_after_ms": [4_000, 6_000]},
    }
    told = {**common, **heard, **kinds.get(request["do"], {})}
    return told | {key: value for key, value in changed.items() if key in told}


def run(**changed: Any) -> Outcome:
    return BENCH.run(FakeLab(answers={"sockets": lambda request: answer(request, **changed)}))


def test_a_server_that_does_well_has_figures_that_say_so() -> None:
    outcome = run()
    figures = outcome.figures
    assert figures["idle_kib_per_socket"] == 35
    assert figures["opening_cpu_ms"] == 1
    assert figures["broadcast_cpu_fraction"] == figures["chorus_cpu_fraction"] == 0.3
    assert figures["broadcast_crowd_cpu_fraction"] == 0.1
    assert figures["broadcast_chunk_p99_ms"] == figures["chorus_chunk_p99_ms"] == 20
    assert figures["speakers_first_p50_ms"] == 150
    assert figures["speakers_refused"] == 2
    zero = ("broadcast_underruns", "chorus_underruns", "speakers_underruns", "faults", "lost")
    assert {figures[key] for key in (*zero, "speakers_refused_without_time")} == {0}
    assert not outcome.warnings


def test_each_round_has_a_server_of_its_own_so_that_no_memory_is_used_twice() -> None:
    lab = FakeLab(answers={"sockets": answer})
    BENCH.run(lab)
    assert len(lab.opened) == lab.rounds


@pytest.mark.parametrize(
    ("changed", "figure", "value"),
    [
        ({"grown_kib": 70 * IDLE}, "idle_kib_per_socket", 70),
        ({"opening_cpu_s": IDLE / 100}, "opening_cpu_ms", 10),
        ({"server_cpu_s": 9.0}, "chorus_cpu_fraction", 0.9),
        ({"tester_cpu_s": 9.0}, "broadcast_crowd_cpu_fraction", 0.9),
        ({"underruns": 1}, "broadcast_underruns", 3),
        ({"underruns": 1}, "chorus_underruns", 3),
        ({"underruns": 1}, "speakers_underruns", 3),
        ({"late_ms": {"p50": 4.0, "p99": 80.0}}, "chorus_chunk_p99_ms", 80),
        ({"late_ms": {"p50": 40.0, "p99": 80.0}}, "broadcast_chunk_p50_ms", 40),
        ({"first_ms": [900.0]}, "speakers_first_p95_ms", 900),
        ({"retry_after_ms": [4_000]}, "speakers_refused_without_time", 3),
        ({"faults": {"sound before its timing": 2}}, "faults", 3 * 4 * 2),
        ({"lost": 1}, "lost", 3 * 4),
    ],
)
def test_each_fault_moves_its_figure(changed: Json, figure: str, value: float) -> None:
    assert run(**changed).figures[figure] == pytest.approx(value)


def test_who_has_to_share_his_core_is_warned_that_lateness_is_not_his_alone() -> None:
    outcome = run(server_waited_s=2.0)
    assert outcome.figures["starved"] == pytest.approx(0.2)
    assert "another process" in outcome.warnings[0]


def test_no_text_is_said_twice_but_in_the_chorus() -> None:
    said: list[str] = []

    def note(request: Mapping[str, Any]) -> Json:
        said.extend(request.get("texts") or [request[key] for key in ("text",) if key in request])
        return answer(request)

    BENCH.run(FakeLab(answers={"sockets": note}))
    assert len(set(said)) == len(said) == 3 * (2 + SPEAKING)
    assert CROWD > SPEAKING


def test_a_watcher_is_late_by_how_much_sooner_the_first_one_had_the_chunk() -> None:
    heard = [{0: 1.0, 100: 2.0}, {0: 1.5, 100: 2.0}, {100: 2.25}]
    assert sorted(later_than_first(heard)) == [0, 0, 0, 0.25, 0.5]


def test_in_a_chorus_each_is_late_against_who_was_alone() -> None:
    schedule = schedule_of([{0: 5.0, 100: 6.0, 200: 7.5}, {0: 1.0, 100: 2.25, 200: 3.0}])
    assert schedule == {0: 0.0, 100: 1.0, 200: 2.0}
    punctual, late = {0: 50.0, 100: 51.0, 200: 52.0}, {100: 61.0, 200: 62.5}
    assert later_than_alone([punctual, late], schedule) == [0, 0, 0, 0, 0.5]
    assert later_than_alone([{}], schedule) == []


async def test_when_something_came_is_noted_before_anything_is_read() -> None:
    clock = iter(range(100))
    desk = Desk(lambda: float(next(clock)))
    read: list[tuple[str, float]] = []

    def note(name: str) -> None:
        read.append((name, desk.now))
        next(clock)  # Reading takes time.

    for name in "abc":
        desk.put(partial(note, name))
    assert not read
    await asyncio.sleep(0)
    assert read == [("a", 0), ("b", 1), ("c", 2)]


async def test_what_cannot_be_read_stops_nobody_else() -> None:
    loop = asyncio.get_running_loop()
    failed: list[Any] = []
    loop.set_exception_handler(lambda _, context: failed.append(context["exception"]))
    desk, read = Desk(loop.time), list[int]()

    def break_off() -> None:
        raise EOFError

    for do in (break_off, lambda: read.append(1)):
        desk.put(do)
    await asyncio.sleep(0.01)
    desk.put(lambda: read.append(2))
    await asyncio.sleep(0.01)
    assert read == [1, 2] and len(failed) == 1


@pytest.fixture
def unsettled(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process never has nothing to do."""

    async def settle(pid: int) -> None: ...

    monkeypatch.setattr(sockets, "_settle", settle)


@pytest.fixture
async def held_up(unsettled: None) -> AsyncIterator[Callable[[], bool]]:
    """Whether this process, which is the server, too, stood still for longer than a cushion."""
    tally = Tally()
    feeling = asyncio.create_task(_feel_pulse(tally, asyncio.get_running_loop().time))
    yield lambda: (tally.own_delay_ms.most or 0) > 1_000 * CUSHION_S
    feeling.cancel()


@pytest.mark.parametrize("do", [broadcast, chorus])
async def test_a_crowd_hears_a_real_server(
    tmp_path: Path, do: Callable[[Json], Any], held_up: Callable[[], bool]
) -> None:
    async with serving(tmp_path, **UNHURRIED) as (_, _, url, _):
        text = f"Hello {'there and ' * 7}everywhere."
        told = await do(
            {"url": url, "pid": os.getpid(), "sockets": 4, "seconds": 0.3, "over_s": 0.1}
            | {"text": text}
        )
    assert (told["faults"], told["lost"]) == ({}, 0)
    assert told["underruns"] == 0 or held_up()
    assert told["server_cpu_s"] > 0 and told["wall_s"] >= 0.3


async def test_a_crowd_is_idle_and_speaks_at_a_real_server(
    tmp_path: Path, held_up: Callable[[], bool]
) -> None:
    async with serving(tmp_path, **UNHURRIED) as (_, _, url, _):
        asked = {"url": url, "pid": os.getpid(), "sockets": 60, "seconds": 0.1}
        told = await idle(asked)
        assert told["lost"] == 0 and told["opening_cpu_s"] > 0
        told = await mixed({**asked, "texts": ["Hello there.", "Good bye."]})
    assert len(told["first_ms"]) == 2 and told["refused"] == 0
    assert (told["faults"], told["lost"]) == ({}, 0)
    assert told["underruns"] == 0 or held_up()


def test_of_a_process_that_is_not_there_nothing_is_known() -> None:
    assert rss_kib(2**22 + 1) is None
    assert (rss_kib(os.getpid()) or 1) > 0
