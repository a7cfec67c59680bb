import asyncio
from contextlib import ExitStack

import numpy as np
import pytest

from lipwire_server.speech.port import NOBODY, Window
from lipwire_server.speech.scheduling.agenda import Due
from lipwire_server.speech.scheduling.rendition import Rendition
from lipwire_server.speech.scheduling.shelf import Shelf
from tests.server.speech.scheduling.simulation import FakeVoice, job


class User:
    key = ""
    listener = NOBODY
    idle = False


class AtOnce:
    """An errand that is done when it is sent for."""

    def __init__(self, result: object) -> None:
        self.future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        if isinstance(result, Exception):
            self.future.set_exception(result)
        else:
            self.future.set_result(result)

    def hasten(self, due: Due) -> None: ...

    def drop(self) -> bool:
        return False


def _rendition(seconds: float = 4.0) -> Rendition:
    voice = FakeVoice()
    return Rendition(
        lambda: voice.plan(job(seconds)), voice.window, lambda work, due: AtOnce(work())
    )


async def _speak(shelf: Shelf, key: bytes, *, windows: int | None = None) -> Rendition:
    with shelf.use(key, _rendition, User()) as rendition:
        await rendition.plan(Due(0))
        for index in range(rendition.count if windows is None else windows):
            await rendition.window(index, Due(0))
    return rendition


async def test_what_was_made_is_found_again() -> None:
    shelf = Shelf(1 << 20)
    made = await _speak(shelf, b"a")
    with shelf.use(b"a", _rendition, User()) as again:
        assert again is made


async def test_what_has_nothing_in_it_is_not_kept() -> None:
    shelf = Shelf(1 << 20)
    with shelf.use(b"a", _rendition, User()):
        assert len(shelf) == 1
    assert (len(shelf), shelf.nbytes) == (0, 0)


async def test_the_bytes_are_those_of_the_samples_and_of_what_is_needed_for_the_others() -> None:
    shelf = Shelf(1 << 20)
    made = await _speak(shelf, b"a")
    samples = sum(window.samples.nbytes for window in made._made.values())
    assert made.count == 5
    assert samples == 4 * 3_996
    assert samples < shelf.nbytes == made.nbytes < samples + 10_000
    partly = await _speak(shelf, b"b", windows=1)
    assert partly.nbytes > partly._made[0].samples.nbytes + 15 * 1_536
    assert shelf.nbytes == made.nbytes + partly.nbytes


async def test_the_longest_unused_goes_first() -> None:
    size = (await _speak(Shelf(1 << 20), b"x")).nbytes
    shelf = Shelf(3 * size)
    for key in (b"a", b"b", b"c", b"a", b"d"):
        await _speak(shelf, key)
    assert list(shelf._renditions) == [b"c", b"a", b"d"]
    assert shelf.nbytes == 3 * size


async def test_what_is_in_use_stays_whatever_it_needs() -> None:
    shelf = Shelf(0)
    with ExitStack() as users:
        kept = users.enter_context(shelf.use(b"a", _rendition, User()))
        users.enter_context(shelf.use(b"a", _rendition, User()))
        await kept.plan(Due(0))
        await _speak(shelf, b"b")
        assert list(shelf._renditions) == [b"a"]
    assert (len(shelf), shelf.nbytes) == (0, 0)


async def test_its_bytes_never_drift() -> None:
    shelf = Shelf(60_000)
    for number in range(300):
        await _speak(shelf, str(number % 7).encode(), windows=number % 5)
        assert shelf.nbytes == sum(kept.nbytes for kept in shelf._renditions.values())
        assert shelf.nbytes <= 60_000


async def test_what_may_be_sent_to_many_cannot_be_changed() -> None:
    rendition = await _speak(Shelf(1 << 20), b"a")
    window: Window = await rendition.window(0, Due(0))
    with pytest.raises(ValueError, match="read-only"):
        window.samples[0] = 1
    assert not np.any(window.samples)
