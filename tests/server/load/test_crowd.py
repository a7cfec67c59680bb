"""The meter is measured: each kind of broken server is told by its own figure."""

import asyncio
import ssl
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from lipwire_protocol import (
    Chunk,
    Error,
    ErrorCode,
    Interrupted,
    LipwireError,
    Ready,
    Segment,
    ServerMessage,
    UtteranceStarted,
)
from lipwire_server.load import people
from lipwire_server.load.crowd import Moment, Plan, run
from lipwire_server.load.ear import CUSHION_S
from lipwire_server.load.roles import Role
from lipwire_server.load.tally import Tally
from lipwire_server.load.target import trusting_any
from tests.server.edge.test_certificate import CERTIFICATE, KEY
from tests.server.load.scene import LINE, Meddler, Unhurried, healthy, measure, meddled

EVERYBODY = (Role.IDLE, Role.SPEAKER, Role.STREAMER, Role.INTERRUPTER, Role.LISTENER, Role.DROPPER)


class Numbered:
    """A meddler whose messages stay without a jump; `change` says what comes out for one."""

    def __init__(self, change: Callable[[ServerMessage], Iterable[ServerMessage]]) -> None:
        self._change = change
        self._seq = 0

    def __call__(self, message: ServerMessage) -> Iterable[ServerMessage]:
        for each in self._change(message):
            self._seq += 1
            yield structs.replace(each, seq=self._seq)


def numbered(
    change: Callable[[ServerMessage], Iterable[ServerMessage]],
) -> Callable[[], Meddler]:
    return lambda: Numbered(change)


async def test_a_healthy_server_has_no_faults(tmp_path: Path) -> None:
    async with healthy(tmp_path) as url:
        tally = await measure(url, *EVERYBODY, seconds=3)
    assert tally.faults == {}
    assert tally.refused == {}
    assert tally.drift_samples == 0
    assert {name for name in tally.counts if name.startswith("lost")} <= {"lost"}
    assert tally.counts["lost"] == 0
    # A machine that holds all of this up for longer than a cushion makes gaps of its own.
    assert tally.gap_ms.count == 0 or (tally.own_delay_ms.most or 0) > 1_000 * CUSHION_S
    assert tally.counts["opened"] == 12 + tally.counts["drops"]
    assert tally.counts["drops"] >= 2
    assert tally.figure("resume_success") == 1
    assert tally.interrupt_ms.count >= 1
    assert tally.first_sound_ms.count >= 6
    assert tally.streamed_sound_ms.count >= 2
    assert tally.chunk_late_ms.count >= 1


async def test_the_same_server_behind_a_meddler_that_does_nothing_has_none_either(
    tmp_path: Path,
) -> None:
    async with (
        healthy(tmp_path) as url,
        meddled(url, numbered(lambda message: [message])) as other,
    ):
        tally = await measure(other, Role.SPEAKER, Role.DROPPER, seconds=3)
    assert tally.faults == {}
    assert tally.counts["drops"] == tally.counts["resumed"] >= 1


@pytest.fixture
def tls(tmp_path: Path) -> ssl.SSLContext:
    """Of a server whose certificate nobody vouches for."""
    both = tmp_path / "both.pem"
    both.write_text(CERTIFICATE + KEY)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context


async def test_a_certificate_that_does_not_hold_is_told_or_taken(
    tmp_path: Path, tls: ssl.SSLContext
) -> None:
    async with (
        healthy(tmp_path / "house") as url,
        meddled(url, numbered(lambda message: [message]), tls) as other,
    ):
        with pytest.raises(LipwireError, match=r"certificate does not hold.*--insecure"):
            await measure(other, Role.IDLE)
        mix = {Role.SPEAKER: 1, Role.LISTENER: 1, Role.DROPPER: 1}
        plan = Plan(url=other, sockets=3, ramp_s=0, duration_s=2.5, mix=mix, lines=[LINE])
        tally = (await run(replace(plan, tls=trusting_any()), now=Unhurried())).tally
    assert tally.counts["lost"] == 0
    assert tally.counts["opened"] == tally.counts["tries"] == 3 + tally.counts["drops"]
    assert tally.counts["drops"] == tally.counts["resumed"] >= 1


async def faults(
    folder: Path, make: Callable[[], Meddler], role: Role = Role.SPEAKER, seconds: float = 1.0
) -> set[str]:
    async with healthy(folder) as url, meddled(url, make) as other:
        return set((await measure(other, role, seconds=seconds)).faults)


