from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest

from benches.lab import Missing
from benches.lips import plotting
from benches.lips.plotting import main, picture
from benches.lips.speaking import Speech
from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.lipsync.mouth import mouth
from lipwire_server.speech.port import PhonemeSpan, Plan, WordSpan

RATE = 22_050


class FakeSpeaker:
    """Says `map` after a short pause; another text it cannot say."""

    sample_rate = RATE

    def __init__(self, seed: int = 1) -> None:
        self.seed = seed

    def speak(self, text: str) -> Speech:
        if text != "map":
            raise LipwireError(ErrorCode.EMPTY_TEXT, "there is nothing to say")
        symbols = ("^", "m", "ˈæ", "p", "$")
        spans = tuple(
            PhonemeSpan(symbol, 2_560 * index, 2_560, -1 if symbol in "^$" else 0)
            for index, symbol in enumerate(symbols)
        )
        plan = Plan(
            count=5 * 2_560,
            words=(WordSpan("map", 0, 3, 2_560, 3 * 2_560),),
            phonemes=spans,
            mouth=mouth(spans, RATE),
            phonemized_ns=0,
            encoded_ns=0,
        )
        return Speech("mˈæp", (10,) * 11, plan, np.linspace(-1, 1, plan.count, dtype=np.float32))


def test_all_that_is_drawn_has_the_time_of_the_sound() -> None:
    drawn = picture("map", FakeSpeaker(), Path("map.png"))
    seconds = len(b64decode(drawn["samples"])) / 4 / RATE
    assert seconds == pytest.approx(5 * 2_560 / RATE)
    for row in ("phonemes", "events"):
        spans = drawn[row]
        assert spans[0][1] == 0 and spans[-1][2] == pytest.approx(seconds)
        assert [end for _, _, end in spans[:-1]] == [start for _, start, _ in spans[1:]]
    assert drawn["words"] == [("map", 2_560 / RATE, 4 * 2_560 / RATE)]
    assert [name for name, _, _ in drawn["phonemes"]] == ["", "m", "ˈæ", "p", ""]
    assert [name for name, _, _ in drawn["events"]] == ["sil", "PP", "aa", "PP", "sil"]


def test_weights_have_a_time_each_and_a_name_for_each_column() -> None:
    drawn = picture("map", FakeSpeaker(), Path("map.png"))
    weights = np.array(drawn["weights"])
    assert weights.shape == (len(drawn["times"]), len(drawn["visemes"]))
    in_m = weights[np.searchsorted(drawn["times"], 1.5 * 2_560 / RATE)]
    assert drawn["visemes"][in_m.argmax()] == "PP"


def test_the_picture_lies_where_it_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert picture("map", FakeSpeaker(), Path("a/b.png"))["out"] == "/a/b.png"


def test_what_cannot_be_said_or_drawn_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(*_: object) -> None:
        raise Missing(".venv-lips cannot be made: no wheel")

    monkeypatch.setattr(plotting, "Speaker", FakeSpeaker)
    monkeypatch.setattr(plotting, "tool", missing)
    assert main(["..."]) == 1
    assert capsys.readouterr().err == "plot-lips: there is nothing to say\n"
    assert main(["map"]) == 1
    assert capsys.readouterr().err == "plot-lips: .venv-lips cannot be made: no wheel\n"
