"""A deliberate fault moves each figure, and the figures of the mouth itself are what we promise."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pytest

from benches.bench import Outcome
from benches.lips import BENCH
from benches.lips.reference import HOP, load
from benches.workers.lips import answer
from benches.workers.phones import same_phones
from lipwire_protocol.visemes import Oculus
from tests.scripts.fake_lab import FakeLab

Json = dict[str, Any]
Fault = Callable[[Json], Json]
"""From what the mouth does in a sentence to what it does wrong."""

RATE = load().sample_rate
SIZE = len(Oculus)


@cache
def good() -> Json:
    """What Lipwire really answers, worked out once."""
    asked: list[Json] = []

    def listen(request: Mapping[str, Any]) -> Json:
        asked.append(dict(request))
        return (
            answer(asked[-1])
            if "sentences" in request
            else {"symbols": 1, "without": []} | spoken()
        )

    BENCH.run(FakeLab(answers={"lips": listen}, rounds=1))
    return answer({**asked[1], "tell": True})


def spoken() -> Json:
    """The voice as it was when the reference was made."""
    durations = [
        {"phonemes": sentence.phonemes, "frames": list(sentence.frames)}
        for sentence in load().sentences
    ]
    return {"durations": durations, "words_ms_per_audio_s": 0.5}


def run(fault: Fault = dict, *, system: str = "lips", **other: Any) -> Outcome:
    mouths = [fault(raw) for raw in good()["mouths"]]

    def act(request: Mapping[str, Any]) -> Json:
        if "sentences" not in request:
            return {"symbols": 166, "without": [], **spoken(), **other}
        told = mouths if request["tell"] else []
        return {"ms_per_audio_s": 0.5, "mouths": told, **other}

    return BENCH.run(FakeLab(answers={system: act}))


@cache
def measured(fault: Fault = dict) -> Outcome:
    """Once of each fault, whatever figure of it is looked at."""
    return run(fault)


def figure(key: str, fault: Fault = dict) -> float:
    value = measured(fault).figures[key]
    assert value is not None
    return value


def frames(raw: Json) -> list[list[int]]:
    track: list[int] = raw["track"]
    return [track[at : at + SIZE] for at in range(0, len(track), SIZE)]


def with_frames(raw: Json, rows: list[list[int]]) -> Json:
    return {**raw, "track": [weight for row in rows for weight in row]}


def late(raw: Json) -> Json:
    """By 67 ms: two frames of the track."""
    by, rows = RATE * 2 // 30, frames(raw)
    return {
        "starts": [start + by for start in raw["starts"]],
        "events": [(viseme, start + by, end + by) for viseme, start, end in raw["events"]],
        "track": with_frames(raw, [rows[0], rows[0], *rows[:-2]])["track"],
    }


def open_lips(raw: Json) -> Json:
    """Lips that never meet."""
    rows = frames(raw)
    for row in rows:
        row[Oculus.AA] += row[Oculus.PP]
        row[Oculus.PP] = 0
    return with_frames(raw, rows)


def at_rest(raw: Json) -> Json:
    """Every viseme but the closures begins with 30 ms of rest, as if it had a space before it."""
    events = []
    for viseme, start, end in raw["events"]:
        rests = min(end, start + RATE * 30 // 1000)
        events += [(int(Oculus.SIL), start, rests), (viseme, rests, end)]
    rows = frames(raw)
    for row in rows[::3]:
        row[:] = [255] + [0] * (SIZE - 1)
    return with_frames({**raw, "events": events}, rows)


def test_a_mouth_that_is_late_is_seen_in_starts_bias_and_jaw() -> None:
    before, after = measured().figures, measured(late).figures
    for key, least in (("start_error_ms_median", 40), ("start_bias_ms", 60)):
        assert (after[key] or 0) - (before[key] or 0) > least, key
    assert (after["jaw_energy_lag_ms"] or 0) - (before["jaw_energy_lag_ms"] or 0) in range(55, 80)
    assert (after["closure_seal"] or 0) < 0.6
    assert (after["frame_accuracy"] or 0) < (before["frame_accuracy"] or 0) - 0.2


def test_lips_that_never_meet_seal_nothing_and_are_in_time_all_the_same() -> None:
    before, after = measured().figures, measured(open_lips).figures
    assert [after[f"closure_seal{of}"] for of in ("", "_p", "_b", "_m")] == [0, 0, 0, 0]
    assert after["start_error_ms_median"] == before["start_error_ms_median"]


@pytest.mark.parametrize("letter", "pbm")
def test_closures_of_each_sound_are_counted_apart(letter: str) -> None:
    sentences = iter(load().sentences)

    def fault(raw: Json) -> Json:
        rows = frames(raw)
        for closure in next(sentences).closures:
            if closure.phone == letter.upper():
                frame = closure.middle * 30 // RATE
                rows[frame] = rows[frame + 1] = [255] + [0] * (SIZE - 1)
        return with_frames(raw, rows)

    before, after = measured().figures, measured(fault).figures
    assert after[f"closure_seal_{letter}"] == 0
    for other in {"p", "b", "m"} - {letter}:
        assert after[f"closure_seal_{other}"] == before[f"closure_seal_{other}"]


def test_rest_inside_words_is_false_silence_in_events_and_track() -> None:
    assert figure("false_silence", at_rest) > 0.3
    assert figure("false_silence_track", at_rest) == pytest.approx(1 / 3, abs=0.05)


def test_rest_where_a_pause_is_is_not_false() -> None:
    assert any(viseme == Oculus.SIL for raw in good()["mouths"] for viseme, _, _ in raw["events"])
    assert figure("false_silence") == 0


def test_a_few_starts_that_are_far_off_move_the_95th_percentile_and_not_the_median() -> None:
    def fault(raw: Json) -> Json:
        starts = [start + RATE // 5 * (index % 8 == 7) for index, start in enumerate(raw["starts"])]
        return {**raw, "starts": starts}

    assert figure("start_error_ms_p95", fault) > 150
    assert figure("start_error_ms_median", fault) < figure("start_error_ms_median") + 5


def test_starts_that_a_system_does_not_have_are_left_out() -> None:
    def fault(raw: Json) -> Json:
        return {**raw, "starts": [None for _ in raw["starts"]]}

    assert measured(fault).figures["start_error_ms_median"] is None


def test_the_wrong_vowel_is_a_wrong_frame() -> None:
    def fault(raw: Json) -> Json:
        rows = frames(raw)
        for row in rows:
            row[Oculus.AA], row[Oculus.IH] = row[Oculus.IH], row[Oculus.AA]
        return with_frames(raw, rows)

    assert figure("frame_accuracy", fault) < figure("frame_accuracy") - 0.1


def test_a_jaw_that_does_the_opposite_has_no_lag_at_all() -> None:
    def fault(raw: Json) -> Json:
        rows = [[0] * SIZE for _ in frames(raw)]
        return with_frames(raw, rows)

    assert measured(fault).figures["jaw_energy_lag_ms"] is None


def test_cost_and_symbols_are_what_the_system_says() -> None:
    figures = run(ms_per_audio_s=1.25, without=["ɬ", "ʘ"]).figures
    assert figures["ms_per_audio_second"] == pytest.approx(1.25)
    assert figures["symbols_covered"] == 164


def test_a_voice_that_speaks_otherwise_than_the_reference_is_warned_about() -> None:
    assert run().warnings == []
    changed = spoken()
    changed["durations"][3]["frames"][5] += 1
    (warning,) = run(**changed).warnings
    assert "1 of" in warning and "scripts/lips-reference" in warning
    assert load().sentences[3].text in warning


def test_a_peer_is_measured_by_the_same_yardstick() -> None:
    ours = measured().figures
    theirs = run(system="openfacefx-piper").figures
    for key in ("closure_seal", "false_silence", "start_error_ms_median"):
        assert theirs[f"openfacefx_piper_{key}"] == ours[key]
        assert theirs[key] is None
        assert theirs[f"openfacefx_text_{key}"] is None


def test_peers_get_the_alignment_that_piper_itself_computes() -> None:
    """A PAD is of the symbol before it; by that, phonemes are 35 ms late."""
    asked: list[Mapping[str, Any]] = []

    def peer(request: Mapping[str, Any]) -> Json:
        asked.append(request)
        mouths = []
        for sentence, raw in zip(request["sentences"], good()["mouths"], strict=True):
            ends = [0]
            for part in sentence["alignment"]:
                ends.append(ends[-1] + part["num_samples"])
            assert ends[-1] == sum(sentence["frames"]) * HOP
            mouths.append({**raw, "starts": [ends[place] for place in sentence["places"]]})
        return {"ms_per_audio_s": 1.0, "mouths": mouths}

    figures = BENCH.run(FakeLab(answers={"openfacefx-piper": peer})).figures
    assert 30 < (figures["openfacefx_piper_start_error_ms_median"] or 0) < 40
    first = asked[0]["sentences"][0]
    spelled = "".join(part["phoneme"] for part in first["alignment"])
    assert spelled == f"^{first['phonemes']}$"


@pytest.mark.parametrize(
    ("key", "least", "most"),
    [
        ("closure_seal", 0.85, 1),
        ("false_silence", 0, 0),
        ("false_silence_track", 0, 0.001),
        ("start_error_ms_median", 0, 15),
        ("start_error_ms_p95", 0, 60),
        ("start_bias_ms", -5, 5),
        ("jaw_energy_lag_ms", -20, 20),
        ("frame_accuracy", 0.7, 1),
    ],
)
def test_the_mouth_keeps_its_promises(key: str, least: float, most: float) -> None:
    assert least <= figure(key) <= most


def test_every_symbol_that_a_voice_may_know_has_a_mouth_or_takes_no_time() -> None:
    assert answer({}) == {"symbols": 166, "without": []}


def test_phones_of_another_dictionary_are_matched_where_they_are_the_same() -> None:
    own = ["sil", "DH", "AH0", "K", "W", "IY1", "K", "sil"]
    assert same_phones(own, ["DH", "AH", "K", "W", "IH", "K"]) == [1, 2, 3, 4, None, 6]
    assert same_phones(["R", "EH1", "T", "S"], ["R", "EH", "T S"]) == [0, 1, 2]
    assert same_phones([], ["P"]) == [None]