async def test_a_message_that_is_left_out_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What has not begun is waited for.
    monkeypatch.setattr(people, "_ANSWER_S", 2.0)

    def leave_out(message: ServerMessage) -> Iterable[ServerMessage]:
        return [] if isinstance(message, UtteranceStarted) else [message]

    found = await faults(tmp_path, lambda: leave_out)
    assert "a message was left out or came twice" in found


async def test_sound_before_its_timing_is_a_fault(tmp_path: Path) -> None:
    def make() -> Meddler:
        kept: list[ServerMessage] = []

        def change(message: ServerMessage) -> Iterable[ServerMessage]:
            if isinstance(message, Segment):
                kept.append(message)
                return []
            if isinstance(message, Chunk) and kept:
                return [message, kept.pop()]
            return [message]

        return Numbered(change)

    assert "sound before its timing" in await faults(tmp_path, make)


def every_second_chunk(
    twice: bool,
) -> Callable[[], Meddler]:
    def make() -> Meddler:
        count = 0

        def change(message: ServerMessage) -> Iterable[ServerMessage]:
            nonlocal count
            if not isinstance(message, Chunk):
                return [message]
            count += 1
            if count % 2:
                return [message]
            return [message, message] if twice else []

        return Numbered(change)

    return make


@pytest.mark.parametrize("twice", [True, False])
async def test_sound_that_is_missing_or_comes_twice_is_a_fault(tmp_path: Path, twice: bool) -> None:
    found = await faults(tmp_path, every_second_chunk(twice))
    assert "sound is missing, or came twice" in found


async def test_the_last_chunk_cannot_be_kept_back_either(tmp_path: Path) -> None:
    def make() -> Meddler:
        end = 0

        def change(message: ServerMessage) -> Iterable[ServerMessage]:
            nonlocal end
            if isinstance(message, Segment):
                end = message.start + message.count
            if isinstance(message, Chunk) and message.start + message.count == end:
                return []
            return [message]

        return Numbered(change)

    found = await faults(tmp_path, make, seconds=3.5)
    assert "a segment ended before all its sound had come" in found


async def test_a_voice_slower_than_real_time_has_gaps(tmp_path: Path) -> None:
    async with healthy(tmp_path, window=500, window_after=0.2) as url:
        tally = await measure(url, Role.SPEAKER, seconds=2)
    assert tally.gap_ms.count + tally.counts["unsure gaps"] >= 2
    assert tally.faults == {}


async def test_mouth_shapes_that_drift_are_told_to_the_sample(tmp_path: Path) -> None:
    def drift(message: ServerMessage) -> Iterable[ServerMessage]:
        if isinstance(message, Segment):
            shapes = tuple(
                structs.replace(shape, start=shape.start + 7 * (index > 0))
                for index, shape in enumerate(message.visemes["oculus"])
            )
            return [structs.replace(message, visemes={"oculus": shapes})]
        return [message]

    async with healthy(tmp_path) as url, meddled(url, numbered(drift)) as other:
        tally = await measure(other, Role.SPEAKER)
    assert tally.drift_samples == 7
    assert tally.faults == {}


async def test_sound_after_an_interrupt_was_answered_is_a_fault(tmp_path: Path) -> None:
    def make() -> Meddler:
        chunk: list[Chunk] = []

        def change(message: ServerMessage) -> Iterable[ServerMessage]:
            if isinstance(message, Chunk):
                chunk[:] = [message]
            if isinstance(message, Interrupted) and chunk:
                return [message, *chunk]
            return [message]

        return Numbered(change)

    found = await faults(tmp_path, make, Role.INTERRUPTER, seconds=3)
    assert "sound after an interrupt was answered" in found


async def test_going_on_at_another_sample_is_a_fault_and_no_success(tmp_path: Path) -> None:
    def make() -> Meddler:
        resumed = False

        def change(message: ServerMessage) -> Iterable[ServerMessage]:
            nonlocal resumed
            if isinstance(message, Ready):
                resumed = message.session.resumed
            if isinstance(message, Chunk) and resumed:
                resumed = False
                return [structs.replace(message, start=message.start + 80)]
            return [message]

        return Numbered(change)

    async with healthy(tmp_path) as url, meddled(url, make) as other:
        tally = await measure(other, Role.DROPPER, seconds=3)
    assert "a stream was taken up at another sample" in tally.faults
    assert tally.figure("resume_success") == 0


