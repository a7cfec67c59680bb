"""Who may take a session up, and for how long; see also test_host."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from msgspec import structs

from lipwire_protocol import (
    ErrorCode,
    Hello,
    Limits,
    LipwireError,
    Ready,
)
from lipwire_server.face.cast import Cast
from lipwire_server.session.registry import Registry, Secrets, sha256
from lipwire_server.store.records import SessionEnded, SessionResumed, UtteranceRecord
from tests.server.session.lines import Line, Lines, lines

pytestmark = pytest.mark.virtual_time

WINDOW_S = Limits().resume_ms / 1000
SAME = pytest.mark.parametrize("killed", [False, True], ids=["same process", "another process"])


async def refused(resuming: Callable[[], object]) -> LipwireError:
    with pytest.raises(LipwireError) as caught:
        await resuming()  # type: ignore[misc]
    return caught.value


def shows(ready: Ready, **other: str) -> Ready:
    """What somebody has who has another id or secret."""
    return structs.replace(ready, session=structs.replace(ready.session, **other))


def test_the_newest_secret_opens_and_the_one_before_it_while_there_is_one() -> None:
    first = Secrets(sha256("a"))
    assert first.open_with(sha256("a"))
    assert not first.open_with(sha256("b"))
    second = Secrets(sha256("b"), sha256("a"))
    assert second.open_with(sha256("a"))
    assert second.open_with(sha256("b"))
    assert not second.open_with(bytes(32))


async def spoken_to(server: Lines) -> Line:
    line = server.open()
    line.speak(1, "Hello there. Good bye.")
    await asyncio.sleep(0.6)
    return line


@SAME
async def test_an_unknown_session_a_wrong_secret_and_a_late_one_get_one_answer(
    killed: bool,
) -> None:
    async with lines(window_after=0.5) as server:
        line = await spoken_to(server)
        server.lose(line)
        if killed:
            server.killed()
        answers = []
        for other in ({"secret": "wrong"}, {"id": "no id"}, {"id": str(line.session.id)[::-1]}):
            asked = server.log.asked
            shown = shows(line.ready, **other)
            answers.append(await refused(lambda: server.resume(shown, line.heard)))  # noqa: B023
            assert server.log.asked == asked + 1
        await asyncio.sleep(WINDOW_S + 1)
        answers.append(await refused(lambda: server.resume(line.ready, line.heard)))
        assert {answer.code for answer in answers} == {ErrorCode.NOT_FOUND}
        assert len({str(answer) for answer in answers}) == 1


async def test_a_session_waits_for_its_window_and_not_longer() -> None:
    async with lines(window_after=0.5) as server:
        line = await spoken_to(server)
        server.lose(line)
        assert isinstance(server.records[-1], SessionEnded)
        await asyncio.sleep(WINDOW_S - 1)
        second = await server.resume(line.ready, line.heard)
        assert server.log.asked == 0
        server.lose(second)
        await asyncio.sleep(WINDOW_S + 1)
        (record,) = [r for r in server.records if isinstance(r, UtteranceRecord)]
        assert record.reason == "error"


@SAME
async def test_each_connection_gets_a_new_secret_and_the_old_one_holds_until_it_is_used(
    killed: bool,
) -> None:
    async with lines(window_after=0.5) as server:
        first = await spoken_to(server)

        async def again(line: Line) -> Line:
            server.killed() if killed else server.lose(server.live[-1])
            return await server.resume(line.ready, first.heard)

        second = await again(first)
        third = await again(first)  # The answer to the second was lost.
        assert len({line.ready.session.secret for line in (first, second, third)}) == 3
        fourth = await again(third)
        assert (await refused(lambda: again(first))).code is ErrorCode.NOT_FOUND
        await again(fourth)


async def test_a_session_that_another_server_had_since_comes_back_as_it_was_there() -> None:
    async with lines(window_after=0.5) as server:
        first = await spoken_to(server)
        here = server.host
        server.lose(first)
        server.killed()  # It is not, but this is another one.
        second = await server.resume(first.ready, first.heard)
        second.speak(2, "Said there.")
        await asyncio.sleep(0.1)
        server.lose(second)
        server.host = here
        third = await server.resume(second.ready, [*first.heard, *second.heard])
        await asyncio.sleep(60)
        assert third.heard[-1].utterance == 2  # type: ignore[union-attr]
        assert here.registry.current(first.session.id) is third.session


async def test_a_secret_that_only_the_database_still_takes_opens_nothing() -> None:
    async with lines(window_after=0.5) as server:
        first = await spoken_to(server)
        server.lose(first)
        second = await server.resume(first.ready, first.heard)
        server.lose(second)
        third = await server.resume(second.ready, first.heard)
        # Nothing of that was written yet.
        server.records[:] = [r for r in server.records if not isinstance(r, SessionResumed)]
        late = await refused(lambda: server.resume(first.ready, first.heard))
        assert late.code is ErrorCode.NOT_FOUND
        assert third.displaced == []


async def test_a_face_that_this_server_has_not_is_replaced_by_its_own() -> None:
    async with lines(window_after=0.5) as server:
        first = await spoken_to(server)
        server.killed()
        server.host = replace(server.host, cast=Cast("other", {"other": 99}))
        second = await server.resume(first.ready, first.heard)
        assert (second.ready.avatar, second.ready.frames.size) == ("other", 99)


async def test_who_shows_the_secret_takes_the_session_over() -> None:
    async with lines(window_after=0.5) as server:
        first = await spoken_to(server)
        arrived = list(first.heard)
        second = await server.resume(first.ready, arrived)
        assert first.displaced == [ErrorCode.TAKEN_OVER]
        before = len(first.heard)
        await asyncio.sleep(60)
        assert len(first.heard) == before
        assert second.heard[-1].utterance == 1  # type: ignore[union-attr]
        server.lose(first)
        assert not [r for r in server.records if isinstance(r, SessionEnded)]
        assert len([r for r in server.records if isinstance(r, UtteranceRecord)]) == 1
        assert server.synthesis.seated == 0


@pytest.mark.parametrize("code", [1000, 1011])
async def test_who_left_on_purpose_cannot_come_back(code: int) -> None:
    async with lines(window_after=0.5) as server:
        line = await spoken_to(server)
        server.lose(line, code)
        assert [r.reason for r in server.records if isinstance(r, UtteranceRecord)] == ["error"]
        assert (await refused(lambda: server.resume(line.ready, line.heard))).code is (
            ErrorCode.NOT_FOUND
        )


async def test_what_is_not_stored_can_be_taken_up_in_its_process_only() -> None:
    async with lines(window_after=0.5) as server:
        line = server.open(Hello(persist=False))
        line.speak(1, "Hello there.", number=1)
        await asyncio.sleep(0.6)
        assert "number=1" in str(line.heard)
        server.lose(line)
        second = await server.resume(line.ready, line.heard)
        assert second.ready.session.received == (1,)
        assert server.records == []
        server.killed()
        assert (await refused(lambda: server.resume(second.ready, line.heard))).code is (
            ErrorCode.NOT_FOUND
        )


@pytest.mark.parametrize(
    "registry", [Registry(waiting=2), Registry(characters=265)], ids=["many", "much"]
)
async def test_of_too_many_that_wait_the_one_that_waits_longest_is_given_up(
    registry: Registry, caplog: pytest.LogCaptureFixture
) -> None:
    async with lines(window_after=0.5) as server:
        server.host = replace(server.host, registry=registry)
        waiting = [await spoken_to(server) for _ in range(3)]
        for line in waiting:
            server.lose(line)
        assert f"session {waiting[0].session.id} is given up" in caplog.text
        (record,) = [r for r in server.records if isinstance(r, UtteranceRecord)]
        assert record.session_id == waiting[0].session.id
        await server.resume(waiting[1].ready, waiting[1].heard)
        assert server.log.asked == 0
        server.host.registry.close()
        assert len([r for r in server.records if isinstance(r, UtteranceRecord)]) == 2


async def test_whoever_loses_thousands_does_not_fill_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with lines() as server:
        server.host = replace(server.host, registry=Registry(waiting=1))
        for _ in range(9):
            server.lose(server.open())
        told = [record.getMessage() for record in caplog.records]
        assert [text.rpartition(": ")[2] for text in told] == ["1", "2", "4", "8"]
        server.host.registry.close()


async def test_a_client_that_comes_twice_at_once_has_it_once() -> None:
    async with lines(window_after=0.5) as server:
        first = await spoken_to(server)
        server.killed()
        one, other = await asyncio.gather(
            server.resume(first.ready, first.heard), server.resume(first.ready, first.heard)
        )
        await asyncio.sleep(60)
        assert one.displaced == [] or other.displaced == []
        current = server.host.registry.current(first.session.id)
        assert current in (one.session, other.session)
