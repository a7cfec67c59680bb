from functools import partial

from tests.stored_records import said

from lipwire_server.store.backlog import Backlog


def test_the_oldest_come_first_and_stay_until_they_are_let_go() -> None:
    backlog = Backlog(10, 10_000)
    for number in range(5):
        assert backlog.add(said(number), None)
    batch = backlog.head(3, 10_000)
    assert batch.records == [said(0), said(1), said(2)]
    assert len(backlog) == 5
    backlog.release(batch.end)
    assert backlog.head(9, 10_000).records == [said(3), said(4)]
    backlog.release(backlog.head(9, 10_000).end)
    assert (len(backlog), backlog.bytes) == (0, 0)


def test_what_was_let_go_by_one_is_not_let_go_again_by_another() -> None:
    backlog, told = Backlog(10, 10_000), list[int]()
    for number in range(5):
        backlog.add(said(number), partial(told.append, number))
    slow, quick = backlog.head(2, 10_000), backlog.head(4, 10_000)
    for settled in (*backlog.release(quick.end), *backlog.release(slow.end)):
        settled()
    assert told == [0, 1, 2, 3]
    assert backlog.head(9, 10_000).records == [said(4)]


def test_a_head_is_bounded_in_bytes_and_has_one_record_at_least() -> None:
    backlog = Backlog(10, 100_000)
    for number in range(3):
        backlog.add(said(number, "x" * 1_000), None)
    assert len(backlog.head(9, 1).records) == 1
    assert len(backlog.head(9, 5_000).records) == 2


def test_what_finds_no_room_is_refused_by_number_or_by_size() -> None:
    assert not Backlog(0, 10_000).add(said(0), None)
    assert not Backlog(10, 10_000).add(said(0, "x" * 5_000), None)


def test_half_full_is_told_by_number_or_by_size() -> None:
    few, large = Backlog(4, 10_000), Backlog(100, 2_000)
    few.add(said(0), None)
    assert not few.is_half_full
    few.add(said(1), None)
    assert few.is_half_full
    large.add(said(0, "x" * 500), None)
    assert large.is_half_full
