"""When each word of the caller's text is heard.

espeak tells phonemes, not which word they are of, and it reads numbers out, joins words ("of the")
and splits them. So every token of the text is phonemized alone and the tokens' phonemes are aligned
with those of the whole segment (Needleman and Wunsch 1970, with unit costs): a phoneme word is of
the token that most of its phonemes are aligned with.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from lipwire_protocol.timeline import HOP

from ..port import WordSpan
from .alignment import Unit
from .matching import match
from .symbols import is_spoken
from .tokens import TextSpan, spoken_span, tokens

__all__ = ["place_words"]


@dataclass(slots=True)
class _PhonemeWord:
    """What espeak separated by spaces."""

    start: int
    """Samples."""
    end: int
    units: list[int] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    """Token of each unit, -1 where none was aligned with it."""
    members: list[int] = field(default_factory=list)
    """Tokens that are heard in it, in the order of the text."""


@dataclass(slots=True)
class _Piece:
    """Time of one token inside one phoneme word, in samples."""

    token: int
    start: int
    end: int


def place_words(
    text: str, units: Sequence[Unit], token_phonemes: Callable[[str], Sequence[str]]
) -> tuple[tuple[WordSpan, ...], list[int]]:
    """The words of `text` in order, and for each unit the index of its word (-1 for a pause).

    Spans of text do not overlap, nor do spans of time. Tokens in which nothing is said ("—") are
    not words. A token in which several words are said ("1984") reaches from the first to the last.
    Where several tokens are heard as one word ("of the"), it is counted at the first of them.
    """
    spans = tokens(text)
    spoken = [_spoken_in(text, span, token_phonemes) for span in spans]
    phoneme_words = _phoneme_words(units, _labels(units, spoken))
    if not phoneme_words or not spans:
        return (), [-1] * len(units)
    _choose_members(phoneme_words, [index for index, own in enumerate(spoken) if own] or [0])
    word_of_unit = [-1] * len(units)
    token_of_word: list[int] = []
    times: list[tuple[int, int]] = []
    heard: Counter[int] = Counter()
    for phoneme_word in phoneme_words:
        heard[phoneme_word.members[0]] += 1
        for piece in _pieces(phoneme_word, units, spans):
            if token_of_word and token_of_word[-1] == piece.token:
                times[-1] = (times[-1][0], piece.end)
            else:
                token_of_word.append(piece.token)
                times.append((piece.start, piece.end))
            for index in phoneme_word.units:
                middle = (units[index].start + units[index].end) * HOP // 2
                if piece.start <= middle < piece.end:
                    word_of_unit[index] = len(token_of_word) - 1
    placed: list[WordSpan] = []
    for token, (start, end) in zip(token_of_word, times, strict=True):
        a, b = spoken_span(text, spans[token])
        placed.append(WordSpan(text[a:b], a, b, start, end - start, heard[token]))
    return tuple(placed), word_of_unit


def _spoken_in(
    text: str, span: TextSpan, token_phonemes: Callable[[str], Sequence[str]]
) -> list[str]:
    """Sounds of one token; of some espeak says nothing because of the punctuation: "€;"."""
    inner = spoken_span(text, span)
    for begin, end in (span, inner) if inner != span else (span,):
        if found := [symbol for symbol in token_phonemes(text[begin:end]) if is_spoken(symbol)]:
            return found
    return []


def _labels(units: Sequence[Unit], spoken: Sequence[Sequence[str]]) -> list[int]:
    """For each unit the token that its first aligned symbol is aligned with, or -1."""
    token_of = [token for token, symbols in enumerate(spoken) for _ in symbols]
    heard = [
        (index, symbol)
        for index, unit in enumerate(units)
        if unit.word >= 0
        for symbol in unit.symbol
        if is_spoken(symbol)
    ]
    matched = match(
        "".join(symbol for symbols in spoken for symbol in symbols),
        "".join(symbol for _, symbol in heard),
    )
    labels = [-1] * len(units)
    for (index, _), source in zip(heard, matched, strict=True):
        if source >= 0 and labels[index] < 0:
            labels[index] = token_of[source]
    return labels


def _phoneme_words(units: Sequence[Unit], labels: Sequence[int]) -> list[_PhonemeWord]:
    words: list[_PhonemeWord] = []
    last = -1
    for index, unit in enumerate(units):
        if unit.word < 0:
            continue
        if unit.word != last:
            words.append(_PhonemeWord(unit.start * HOP, unit.end * HOP))
            last = unit.word
        words[-1].end = unit.end * HOP
        words[-1].units.append(index)
        words[-1].labels.append(labels[index])
    return words


def _choose_members(words: Sequence[_PhonemeWord], candidates: Sequence[int]) -> None:
    """Gives every phoneme word its owner, then every token without a word a share in one."""
    latest = candidates[0]
    first_of: dict[int, int] = {}
    last_of: dict[int, int] = {}
    for index, word in enumerate(words):
        counted = Counter(label for label in word.labels if label >= 0)
        # A word that is aligned with nothing goes on with the last token that was heard.
        owner = counted.most_common(1)[0][0] if counted else latest
        latest = max(latest, owner, *word.labels)
        word.members = [owner]
        first_of.setdefault(owner, index)
        last_of[owner] = index
    touched: dict[int, int] = {}
    for index, word in enumerate(words):
        for label in word.labels:
            touched.setdefault(label, index)
    previous: int | None = None
    for token in candidates:
        if token in first_of:
            previous = last_of[token]
            continue
        share = touched.get(token, previous if previous is not None else 0)
        words[share].members = sorted({*words[share].members, token})
        previous = share


def _pieces(word: _PhonemeWord, units: Sequence[Unit], spans: Sequence[TextSpan]) -> list[_Piece]:
    """Divides the time of a phoneme word among its tokens."""
    members = word.members
    cuts = _cuts_at_phonemes(word, units) or _cuts_by_letters(word, spans)
    edges = [word.start, *cuts, word.end]
    return [
        _Piece(token, start, end)
        for token, (start, end) in zip(members, pairwise(edges), strict=True)
    ]


def _cuts_at_phonemes(word: _PhonemeWord, units: Sequence[Unit]) -> list[int]:
    """Where the phonemes of the next token begin; empty when one of them has none."""
    cuts: list[int] = []
    for token in word.members[1:]:
        if token not in word.labels:
            return []
        cuts.append(units[word.units[word.labels.index(token)]].start * HOP)
    whole = [word.start, *cuts, word.end]
    rising = all(a < b for a, b in pairwise(whole))
    return cuts if rising else []


def _cuts_by_letters(word: _PhonemeWord, spans: Sequence[TextSpan]) -> list[int]:
    lengths = [spans[token][1] - spans[token][0] for token in word.members]
    duration, total, passed = word.end - word.start, sum(lengths), 0
    cuts: list[int] = []
    for length in lengths[:-1]:
        passed += length
        cuts.append(word.start + duration * passed // total)
    return cuts
