"""The bench itself: asks each system for its mouths and holds them against the reference."""

from collections.abc import Mapping
from typing import Any, Final

from ..bench import Figure, Outcome, Table
from ..lab import Lab, System
from ..rounds import interleave, spread_of
from .figures import FPS, Mouthing, measure
from .reference import HOP, Reference, Sentence, load

__all__ = ["FIGURES", "run"]

_CASE: Final = "all sentences"
_PEERS: Final = {"openfacefx-piper": "openfacefx_piper", "openfacefx-text": "openfacefx_text"}

_PATHS: Final = {
    "openfacefx-piper": "from Piper's own alignment",
    "openfacefx-text": "from text and length",
}

_OURS: Final = (
    Figure("closure_seal", "", "closed lips of p, b, m that are seen closed; 1 is best"),
    Figure("closure_seal_p", "", "of p alone"),
    Figure("closure_seal_b", "", "of b alone"),
    Figure("closure_seal_m", "", "of m alone"),
    Figure("false_silence", "", "time inside phrases in which events say `sil`; 0 is best"),
    Figure("false_silence_track", "", "frames inside phrases in which `sil` outweighs all else"),
    Figure("start_error_ms_median", "ms", "of the starts of phonemes, against the aligner"),
    Figure("start_error_ms_p95", "ms", "95 % of them are no farther off"),
    Figure("start_bias_ms", "ms", "their median with its sign: positive is late"),
    Figure("jaw_energy_lag_ms", "ms", "jaw behind the sound; 0 is best, positive is late"),
    Figure("frame_accuracy", "", "frames whose strongest shape suits what is heard"),
    Figure("symbols_covered", "", "of Piper's 166 symbols"),
    Figure("ms_per_audio_second", "ms/s", "CPU from decoder steps to events and 30 fps track"),
    Figure("words_ms_per_audio_second", "ms/s", "CPU to find the words, beside it"),
)
_THEIRS: Final = (
    ("closure_seal", ""),
    ("false_silence", ""),
    ("start_error_ms_median", "ms"),
    ("ms_per_audio_second", "ms/s"),
)

FIGURES: Final = _OURS + tuple(
    Figure(f"{prefix}_{key}", unit, f"the same for openfacefx, {_PATHS[name]}")
    for name, prefix in _PEERS.items()
    for key, unit in _THEIRS
)


def run(lab: Lab) -> Outcome:
    reference = load()
    systems = [system for name in ("lips", *_PEERS) if (system := lab.system(name)) is not None]
    asked = {
        "sample_rate": reference.sample_rate,
        "fps": FPS,
        "sentences": [_request(sentence) for sentence in reference.sentences],
    }
    samples = interleave(lab, systems, [_CASE], lambda case, number: {**asked, "tell": number == 1})
    mouths = {sample["system"]: told for sample in samples if (told := sample.pop("mouths", None))}
    found: dict[str, dict[str, float | None]] = {}
    warnings: list[str] = []
    for system in systems:
        figures = measure(
            reference.sentences,
            [Mouthing.of(raw) for raw in mouths[system.name]],
            reference.sample_rate,
        )
        cost = spread_of(samples, system.name, _CASE, "ms_per_audio_s")
        figures["ms_per_audio_second"] = cost.median if cost else None
        found[system.name] = figures
    details: dict[str, Any] = {
        "voice": reference.voice,
        "reference": dict(reference.versions),
        "sentences": len(reference.sentences),
        "audio_s": round(reference.audio_s, 2),
        "phonemes": sum(len(sentence.phones) for sentence in reference.sentences),
        "closures": {
            phone.lower(): sum(
                closure.phone == phone
                for sentence in reference.sentences
                for closure in sentence.closures
            )
            for phone in "PBM"
        },
    }
    ours = next((system for system in systems if system.name == "lips"), None)
    if ours is not None:
        symbols = ours.ask({})
        found["lips"]["symbols_covered"] = symbols["symbols"] - len(symbols["without"])
        details["symbols"] = symbols["symbols"]
        details["symbols_without_a_mouth"] = symbols["without"]
        found["lips"]["words_ms_per_audio_second"] = _speak_again(ours, reference, warnings)
    details["by_system"] = found
    return Outcome(
        figures={
            **{figure.key: found.get("lips", {}).get(figure.key) for figure in _OURS},
            **{
                f"{prefix}_{key}": found.get(name, {}).get(key)
                for name, prefix in _PEERS.items()
                for key, _ in _THEIRS
            },
        },
        details=details,
        tables=(_table(found),) if found else (),
        samples=samples,
        warnings=warnings,
    )


def _request(sentence: Sentence) -> dict[str, Any]:
    return {
        "text": sentence.text,
        "phonemes": sentence.phonemes,
        "frames": sentence.frames,
        "count": sentence.count,
        "alignment": _by_piper(sentence),
        "places": _places(sentence),
        "phones": [phone.phone for phone in sentence.phones],
    }


def _by_piper(sentence: Sentence) -> list[dict[str, Any]]:
    """What Piper's own `phoneme_alignments` say: a PAD is of the symbol before it."""
    symbols = ("^", *sentence.phonemes, "$")
    frames = [*sentence.frames, 0]
    return [
        {"phoneme": symbol, "num_samples": (frames[2 * index] + frames[2 * index + 1]) * HOP}
        for index, symbol in enumerate(symbols)
    ]


def _places(sentence: Sentence) -> list[int]:
    """For each phoneme of the reference, which of Piper's alignments has its first sound."""
    places, cursor = [], 0
    for phone in sentence.phones:
        begin = sentence.phonemes.index(phone.symbol, cursor)
        cursor = begin + len(phone.symbol)
        places.append(cursor - len(phone.symbol.lstrip("ˈˌ")) + 1)
    return places


def _speak_again(ours: System, reference: Reference, warnings: list[str]) -> float:
    """Whether the voice still takes the same time; gives what finding the words costs."""
    texts = [sentence.text for sentence in reference.sentences]
    again = ours.ask({"texts": texts, "seed": reference.seed})
    changed = [
        sentence.text
        for sentence, now in zip(reference.sentences, again["durations"], strict=True)
        if (sentence.phonemes, list(sentence.frames)) != (now["phonemes"], list(now["frames"]))
    ]
    if changed:
        warnings.append(
            f"{len(changed)} of {len(texts)} sentences are spoken with other phonemes or durations"
            f" today, first {changed[0]!r}: if that was meant, run scripts/lips-reference"
        )
    return float(again["words_ms_per_audio_s"])


def _table(found: Mapping[str, Mapping[str, float | None]]) -> Table:
    keys = [figure.key for figure in _OURS if not figure.key.startswith(("symbols", "words"))]
    return Table(
        "the same figures for everybody",
        ("figure", *found),
        tuple((key, *(_cell(figures.get(key)) for figures in found.values())) for key in keys),
    )


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"
