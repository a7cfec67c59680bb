"""Frames travel with the samples that they are seen during, and are what gives way."""

import asyncio
import threading
from collections.abc import Callable

import pytest
from msgspec import UNSET, structs

from lipwire_protocol import (
    Chunk,
    Configure,
    Configured,
    Error,
    ErrorCode,
    Flow,
    FlowMode,
    Frame,
    FrameCounts,
    FrameMode,
    Frames,
    Hello,
    Idle,
    Interrupt,
    LipwireError,
    Played,
    Pose,
    Posed,
    SegmentEnded,
    Sprites,
    UtteranceEnded,
    Warning,
)
from lipwire_server.face.atlas import Atlas
from lipwire_server.face.packs.avatar import Avatar
from lipwire_server.face.poses import State
from lipwire_server.session.animation import Animation
from lipwire_server.session.frames import Draws
from lipwire_server.session.terms import Terms
from tests.server.session.stage import Stage, stage
from tests.tiny_avatar import SIZE

OFF = Flow(mode=FlowMode.OFF)
SPRITES = Hello(flow=OFF, frames=Frames(mode=FrameMode.SPRITES, size=SIZE, fps=25))
FULL = Hello(flow=OFF, frames=Frames(mode=FrameMode.FULL, size=SIZE, fps=25))
TEXT = "Two words."  # 1000 samples, which are milliseconds: 25 frames


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def spoken(on: Stage, number: int, text: str = TEXT) -> list[Frame]:
    on.say(number, text)
    await until(lambda: on.all(UtteranceEnded, number))
    return [frame for chunk in on.all(Chunk, number) for frame in chunk.frames or ()]


async def test_every_frame_of_an_utterance_is_sent_in_the_chunk_that_it_starts_in() -> None:
    async with stage(SPRITES) as on:
        frames = await spoken(on, 1)
        assert [frame.start for frame in frames] == list(range(0, 1_000, 40))
        assert on.one(SegmentEnded).frames == structs.replace(on.one(SegmentEnded).frames, sent=25)
        assert len({frame.draws for frame in frames}) > 1


