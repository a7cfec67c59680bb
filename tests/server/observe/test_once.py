import json

import pytest

from lipwire_server.observe.logging import configure_logging
from lipwire_server.observe.once import tell_once


def test_what_is_done_once_is_a_line_for_people_and_one_record_for_programs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging("info")
    tell_once("making the database")
    configure_logging("info", "json")
    tell_once("making the database")
    text, record = capsys.readouterr().err.splitlines()
    assert text.endswith("INFO    making the database (once, it takes some seconds)")
    assert json.loads(record)["message"] == "making the database (once, it takes some seconds)"
