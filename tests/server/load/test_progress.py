import io
import re
from dataclasses import replace

from rich.console import Console, RenderableType

from lipwire_server.load.progress import line, screen, summary
from lipwire_server.load.thresholds import judge, read_thresholds
from tests.server.load.results import result


def shown(what: RenderableType) -> str:
    out = io.StringIO()
    Console(file=out, width=100).print(what)
    return out.getvalue()


def test_one_moment_says_who_is_here_and_how_it_goes() -> None:
    ran = result(well=False)
    text = shown(screen(ran.plan, ran.moments[6]))
    assert "6 of 10" in text
    assert "219 / 309" in text
    assert "3 of 10 s" in text
    assert "ws://127.0.0.1:8000/v1/stream" in text


def test_a_log_has_a_moment_in_a_line() -> None:
    ran = result(well=False)
    assert line(ran.plan, ran.moments[6]) == (
        "3 of 10 s: 6 of 10 sockets, first sound 219 / 309 ms, "
        "40 utterances, 1 gaps, 3 refused, 2 faults, 1 lost"
    )


def test_a_log_says_why_it_goes_on_when_the_time_is_over() -> None:
    ran = result()
    late = replace(ran.moments[-1], seconds=20.0)
    assert line(ran.plan, late).endswith("0 lost, waiting for the last")


def test_texts_that_were_never_answered_are_told() -> None:
    ran = result()
    assert "never answered" not in shown(summary(ran, []))
    ran.tally.counts["unanswered"] = 7
    assert re.search(r"texts never answered +7\n", shown(summary(ran, [])))


def test_what_became_of_slow_readers_is_told() -> None:
    ran = result()
    ran.tally.counts.update({"shown the door": 3, "stalled": 1})
    assert re.search(r"slow readers, closed / borne +3 / 1\n", shown(summary(ran, [])))


def test_the_time_does_not_run_beyond_its_end() -> None:
    ran = result()
    late = shown(screen(ran.plan, type(ran.moments[0])(12.0, 3, ran.moments[0].figures)))
    assert "10 of 10 s" in late


def test_a_test_that_went_well_says_so() -> None:
    ran = result()
    text = shown(summary(ran, judge(read_thresholds([]), ran.tally)))
    assert "passed  6 thresholds" in text
    assert "9 of 10" in text
    assert "2 of 2" in text
    assert "gaps" not in text.split("passed")[0].split("let in")[0]


def test_what_went_wrong_is_named() -> None:
    ran = result(well=False)
    text = shown(summary(ran, judge(read_thresholds([]), ran.tally)))
    for words in (
        "refused: overloaded",
        "fault: sound before its timing",
        "lost: 1006",
        "broken  faults>0: it is 2",
        "broken  gaps>0: it is 1",
    ):
        assert words in text
    assert "passed" not in text


def test_a_load_test_that_was_busy_itself_says_so() -> None:
    ran = result(cpu_s=9.5)
    text = shown(summary(ran, judge(read_thresholds([]), ran.tally)))
    assert "doubt   The load test took 95% of a core: its times are too high" in text
