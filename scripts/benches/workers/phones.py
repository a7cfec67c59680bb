"""Phones of two dictionaries, matched: systems that read text themselves have their own."""

from collections.abc import Sequence
from difflib import SequenceMatcher

__all__ = ["same_phones"]


def same_phones(own: Sequence[str], wanted: Sequence[str]) -> list[int | None]:
    """For each of `wanted` the place in `own` where the same phone is said, as far as it is.

    Stress numbers do not count; of two sounds that are one phone (`T S`) the first does.
    """
    places: list[int | None] = [None] * len(wanted)
    plain = [phone.rstrip("012") for phone in own]
    heads = [phone.split()[0] for phone in wanted]
    for mine, theirs, count in SequenceMatcher(None, plain, heads, False).get_matching_blocks():
        for step in range(count):
            places[theirs + step] = mine + step
    return places
