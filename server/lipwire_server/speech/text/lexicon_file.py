"""A lexicon in a file: a JSON object, or lines of `word = pronunciation`."""

import json
from pathlib import Path
from typing import Final

from lipwire_protocol import ErrorCode, LipwireError

from .lexicon import MAX_ENTRY

__all__ = ["MAX_ENTRIES", "MAX_PRONUNCIATION", "parse_lexicon", "read_lexicon"]

MAX_ENTRIES: Final = 500
MAX_PRONUNCIATION: Final = 400
"""Characters; like the other bounds it is the protocol's."""
_MAX_BYTES: Final = 4 << 20


def read_lexicon(path: Path) -> dict[str, str]:
    """Raises LipwireError that names the file and, where there is one, the line."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise _broken(f"cannot read {path}: {error.strerror}") from error
    if len(data) > _MAX_BYTES:
        raise _broken(f"{path} is too large for a lexicon of {MAX_ENTRIES} words")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _broken(f"{path}, line {line}: this is no UTF-8; save the file as UTF-8") from error
    return parse_lexicon(text, str(path))


def parse_lexicon(text: str, name: str = "lexicon") -> dict[str, str]:
    """What a file says; one that begins with "{" is JSON. Raises LipwireError."""
    is_json = text.lstrip().startswith("{")
    entries = _from_json(text, name) if is_json else _from_lines(text, name)
    if len(entries) > MAX_ENTRIES:
        raise _broken(f"{name} has {len(entries)} words; a lexicon has at most {MAX_ENTRIES}")
    return entries


def _from_json(text: str, name: str) -> dict[str, str]:
    try:
        pairs = json.loads(text, object_pairs_hook=lambda pairs: pairs)
    except json.JSONDecodeError as error:
        raise _broken(f"{name}, line {error.lineno}: this is no JSON: {error.msg}") from error
    except RecursionError as error:
        raise _broken(f"{name}: a pronunciation is a text, not one thing inside another") from error
    entries: dict[str, str] = {}
    for word, say in pairs:
        if not isinstance(say, str):
            raise _broken(f"{name}: the pronunciation of {word[:40]!r} is no text")
        _add(entries, word, say, name)
    return entries


def _from_lines(text: str, name: str) -> dict[str, str]:
    entries: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        place = f"{name}, line {number}"
        word, equals, say = (part.strip() for part in line.partition("="))
        if not equals:
            raise _broken(f'{place}: there is no "=" in it; write `word = how to say it`')
        if not say:
            raise _broken(f'{place}: nothing follows the "="; write `word = how to say it`')
        _add(entries, word, say, place)
    return entries


def _add(entries: dict[str, str], word: str, say: str, place: str) -> None:
    if not word.strip():
        raise _broken(f"{place}: there is no word to say otherwise")
    if word in entries:
        raise _broken(f"{place}: {word[:40]!r} is there twice")
    if len(word) > MAX_ENTRY:
        raise _broken(f"{place}: a word or phrase has at most {MAX_ENTRY} characters")
    if len(say) > MAX_PRONUNCIATION:
        raise _broken(f"{place}: a pronunciation has at most {MAX_PRONUNCIATION} characters")
    entries[word] = say


def _broken(text: str) -> LipwireError:
    return LipwireError(ErrorCode.BAD_MESSAGE, text)
