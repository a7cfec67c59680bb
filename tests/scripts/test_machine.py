from collections.abc import Iterator
from itertools import accumulate

from benches.machine import Noise, describe

QUIET = {"load_before": 0.1, "cores": 2}


def noise(*took_ns: int) -> Noise:
    """Probes that took so long, by a clock that a test winds."""

    def clock() -> Iterator[int]:
        for end, took in zip(accumulate(took_ns), took_ns, strict=True):
            yield end - took
            yield end

    ticks = clock()
    made = Noise(lambda: next(ticks), work=lambda: None)
    for _ in took_ns:
        made.probe()
    return made


def test_a_quiet_machine_gives_no_warning() -> None:
    made = noise(100, 101, 100, 102)
    assert made.times_ns == [100, 101, 100, 102]
    assert made.warnings(QUIET) == []


def test_equal_work_that_takes_longer_and_longer_gives_a_warning() -> None:
    (warning,) = noise(100, 150, 150, 160).warnings(QUIET)
    assert "noisy" in warning and "52%" in warning


def test_one_disturbance_among_many_is_no_noise() -> None:
    assert noise(100, 100, 900, 100, 100, 100).warnings(QUIET) == []


def test_a_machine_that_was_busy_before_gives_a_warning() -> None:
    (warning,) = noise(100, 100).warnings({"load_before": 1.5, "cores": 2})
    assert "load 1.5 on 2 cores" in warning


def test_without_a_probe_nothing_is_known_and_nothing_is_said() -> None:
    assert noise().warnings(QUIET) == []


def test_a_machine_is_described_with_the_versions_of_what_runs_on_it() -> None:
    machine = describe()
    assert machine["cores"] >= 1 and machine["cpu"]
    assert {"lipwire", "onnxruntime", "numpy"} <= set(machine["packages"])
