import pytest

from lipwire_server.speech.text.emoji import EMOJI, EMOJI_MAY_COME

SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
EMOJIS = [
    *[
        "😀",
        "👍🏽",
        "👩‍🔬",
        "👨‍👩‍👧‍👦",
        "🇩🇪",
        SCOTLAND,
        "1️⃣",
        "#️⃣",
        "*⃣",
        "❤️",
        "❤",
        "☀️",
        "✔",
        "⭐",
        "©️",
    ],
    *["↗️", "🏳️‍🌈", "❤️‍🔥", "🫠", "👩🏽‍🤝‍👨🏻", "🀄", "♀️", "🤷‍♀️", "🧑‍⚕️"],
]


@pytest.mark.parametrize("emoji", EMOJIS)
def test_an_emoji_is_one_with_all_that_changes_it(emoji: str) -> None:
    found = EMOJI.match(emoji + "x")
    assert found is not None
    assert found.group() == emoji


@pytest.mark.parametrize("emoji", EMOJIS)
def test_as_it_arrives_it_is_an_emoji_or_may_become_one(emoji: str) -> None:
    for length in range(1, len(emoji)):
        begun = emoji[:length]
        assert EMOJI.fullmatch(begun) or EMOJI_MAY_COME.match(begun), begun


@pytest.mark.parametrize("text", [*"5#*©™→↔①♪½№§a日한é↪♀", "\u200d", "e\u0301", "9️"])
def test_what_is_written_in_prose_is_none(text: str) -> None:
    assert EMOJI.match(text) is None


@pytest.mark.parametrize("text", ["1", "#", "*", "1️", "©", "♀", "™"])
def test_of_some_signs_the_next_character_makes_an_emoji(text: str) -> None:
    assert EMOJI_MAY_COME.match(text)
    assert not EMOJI_MAY_COME.match(text + " ")


@pytest.mark.parametrize("text", ["a", " ", ".", "日", ""])
def test_others_are_not_waited_for(text: str) -> None:
    assert not EMOJI_MAY_COME.match(text)


@pytest.mark.parametrize(
    ("text", "emojis"),
    [
        ("😀😀", ["😀", "😀"]),
        ("🇩🇪🇫🇷🇩", ["🇩🇪", "🇫🇷", "🇩"]),
        ("👩👩", ["👩", "👩"]),
        ("👩🏽 👍", ["👩🏽", "👍"]),
    ],
)
def test_emoji_in_a_row_are_several(text: str, emojis: list[str]) -> None:
    assert EMOJI.findall(text) == emojis


@pytest.mark.parametrize("left_over", ["🏽", "\ufe0f", "\u20e3", "\U000e007f"])
def test_what_changes_an_emoji_is_not_said_without_one(left_over: str) -> None:
    assert EMOJI.fullmatch(left_over)


def test_a_sequence_without_end_is_taken_in_bounded_pieces() -> None:
    pieces = EMOJI.findall("👩\u200d" * 10_000)
    assert "".join(pieces) == "👩\u200d" * 10_000
    assert max(map(len, pieces)) < 40
