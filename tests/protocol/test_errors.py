import pytest
from tests.vectors import load

from lipwire_protocol import ErrorCode, LipwireError


def test_every_code_has_a_close_code_and_a_status_that_both_clients_know() -> None:
    derived = [
        {"code": code.value, "close_code": code.close_code, "http_status": code.http_status}
        for code in ErrorCode
    ]
    assert derived == load("errors")


@pytest.mark.parametrize("code", ErrorCode)
def test_codes_are_legal_on_the_wire(code: ErrorCode) -> None:
    assert 1000 <= code.close_code <= 1013 or 4000 <= code.close_code <= 4999
    assert 400 <= code.http_status <= 599


def test_an_error_says_what_is_wrong_and_when_to_come_back() -> None:
    error = LipwireError(ErrorCode.OVERLOADED, "all voices are busy", retry_after_ms=2000)
    assert (error.code, str(error), error.retry_after_ms) == (
        "overloaded",
        "all voices are busy",
        2000,
    )
