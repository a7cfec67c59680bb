"""Lipwire's face as the session moves it: draws, sprites, pictures and messages, without a socket.

`do` says what: `sprites` tells of each sprite of an avatar, `speak` what frames add to chunks and
what they cost, `perform` what each frame shows, `pictures` what a crowd that wants whole pictures
takes, `fresh` how long a process that has just begun needs to its first loop.
"""

import asyncio
import io
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any, Final, TypeAlias

import numpy as np
from msgspec import UNSET, structs
from numpy.typing import NDArray
from PIL import Image

from benches.face.speaking import DefaultVoice, Line, MouthWatched, Source, unseen
from benches.face.stage import default_studio, listener_terms
from benches.workers.loop import Answer, serve, versions
from lipwire_protocol import (
    MSGPACK,
    Chunk,
    FrameMode,
    Ledger,
    Segment,
    Sprites,
    Warning,
)
from lipwire_server.face.articulation import articulations
from lipwire_server.face.emotions import NEUTRAL
from lipwire_server.face.packs.manifest import Image as Drawing
from lipwire_server.face.rig import Rig
from lipwire_server.face.studio import Studio
from lipwire_server.session.animation import Animation
from lipwire_server.session.frames import Footage
from lipwire_server.session.terms import Terms
from lipwire_server.speech.port import Plan

__all__ = ["Face", "start"]

Json = dict[str, Any]
Times: TypeAlias = NDArray[np.int64]
"""Samples."""

_LONGEST_S: Final = 120.0
_NO_LEDGER: Final = Ledger(received=0, queued=0, phonemized=0, encoded=0)


class Face:
    def __init__(self, source: Source, studio: Callable[[], Studio]) -> None:
        """`studio` opens one in which nothing was drawn yet."""
        self._source = source
        self._rate = source.info.sample_rate
        self._new_studio = studio
        self._studio = studio()

    def answer(self, request: Json) -> Json:
        asked = {name: value for name, value in request.items() if name != "do"}
        match request["do"]:
            case "sprites":
                return self.sprites(**asked)
            case "speak":
                return asyncio.run(self.speak(**asked))
            case "perform":
                return asyncio.run(self.perform(**asked))
            case "pictures":
                return asyncio.run(self.pictures(**asked))
            case "fresh":
                return _fresh(**asked)
            case what:
                raise ValueError(f"nobody does {what!r}")

    def sprites(self, avatar: str, size: int) -> Json:
        """The bytes of each, and the emotion that it is for."""
        atlas = self._studio.atlas(avatar, size, "image/webp")
        return {
            "sprites": [
                {"bytes": len(atlas.sprite(number).data), "emotion": drawing.emotion}
                for number, drawing in enumerate(self._drawings(avatar, size))
            ]
        }

    async def speak(
        self, avatar: str, size: int, fps: int, lines: Sequence[str], rounds: int
    ) -> Json:
        """The same speech, round after round on one connection: the first, in which sprites are
        drawn and sent, does not count."""
        terms = self._terms(avatar, size, fps, FrameMode.SPRITES)
        spoken = [self._source.line(text, aloud=True) for text in lines]
        animation = Animation(terms, self._studio, _unheard, _unwarned)
        chunks: list[Json] = []
        segments: list[Json] = []
        for number in range(rounds + 1):
            chunks, told = [], []
            for line, start in _in_a_row(spoken):
                added, cost = await _weighed(animation, terms, line, start)
                chunks += added
                told.append(cost)
            segments += told if number else []
        return {"chunks": chunks, "segments": segments}

    async def perform(self, avatar: str, size: int, fps: int, lines: Sequence[str]) -> Json:
        """What each frame of an utterance is made for, and what it shows."""
        terms = self._terms(avatar, size, fps, FrameMode.SPRITES)
        # One connection and one avatar: numbers on the wire are those of the atlas.
        animation = Animation(terms, self._studio, _unheard, _unwarned)
        spoken = [self._source.line(text, aloud=False) for text in lines]
        starts: list[int] = []
        draws: list[tuple[int, ...]] = []
        asked: list[int] = []
        wanted: list[list[float]] = []
        sounds: list[tuple[str, int, int]] = []
        for line, start in _in_a_row(spoken):
            watched = MouthWatched(line.plan.mouth)
            plan = replace(line.plan, mouth=watched)
            frames = [
                frame
                async for _, footage in _footage(animation, terms, plan, line, start)
                for frame in footage.frames or ()
            ]
            exact = _middles(range(len(starts), len(starts) + len(frames)), self._rate, fps) - start
            asked += (_nearest(watched.asked, exact) + start).tolist()
            wanted += articulations(line.plan.mouth.weights("oculus", exact)).tolist()
            starts += (frame.start for frame in frames)
            draws += (frame.draws for frame in frames)
            sounds += (
                (p.symbol, start + p.start, start + p.start + p.count) for p in plan.phonemes
            )
        return {
            "rate": self._rate,
            "fps": fps,
            "starts": starts,
            "asked": asked,
            "wanted": wanted,
            "shown": self._shown(avatar, size, draws),
            "sounds": sounds,
        }

    async def pictures(
        self, avatar: str, size: int, fps: int, lines: Sequence[str], listeners: int
    ) -> Json:
        """A crowd that begins in the same moment; each hears one line, they go round."""
        studio = self._new_studio()
        terms = self._terms(avatar, size, fps, FrameMode.FULL)
        spoken = [self._source.line(text, aloud=False) for text in lines]
        studio.compositor(studio.atlas(avatar, size, "image/webp"))

        async def listen(line: Line, seed: int) -> list[int]:
            own = replace(terms, seed=seed)
            animation = Animation(own, studio, _unheard, _unwarned)
            return [
                len(picture.data)
                async for _, footage in _footage(animation, own, line.plan, line, 0)
                for picture in footage.pictures or ()
            ]

        crowd = [spoken[number % len(spoken)] for number in range(listeners)]
        begin = time.process_time_ns()
        heard = await asyncio.gather(
            *(listen(line, number % len(spoken)) for number, line in enumerate(crowd))
        )
        cpu_ms = (time.process_time_ns() - begin) / 1e6
        return {
            "composed": studio.pictures.stats.misses,
            "delivered": sum(map(len, heard)),
            "bytes": sum(map(sum, heard)),
            "seconds": sum(line.plan.count for line in crowd) / self._rate,
            "cpu_ms": cpu_ms,
        }

    def _terms(self, avatar: str, size: int, fps: int, mode: FrameMode) -> Terms:
        return listener_terms(self._studio, self._source.info, avatar, size, fps, mode)

    def _drawings(self, avatar: str, size: int) -> list[Drawing]:
        """What the manifest says of each sprite, by its number in the atlas."""
        known = self._studio.avatar(avatar)
        extents = {}
        for name, data in known.files.items():
            with Image.open(io.BytesIO(data)) as picture:
                extents[name] = picture.size
        every = (drawing for layer in known.manifest.layers for drawing in layer.images)
        # A file that several emotions share is a neutral one.
        ordered = sorted(every, key=lambda drawing: drawing.emotion in (None, NEUTRAL))
        of_file = {drawing.file: drawing for drawing in ordered}
        return [of_file[one.file] for one in Rig(known.manifest, size, extents).pictures]

    def _shown(
        self, avatar: str, size: int, draws: Sequence[Sequence[int]]
    ) -> list[tuple[float, ...]]:
        """How the mouth is held in each frame, by the entry of the codebook that is shown."""
        drawings = self._drawings(avatar, size)
        codebook = self._studio.avatar(avatar).manifest.mouth.codebook
        return [
            next(
                codebook[int(shape)]
                for number in frame[::4]
                if (shape := drawings[number].shape) is not None
            )
            for frame in draws
        ]


