import pytest

from lipwire_server.access.scopes import Scope, is_within, known_scopes
from lipwire_server.http.rest import Operation
from tests.server.http.toys import operation


def test_what_a_row_needs_follows_from_what_it_does() -> None:
    rows: list[tuple[Operation, Scope]] = [
        (operation(), Scope.READ),
        (operation("POST"), Scope.WRITE),
        (operation("DELETE"), Scope.WRITE),
        (operation("POST", scope=Scope.SPEAK), Scope.SPEAK),
    ]
    assert all(row.needed_scope is scope for row, scope in rows)


@pytest.mark.parametrize("scope", Scope)
def test_who_may_speak_may_watch_and_nothing_else_follows_from_another(scope: Scope) -> None:
    may = {other for other in Scope if is_within(other, {scope})}
    assert may == ({Scope.SPEAK, Scope.WATCH} if scope is Scope.SPEAK else {scope})


def test_what_only_a_newer_server_knows_is_good_for_nothing() -> None:
    assert known_scopes(["speak", "fly"]) == {Scope.SPEAK}
