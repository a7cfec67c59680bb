"""The largest number that holds, in few trials: each of them takes half a minute."""

from collections.abc import Callable

__all__ = ["largest"]


def largest(holds: Callable[[int], bool], guess: int, limit: int) -> int:
    """The largest number from 0 to `limit` that holds, given that all smaller ones do too.

    It walks away from the guess in strides that double until it has one that holds and one that
    does not, then halves the distance. No number is tried twice.
    """
    guess = max(1, min(guess, limit))
    good, bad, stride = 0, limit + 1, max(1, guess // 8)
    at = guess
    while bad - good > 1:
        if holds(at):
            good = at
            at = min(good + stride, limit) if bad > limit else (good + bad) // 2
        else:
            bad = at
            at = max(bad - stride, 1) if good == 0 else (good + bad) // 2
        stride *= 2
        at = min(max(at, good + 1), bad - 1)
    return good
