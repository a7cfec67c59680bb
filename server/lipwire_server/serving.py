"""`lipwire serve`: the house behind uvicorn, from the first log line to a clean exit."""

import asyncio
import errno
import gc
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from types import FrameType
from typing import Any, Self

import uvicorn

from lipwire_protocol import ErrorCode, LipwireError

from .app import House, build_app, open_house
from .config import Settings, is_loopback
from .edge.certificate import check_certificate
from .edge.guard import GuardedHttp, GuardedWebSocket
from .observe.waiting import waiting

__all__ = ["serve"]

_log = logging.getLogger(__name__)

_PATIENCE_S = 5.0
"""For the database, before the first client comes; after it, sessions are spoken without one."""
_DRAIN_MS = 5_000
_BACKLOG = 4_096
_FILES = 65_536
"""More sockets than one process can serve."""
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_NO_ADDRESS = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EINVAL)
_TCP_NOTSENT_LOWAT = getattr(socket, "TCP_NOTSENT_LOWAT", 25 if sys.platform == "linux" else None)
_UNSENT_BYTES = 16_384
_TCP_USER_TIMEOUT = getattr(socket, "TCP_USER_TIMEOUT", None)
_UNREAD_MS = 30_000
"""Then the kernel drops who does not read: a close would wait behind what they did not read."""


async def serve(settings: Settings, search_path: str) -> None:
    """Serves until SIGINT or SIGTERM; a second one does not wait for anybody.

    Raises LipwireError when it cannot start; the message says what to do.
    """
    check_certificate(settings.tls_cert, settings.tls_key)
    _allow_sockets()
    listener = listen(settings.host, settings.port)
    try:
        with _Signals() as signals:
            await signals.until_stopped(_serve(settings, search_path, listener, signals))
    finally:
        listener.close()
    _log.info("stopped")


async def _serve(
    settings: Settings, search_path: str, listener: socket.socket, signals: "_Signals"
) -> None:
    host, port = listener.getsockname()[:2]
    is_read = settings.log_format == "text"
    async with AsyncExitStack() as stack:
        with waiting(sys.stderr, logged=True) if is_read else nullcontext():
            _log.info("loading voices and starting the database")
            house = await stack.enter_async_context(open_house(settings, search_path))
            await house.storage.settled(_PATIENCE_S)
        await stack.enter_async_context(_telling(settings, house))
        await _check_access(settings, house)
        server = _Server(_configuration(settings, house), house)
        signals.server = server
        _settle_memory()
        scheme = "https" if settings.tls_cert else "http"
        _log.info("Lipwire speaks at %s://%s:%d/ (stop with Ctrl-C)", scheme, _shown(host), port)
        await server.serve(sockets=[listener])
        _log.info("everybody has left; writing what waits")


@asynccontextmanager
async def _telling(settings: Settings, house: House) -> AsyncIterator[None]:
    """Says where sessions go; where that is not known yet, as soon as it is, meanwhile."""
    storage = house.storage

    async def tell() -> None:
        await storage.settled()
        if storage.fault is None:
            _log.info("storing sessions in %s", _place(settings))

    if storage.fault is not None:
        _log.warning("speaking without a database: %s", storage.fault)
    async with asyncio.TaskGroup() as group:
        telling = group.create_task(tell())
        await asyncio.sleep(0)  # What is known already is told first.
        try:
            yield
        finally:
            telling.cancel()


