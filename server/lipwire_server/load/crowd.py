"""A load test: a crowd comes, stays, and is measured."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from lipwire_protocol import (
    Error,
    ErrorCode,
    Flow,
    FlowMode,
    Hello,
    LipwireError,
    Ready,
    ServerMessage,
    Speak,
    UtteranceEnded,
)

from .people import Person, Stage, World
from .roles import USUAL, Role, in_turn
from .socket import Closed, LoadSocket, open_socket
from .tally import Tally

__all__ = ["LINES", "Moment", "Plan", "Result", "run"]

LINES: Final = (
    "Good morning, and thank you for coming in today.",
    "Could you tell me a little about what you did last?",
    "That is interesting. What was the hardest part of it, and how did you get through?",
    "Let us look at another example, one in which things went differently.",
    "I see. Take your time, there is no hurry at all.",
    "Before we finish, is there anything that you would like to ask?",
)
"""What is said where no script is given."""

_TICK_S: Final = 0.5
_LATE_S: Final = 40.0
"""How long after the end the last ones are waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done."""

    url: str
    """Of the stream: ws://host:port/v1/stream."""
    sockets: int = 100
    ramp_s: float = 10.0
    """Within which all of them come."""
    duration_s: float = 60.0
    """From the first that comes until everybody goes."""
    mix: Mapping[Role, int] = field(default_factory=lambda: dict(USUAL))
    lines: Sequence[str] = LINES
    is_same: bool = False
    """They all say the first line, so that the server makes it once."""
    token: str | None = None
    voice: str | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """How it was, so long after the beginning."""

    seconds: float
    here: int
    figures: Mapping[str, float | None]


@dataclass(frozen=True, slots=True)
class Result:
    plan: Plan
    tally: Tally
    moments: Sequence[Moment]


async def run(plan: Plan, show: Callable[[Moment], None] = lambda moment: None) -> Result:
    """Runs it to its end; `show` is told how it goes, twice a second.

    Raises LipwireError where nobody is there, or the stage cannot be had.
    """
    now = asyncio.get_running_loop().time
    began = now()
    tally = Tally()
    world = World(
        url=plan.url,
        lines=plan.lines,
        token=plan.token,
        voice=plan.voice,
        tally=tally,
        until=began + plan.duration_s,
        is_same=plan.is_same,
    )
    roles = in_turn(plan.mix, plan.sockets)
    stage = Stage()
    await _knock(plan)
    people = [Person(plan.seed + number, role, world, stage) for number, role in enumerate(roles)]
    moments: list[Moment] = []

    def note() -> None:
        here = sum(person.is_here for person in people)
        moment = Moment(now() - began, here, _figures(tally))
        moments.append(moment)
        show(moment)

    async with asyncio.TaskGroup() as group:
        performing = None
        if Role.LISTENER in roles:
            performing = group.create_task(_perform(plan, stage))
            await stage.is_set.wait()
        coming = group.create_task(_all_come(people, plan.ramp_s))
        while not coming.done() and now() < began + plan.duration_s + _LATE_S:
            note()
            await asyncio.wait([coming], timeout=_TICK_S)
        coming.cancel()
        if performing is not None:
            performing.cancel()
    note()
    return Result(plan, tally, moments)


async def _all_come(people: Sequence[Person], ramp_s: float) -> None:
    async with asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(person.live())
            await asyncio.sleep(ramp_s / len(people))


async def _knock(plan: Plan) -> None:
    """Raises LipwireError where nobody opens, or opens only to refuse."""
    answers: list[ServerMessage] = []
    socket = await _open(plan, answers.append)
    try:
        socket.send(Hello(token=plan.token, voice=plan.voice, persist=False))
        await _until(socket, lambda: any(isinstance(each, Ready | Error) for each in answers))
    except Closed as closed:
        raise LipwireError(ErrorCode.INTERNAL, f"{plan.url} closes with {closed.code}") from closed
    finally:
        socket.close()
        socket.cut()
    for answer in answers:
        if isinstance(answer, Error):
            raise LipwireError(answer.code, answer.message, retry_after_ms=answer.retry_after_ms)


async def _perform(plan: Plan, stage: Stage) -> None:
    """Speaks for those who listen, one line after another without a rest."""
    messages: list[ServerMessage] = []
    ended = 0

    def heard(message: ServerMessage) -> None:
        nonlocal ended
        if isinstance(message, Ready):
            messages.append(message)
        ended += isinstance(message, UtteranceEnded)

    socket = await _open(plan, heard)
    try:
        flow = Flow(mode=FlowMode.PACED, lead_ms=1_000)
        socket.send(Hello(token=plan.token, voice=plan.voice, flow=flow, persist=False))
        await _until(socket, lambda: bool(messages))
        ready = messages[0]
        assert isinstance(ready, Ready)
        stage.session, stage.secret = ready.session.id, ready.session.watch_secret
        stage.is_set.set()
        number = 0
        while True:
            # Two are always waiting, so that it never stops.
            while number < ended + 2:
                line = plan.lines[0 if plan.is_same else number % len(plan.lines)]
                number += 1
                socket.send(Speak(utterance=number, text=line, end=True))
            await asyncio.sleep(0.2)
    finally:
        stage.is_set.set()
        socket.cut()


async def _open(plan: Plan, heard: Callable[[ServerMessage], None]) -> LoadSocket:
    try:
        return await open_socket(plan.url, heard)
    except Closed as closed:
        reason = f"it answers {closed.code}, and is no Lipwire that lets us in"
        raise LipwireError(ErrorCode.INTERNAL, f"{plan.url}: {reason}") from closed
    except (OSError, TimeoutError) as error:
        raise LipwireError(
            ErrorCode.INTERNAL, f"nobody answers at {plan.url} ({type(error).__name__})"
        ) from error


async def _until(socket: LoadSocket, condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(_LATE_S):
        while not condition():
            if socket.closed.done():
                if condition():
                    return
                raise Closed(socket.closed.result())
            await asyncio.sleep(0.02)


def _figures(tally: Tally) -> dict[str, float | None]:
    names = ("first_sound_p50_ms", "first_sound_p95_ms", "gaps", "faults", "refused", "utterances")
    return {name: tally.figure(name) for name in names}
