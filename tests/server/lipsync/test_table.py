import pytest
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

from lipwire_protocol.visemes import SETS, Oculus
from lipwire_server.lipsync.table import Copy, viseme_table
from lipwire_server.speech.timing.symbols import JOINED, MODIFIERS, PAUSES, SPACE, STRESS, is_spoken

TABLE = viseme_table()


def _visemes(phoneme: str) -> list[Oculus]:
    return [shape.viseme for shape in TABLE.sounds(phoneme)]


@pytest.mark.parametrize("symbol", DEFAULT_PHONEME_ID_MAP)
def test_every_symbol_of_pipers_map_is_a_sound_or_a_mark(symbol: str) -> None:
    assert bool(TABLE.sounds(symbol)) is is_spoken(symbol)


@pytest.mark.parametrize("symbol", sorted([SPACE, *PAUSES, *STRESS, *MODIFIERS]))
def test_marks_have_no_shape(symbol: str) -> None:
    assert TABLE.sounds(symbol) == []


def test_the_alignment_joins_what_the_table_joins() -> None:
    assert TABLE.joined == JOINED


@pytest.mark.parametrize(
    ("phoneme", "visemes"),
    [
        ("p", [Oculus.PP]),
        ("ˈiː", [Oculus.IH]),
        ("tʃ", [Oculus.DD, Oculus.CH]),
        ("ˌoʊ", [Oculus.OH, Oculus.OU]),
        ("aɪ", [Oculus.AA, Oculus.IH]),
        ("c\u0327", [Oculus.IH]),
        ("ʤ", [Oculus.DD, Oculus.CH]),
        ("☃", []),
    ],
)
def test_a_phoneme_has_the_shapes_of_its_sounds(phoneme: str, visemes: list[Oculus]) -> None:
    assert _visemes(phoneme) == visemes


def test_sounds_of_the_throat_copy_their_neighbours() -> None:
    assert [shape.copy for shape in TABLE.sounds("hʔa")] == [Copy.NEXT, Copy.PREVIOUS, None]


def test_stress_opens_the_mouth_farther() -> None:
    assert TABLE.gain("ˈa") > TABLE.gain("ˌa") > 1 > TABLE.gain("a")


def test_mixes_are_weights_of_known_shapes() -> None:
    for shape in TABLE.shapes.values():
        assert 0 <= shape.amount <= 1
        assert all(0 < weight <= 1 for weight in shape.mix.values())
        assert set(shape.mix) <= set(Oculus)


def test_shapes_are_numbered_as_on_the_wire() -> None:
    assert [Oculus(number).name.lower() for number in range(15)] == [
        name.lower() for name in SETS["oculus"]
    ]


def test_the_table_is_read_once() -> None:
    assert viseme_table() is TABLE