def refusing(code: ErrorCode) -> Callable[[], Meddler]:
    def change(message: ServerMessage) -> Iterable[ServerMessage]:
        if isinstance(message, Ready):
            return [Error(code=code, message="not now", fatal=True, retry_after_ms=500)]
        return []

    return numbered(change)


async def test_a_server_that_refuses_everybody_is_measured(tmp_path: Path) -> None:
    async with healthy(tmp_path) as url, meddled(url, refusing(ErrorCode.OVERLOADED)) as other:
        plan = Plan(url=other, sockets=3, ramp_s=0, duration_s=1, mix={Role.IDLE: 1}, lines=[LINE])
        tally = (await run(plan)).tally
    assert tally.refused == {"overloaded": 3}
    assert tally.figure("opened") == 0
    assert tally.faults == {}


async def test_a_server_that_wants_a_key_is_no_load_test(tmp_path: Path) -> None:
    async with healthy(tmp_path) as url, meddled(url, refusing(ErrorCode.UNAUTHORIZED)) as other:
        with pytest.raises(LipwireError, match="not now") as caught:
            await measure(other, Role.IDLE)
    assert caught.value.code is ErrorCode.UNAUTHORIZED


async def test_where_nobody_is_that_is_said() -> None:
    with pytest.raises(LipwireError, match=r"nobody answers at ws://127\.0\.0\.1:9"):
        await measure("ws://127.0.0.1:9/v1/stream", Role.IDLE)


async def test_it_tells_how_it_goes_from_beginning_to_end(tmp_path: Path) -> None:
    shown: list[Moment] = []
    async with healthy(tmp_path) as url:
        plan = Plan(url=url, sockets=4, ramp_s=0.2, duration_s=1.2, mix={Role.IDLE: 1})
        cpu = iter([1.0, 3.5])
        result = await run(plan, shown.append, now=Unhurried(), cpu=cpu.__next__)
    assert shown == [*result.moments]
    assert max(moment.here for moment in shown) == 4
    assert [moment.here for moment in (shown[0], shown[-1])] == [0, 0]
    assert result.seconds >= 1.2
    assert result.cpu_s == 2.5
    assert result.tally.own_delay_ms.count > 5


async def test_a_test_that_is_stopped_tells_what_it_has(tmp_path: Path) -> None:
    stop = asyncio.Event()

    def show(moment: Moment) -> None:
        if moment.here == 4:
            stop.set()

    async with healthy(tmp_path) as url, asyncio.timeout(60):
        plan = Plan(url=url, sockets=4, ramp_s=0, duration_s=600, lines=[LINE])
        result = await run(plan, show, stop=stop)
    assert result.is_stopped
    assert result.seconds < 600
    assert result.tally.counts["opened"] == 4
    assert result.tally.counts["lost"] == 0
    assert result.moments[-1].here == 0


async def test_they_go_as_they_came_within_the_ramp_down(tmp_path: Path) -> None:
    async with healthy(tmp_path) as url:
        mix = {Role.IDLE: 1}
        plan = Plan(url=url, sockets=8, ramp_s=0, duration_s=2.5, ramp_down_s=2, mix=mix)
        result = await run(plan, now=Unhurried())
    here = [moment.here for moment in result.moments]
    going = here[here.index(max(here)) :]
    assert going == sorted(going, reverse=True)
    assert {*going} - {0, max(here)}
    assert result.tally.counts["opened"] == 8
    assert not result.is_stopped


async def test_each_beat_that_was_due_in_a_stall_counts() -> None:
    from lipwire_server.load.crowd import _feel_pulse

    tally, moments = Tally(), iter([0.0, 0.0, 1.0, 1.0])

    with pytest.raises(RuntimeError):  # The clock runs out.
        await _feel_pulse(tally, moments.__next__)
    assert tally.own_delay_ms.count == pytest.approx(20, abs=1)
    assert tally.own_delay_ms.most == pytest.approx(950)
    assert tally.own_delay_ms.quantile(0.5) == pytest.approx(475, abs=50)


async def test_of_a_long_test_no_more_moments_are_kept_than_a_plot_needs() -> None:
    from lipwire_server.load.crowd import _Album

    album = _Album(36_000)
    for second in range(72_000):
        album.keep(Moment(second / 2, 1, {}))
    assert len(album.moments) <= 601
    assert album.moments[-1].seconds == 35_999.5
