import asyncio
import sys
from contextlib import closing

import pytest

from lipwire_server.edge.loop import new_event_loop


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop is not made for Windows")
def test_it_is_the_fast_one_where_there_is_one() -> None:
    with closing(new_event_loop()) as loop:
        assert type(loop).__module__ == "uvloop"


def test_it_is_the_usual_one_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with closing(new_event_loop()) as loop:
        assert isinstance(loop, asyncio.SelectorEventLoop)
