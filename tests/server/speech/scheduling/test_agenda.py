from hypothesis import given
from hypothesis import strategies as st

from lipwire_server.speech.scheduling.agenda import Agenda, Due, Unit, UnitState

SECOND = 1_000_000_000
NOW = 100 * SECOND


def _unit(seconds: float, *, starting: bool = False) -> Unit:
    """Due so long after now."""
    due = Due(NOW + int(seconds * SECOND), starting)
    return Unit(lambda: None, due, lambda *_: None)


def _added(agenda: Agenda, *units: Unit) -> None:
    for unit in units:
        agenda.add(unit)


def _all(agenda: Agenda) -> list[Unit]:
    taken = []
    while (unit := agenda.take(NOW)) is not None:
        taken.append(unit)
    return taken


def test_who_runs_dry_first_goes_first() -> None:
    agenda = Agenda()
    later, soon, next_one = _unit(3), _unit(1), _unit(2)
    _added(agenda, later, soon, next_one)
    assert _all(agenda) == [soon, next_one, later]


def test_units_of_one_deadline_keep_their_order() -> None:
    agenda = Agenda()
    units = [_unit(1) for _ in range(10)]
    _added(agenda, *units)
    assert _all(agenda) == units


def test_about_to_run_dry_goes_before_a_start_and_a_start_before_one_who_has_two_seconds() -> None:
    agenda = Agenda()
    has_time, start, about = _unit(2), _unit(0.2, starting=True), _unit(0.3)
    _added(agenda, has_time, start, about)
    assert _all(agenda) == [about, start, has_time]


def test_a_start_that_is_late_still_waits_for_who_is_about_to_run_dry() -> None:
    agenda = Agenda()
    late, about = _unit(-2, starting=True), _unit(0.1)
    _added(agenda, late, about)
    assert _all(agenda) == [about, late]


def test_a_start_does_not_wait_for_ever_where_everybody_is_about_to_run_dry() -> None:
    agenda = Agenda()
    late, about, dry = _unit(-4, starting=True), _unit(0.1), _unit(-5)
    _added(agenda, late, about, dry)
    assert _all(agenda) == [dry, late, about]


def test_starts_go_by_their_deadlines() -> None:
    agenda = Agenda()
    second, first = _unit(0.2, starting=True), _unit(-1, starting=True)
    _added(agenda, second, first)
    assert _all(agenda) == [first, second]


def test_what_was_taken_says_when() -> None:
    agenda, unit = Agenda(), _unit(1)
    agenda.add(unit)
    assert agenda.take(NOW) is unit
    assert (unit.state, unit.taken_ns) == (UnitState.TAKEN, NOW)
    assert agenda.take(NOW) is None


def test_a_dropped_unit_is_not_taken_and_a_taken_one_not_dropped() -> None:
    agenda = Agenda()
    unit, other = _unit(1), _unit(2)
    _added(agenda, unit, other)
    assert agenda.drop(unit)
    assert not agenda.drop(unit)
    assert _all(agenda) == [other]
    assert not agenda.drop(other)


def test_a_hastened_unit_goes_by_its_new_deadline_and_only_once() -> None:
    agenda = Agenda()
    slow, other = _unit(9), _unit(5)
    _added(agenda, slow, other)
    agenda.hasten(slow, Due(NOW + 2 * SECOND))
    agenda.hasten(other, Due(NOW + 7 * SECOND))
    assert len(agenda) == 2
    assert _all(agenda) == [slow, other]


def test_a_start_that_a_listener_needs_too_is_no_start_any_more() -> None:
    agenda = Agenda()
    start, about = _unit(0.2, starting=True), _unit(0.4)
    _added(agenda, start, about)
    agenda.hasten(start, Due(NOW + 3 * SECOND))
    assert not start.due.starting
    assert _all(agenda) == [start, about]


def test_a_taken_unit_cannot_be_hastened_back() -> None:
    agenda, unit = Agenda(), _unit(5)
    agenda.add(unit)
    agenda.take(NOW)
    agenda.hasten(unit, Due(NOW))
    assert len(agenda) == 0
    assert agenda.take(NOW) is None


def test_old_entries_do_not_pile_up() -> None:
    agenda, kept = Agenda(), _unit(10_000)
    agenda.add(kept)
    for number in range(5_000):
        unit = _unit(20_000)
        agenda.add(unit)
        agenda.drop(unit)
        agenda.hasten(kept, Due(NOW + (9_999 - number) * SECOND))
    assert len(agenda._going_on) + len(agenda._starting) < 100
    assert _all(agenda) == [kept]


_DUES = st.builds(Due, st.integers(NOW - 5 * SECOND, NOW + 5 * SECOND), st.booleans())
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), _DUES),
        st.tuples(st.just("drop"), st.integers(0, 20)),
        st.tuples(st.just("hasten"), st.tuples(st.integers(0, 20), _DUES)),
        st.tuples(st.just("take"), st.none()),
    ),
    max_size=60,
)


@given(_STEPS)
def test_every_unit_is_taken_or_dropped_exactly_once_and_the_best_one_first(
    steps: list[tuple[str, object]],
) -> None:
    agenda = Agenda()
    units: list[Unit] = []
    queued: list[Unit] = []

    def take() -> None:
        unit = agenda.take(NOW)
        assert (unit is None) == (not queued)
        if unit is None:
            return
        queued.remove(unit)
        same = [other.due.ns for other in queued if other.due.starting == unit.due.starting]
        assert all(unit.due.ns <= ns for ns in same)
        if unit.due.starting:
            waiting = [other.due.ns for other in queued if not other.due.starting]
            is_very_late = NOW - unit.due.ns > 3 * SECOND
            assert all(ns > (unit.due.ns if is_very_late else NOW + SECOND) for ns in waiting)

    for step, argument in steps:
        if step == "add":
            assert isinstance(argument, Due)
            units.append(Unit(lambda: None, argument, lambda *_: None))
            queued.append(units[-1])
            agenda.add(units[-1])
        elif step == "take":
            take()
        elif step == "drop" and isinstance(argument, int) and argument < len(units):
            assert agenda.drop(units[argument]) == (units[argument] in queued)
            if units[argument] in queued:
                queued.remove(units[argument])
        elif step == "hasten" and isinstance(argument, tuple) and argument[0] < len(units):
            agenda.hasten(units[argument[0]], argument[1])
        assert len(agenda) == len(queued)
    while queued:
        take()