def _allow_sockets() -> None:
    """As many as the system lets this process have: many are told 1,024 unless they ask."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        # macOS says "unlimited" and takes no more than this.
        most = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))


async def _check_access(settings: Settings, house: House) -> None:
    """Raises LipwireError where nobody could come in, or everybody could by mistake."""
    if not house.gate.locked:
        if not is_loopback(settings.host):
            _log.warning(
                "whoever can reach %s may use this server: it wants no keys", settings.host
            )
        return
    try:
        keys = await house.gate.count()
    except LipwireError as error:
        # Who has a key comes in as soon as the database is there.
        _log.warning("nobody can come in before the keys can be read: %s", error)
        return
    if not keys:
        raise LipwireError(
            ErrorCode.UNAUTHORIZED,
            f"there are no keys, and {settings.host} can be reached from elsewhere: make one with "
            "`lipwire keys add NAME`, or let everybody in with --insecure",
        )
    _log.info("whoever comes in needs one of %d keys", keys)


def _settle_memory() -> None:
    """What is here now stays: the garbage collector need not look at it again.

    It stops everybody while it looks, 0.6 ms for a thousand objects, and a session has 300. So it
    looks at little at a time, and at that twice (10,000 and 2; with 50,000 and 20, a thousand
    streams stood still for 250 ms), and at everything when there are three million more. Who
    leaves is freed without it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 2, 100)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket whose connections feel it soon when their reader is slow.

    Without a low-water mark the kernel takes 4 MB of what nobody reads, which is a minute and a
    half of speech. Raises LipwireError when the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        # asyncio sends small messages at once only where TCP is named: an answer in two parts would
        # wait 40 ms for the first one to be acknowledged.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise _unavailable(host, port, error) from error
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if _TCP_NOTSENT_LOWAT is not None:
        listener.setsockopt(socket.IPPROTO_TCP, _TCP_NOTSENT_LOWAT, _UNSENT_BYTES)
    if _TCP_USER_TIMEOUT is not None:
        listener.setsockopt(socket.IPPROTO_TCP, _TCP_USER_TIMEOUT, _UNREAD_MS)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except (OSError, UnicodeError) as error:
        listener.close()
        raise _unavailable(host, port, error) from error
    return listener


def _unavailable(host: str, port: int, error: OSError | UnicodeError) -> LipwireError:
    fault = f"cannot listen on {host}:{port}"
    if isinstance(error, UnicodeError | socket.gaierror) or error.errno in _NO_ADDRESS:
        fault += (
            ": this machine has no such address; --host 127.0.0.1 is for itself alone, "
            "--host 0.0.0.0 for whoever can reach it"
        )
    else:
        fault += f": {error.strerror}; choose another port with --port, or 0 for a free one"
    return LipwireError(ErrorCode.INTERNAL, fault)


def _place(settings: Settings) -> str:
    """Without the address of the database: it may hold a password."""
    return "DATABASE_URL" if settings.database_url else str(settings.data / "postgres")


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _configuration(settings: Settings, house: House) -> uvicorn.Config:
    return uvicorn.Config(
        build_app(house),
        http=GuardedHttp,
        ws=GuardedWebSocket,
        ws_max_size=house.host.limits.message_bytes,
        # Speech does not compress, and each compressor would cost 40 KiB.
        ws_per_message_deflate=False,
        h11_max_incomplete_event_size=16_384,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
    )


class _Signals:
    """SIGINT and SIGTERM from the first moment on: before there is a server they end the start,
    in order, so that a database that was being started is stopped again."""

    def __init__(self) -> None:
        self.server: uvicorn.Server | None = None
        self._loop = asyncio.get_running_loop()
        self._starting: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        for number in _STOP_SIGNALS:
            self._loop.add_signal_handler(number, self._handle, number)
        return self

    def __exit__(self, *_: object) -> None:
        for number in _STOP_SIGNALS:
            self._loop.remove_signal_handler(number)

    async def until_stopped(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs `work`; a signal that comes before there is a server cancels it."""
        async with asyncio.TaskGroup() as group:
            self._starting = group.create_task(work)

    def _handle(self, number: int) -> None:
        if self.server is not None:
            self.server.handle_exit(number, None)
        elif self._starting is not None:
            self._starting.cancel()


class _Server(uvicorn.Server):
    """Lets everybody finish the segment that they are hearing before it goes."""

    def __init__(self, config: uvicorn.Config, house: House) -> None:
        super().__init__(config)
        self._house = house

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn's own raises the signal again when it is done, which would end the process
        # before the last records are written.
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit = self.should_exit
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        _log.info("stopping: %d connections are told to go", len(self._house.connections))
        async with asyncio.TaskGroup() as group:
            draining = group.create_task(self._house.connections.drain(_DRAIN_MS))
            while not draining.done() and not self.force_exit:
                await asyncio.wait([draining], timeout=0.1)
            draining.cancel()
        await super().shutdown(sockets=None)
