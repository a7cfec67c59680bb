"""The voices of this process: all are known from the start, and loaded when they are needed."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path

from lipwire_protocol.errors import LipwireError

from ..port import Job, VoiceInfo
from ..synthesizer import Lips, Synthesizer, content_key
from .config import read_config
from .finding import unknown_voice
from .voice import Voice, voice_info

__all__ = ["Library", "LoadedVoice"]

_log = logging.getLogger(__name__)


class LoadedVoice:
    """One voice, ready to speak."""

    def __init__(self, synthesizer: Synthesizer) -> None:
        self._synthesizer = synthesizer
        self.sample_rate = synthesizer.voice.config.sample_rate
        self.plan = synthesizer.plan
        self.window = synthesizer.window

    def key(self, job: Job) -> bytes:
        return content_key(self._synthesizer.voice, job)


class Library:
    """Loads voices, and forgets the ones that were not used for longest."""

    def __init__(
        self,
        paths: Mapping[str, Path],
        lips: Lips,
        now_ns: Callable[[], int],
        *,
        cache: Path | None = None,
        most_loaded: int = 8,
    ) -> None:
        """Voices whose configuration cannot be used are left out, and the log says why."""
        self._paths = dict(paths)
        self._lips = lips
        self._now_ns = now_ns
        self._cache = cache
        self._most_loaded = most_loaded
        self._loaded: OrderedDict[str, LoadedVoice] = OrderedDict()
        self._loading: dict[str, asyncio.Future[LoadedVoice]] = {}
        self._infos = {name: info for name in self._paths if (info := self._read(name))}

    def voices(self) -> tuple[VoiceInfo, ...]:
        return tuple(self._infos.values())

    async def voice(self, name: str) -> LoadedVoice:
        """Raises `LipwireError`: `not_found` for an unknown name, and what `Voice.load` raises."""
        if name not in self._infos:
            raise unknown_voice(name, self._infos)
        voice = self._loaded.get(name)
        if voice is not None:
            self._loaded.move_to_end(name)
            return voice
        loading = self._loading.get(name)
        if loading is None:
            loading = asyncio.ensure_future(asyncio.to_thread(self._load, name))
            self._loading[name] = loading
            loading.add_done_callback(lambda done: self._keep(name, done))
        return await asyncio.shield(loading)

    def _load(self, name: str) -> LoadedVoice:
        voice = Voice.load(self._paths[name], cache=self._cache)
        return LoadedVoice(Synthesizer(voice, self._lips, self._now_ns))

    def _keep(self, name: str, done: "asyncio.Future[LoadedVoice]") -> None:
        del self._loading[name]
        if done.cancelled() or done.exception() is not None:
            return
        self._loaded[name] = done.result()
        while len(self._loaded) > self._most_loaded:
            forgotten, _ = self._loaded.popitem(last=False)
            _log.info("the voice %s was not used for longest and is forgotten", forgotten)

    def _read(self, name: str) -> VoiceInfo | None:
        path = self._paths[name].with_name(self._paths[name].name + ".json")
        try:
            return voice_info(name, read_config(path.read_bytes(), path))
        except (LipwireError, OSError) as error:
            _log.warning("going on without the voice %s: %s", name, error)
            return None
