"""The face of a connection: what is drawn for the samples that are sent, and when nobody speaks."""

import asyncio
import copy
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

import numpy as np

from lipwire_protocol import (
    ErrorCode,
    FrameMode,
    Frames,
    Idle,
    LipwireError,
    Pose,
    Posed,
    Segment,
    Sprites,
    Warning,
)

from ..bell import Bell
from ..face.atlas import Atlas
from ..face.emotions import NAMES
from ..face.motion.grid import frame_start, frames_between
from ..face.motion.idling import idle
from ..face.motion.performance import Performance
from ..face.motion.states import States
from ..face.poses import State
from ..face.studio import Studio
from ..speech.port import Plan
from .frames import Draws, Footage, FramePacker
from .terms import Terms

__all__ = ["Animation", "Take"]

_log = logging.getLogger(__name__)

_BLEND_MS: Final = 400
"""How long a change of the state takes."""
_NOTHING: Final = Footage()


class Animation:
    """Moves the face of one connection. Drawing is done in threads."""

    def __init__(
        self,
        terms: Terms,
        studio: Studio,
        send: Callable[[Sprites], Awaitable[None]],
        tell: Callable[[Warning], None],
    ) -> None:
        """`send` queues sprites in the order of the timeline; `tell` goes before all that."""
        self.room: int | None = None
        """Frames that the listener has room for; None without a bound."""
        self.states = States(terms.rate)
        self.changes = 0
        """How often the state changed: what was drawn before is drawn again."""
        self._terms = terms
        self._studio = studio
        self._packer = FramePacker(studio, send)
        self._tell = tell
        self._lost: set[str] = set()
        self._idle_changed = Bell()
        self._idle_changed.set()

    def configure(self, terms: Terms) -> None:
        """Takes that are begun stay as they are."""
        if _looks(terms) != _looks(self._terms):
            self._idle_changed.set()
        self._terms = terms

    def pose(self, wish: Pose, position: int, *, speaking: bool) -> Posed:
        """Changes the state from a position of the session's clock on.

        Raises LipwireError (`not_found`) for an emotion that nobody has.
        """
        if wish.emotion is not None and wish.emotion not in NAMES:
            known = ", ".join(NAMES)
            text = f"no emotion named {wish.emotion!r}; there is: {known}"
            raise LipwireError(ErrorCode.NOT_FOUND, text)
        old = self.states.target
        state = State(
            emotion=old.emotion if wish.emotion is None else wish.emotion,
            gaze=old.gaze if wish.gaze is None else wish.gaze,
            head=old.head if wish.head is None else wish.head,
        )
        # In silence the idle loop shows it: it is there already when speech begins.
        blended = 0 if speaking else self._terms.rate * _BLEND_MS // 1000
        self.states.change(position - blended, state)
        self.changes += 1
        self._idle_changed.set()
        return Posed(emotion=state.emotion, gaze=state.gaze, head=state.head)

    @asynccontextmanager
    async def take(
        self, plan: Plan, segment: Segment, terms: Terms, at: int
    ) -> AsyncIterator["Take"]:
        """The frames of a segment, of an utterance that lies `at` on the session's clock.

        They are drawn while its first sound is made.
        """
        take = Take(self, self._packer, plan, segment, terms, at)
        if terms.frames.mode is FrameMode.NONE:
            yield take
            return
        drawing = asyncio.ensure_future(take.draw())
        try:
            yield take
        finally:
            drawing.cancel()
            await asyncio.gather(drawing, return_exceptions=True)  # `span` raises it.

    async def idle_loops(self) -> AsyncGenerator[Idle, None]:
        """A loop whenever there is another one; the sprites that it needs have been sent."""
        while True:
            await self._idle_changed.wait()
            self._idle_changed.clear()
            terms = self._terms
            if terms.frames.mode is FrameMode.NONE:
                continue
            try:
                loop = await self._loop(terms)
            except LipwireError as error:
                self.lose(terms.avatar, error)
            else:
                # Drawing takes its time: by now nobody may want to see that any more.
                if _looks(terms) == _looks(self._terms):
                    yield loop

    async def _loop(self, terms: Terms) -> Idle:
        atlas, draws = await asyncio.to_thread(self._idle, terms, self.states.target)
        starts = _starts(range(len(draws) + 1), terms)
        shown = _changing(draws) if terms.frames.mode is FrameMode.FULL else slice(None)
        footage = await self._packer.pack(
            atlas, draws[shown], np.array(starts[:-1])[shown].tolist(), terms.frames
        )
        return Idle(count=starts[-1], frames=footage.frames, pictures=footage.pictures)

    def lose(self, avatar: str, error: LipwireError) -> None:
        """An avatar whose pack is damaged is not seen, but heard: the listener is told once."""
        if avatar not in self._lost:
            self._lost.add(avatar)
            _log.error("no frames of %s: %s", avatar, error)
            text = f"the pack of avatar {avatar!r} is damaged: there are no frames"
            self._tell(Warning(code=ErrorCode.UNSUPPORTED, message=text))

    def _idle(self, terms: Terms, state: State) -> tuple[Atlas, Draws]:
        atlas = atlas_of(self._studio, terms)
        calm = terms.frames.mode is FrameMode.FULL
        poses = idle(terms.frames.fps, terms.rate, terms.seed, state, calm)
        if calm:  # Each phase of the head would be pictures of its own.
            poses = replace(poses, head=np.repeat(poses.head[:1], len(poses), axis=0))
        return atlas, atlas.draws(poses, terms.frames.fps)

    def draw(
        self, performance: Performance, frames: range, states: States, terms: Terms, at: int
    ) -> tuple[Atlas, Draws]:
        """For a thread."""
        atlas = atlas_of(self._studio, terms)
        poses = performance.poses(frames, states, at)
        return atlas, atlas.draws(poses, terms.frames.fps)


