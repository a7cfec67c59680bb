from lipwire_server.speech.scheduling.shares import _REMEMBERED, Shares


def test_the_requests_of_a_key_line_up_behind_each_other() -> None:
    shares = Shares()
    assert [shares.stamp("a", 100, 10) for _ in range(3)] == [100, 110, 120]


def test_another_key_does_not_wait_for_them() -> None:
    shares = Shares()
    for _ in range(64):
        shares.stamp("greedy", 100, 10)
    assert shares.stamp("modest", 101, 10) == 101


def test_nobody_saves_up_turns_while_he_is_silent() -> None:
    shares = Shares()
    shares.stamp("a", 0, 10)
    assert [shares.stamp("a", 1_000, 10) for _ in range(2)] == [1_000, 1_010]


def test_what_costs_nothing_moves_no_clock() -> None:
    shares = Shares()
    assert [shares.stamp("a", 5, 0) for _ in range(3)] == [5, 5, 5]


def test_only_the_last_keys_are_remembered() -> None:
    shares = Shares()
    shares.stamp("old", 0, 10**12)
    for number in range(_REMEMBERED):
        shares.stamp(str(number), 0, 1)
    assert len(shares._clocks) == _REMEMBERED
    assert shares.stamp("old", 7, 1) == 7
