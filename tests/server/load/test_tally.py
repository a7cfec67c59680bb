import json

import pytest

from lipwire_server.load.tally import Sample, Tally


def test_quantiles_are_values_that_there_were() -> None:
    sample = Sample()
    assert sample.quantile(0.5) is None
    for value in range(100):
        sample.add(float(value))
    assert sample.quantile(0.5) == 49
    assert sample.quantile(0.95) == 94
    assert sample.quantile(1.0) == 99
    assert sample.told() == {"count": 100, "p50": 49, "p95": 94, "p99": 98, "max": 99}


def test_of_very_many_values_a_fair_choice_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lipwire_server.load.tally._KEPT", 1_000)
    sample = Sample()
    for value in range(20_000):
        sample.add(float(value))
    assert sample.count == 20_000
    assert len(sample.values) == 1_000
    median = sample.quantile(0.5)
    assert median is not None and 8_500 < median < 11_500
    assert sample.told()["max"] == 19_999


def test_what_was_measured_is_told_over_time() -> None:
    sample = Sample()
    for second in (0.0, 1.0, 2.0, 25.0):
        sample.add(100 + second, 1_000 + second)
    assert sample.over_time(1_000, 10) == [
        {"seconds": 0, "count": 3, "p50": 101, "p95": 102},
        {"seconds": 20, "count": 1, "p50": 125, "p95": 125},
    ]


def test_every_figure_has_a_name_by_which_it_is_found() -> None:
    tally = Tally()
    assert {"gaps", "faults", "resume_success", "first_sound_p95_ms", "chunk_late_p99_ms"} <= set(
        tally.names()
    )
    for name in tally.names():
        tally.figure(name)


@pytest.mark.parametrize("name", ["", "x", "first_sound", "first_sound_p95", "x_p95_ms", "_p95_ms"])
def test_what_is_no_figure_is_none(name: str) -> None:
    with pytest.raises(KeyError):
        Tally().figure(name)


def test_what_was_counted_is_a_figure() -> None:
    tally = Tally()
    assert tally.figure("faults") == 0
    assert tally.figure("first_sound_p95_ms") is None
    assert tally.figure("resume_success") is None
    tally.fault("sound before its timing")
    tally.fault("sound before its timing")
    tally.gap_ms.add(12.5)
    tally.counts["drops"], tally.counts["resumed"] = 4, 3
    assert tally.figure("faults") == 2
    assert tally.figure("gaps") == 1
    assert tally.figure("gap_p50_ms") == 12.5
    assert tally.figure("resume_success") == 0.75
    assert set(tally.glance()) <= set(tally.names())


def test_losses_are_told_by_their_reason() -> None:
    tally = Tally()
    assert tally.losses == {}
    tally.counts.update({"lost": 3, "lost: 1006": 1, "lost: nobody listens there": 2, "drops": 1})
    assert tally.losses == {"1006": 1, "nobody listens there": 2}


def test_all_of_it_can_be_written_as_json() -> None:
    tally = Tally()
    tally.fault("two utterances at a time")
    tally.refused["overloaded"] += 1
    told = tally.told()
    assert json.loads(json.dumps(told)) == told
    assert told["faults"] == {"two utterances at a time": 1}
    assert told["refused"] == {"overloaded": 1}
