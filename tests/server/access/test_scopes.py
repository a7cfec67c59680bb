from lipwire_server.access.scopes import Scope
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
