"""How far the speaker runs ahead of the listener."""

import asyncio

import pytest
from msgspec import UNSET

from lipwire_protocol import (
    AudioFormat,
    Chunk,
    EndReason,
    Error,
    ErrorCode,
    Flow,
    FlowMode,
    Hello,
    LipwireError,
    Played,
    Segment,
    Timing,
    UtteranceEnded,
    Weights,
    WeightSet,
)
from lipwire_server.speech.audio.pcm import pcm_s16le
from lipwire_server.speech.port import Window
from tests.fakes import FakeSynthesis
from tests.server.session.stage import OFF, PLAYED, stage

pytestmark = pytest.mark.virtual_time

TEXT = "One two three four five six seven."  # 3400 samples
PACED = Hello(flow=Flow(mode=FlowMode.PACED, lead_ms=1_000))


async def test_off_sends_everything_at_once() -> None:
    async with stage(OFF) as on:
        on.say(1, TEXT)
        await asyncio.sleep(0.001)
        assert on.samples() == 3_400


async def test_paced_sends_the_lead_at_once_and_then_in_real_time() -> None:
    async with stage(PACED) as on:
        on.say(1, TEXT)
        while not on.all(UtteranceEnded):
            await asyncio.sleep(0.05)
            elapsed = round(asyncio.get_running_loop().time() * 1_000)
            assert on.samples() <= 1_000 + elapsed
            assert on.samples() > min(3_399, elapsed + 400)


async def test_paced_does_not_save_up_credit_while_nothing_is_said() -> None:
    async with stage(PACED) as on:
        await asyncio.sleep(60)
        on.say(1, TEXT)
        await asyncio.sleep(0.1)
        assert on.samples() == 1_000


async def test_played_sends_the_lead_and_waits_for_reports() -> None:
    async with stage(PLAYED) as on:
        on.say(1, TEXT)
        await asyncio.sleep(600)
        assert on.samples() == 1_000
        for sample in (500, 1_000, 1_600, 2_400):
            on.receive(Played(utterance=1, sample=sample))
            await asyncio.sleep(600)
            assert sample + 500 < on.samples() <= sample + 1_000
        assert on.one(UtteranceEnded).count == 3_400


async def test_a_report_that_claims_too_much_opens_one_lead() -> None:
    async with stage(PLAYED) as on:
        on.say(1, TEXT)
        await asyncio.sleep(1)
        on.receive(Played(utterance=1, sample=2**53 - 1))
        await asyncio.sleep(1)
        assert on.samples() == 2_000


async def test_a_report_about_an_utterance_that_waits_or_never_was_moves_nothing() -> None:
    async with stage(PACED) as on:
        on.say(1, TEXT)
        on.say(2, TEXT)
        await asyncio.sleep(0.5)
        for utterance in (2, 99):
            on.receive(Played(utterance=utterance, sample=0))
            on.receive(Played(utterance=utterance, sample=5_000))
        await asyncio.sleep(0.45)
        assert on.samples() == 1_750


async def test_the_lead_is_of_the_session_and_not_of_an_utterance() -> None:
    async with stage(PLAYED) as on:
        for number in range(1, 9):
            on.say(number, "Hey.")
        await asyncio.sleep(60)
        assert on.samples() == 800  # a chunk of 250 does not fit into the last 200
        on.receive(Played(utterance=2, sample=300))
        await asyncio.sleep(60)
        assert on.samples() == 1_600


@pytest.mark.parametrize(
    ("audio", "lead_ms", "longest"),
    [
        (AudioFormat(), 3_000, 750),
        (AudioFormat(), 500, 125),
        (AudioFormat(chunk_ms=100), 3_000, 100),
        (AudioFormat(chunk_ms=1_000), 4_000, 1_000),
        (AudioFormat(chunk_ms=1_000), 200, 50),
    ],
)
async def test_a_chunk_is_no_longer_than_asked_for_and_a_quarter_of_the_lead(
    audio: AudioFormat, lead_ms: int, longest: int
) -> None:
    for mode in FlowMode:
        hello = Hello(audio=audio, flow=Flow(mode=mode, lead_ms=lead_ms))
        async with stage(hello, window=5_000) as on:
            on.say(1, TEXT)
            for _ in range(50):
                await asyncio.sleep(0.2)
                on.receive(Played(utterance=1, sample=on.samples()))
            assert on.one(UtteranceEnded).count == 3_400
            assert max(chunk.count for chunk in on.all(Chunk)) == longest


