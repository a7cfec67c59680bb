import pytest

from lipwire_server.load.broadcast import Broadcast
from lipwire_server.load.tally import Tally


def test_a_chunk_is_late_by_the_time_since_the_first_had_it() -> None:
    tally = Tally()
    broadcast = Broadcast(tally)
    broadcast.came(1, 0, 10.0, joined=0)
    broadcast.came(1, 500, 10.5, joined=0)
    broadcast.came(1, 0, 10.25, joined=0)
    broadcast.came(1, 500, 10.5, joined=0)
    assert tally.chunk_late_ms.values == [250, 0]


def test_what_was_sent_before_somebody_came_says_nothing() -> None:
    tally = Tally()
    broadcast = Broadcast(tally)
    broadcast.came(1, 0, 10.0, joined=0)
    broadcast.came(1, 0, 12.0, joined=11.0)
    assert tally.chunk_late_ms.count == 0


def test_old_chunks_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lipwire_server.load.broadcast._REMEMBERED", 2)
    tally = Tally()
    broadcast = Broadcast(tally)
    for start in range(3):
        broadcast.came(1, start, 10.0, joined=0)
    broadcast.came(1, 0, 99.0, joined=0)
    assert tally.chunk_late_ms.count == 0
