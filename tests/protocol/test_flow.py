from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol import CreditWindow, FlowMode, PlayoutClock

RATE = 1_000  # one sample a millisecond: positions read as milliseconds
MS = 1_000_000


def test_the_playout_clock_stands_still_when_there_is_nothing_to_play() -> None:
    clock = PlayoutClock(RATE)
    assert clock.heard(5_000 * MS) == 0
    clock.send(100, 5_000 * MS)
    assert clock.heard(5_040 * MS) == 40
    assert clock.heard(9_000 * MS) == 100
    clock.send(50, 9_000 * MS)
    assert clock.heard(9_010 * MS) == 110


def test_a_report_moves_the_playout_clock() -> None:
    clock = PlayoutClock(RATE)
    clock.send(1_000, 0)
    clock.report(200, 500 * MS)
    assert clock.heard(600 * MS) == 300


def test_played_opens_with_reports_alone() -> None:
    window = CreditWindow(FlowMode.PLAYED, lead=300, rate=RATE)
    window.send(300, 0)
    assert window.available(10_000 * MS) == 0
    assert window.opens_ns(1, 10_000 * MS) is None
    window.report(120, 10_000 * MS)
    assert window.available(10_000 * MS) == 120


def test_a_report_beyond_what_was_sent_buys_nothing() -> None:
    window = CreditWindow(FlowMode.PLAYED, lead=300, rate=RATE)
    window.send(300, 0)
    window.report(2**53 - 1, 0)
    assert window.available(0) == 300


def test_a_report_that_is_late_takes_nothing_back() -> None:
    window = CreditWindow(FlowMode.PLAYED, lead=300, rate=RATE)
    window.send(300, 0)
    window.report(200, 0)
    window.report(100, 0)
    assert window.available(0) == 200


def test_paced_gives_the_lead_at_once_and_then_real_time() -> None:
    window = CreditWindow(FlowMode.PACED, lead=300, rate=RATE)
    assert window.available(0) == 300
    window.send(300, 0)
    assert window.available(0) == 0
    assert window.opens_ns(50, 0) == 50 * MS
    assert window.available(50 * MS) == 50


def test_what_the_listener_threw_away_gives_its_credit_back() -> None:
    for mode in (FlowMode.PLAYED, FlowMode.PACED):
        window = CreditWindow(mode, lead=300, rate=RATE)
        window.send(300, 0)
        window.pass_over(10, 300, 10 * MS)
        assert window.available(10 * MS) == 300
        assert window.clock.heard(10 * MS) == 300


def test_who_is_beyond_what_was_thrown_away_stays_there() -> None:
    window = CreditWindow(FlowMode.PLAYED, lead=500, rate=RATE)
    window.send(400, 0)
    window.report(350, 0)
    window.pass_over(100, 300, 0)
    assert (window.clock.heard(0), window.available(0)) == (350, 450)


def test_off_has_no_bound() -> None:
    assert CreditWindow(FlowMode.OFF, lead=300, rate=RATE).available(0) is None


@given(
    mode=st.sampled_from([FlowMode.PLAYED, FlowMode.PACED]),
    lead=st.integers(1, 5_000),
    steps=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 3_000)), max_size=30),
)
def test_media_never_runs_further_ahead_than_the_lead(
    mode: FlowMode, lead: int, steps: list[tuple[int, int]]
) -> None:
    window = CreditWindow(mode, lead=lead, rate=RATE)
    now_ns, heard = 0, 0
    for elapsed, wanted in steps:
        now_ns += elapsed * MS
        heard = min(window.clock.sent, heard + elapsed)
        if mode is FlowMode.PLAYED:
            window.report(heard, now_ns)
        credit = window.available(now_ns)
        assert credit is not None
        window.send(min(wanted, credit), now_ns)
        assert window.clock.sent - heard <= lead
