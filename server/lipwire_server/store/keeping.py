"""The sound of what is spoken, kept beside the stream: speech never waits for a disk.

An utterance's sound is kept whole or not at all.
"""

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from lipwire_protocol import Codec
from lipwire_protocol.errors import LipwireError

from ..media.wav import HEADER_BYTES, pcm_header
from ..speech.audio.pcm import pcm_s16le
from .files import BlobStore
from .records import AudioRecord, Record

__all__ = ["AudioKeeper", "KeptAudio"]

_log = logging.getLogger(__name__)

_WIDTH: Final = 2
_MOST_BYTES: Final = 1 << 30
"""Of a file: three hours at 48 kHz."""
_GATHERED_S: Final = 0.1
"""Pieces come from a thousand listeners, each at its own time; a visit to the thread costs more
than writing one of them."""
_PIECE_BYTES: Final = 200
"""What a piece takes up beside its samples, roughly."""


class KeptAudio:
    """One utterance's sound, from its first sample on. Its methods never wait or raise."""

    def __init__(self, keeper: "AudioKeeper", draft: Path, rate: int) -> None:
        self.draft = draft
        self.rate = rate
        self.count = 0
        """Samples that were taken."""
        self.whole = True
        """Nothing is missing."""
        self._keeper = keeper

    def add(self, start: int, samples: NDArray[np.float32]) -> None:
        """The samples of the utterance from `start` on. What was there before is left out."""
        new = samples[max(0, self.count - start) :]
        if not len(new):
            return
        size = HEADER_BYTES + _WIDTH * (self.count + len(new))
        if start > self.count or size > _MOST_BYTES:
            self.whole = False
        if self.whole:
            self.count += len(new)
            # Never set again: the thread that writes may just have found that something is missing.
            if not self._keeper.take(self, new):
                self.whole = False

    def finish(self, utterance: UUID, count: int) -> None:
        """The utterance has ended, and `count` samples of it were sent."""
        self._keeper.end(self, utterance, count)

    def drop(self) -> None:
        """Nobody wants it any more."""
        self.finish(UUID(int=0), 0)


_Work = tuple[KeptAudio, "NDArray[np.float32] | tuple[UUID, int]"]


class AudioKeeper:
    """A bounded queue in memory and one thread behind it.

    Where a piece finds no room, the sound of its utterance is lost and counted. Methods are called
    on the loop's thread; `run` is one task of the caller's.
    """

    def __init__(
        self,
        files: BlobStore,
        record: Callable[[Record], bool],
        new_id: Callable[[], UUID],
        *,
        max_bytes: int = 32 << 20,
    ) -> None:
        self.lost = 0
        """Utterances whose sound could not be kept, since the start."""
        self._files = files
        self._record = record
        self._new_id = new_id
        self._max_bytes = max_bytes
        self._queue: deque[_Work] = deque()
        self._bytes = 0
        self._arrival = asyncio.Event()
        self._turn = asyncio.Lock()
        self._writing: asyncio.Future[None] | None = None
        self._thread = ThreadPoolExecutor(1, "audio")

    def begin(self, rate: int) -> KeptAudio:
        """For an utterance that begins now."""
        return KeptAudio(self, self._files.new_draft(), rate)

    def take(self, audio: KeptAudio, samples: NDArray[np.float32]) -> bool:
        """Whether there was room for the piece."""
        size = samples.nbytes + _PIECE_BYTES
        if self._bytes + size > self._max_bytes:
            return False
        self._bytes += size
        self._queue.append((audio, samples))
        self._arrival.set()
        return True

    def end(self, audio: KeptAudio, utterance: UUID, count: int) -> None:
        # Always finds room: it is small, and there is one for each utterance.
        self._queue.append((audio, (utterance, count)))
        self._arrival.set()

    async def run(self) -> None:
        """Writes what is given, for ever; cancelling loses nothing that `drain` cannot write."""
        while True:
            self._arrival.clear()
            if not self._queue:
                await self._arrival.wait()
            await asyncio.sleep(_GATHERED_S)
            await self._write_queue()

    async def drain(self, within: float) -> None:
        """Writes what waits, within that many seconds, and ends the thread."""
        try:
            async with asyncio.timeout(within):
                if self._writing is not None:
                    await asyncio.shield(self._writing)
                while self._queue:
                    await self._write_queue()
        except TimeoutError:
            _log.error("the sound of some utterances was not kept in time")
        self._thread.shutdown(wait=False)

    async def _write_queue(self) -> None:
        """All pieces that wait are one visit to the thread; then come those that have ended."""
        async with self._turn:
            pieces: dict[KeptAudio, list[NDArray[np.float32]]] = defaultdict(list)
            ended: list[tuple[KeptAudio, UUID, int]] = []
            size = 0
            while self._queue:
                audio, item = self._queue.popleft()
                if isinstance(item, tuple):
                    ended.append((audio, *item))
                else:
                    pieces[audio].append(item)
                    size += item.nbytes + _PIECE_BYTES
            # Goes on when `run` is cancelled: what was taken from the queue is in nobody's hands.
            self._writing = asyncio.ensure_future(self._finish(pieces, ended, size))
            await asyncio.shield(self._writing)

    async def _finish(
        self,
        pieces: dict[KeptAudio, list[NDArray[np.float32]]],
        ended: list[tuple[KeptAudio, UUID, int]],
        size: int,
    ) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._thread, _write_all, pieces)
        self._bytes -= size
        for audio, utterance, count in ended:
            if not await self._keep(audio, utterance, count):
                await self._lose(audio)

    async def _keep(self, audio: KeptAudio, utterance: UUID, count: int) -> bool:
        if not count:
            await self._discard(audio)
            return True  # There was nothing to hear.
        if not audio.whole or audio.count < count:
            return False
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, _complete, audio, count)
            content = await self._files.measure(audio.draft)
        except (OSError, LipwireError) as error:
            _log.warning("the sound of an utterance cannot be kept: %s", type(error).__name__)
            return False
        return self._record(
            AudioRecord(
                id=self._new_id(),
                utterance_id=utterance,
                draft=audio.draft,
                content=content,
                codec=Codec.PCM_S16LE.value,
                sample_rate=audio.rate,
                sample_count=count,
            )
        )

    async def _lose(self, audio: KeptAudio) -> None:
        self.lost += 1
        if self.lost.bit_count() == 1:
            _log.warning("the sound of %d utterances could not be kept", self.lost)
        await self._discard(audio)

    async def _discard(self, audio: KeptAudio) -> None:
        try:
            await self._files.discard(audio.draft)
        except LipwireError:
            _log.warning("a draft could not be removed; it goes at the next start")


def _write_all(pieces: dict[KeptAudio, list[NDArray[np.float32]]]) -> None:
    for audio, parts in pieces.items():
        try:
            # Opened for each visit: there may be more listeners than files can be open.
            with audio.draft.open("ab") as file:
                if not file.tell():
                    file.write(pcm_header(audio.rate, 0))
                file.write(b"".join(map(pcm_s16le, parts)))
        except OSError:
            audio.whole = False


def _complete(audio: KeptAudio, count: int) -> None:
    """What was taken back before it left was not heard, and is cut off."""
    size = count * _WIDTH
    with audio.draft.open("r+b") as file:
        file.truncate(HEADER_BYTES + size)
        file.write(pcm_header(audio.rate, size))
