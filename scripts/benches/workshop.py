"""The real lab: systems and servers as processes of this machine."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from .lab import Missing, Server, System
from .machine import Noise, cores
from .peers import Peers, prepare
from .process import LipwireServer, PeerServer, Worker, one_thread

__all__ = ["SYSTEMS", "Workshop"]

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class _System:
    module: str
    arguments: tuple[str, ...] = ()
    """`{cores}`, `{cache}` (the peers') and `{data}` (Lipwire's) are filled in."""
    peer: bool = False
    """Runs in the peers' environment."""
    threads: int | None = None
    """For numerical libraries that are told by the environment."""
    optional: bool = False
    """Not Lipwire's own, with packages of its own: it may be missing."""


SYSTEMS: Mapping[str, _System] = {
    "lipwire": _System("lipwire", ("--threads", "1", "--data", "{data}"), threads=1),
    "saturation": _System("lipwire", ("--threads", "{cores}", "--data", "{data}"), threads=1),
    "floor": _System("floor", threads=1),
    "load": _System("load", threads=1),
    "piper-1": _System("piper", ("--threads", "1"), peer=True, threads=1),
    "piper": _System("piper", peer=True),
    "streaming-vits": _System("streaming", ("--cache", "{cache}"), peer=True),
    "streaming-vits-1": _System(
        "streaming", ("--cache", "{cache}", "--threads", "1"), peer=True, threads=1
    ),
    "sherpa-onnx": _System("sherpa", ("--threads", "{cores}", "--cache", "{cache}"), peer=True),
    "lips": _System("lips", threads=1),
    "face": _System("face", threads=1),
    "store": _System("store", ("--data", "{data}"), threads=1),
    "sockets": _System("sockets", threads=1),
    "sync": _System("sync", ("lipwire",)),
    "talkinghead": _System("sync", ("talkinghead",), optional=True),
    "openfacefx-piper": _System("openfacefx", ("--path", "piper"), peer=True, threads=1),
    "openfacefx-text": _System("openfacefx", ("--path", "text"), peer=True, threads=1),
}


def _piper_http(python: Path, model: Path, port: int) -> list[str]:
    host = ["--host", "127.0.0.1", "--port", str(port)]
    return [str(python), "-m", "piper.http_server", "--model", str(model), *host]


def _wyoming(python: Path, model: Path, port: int) -> list[str]:
    voice = ["--voice", model.stem, "--data-dir", str(model.parent)]
    return [str(python), "-m", "wyoming_piper", *voice, "--uri", f"tcp://127.0.0.1:{port}"]


@dataclass(frozen=True, slots=True)
class _PeerServer:
    scheme: str
    command: Callable[[Path, Path, int], list[str]]
    packages: tuple[str, ...]


_PEER_SERVERS: Mapping[str, _PeerServer] = {
    "piper-http": _PeerServer("http", _piper_http, ("piper-tts", "Flask", "onnxruntime")),
    "wyoming": _PeerServer("tcp", _wyoming, ("wyoming-piper", "piper-tts", "onnxruntime")),
}


class Workshop:
    """Starts what a bench asks for, once, and ends all of it on the way out."""

    def __init__(
        self,
        *,
        rounds: int,
        seconds: float,
        noise: Noise,
        say: Callable[[str], None],
        show: Callable[[str, int, int], None],
        peers: Callable[[Path, Callable[[str], None]], Peers] = prepare,
    ) -> None:
        """`say` prints a line for the person at the terminal, `show` moves a progress bar.

        `peers` makes their environment, when the first of them is asked for.
        """
        self.rounds = rounds
        self.seconds = seconds
        self.cores = cores()
        self.missing: dict[str, str] = {}
        """Systems that could not be set up, and why."""
        self.about: dict[str, Any] = {}
        """What each system says of itself."""
        self._noise = noise
        self._say = say
        self._show = show
        self._prepare = peers
        self._open = ExitStack()
        self._data = TemporaryDirectory(prefix="lipwire-bench-", ignore_cleanup_errors=True)
        self._open.enter_context(self._data)
        self._peers: Peers | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def system(self, name: str) -> System | None:
        known = SYSTEMS[name]
        self.progress(f"starting {name}")
        try:
            python = self._the_peers().python if known.peer else Path(sys.executable)
            cache = str(self._the_peers().cache) if known.peer else ""
            arguments = [
                argument.format(cores=self.cores, cache=cache, data=self._data.name)
                for argument in known.arguments
            ]
            threads = {} if known.threads is None else one_thread(known.threads)
            # A browser that is ended while it starts leaves something where temporary files are.
            environment = {**threads, "TMPDIR": self._data.name}
            worker = Worker(name, python, known.module, arguments, environment)
        except Missing as reason:
            if not (known.peer or known.optional):
                # Without Lipwire there is nothing to compare with: that is no gap but a failure.
                raise RuntimeError(str(reason)) from reason
            self._miss(name, reason)
            return None
        self._open.callback(worker.close)
        self.about[name] = worker.about
        return worker

    @contextmanager
    def server(self, name: str) -> Iterator[Server | None]:
        self.progress(f"starting {name}'s server")
        try:
            server = LipwireServer() if name == "lipwire" else self._peer_server(name)
        except Missing as reason:
            if name == "lipwire":
                raise RuntimeError(f"its server does not start: {reason}") from reason
            self._miss(name, reason)
            yield None
            return
        try:
            yield server
        finally:
            server.close()

    def probe(self) -> None:
        self._noise.probe()

    def progress(self, what: str, done: int = 0, total: int = 0) -> None:
        self._show(what, done, total)

    def _peer_server(self, name: str) -> PeerServer:
        known = _PEER_SERVERS[name]
        peers = self._the_peers()
        model = peers.model()
        self.about[name] = {"packages": peers.versions(*known.packages)}
        return PeerServer(known.scheme, lambda port: known.command(peers.python, model, port))

    def _the_peers(self) -> Peers:
        if self._peers is None:
            self._peers = self._prepare(ROOT, self._say)
        return self._peers

    def _miss(self, name: str, reason: Missing) -> None:
        failed = self._peers.failed if self._peers else {}
        causes = [f"{requirement} is not installed: {why}" for requirement, why in failed.items()]
        self.missing[name] = "; ".join([str(reason), *causes])
        self._say(f"{name} is missing: {self.missing[name]}")