async def test_the_audio_is_what_was_synthesized_however_it_is_cut() -> None:
    synthesis = FakeSynthesis()
    whole = b""
    async for part in synthesis._windows(TEXT, synthesis.per_character):
        assert isinstance(part, Window)
        whole += pcm_s16le(part.samples)
    for audio in (AudioFormat(), AudioFormat(chunk_ms=20), AudioFormat(chunk_ms=333)):
        async with stage(Hello(audio=audio, flow=OFF.flow)) as on:
            on.say(1, TEXT)
            await asyncio.sleep(1)
            assert on.audio(1) == whole


async def test_a_job_says_all_that_its_result_depends_on() -> None:
    hello = Hello(flow=OFF.flow, rate_percent=120, seed=7)
    async with stage(hello) as on:
        on.say(1, "Hello.")
        await asyncio.sleep(1)
        (job,) = on.synthesis.jobs
        assert (job.text, job.voice, job.rate_percent, job.seed) == ("Hello.", "fake", 120, 7)


async def test_a_segment_carries_only_the_timing_that_was_asked_for() -> None:
    timing = Timing(words=False, phonemes=True, visemes=())
    async with stage(Hello(flow=OFF.flow, timing=timing)) as on:
        on.say(1, "Hello.")
        await asyncio.sleep(1)
        segment = on.one(Segment)
        assert not segment.words
        assert segment.phonemes
        assert segment.visemes == {}


async def test_a_chunk_has_a_row_of_weights_for_each_frame_that_starts_in_it() -> None:
    hello = Hello(flow=OFF.flow, weights=Weights(set=WeightSet.VRM, fps=30))
    async with stage(hello, window=350) as on:
        on.say(1, "Hello. Good bye.")
        await asyncio.sleep(1)
        rows: list[int] = []
        for chunk in on.all(Chunk):
            assert isinstance(chunk.weights, bytes)
            first, last = (-(-at * 30 // 1_000) for at in (chunk.start, chunk.start + chunk.count))
            assert len(chunk.weights) == 5 * (last - first)
            rows += chunk.weights[::5]
        starts = [-(-1_000 * frame // 30) for frame in range(len(rows))]
        ends_at = on.all(Segment)[1].start
        # The fake mouth tells the time in its segment.
        assert rows == [(at if at < ends_at else at - ends_at) // 10 % 256 for at in starts]
        assert len(rows) == on.one(UtteranceEnded).count * 30 // 1_000 == 45


async def test_weights_that_nobody_asked_for_are_not_sent() -> None:
    async with stage() as on:
        on.say(1, "Hello.")
        await asyncio.sleep(1)
        assert all(chunk.weights is UNSET for chunk in on.all(Chunk))


async def test_an_utterance_for_which_there_is_no_room_ends_at_once() -> None:
    full = LipwireError(ErrorCode.OVERLOADED, "full", retry_after_ms=900)
    async with stage(fail_plan=[0], error=full) as on:
        on.say(1, "One. Two. Three.", end=False)
        on.say(2, "Four.")
        await asyncio.sleep(5)
        (refusal,) = on.all(Error)
        assert (refusal.code, refusal.utterance) == (ErrorCode.OVERLOADED, 1)
        assert refusal.retry_after_ms == 900
        assert on.one(UtteranceEnded, 1).reason is EndReason.ERROR
        assert len(on.synthesis.jobs) == 2
        assert on.one(UtteranceEnded, 2).reason is EndReason.DONE
