"""Global alignment of two short strings."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["MAX_CELLS", "match"]

MAX_CELLS = 4_000_000
"""Larger tables (8 MB) are not computed: the strings are then matched in proportion."""


def match(source: str, target: str) -> list[int]:
    """For each symbol of `target` the index of the one in `source` that it is aligned with, or -1.

    Aligned by the fewest changes (Needleman and Wunsch 1970, all costs 1), a change of symbol
    before a gap. The indices rise. Takes time and memory in proportion to the product of lengths.
    """
    if not source:
        return [-1] * len(target)
    if (len(source) + 1) * (len(target) + 1) > MAX_CELLS:
        return [index * len(source) // len(target) for index in range(len(target))]
    distances = _distances(source, target)
    matched = [-1] * len(target)
    i, j = len(source), len(target)
    while i > 0 and j > 0:
        here = distances[i, j]
        if here == distances[i - 1, j - 1] + (source[i - 1] != target[j - 1]):
            i, j = i - 1, j - 1
            matched[j] = i
        elif here == distances[i, j - 1] + 1:
            j -= 1
        else:
            i -= 1
    return matched


def _distances(source: str, target: str) -> NDArray[np.int16]:
    """Edit distances of all pairs of prefixes, shape (len(source) + 1, len(target) + 1)."""
    columns = np.arange(len(target) + 1, dtype=np.int16)
    symbols = np.array([ord(symbol) for symbol in target], dtype=np.int32)
    table = np.empty((len(source) + 1, len(target) + 1), np.int16)
    table[0] = columns
    for index, symbol in enumerate(source, 1):
        above, row = table[index - 1], table[index]
        row[0] = index
        row[1:] = np.minimum(above[:-1] + (symbols != ord(symbol)), above[1:] + 1)
        # A run of gaps to the right costs one each: the least of row[k] + (j - k) over k <= j.
        np.minimum.accumulate(row - columns, out=row)
        row += columns
    return table