async def _unheard(sprites: Sprites) -> None:
    """Where sprites go that nobody waits for."""


def _unwarned(warning: Warning) -> None:
    raise AssertionError(warning.message)


def _in_a_row(lines: Sequence[Line]) -> Iterator[tuple[Line, int]]:
    """Segments of an utterance, and where each begins."""
    starts = accumulate((line.plan.count for line in lines), initial=0)
    return zip(lines, starts, strict=False)


async def _footage(
    animation: Animation, terms: Terms, plan: Plan, line: Line, start: int
) -> AsyncIterator[tuple[Chunk, Footage]]:
    """The chunks of a segment without their frames, and the frames of each."""
    segment = Segment(
        utterance=1,
        segment=0,
        start=start,
        count=plan.count,
        text="",
        span=(0, 0),
        visemes={},
        ledger=_NO_LEDGER,
    )
    async with animation.take(plan, segment, terms, 0) as take:
        for count, audio in line.chunks:
            footage = await take.span(start, start + count, congested=False)
            chunk = Chunk(utterance=1, segment=0, start=start, count=count, audio=audio)
            yield chunk, footage
            start += count


async def _weighed(
    animation: Animation, terms: Terms, line: Line, start: int
) -> tuple[list[Json], Json]:
    """What the frames of a segment add to its chunks, and the CPU time that they take."""
    plan = unseen(line.plan, terms.voice.sample_rate)
    begin = time.process_time_ns()
    packed = [
        (chunk, MSGPACK.encode(structs.replace(chunk, frames=footage.frames)))
        async for chunk, footage in _footage(animation, terms, plan, line, start)
    ]
    middle = time.process_time_ns()
    bare = [MSGPACK.encode(structs.replace(chunk, frames=UNSET)) for chunk, _ in packed]
    spent = middle - begin - (time.process_time_ns() - middle)
    chunks = [
        {
            "seconds": chunk.count / terms.rate,
            "bytes": len(whole),
            "bytes_without": len(without),
        }
        for (chunk, whole), without in zip(packed, bare, strict=True)
    ]
    frames = -(-(start + plan.count) * terms.frames.fps // terms.rate)
    frames -= -(-start * terms.frames.fps // terms.rate)
    return chunks, {"frames": frames, "cpu_ms": spent / 1e6}


def _middles(frames: range, rate: int, fps: int) -> Times:
    """The sample in the middle of each frame."""
    return (2 * np.arange(frames.start, frames.stop) + 1) * rate // (2 * fps)


def _nearest(asked: Sequence[int], wanted: Times) -> Times:
    """What was asked for each frame: in order, or else the nearest of all that was asked."""
    known = np.array(asked, np.int64)
    if known.size == wanted.size:
        return known
    found: Times = known[np.abs(known - wanted[:, None]).argmin(axis=1)]
    return found


def _fresh(avatar: str, size: int, fps: int) -> Json:
    begin = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "benches.workers.face_fresh", avatar, str(size), str(fps)],
        check=True,
        timeout=_LONGEST_S,
    )
    return {"ms": (time.perf_counter() - begin) * 1000}


def start() -> tuple[Answer, Json]:
    face = Face(DefaultVoice(), default_studio)
    return face.answer, {"threads": 1, "packages": versions("lipwire", "numpy", "pillow")}


if __name__ == "__main__":
    serve(start)
