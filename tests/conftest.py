"""Fixtures and hooks of the whole suite."""

import asyncio
import gc
import selectors
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest
from hypothesis import settings

from tests.logs import logging_kept
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
    # A shell has what it runs in the background ignore SIGINT, and so would all that tests start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run = ExitStack()
    run.enter_context(begun_run())
    config.add_cleanup(run.close)
    # An example may stand still for a second beside the other workers: that is no failure.
    settings.register_profile("unhurried", deadline=None)
    settings.load_profile("unhurried")


def pytest_collection_finish() -> None:
    # Nine thousand tests stay until the end: no collection of garbage has to look at them.
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    with logging_kept():
        yield


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

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ASYNC109
        # The minutes that Python 3.13 gives the threads would be over at once.
        await super().shutdown_default_executor()


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    if item.get_closest_marker("virtual_time"):
        return {"virtual": VirtualTimeLoop}
    return {"real": asyncio.new_event_loop}
