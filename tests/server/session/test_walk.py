"""Whatever a client says, in whatever rhythm: the order holds and everything ends exactly once."""

import asyncio
from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lipwire_protocol import (
    Bye,
    Chunk,
    ClientMessage,
    EndReason,
    Flow,
    FlowMode,
    Flush,
    Hello,
    Interrupt,
    Limits,
    LipwireError,
    Played,
    Speak,
    UtteranceEnded,
)
from tests.conftest import VirtualTimeLoop
from tests.server.session.stage import Stage, stage

LIMITS = Limits(message_text=60, waiting_text=150, waiting_utterances=4)
NUMBERS = st.integers(0, 6)
TEXTS = st.sampled_from(
    [
        "",
        " ",
        "Hello",
        "Hello there. ",
        "Good bye. And so on, ",
        "...",
        "!? ",
        "x" * 61,
        "One. Two.",
    ]
)
HEARD = st.none() | st.integers(0, 5_000)

STEPS = st.one_of(
    st.builds(Speak, utterance=NUMBERS, text=TEXTS, end=st.booleans()),
    st.builds(Speak, utterance=NUMBERS, text=TEXTS, end=st.booleans()),
    st.builds(Flush, utterance=NUMBERS),
    st.builds(Interrupt, utterance=st.none() | NUMBERS, heard=HEARD),
    st.builds(Played, utterance=NUMBERS, sample=st.integers(0, 5_000)),
    st.sampled_from([0, 1, 2, 50, 300, 1_000, 5_000]).map(float),
    st.sampled_from(["hold", "hold little", "release"]),
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    mode=st.sampled_from(FlowMode),
    delays=st.tuples(*[st.sampled_from([0.0, 0.05, 0.5])] * 2),
    failing=st.sets(st.integers(0, 6), max_size=3),
    steps=st.lists(STEPS, max_size=30),
    ending=st.sampled_from(["bye", "drain", "abandon"]),
)
def test_a_client_at_random_gets_an_orderly_answer(
    mode: FlowMode,
    delays: tuple[float, float],
    failing: set[int],
    steps: list[ClientMessage | float | str],
    ending: str,
) -> None:
    async def walk() -> None:
        hello = Hello(flow=Flow(mode=mode, lead_ms=1_000))
        async with stage(
            hello,
            limits=LIMITS,
            plan_after=delays[0],
            window_after=delays[1],
            fail_plan={number for number in failing if number % 2},
            fail_middle=failing,
        ) as on:
            accepted: set[int] = set()
            for step in steps:
                await take(on, step, accepted)
            if ending == "abandon":
                on.conversation.abandon(EndReason.ERROR)
                on.running.cancel()
            on.sink.release()
            if ending == "bye":
                on.receive(Bye())
            elif ending == "drain":
                on.conversation.drain()
            await listen(on)
            assert_settled(on, accepted)

    loop = VirtualTimeLoop()
    try:
        loop.run_until_complete(asyncio.wait_for(walk(), 3_600))
    finally:
        loop.close()


async def take(on: Stage, step: ClientMessage | float | str, accepted: set[int]) -> None:
    if isinstance(step, float):
        for _ in range(int(step) if step < 5 else 0):
            await asyncio.sleep(0)
        await asyncio.sleep(step / 1_000 if step >= 5 else 0)
    elif isinstance(step, str):
        if step == "release":
            on.sink.release()
        else:
            on.sink.hold(3 if step == "hold little" else None)
    else:
        with suppress(LipwireError):
            on.receive(step)
            if isinstance(step, Speak) and (step.text or step.end):
                accepted.add(step.utterance)


async def listen(on: Stage) -> None:
    """Hears everything, however long it takes."""
    while not on.running.done():
        await asyncio.sleep(0.5)
        for utterance in {chunk.utterance for chunk in on.all(Chunk)}:
            on.receive(Played(utterance=utterance, sample=on.samples(utterance)))
    with suppress(asyncio.CancelledError):
        await on.running


def assert_settled(on: Stage, accepted: set[int]) -> None:
    ended = [message.utterance for message in on.all(UtteranceEnded)]
    assert len(ended) == len(set(ended))
    # Text that came too late was not accepted, and its number may never have been opened.
    assert set(ended) <= accepted
    opened = {n for n in accepted if set(on.tags(n)) - {"warning"}}
    assert opened <= set(ended)
    assert {record.number for record in on.spoken()} == set(ended)
    for record in on.spoken():
        assert on.samples(record.number) <= record.count
    assert len(on.synthesis.cancelled) <= len(on.synthesis.jobs)
    assert not on.conversation.busy