class Take:
    """The frames of one segment, handed out span by span."""

    def __init__(
        self,
        animation: Animation,
        packer: FramePacker,
        plan: Plan,
        segment: Segment,
        terms: Terms,
        at: int,
    ) -> None:
        self.sent = 0
        self.dropped = 0
        self._animation = animation
        self._packer = packer
        self._plan = plan
        self._segment = segment
        self._terms = terms
        self._at = at
        self._frames = self._between(segment.start, segment.start + segment.count)
        self._performance: Performance | None = None
        self._drawn: tuple[Atlas, Draws] | None = None
        self._changes = -1
        self._drawing = asyncio.Lock()

    async def draw(self) -> None:
        """Draws all frames, unless that was done since the state last changed."""
        async with self._drawing:
            if not self._frames:
                return
            changes = self._animation.changes
            if self._changes != changes:
                states = copy.deepcopy(self._animation.states)
                self._drawn = await asyncio.to_thread(self._draw, states)
                self._changes = changes

    def _draw(self, states: States) -> tuple[Atlas, Draws]:
        terms = self._terms
        self._performance = self._performance or Performance(
            self._plan,
            start=self._segment.start,
            rate=terms.rate,
            voice_rate=terms.voice.sample_rate,
            fps=terms.frames.fps,
            seed=terms.seed,
            calm=terms.frames.mode is FrameMode.FULL,
        )
        return self._animation.draw(self._performance, self._frames, states, terms, self._at)

    async def span(self, begin: int, end: int, *, congested: bool) -> Footage:
        """The frames that start at these samples of the utterance; without room they are left
        out."""
        if self._terms.frames.mode is FrameMode.NONE:
            return _NOTHING
        frames = self._between(begin, end)
        room = 0 if congested else len(frames)
        if self._animation.room is not None:
            room = min(room, self._animation.room)
        try:
            footage = await self._footage(frames[:room])
        except LipwireError as error:
            self._animation.lose(self._terms.avatar, error)
            footage, room = _NOTHING, 0
        if self._animation.room is not None:
            self._animation.room -= min(room, self._animation.room)
        self.sent += room
        self.dropped += len(frames) - room
        return footage

    async def _footage(self, frames: range) -> Footage:
        if not frames:
            return _NOTHING
        await self.draw()
        assert self._drawn is not None
        atlas, draws = self._drawn
        first = frames.start - self._frames.start
        shown = draws[first : first + len(frames)]
        return await self._packer.pack(
            atlas, shown, _starts(frames, self._terms), self._terms.frames
        )

    def _between(self, begin: int, end: int) -> range:
        return frames_between(begin, end, self._terms.rate, self._terms.frames.fps)


def atlas_of(studio: Studio, terms: Terms) -> Atlas:
    """Whole pictures are composed of WebP sprites, whatever they become."""
    frames = terms.frames
    mime = frames.mime if frames.mode is FrameMode.SPRITES else None
    return studio.atlas(terms.avatar, frames.size, mime or "image/webp")


def _looks(terms: Terms) -> tuple[Frames, str]:
    return terms.frames, terms.avatar


def _starts(frames: range, terms: Terms) -> list[int]:
    return [frame_start(frame, terms.rate, terms.frames.fps) for frame in frames]


def _changing(draws: Draws) -> Sequence[int]:
    """The frames that differ from the one before."""
    changed = (draws[1:] != draws[:-1]).any(axis=(1, 2))
    return [0, *(np.flatnonzero(changed) + 1).tolist()]
