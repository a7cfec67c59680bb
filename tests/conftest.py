"""Fixtures and hooks of the whole suite."""

import asyncio
import logging
import selectors
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from tests.made_once import begun_run

pytest_plugins = [
    "tests.postgres",
    "tests.server_process",
    "tests.terminal",
    "tests.workers",
]


def pytest_configure(config: pytest.Config) -> None:
    # Who is told to end, by `timeout` for one, stops servers and browsers as after Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    run = ExitStack()
    run.enter_context(begun_run())
    config.add_cleanup(run.close)


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """No levels and handlers that outlive the test: the command line sets them for the process."""
    loggers = [logging.getLogger(), *map(logging.getLogger, ("lipwire_server", "pogo_core"))]
    before = [(logger.handlers[:], logger.level) for logger in loggers]
    yield
    for logger, (handlers, level) in zip(loggers, before, strict=True):
        logger.handlers[:] = handlers
        logger.setLevel(level)


class _JumpingSelector(selectors.DefaultSelector):
    """Instead of sleeping until the next timer, moves the loop's clock there."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            return super().select(None)
        ready = super().select(0)
        if not ready:
            self.now += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """A loop on which an hour of `asyncio.sleep` takes no time.

    Work in threads does not hold its clock back, so what runs on it uses fakes.
    """

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    if item.get_closest_marker("virtual_time"):
        return {"virtual": VirtualTimeLoop}
    return {"real": asyncio.new_event_loop}
