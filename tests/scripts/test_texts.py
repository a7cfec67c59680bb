from itertools import combinations

from benches.texts import CASES, endless, speech_seconds


def test_the_sentences_are_short_middle_and_long() -> None:
    lengths = [len(CASES[case]) for case in ("short", "3s", "6s")]
    assert lengths == sorted(lengths)


def test_a_text_is_long_enough_and_always_the_same() -> None:
    assert speech_seconds(" ".join(endless(7, 45))) >= 45
    assert endless(7, 45) == endless(7, 45)


def test_hardly_any_sentence_is_said_to_two_listeners() -> None:
    said = [set(endless(seed, 45)) for seed in range(20)]
    assert sum(len(one & other) for one, other in combinations(said, 2)) <= 2
