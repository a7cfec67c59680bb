"""`configure`: what is spoken from the next segment on is spoken otherwise."""

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from lipwire_protocol import (
    AudioFormat,
    Bye,
    Codec,
    Configure,
    Configured,
    ErrorCode,
    Flow,
    FlowMode,
    Hello,
    LipwireError,
    Segment,
    TextOptions,
    Timing,
    Warning,
)
from tests.fakes import VOICE

from .stage import stage

pytestmark = pytest.mark.virtual_time

OTHER = replace(VOICE, name="other", sample_rate=500, speakers=("ann", "bob"))


async def test_the_settings_are_read_back() -> None:
    async with stage(known=(VOICE, OTHER)) as on:
        on.receive(Configure(voice="other", speaker="bob", volume_percent=50, noise_percent=0))
        configured = on.one(Configured)
        assert (configured.voice.name, configured.voice.speaker) == ("other", "bob")
        assert configured.voice.speakers == 2
        assert (configured.rate_percent, configured.volume_percent) == (100, 50)
        assert configured.noise_percent == 0


async def test_they_hold_from_the_next_segment_on() -> None:
    async with stage(plan_after=0.1, known=(VOICE, OTHER)) as on:
        on.say(1, "One two. Three four.", end=False)
        await asyncio.sleep(0.05)
        on.receive(Configure(rate_percent=150, voice="other", noise_percent=50))
        on.say(1, "", end=True)
        await asyncio.sleep(5)
        first, second = on.synthesis.jobs
        assert (first.rate_percent, first.voice, first.noise_percent) == (100, "fake", 100)
        assert (second.rate_percent, second.voice, second.noise_percent) == (150, "other", 50)
        assert second.speaker == "ann"


async def test_the_answer_says_from_which_segment_on() -> None:
    async with stage(plan_after=0.1) as on:
        on.receive(Configure(rate_percent=90))
        on.say(4, "One two. Three four.", end=False)
        await asyncio.sleep(0.05)
        on.receive(Configure(rate_percent=120))
        on.say(4, "", end=True)
        await asyncio.sleep(5)
        on.receive(Configure(rate_percent=150))
        on.say(7, "Five.")
        await asyncio.sleep(5)
        places = [configured.from_ for configured in on.all(Configured)]
        assert places == [(0, 0), (4, 1), (5, 0)]
        begins = [(segment.utterance, segment.segment) for segment in on.all(Segment)]
        assert begins == [(4, 0), (4, 1), (7, 0)]
        # Each segment is spoken with what holds at its place.
        assert [job.rate_percent for job in on.synthesis.jobs] == [90, 120, 150]


async def test_a_voice_of_another_rate_speaks_at_the_rate_of_the_session() -> None:
    async with stage(known=(VOICE, OTHER)) as on:
        on.say(1, "One.")
        await asyncio.sleep(5)
        on.receive(Configure(voice="other"))
        on.say(2, "One.")
        await asyncio.sleep(5)
        # As many samples of the voice, at half the rate.
        assert on.samples(1) == 400
        assert on.samples(2) == 800
        assert len(on.audio(2)) == 2 * 800


async def test_volume_is_heard_at_once_and_needs_no_other_synthesis() -> None:
    async with stage() as on:
        on.say(1, "One.")
        await asyncio.sleep(5)
        on.receive(Configure(volume_percent=50))
        on.say(2, "One.")
        await asyncio.sleep(5)
        loud, soft = (np.frombuffer(on.audio(number), "<i2") for number in (1, 2))
        assert np.abs(loud - 2 * soft.astype(int)).max() <= 1
        assert on.synthesis.jobs[0] == on.synthesis.jobs[1]


async def test_a_lexicon_holds_from_the_next_utterance_on() -> None:
    async with stage() as on:
        on.say(1, "SQL is", end=False)
        on.receive(Configure(lexicon={"SQL": "sequel"}))
        on.say(1, " SQL.")
        on.say(2, "SQL.")
        await asyncio.sleep(5)
        assert [job.text for job in on.synthesis.jobs] == ["SQL is SQL.", "sequel."]
        assert [segment.text for segment in on.all(Segment)] == ["SQL is SQL.", "SQL."]


async def test_timing_can_be_asked_for_later() -> None:
    async with stage() as on:
        on.receive(Configure(timing=Timing(words=False, phonemes=True)))
        on.say(1, "One.")
        await asyncio.sleep(5)
        assert on.one(Segment).phonemes
        assert not on.one(Segment).words


async def test_a_wish_that_cannot_be_fulfilled_changes_nothing() -> None:
    async with stage() as on:
        with pytest.raises(LipwireError, match="no voice named 'max'") as caught:
            on.receive(Configure(voice="max", rate_percent=150))
        assert caught.value.code is ErrorCode.NOT_FOUND
        on.say(1, "One.")
        await asyncio.sleep(5)
        assert on.synthesis.jobs[0].rate_percent == 100


async def test_what_is_not_done_is_said_and_the_rest_is_done() -> None:
    async with stage() as on:
        on.receive(Configure(timing=Timing(visemes=("arkit",)), rate_percent=150))
        assert "arkit" in on.one(Warning).message
        assert on.one(Configured).rate_percent == 150


@pytest.mark.parametrize("codec", Codec)
async def test_every_codec_carries_all_of_an_utterance(codec: Codec) -> None:
    audio = AudioFormat(codec=codec, sample_rate=8_000)
    hello = Hello(flow=Flow(mode=FlowMode.OFF), audio=audio)
    async with stage(hello) as on:
        on.say(1, "One. Two.")
        on.receive(Bye())
        await on.running
        assert on.samples() == 8 * (400 + 400)


async def test_markup_is_heard_and_timed_where_the_caller_wrote_it() -> None:
    text = TextOptions(ssml=True)
    hello = Hello(flow=Flow(mode=FlowMode.OFF), text=text, rate_percent=150)
    sent = (
        '<speak>One <mark name="here"/>two.<break time="300ms"/>'
        '<prosody rate="200%">Three.</prosody></speak>'
    )
    async with stage(hello) as on:
        on.say(1, sent)
        await asyncio.sleep(5)
        one, pause, three = on.synthesis.jobs
        assert (one.text, one.rate_percent) == ("One two.", 150)
        assert (pause.text, pause.silence_ms) == ("", 300)
        assert (three.text, three.rate_percent) == ("Three.", 200)
        (segment, _, _) = on.all(Segment)
        assert segment.marks
        assert segment.words
        assert segment.marks[0].at == segment.words[1].start
        assert [sent[word.begin : word.end] for word in segment.words] == ["One", "two"]


async def test_markup_that_is_not_understood_is_spoken_around_and_said() -> None:
    text = TextOptions(ssml=True)
    async with stage(Hello(flow=Flow(mode=FlowMode.OFF), text=text)) as on:
        on.say(1, "One & two <speak")
        await asyncio.sleep(5)
        assert on.synthesis.jobs
        warnings = on.all(Warning)
        assert warnings
        assert all(warning.code is ErrorCode.BAD_MESSAGE for warning in warnings)
