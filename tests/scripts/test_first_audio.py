import pytest

from benches.bench import Outcome
from benches.first_audio import BENCH, SYSTEMS
from tests.scripts.fake_lab import FakeLab, speaking


def run(**first_ms: float) -> tuple[Outcome, FakeLab]:
    lab = FakeLab(answers={name.replace("_", "-"): speaking(ms) for name, ms in first_ms.items()})
    return BENCH.run(lab), lab


def test_a_peer_that_takes_twice_as_long_halves_the_ratio() -> None:
    outcome, _ = run(lipwire=100.0, piper=200.0)
    slow, _ = run(lipwire=100.0, piper=400.0)
    assert outcome.figures["ratio_piper_6s"] == pytest.approx(0.5)
    assert slow.figures["ratio_piper_6s"] == pytest.approx(0.25)


def test_a_slower_lipwire_raises_every_ratio_and_its_medians() -> None:
    outcome, _ = run(lipwire=300.0, **{name.replace("-", "_"): 100.0 for name in SYSTEMS[1:]})
    ratios = {key: value for key, value in outcome.figures.items() if key.startswith("ratio_")}
    assert len(ratios) == 7
    assert list(ratios.values()) == pytest.approx([3.0] * 7)
    assert outcome.figures["first_ms_6s"] == 300.0


def test_each_ratio_is_about_its_own_peer_and_sentence() -> None:
    outcome, _ = run(lipwire=100.0, piper_1=400.0, streaming_vits=200.0)
    assert outcome.figures["ratio_piper_6s_one_thread"] == pytest.approx(0.25)
    assert outcome.figures["ratio_streaming_vits_6s"] == pytest.approx(0.5)
    assert outcome.figures["ratio_piper_6s"] is None


def test_every_round_asks_lipwire_with_another_seed() -> None:
    seeds = []

    def answer(request: object) -> dict[str, float]:
        assert isinstance(request, dict)
        seeds.append((request["text"], request["seed"]))
        return {"first_ms": 1.0, "cpu_per_audio_s": 0.1}

    BENCH.run(FakeLab(answers={"lipwire": answer}, rounds=4))
    assert len(seeds) == len(set(seeds)) == 5 * 3


def test_systems_take_turns() -> None:
    _, lab = run(lipwire=1.0, piper_1=1.0, piper=1.0)
    assert lab.order == ["lipwire", "piper-1", "piper"] * 3 * (lab.rounds + 1)
