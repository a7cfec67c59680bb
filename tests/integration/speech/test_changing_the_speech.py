"""What a client changes of a real server's speech, before it is spoken and while it is."""

import asyncio
from pathlib import Path

import numpy as np
from tests.patience import complaints
from tests.server_process import ServerProcess, running_server
from tests.tiny_voice import NAME as TINY
from tests.tiny_voice import SPEAKERS, Anatomy, write_tiny_voice

from lipwire_client import Session, Spoken, connect
from lipwire_protocol import (
    Chunk,
    Configure,
    Continue,
    Flow,
    FlowMode,
    Hello,
    Interrupt,
    Pause,
    Ping,
    Played,
    Pong,
    Speak,
    TextOptions,
    Timing,
)

FAST = Flow(mode=FlowMode.OFF)
PACED = Flow(mode=FlowMode.PACED, lead_ms=1_000)
PLAYED = Flow(mode=FlowMode.PLAYED, lead_ms=1_000)
TEXT = "Help the woman get back to her feet."


def count(spoken: Spoken) -> int:
    assert spoken.ended is not None and complaints(spoken.warnings) == []
    return spoken.ended.count


def loudness(spoken: Spoken) -> float:
    return float(np.sqrt(np.mean(np.frombuffer(spoken.audio, "<i2").astype(float) ** 2)))


async def test_configure_changes_what_is_spoken_next_and_can_be_taken_back(
    server: ServerProcess,
) -> None:
    async with connect(server.stream, Hello(flow=FAST)) as session:

        async def say_with(wish: Configure) -> Spoken:
            await session.send(wish)
            return await session.say(TEXT)

        usual = await session.say(TEXT)
        quick = await say_with(Configure(rate_percent=200))
        # No phoneme is shorter than a hop.
        assert 0.5 <= count(quick) / count(usual) < 0.7
        soft = await say_with(Configure(rate_percent=100, volume_percent=50))
        assert count(soft) == count(usual)
        assert 0.49 < loudness(soft) / loudness(usual) < 0.51
        named = await say_with(Configure(volume_percent=100, lexicon={"woman": "grandmother"}))
        assert count(named) > count(usual)
        assert named.segments[0].text == TEXT
        timed = await say_with(
            Configure(lexicon={}, timing=Timing(words=False, phonemes=True, visemes=()))
        )
        assert timed.segments[0].phonemes and not timed.segments[0].words
        assert not timed.segments[0].visemes
        assert timed.audio == usual.audio


async def test_without_chance_every_seed_sounds_the_same(server: ServerProcess) -> None:
    async def ask(seed: int) -> bytes:
        hello = Hello(flow=FAST, seed=seed, noise_percent=0)
        async with connect(server.stream, hello) as session:
            return (await session.say("Kick the ball.")).audio

    first, second = await asyncio.gather(ask(1), ask(2))
    assert first == second


async def until_chunk(session: Session, spoken: Spoken) -> None:
    while not isinstance(message := await session.receive(), Chunk):
        spoken.add(message)
    spoken.add(message)


async def until_pong(session: Session, spoken: Spoken, stamp: int) -> None:
    await session.send(Ping(stamp=stamp))
    while not (isinstance(message := await session.receive(), Pong) and message.stamp == stamp):
        spoken.add(message)


async def until_ended(session: Session, spoken: Spoken) -> None:
    while spoken.ended is None:
        message = await session.receive()
        spoken.add(message)
        if isinstance(message, Chunk):
            await hear(session, message)


async def hear(session: Session, chunk: Chunk) -> None:
    await session.send(Played(utterance=chunk.utterance, sample=chunk.start + chunk.count))


async def test_what_was_held_in_a_pause_comes_after_it_as_if_there_had_been_none(
    server: ServerProcess,
) -> None:
    text = f"{TEXT} Four hours of steady work faced us."
    # Of what nobody has heard no more than a second comes, however late the pause is.
    async with connect(server.stream, Hello(flow=PLAYED, seed=3)) as session:
        held = Spoken()
        await session.send(Speak(utterance=1, text=text, end=True))
        await until_chunk(session, held)
        await session.send(Pause())
        # What had left for the outbox before may come until the second answer.
        await until_pong(session, held, 1)
        await until_pong(session, held, 2)
        arrived = len(held.chunks)
        await hear(session, held.chunks[-1])
        await until_pong(session, held, 3)
        await asyncio.sleep(0.2)
        await until_pong(session, held, 4)
        assert len(held.chunks) == arrived and held.ended is None
        await session.send(Continue())
        await until_ended(session, held)
    async with connect(server.stream, Hello(flow=FAST, seed=3)) as session:
        usual = await session.say(text)
    assert held.audio == usual.audio


async def test_a_pause_does_not_keep_an_interrupt_nor_the_next_utterance(
    server: ServerProcess,
) -> None:
    # The same sentence is made once: without a pace, all twenty could be there before the pause.
    async with connect(server.stream, Hello(flow=PACED)) as session:
        spoken = Spoken()
        await session.send(Speak(utterance=0, text=f"{TEXT} " * 20, end=True))
        await until_chunk(session, spoken)
        await session.send(Pause())
        await session.send(Interrupt(utterance=0, heard=100))
        await until_ended(session, spoken)
        assert spoken.interrupted is not None and spoken.interrupted.heard == 100
        await session.send(Continue())
        assert count(await session.say(TEXT)) > 0


async def test_ssml_gives_silence_marks_and_another_speed(server: ServerProcess) -> None:
    text = (
        "<speak>Smoky fires lack flame.<break time='700ms'/><mark name='here'/>Four hours of"
        " steady work faced us. <prosody rate='200%'>Smoky fires lack flame.</prosody></speak>"
    )
    hello = Hello(flow=FAST, text=TextOptions(ssml=True), timing=Timing(phonemes=True))
    async with connect(server.stream, hello) as session:
        spoken = await session.say(text)
    usual, silence, marked, quick = spoken.segments
    assert count(spoken) == sum(segment.count for segment in spoken.segments)
    assert 700 <= silence.count / 22.05 < 712
    begin, end = (2 * at for at in (silence.start, silence.start + silence.count))
    assert not any(spoken.audio[begin:end]) and any(spoken.audio[:begin])
    [(name, at)] = [(m.name, m.at) for s in spoken.segments for m in s.marks or ()]
    assert marked.words and (name, at) == ("here", marked.words[0].start)
    assert 0.5 <= quick.count / usual.count < 0.7


async def test_each_speaker_of_a_voice_has_a_voice(tmp_path: Path) -> None:
    write_tiny_voice(tmp_path, anatomy=Anatomy(speakers=3))
    with running_server({"LIPWIRE_VOICES": str(tmp_path), "LIPWIRE_VOICE": TINY}) as server:
        async with connect(server.stream, Hello(flow=FAST)) as session:
            assert session.ready.voice.speakers == 3
            assert session.ready.voice.speaker == SPEAKERS[0]
            first = await session.say(TEXT)
            heard = {first.audio}
            for speaker in SPEAKERS[1:]:
                await session.send(Configure(speaker=speaker))
                heard.add((await session.say(TEXT)).audio)
        assert len(heard) == 3
        async with connect(server.stream, Hello(flow=FAST, speaker=SPEAKERS[0])) as session:
            assert (await session.say(TEXT)).audio == first.audio