async def test_frames_count_from_the_utterance_whatever_its_segments_are() -> None:
    async with stage(
        structs.replace(SPRITES, frames=structs.replace(SPRITES.frames, fps=30))
    ) as on:
        frames = await spoken(on, 1, "One. Two three. Four.")
        assert len(on.all(SegmentEnded)) > 1
        assert [frame.start for frame in frames] == [
            -(-k * 1_000 // 30) for k in range(len(frames))
        ]
        assert len(frames) == -(-on.samples() * 30 // 1_000)


async def test_a_face_is_there_before_anything_is_said() -> None:
    async with stage(SPRITES) as on:
        await until(lambda: on.all(Idle))
        idle = on.one(Idle)
        assert idle.count == 8_000
        assert idle.frames and idle.frames[0].start == 0
        assert on.all(Sprites)  # The sink holds them to coming first.


async def test_equal_utterances_have_equal_frames() -> None:
    async with stage(SPRITES) as on:
        assert await spoken(on, 1) == await spoken(on, 2)
    async with stage(SPRITES, window=170) as on:
        first = await spoken(on, 1)
    async with stage(SPRITES, window=900) as on:
        assert await spoken(on, 1) == first


async def test_without_frames_there_are_none() -> None:
    async with stage(Hello(flow=OFF)) as on:
        assert await spoken(on, 1) == []
        assert on.all(Sprites) == [] and on.all(Idle) == []
        assert on.one(SegmentEnded).frames.dropped == 0


async def test_whole_pictures_are_of_their_own() -> None:
    async with stage(FULL) as on:
        await spoken(on, 1)
        pictures = [picture for chunk in on.all(Chunk) for picture in chunk.pictures or ()]
        assert [picture.start for picture in pictures] == list(range(0, 1_000, 40))
        assert all(picture.key and picture.data[:2] == b"\xff\xd8" for picture in pictures)
        assert on.all(Sprites) == []
        await until(lambda: on.all(Idle))
        loop = on.one(Idle).pictures or ()
        assert loop[0].start == 0
        assert len(loop) < 200  # What stays as it is, is not sent again.


async def test_in_a_jam_frames_are_left_out_and_counted_and_sound_is_not() -> None:
    async with stage(SPRITES) as on:
        on.sink.congested = True
        assert await spoken(on, 1) == []
        assert on.samples() == 1_000
        counts = on.one(SegmentEnded).frames
        assert (counts.sent, counts.dropped) == (0, 25)


async def test_no_more_frames_are_sent_than_the_listener_has_room_for() -> None:
    async with stage(SPRITES) as on:
        on.receive(Played(utterance=1, sample=0, frame_credit=7))
        frames = await spoken(on, 1)
        assert [frame.start for frame in frames] == list(range(0, 280, 40))
        counts = on.one(SegmentEnded).frames
        assert (counts.sent, counts.dropped) == (7, 18)
        on.receive(Played(utterance=1, sample=1_000, frame_credit=1_000))
        assert len(await spoken(on, 2)) == 25


async def test_a_pose_is_answered_and_another_face_waits_and_speaks() -> None:
    async with stage(SPRITES) as on:
        plain = await spoken(on, 1)
        await until(lambda: on.all(Idle))
        on.receive(Pose(emotion="happy", gaze=(100, 0)))
        assert on.one(Posed) == structs.replace(
            on.one(Posed), emotion="happy", gaze=(100, 0), head=(0, 0, 0)
        )
        await until(lambda: len(on.all(Idle)) == 2)
        assert on.all(Idle)[0].frames != on.all(Idle)[1].frames
        assert (await spoken(on, 2))[0].draws != plain[0].draws


async def test_what_a_pose_leaves_out_stays_as_it_is() -> None:
    async with stage() as on:
        on.receive(Pose(emotion="sad"), Pose(head=(1, 2, 3)), Pose())
        assert [(p.emotion, p.head) for p in on.all(Posed)] == [
            ("sad", (0, 0, 0)),
            ("sad", (1, 2, 3)),
            ("sad", (1, 2, 3)),
        ]


async def test_an_emotion_that_nobody_has_is_refused_and_changes_nothing() -> None:
    async with stage() as on:
        with pytest.raises(LipwireError, match="there is: neutral, happy") as caught:
            on.receive(Pose(emotion="odd", head=(1, 2, 3)))
        assert caught.value.code is ErrorCode.NOT_FOUND
        on.receive(Pose())
        assert on.one(Posed).head == (0, 0, 0)


async def test_a_pose_in_the_middle_of_a_segment_changes_what_is_not_sent_yet() -> None:
    hello = structs.replace(SPRITES, flow=Flow(mode=FlowMode.PLAYED, lead_ms=1_000))
    text = "One two three four five six seven eight."
    async with stage(hello, window=250) as on:
        on.say(1, text)
        await until(lambda: on.samples() >= 1_000)
        on.receive(Pose(head=(300, 0, 0)))

        def is_heard() -> bool:
            on.receive(Played(utterance=1, sample=on.samples()))
            return bool(on.all(UtteranceEnded, 1))

        await until(is_heard)
        posed = [frame for chunk in on.all(Chunk, 1) for frame in chunk.frames or ()]
        straight = await spoken_with(hello, text)
        assert posed[:25] == straight[:25]
        assert posed[-10:] != straight[-10:]


async def spoken_with(hello: Hello, text: str) -> list[Frame]:
    async with stage(structs.replace(hello, flow=OFF)) as on:
        return await spoken(on, 1, text)


async def test_frames_can_be_switched_on_and_off_between_utterances() -> None:
    async with stage(SPRITES) as on:
        assert await spoken(on, 1)
        on.receive(Configure(frames=Frames()))
        assert on.one(Configured).frames.mode is FrameMode.NONE
        assert await spoken(on, 2) == []
        on.receive(Configure(frames=SPRITES.frames))
        assert await spoken(on, 3)
        assert {chunk.frames is UNSET for chunk in on.all(Chunk, 2)} == {True}


async def test_a_face_that_was_being_drawn_when_none_was_wanted_any_more_is_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, may_end = asyncio.Event(), threading.Event()
    loop, plain = asyncio.get_running_loop(), Animation._idle

    def slow(self: Animation, terms: Terms, state: State) -> tuple[Atlas, Draws]:
        loop.call_soon_threadsafe(begun.set)
        may_end.wait(60)
        return plain(self, terms, state)

    monkeypatch.setattr(Animation, "_idle", slow)
    async with stage(SPRITES) as on:
        await begun.wait()
        on.receive(Configure(frames=Frames()))
        may_end.set()
        await until(lambda: on.all(Sprites))  # They were on their way.
        assert await spoken(on, 1) == []
        on.receive(Configure(frames=SPRITES.frames))
        await until(lambda: on.all(Idle))
        assert on.sent.index(on.one(Idle)) > on.sent.index(on.all(Configured)[1])


@pytest.mark.parametrize("after", [0.0, 0.002, 0.02])
async def test_an_interrupt_comes_through_at_any_moment(after: float) -> None:
    hello = structs.replace(SPRITES, flow=Flow(mode=FlowMode.PLAYED, lead_ms=500))
    async with stage(hello, window=100) as on:
        on.say(1, TEXT * 3)
        await asyncio.sleep(after)
        on.receive(Interrupt())
        await until(lambda: on.all(UtteranceEnded, 1))
        on.receive(Played(utterance=1, sample=0))
        on.say(2, "Two.")
        await until(lambda: on.samples(2) > 0)
        assert [frame.start for chunk in on.all(Chunk, 2) for frame in chunk.frames or ()]


@pytest.mark.parametrize("hello", [SPRITES, FULL])
async def test_an_avatar_whose_pack_is_damaged_is_heard_and_told_of_once(
    hello: Hello, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged() -> Avatar:
        raise LipwireError(ErrorCode.BAD_MESSAGE, "A.png is damaged: save it again")

    monkeypatch.setattr("tests.fakes.tiny_avatar", damaged)
    async with stage(hello) as on:
        assert await spoken(on, 1) == []
        on.receive(Pose(emotion="happy"))
        await spoken(on, 2)
        assert on.samples() == 2_000
        assert {ended.frames for ended in on.all(SegmentEnded)} == {FrameCounts(sent=0, dropped=25)}
        assert "damaged" in on.one(Warning).message
        assert not on.all(Error) and not on.all(Idle)
