"""A small utterance of two segments, at 1000 samples a second so that samples are milliseconds."""

from lipwire_protocol.server_messages import (
    Ledger,
    PhonemeTiming,
    Segment,
    VisemeTiming,
    WordTiming,
)
from lipwire_server.lipsync.exports.transcript import Transcript, transcript_of

TEXT = "Héy “you”! Bye."

SETS = {
    "rhubarb": ("A", "B", "C", "D", "E", "F", "G", "H", "X"),
    "preston_blair": ("AI", "E", "O", "U", "etc", "L", "WQ", "MBP", "FV", "rest"),
    "polly": ("sil", "p", "t", "S", "T", "f", "k", "i", "r", "s", "u", "@", "a", "e", "E"),
    "azure": tuple(map(str, range(22))),
}

_LEDGER = Ledger(received=0, queued=0, phonemized=0, encoded=0)


def _visemes(*shapes: tuple[str, int, int]) -> dict[str, tuple[VisemeTiming, ...]]:
    """The same spans in every set; a shape is one letter of the names below."""
    numbers = {
        "rhubarb": dict(zip("_emb", (8, 2, 5, 0), strict=True)),
        "preston_blair": dict(zip("_emb", (9, 1, 3, 7), strict=True)),
        "polly": dict(zip("_emb", (0, 13, 10, 1), strict=True)),
        "azure": dict(zip("_emb", (0, 4, 7, 21), strict=True)),
    }
    return {
        name: tuple(
            VisemeTiming(number_of[shape], start, count, 255) for shape, start, count in shapes
        )
        for name, number_of in numbers.items()
    }


def segments() -> list[Segment]:
    return [
        Segment(
            utterance=1,
            segment=0,
            start=0,
            count=1200,
            text="Héy “you”!",
            span=(0, 10),
            words=(WordTiming("Héy", 0, 3, 52, 248), WordTiming("you", 5, 8, 300, 300)),
            phonemes=(
                PhonemeTiming("^", 0, 52, -1),
                PhonemeTiming("hˈeɪ", 52, 248, 0),
                PhonemeTiming("juː", 300, 300, 1),
                PhonemeTiming("!", 600, 600, -1),
            ),
            visemes=_visemes(("_", 0, 52), ("e", 52, 248), ("m", 300, 300), ("_", 600, 600)),
            ledger=_LEDGER,
        ),
        Segment(
            utterance=1,
            segment=1,
            start=1200,
            count=800,
            text="Bye.",
            span=(10, 15),
            words=(WordTiming("Bye", 11, 14, 1250, 450, 2),),
            phonemes=(
                PhonemeTiming("^", 1200, 50, -1),
                PhonemeTiming("b", 1250, 50, 0),
                PhonemeTiming("ˈaɪ", 1300, 400, 0),
                PhonemeTiming(".", 1700, 300, -1),
            ),
            visemes=_visemes(("_", 1200, 50), ("b", 1250, 50), ("e", 1300, 400), ("_", 1700, 300)),
            ledger=_LEDGER,
        ),
    ]


def transcript(sound_file: str = "") -> Transcript:
    return transcript_of(segments(), TEXT, 1000, sets=SETS, sound_file=sound_file)
