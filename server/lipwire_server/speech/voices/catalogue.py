"""Piper's catalogue of voices, `voices.json`, as far as it can be trusted."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated, Final, Self

import msgspec

from lipwire_protocol.errors import ErrorCode, LipwireError

__all__ = ["CATALOGUE", "Catalogue", "File", "Offer"]

CATALOGUE: Final = "voices.json"
"""Path of the catalogue below the address where it lies."""

_LARGEST: Final = 4 << 30
"""Bytes of a file; the largest of Piper's voices has 0.13 GB."""
_SHOWN: Final = 10
_NAME = re.compile(r"\w[\w.+-]{0,99}")
_SAFE_STEP = re.compile(r"[\w+-][\w.+-]{0,127}")


@dataclass(frozen=True, slots=True)
class File:
    """A file that the catalogue offers."""

    path: str
    """Below the address of the catalogue."""
    size: int
    """Bytes."""
    md5: str
    """In hexadecimal, lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A voice that can be downloaded."""

    name: str
    """What its files are called; fit to be the name of a file."""
    key: str
    language: str
    """As Piper writes it: `en_US`."""
    language_name: str
    """In English, with the country: `English (United States)`."""
    quality: str
    speakers: int
    aliases: tuple[str, ...]
    model: File
    config: File
    card: File | None
    """The model card, which tells the licence."""

    @property
    def size(self) -> int:
        """Bytes of model and configuration."""
        return self.model.size + self.config.size


class Catalogue:
    """What can be downloaded, by name."""

    def __init__(self, offers: Iterable[Offer]) -> None:
        self.offers: Mapping[str, Offer] = {
            offer.name: offer for offer in sorted(offers, key=lambda offer: offer.name)
        }

    @classmethod
    def parse(cls, content: bytes) -> Self:
        """Reads `voices.json`. Entries that are not as they should be are left out.

        Raises `LipwireError` (`unsupported`) when it is no catalogue at all.
        """
        try:
            entries = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise _no_catalogue(f"it is not a JSON object ({error})") from error
        read = (_offer(key, raw) for key, raw in entries.items())
        offers = [offer for offer in read if offer is not None]
        if not offers:
            raise _no_catalogue("it offers no voice")
        return cls(offers)

    def find(self, wanted: str) -> Offer:
        """The voice of that name, key or alias, or the only one that has `wanted` in its name.

        Raises `LipwireError` (`not_found`) that names those that may have been meant.
        """
        if wanted in self.offers:
            return self.offers[wanted]
        for offer in self.offers.values():
            if wanted in (offer.key, *offer.aliases):
                return offer
        part = _folded(wanted)
        found = [offer for offer in self.offers.values() if part and part in _folded(offer.name)]
        if len(found) == 1:
            return found[0]
        if found:
            raise LipwireError(
                ErrorCode.NOT_FOUND,
                f"{wanted[:100]!r} may be {_listed([offer.name for offer in found])}: say which",
            )
        raise LipwireError(ErrorCode.NOT_FOUND, self._unknown(wanted[:100]))

    def search(self, text: str = "", language: str | None = None) -> list[Offer]:
        """Voices that have every word of `text` somewhere, in a language such as `de` or `de_DE`.

        The language may also be the start of its English name.
        """
        words = _folded(text).split()
        return [
            offer
            for offer in self.offers.values()
            if _speaks(offer, language) and all(word in _described(offer) for word in words)
        ]

    def close_to(self, wanted: str) -> list[str]:
        """Names that look like `wanted`, the closest first."""
        spellings: dict[str, str] = {}
        for name, offer in self.offers.items():
            for spelling in (name, *name.split("-")[1:2], *offer.aliases):
                spellings.setdefault(_folded(spelling), name)
        close = difflib.get_close_matches(_folded(wanted[:100]), spellings, n=3)
        return list(dict.fromkeys(spellings[spelling] for spelling in close))

    def _unknown(self, wanted: str) -> str:
        close = self.close_to(wanted)
        if close:
            return f"the catalogue has no voice {wanted!r}; is it {_listed(close)}?"
        return (
            f"the catalogue has no voice {wanted!r}; `lipwire voices search` shows all"
            f" {len(self.offers)}"
        )


class _Language(msgspec.Struct):
    code: str
    name_english: str = ""
    country_english: str = ""


class _File(msgspec.Struct):
    size_bytes: Annotated[int, msgspec.Meta(gt=0, le=_LARGEST)]
    md5_digest: Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-fA-F]{32}\Z")]


class _Entry(msgspec.Struct):
    language: _Language
    files: dict[str, msgspec.Raw]
    quality: str = ""
    num_speakers: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1
    aliases: list[str] = []


def _offer(key: str, raw: msgspec.Raw) -> Offer | None:
    try:
        entry = msgspec.json.decode(raw, type=_Entry)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    files = [file for path, raw in entry.files.items() if (file := _file(path, raw)) is not None]
    by_name = {PurePosixPath(file.path).name: file for file in files}
    for file_name, model in by_name.items():
        name = file_name.removesuffix(".onnx")
        config = by_name.get(f"{file_name}.json")
        if name != file_name and _NAME.fullmatch(name) and config is not None:
            return Offer(
                name=name,
                key=_printable(key),
                language=_printable(entry.language.code),
                language_name=_language_name(entry.language),
                quality=_printable(entry.quality),
                speakers=entry.num_speakers,
                aliases=tuple(_printable(alias) for alias in entry.aliases),
                model=model,
                config=config,
                card=by_name.get("MODEL_CARD"),
            )
    return None


def _file(path: str, raw: msgspec.Raw) -> File | None:
    """None for what leads out of the catalogue's own folder or has no checksum."""
    if not all(_SAFE_STEP.fullmatch(step) for step in path.split("/")):
        return None
    try:
        file = msgspec.json.decode(raw, type=_File)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return File(path, file.size_bytes, file.md5_digest.lower())


def _language_name(language: _Language) -> str:
    country = f" ({language.country_english})" if language.country_english else ""
    return _printable(f"{language.name_english or language.code}{country}")


def _printable(text: str) -> str:
    """Without what moves the cursor: this is shown in terminals."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:100])


def _speaks(offer: Offer, language: str | None) -> bool:
    if language is None:
        return True
    code, wanted = _folded(offer.language), _folded(language)
    return wanted == code or code.startswith(f"{wanted} ") or _names(offer, wanted)


def _names(offer: Offer, wanted: str) -> bool:
    return len(wanted) > 2 and _folded(offer.language_name).startswith(wanted)


def _described(offer: Offer) -> str:
    return _folded(
        " ".join((offer.name, offer.key, offer.language_name, offer.quality, *offer.aliases))
    )


def _folded(text: str) -> str:
    """Upper and lower case, `-`, `_` and spaces are not told apart."""
    return re.sub(r"[\s_-]+", " ", text.casefold()).strip()


def _listed(names: Sequence[str]) -> str:
    shown = [*names[:_SHOWN]]
    if len(names) > _SHOWN:
        return f"{', '.join(shown)} or one of {len(names) - _SHOWN} more"
    return " or ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))


def _no_catalogue(reason: str) -> LipwireError:
    return LipwireError(ErrorCode.UNSUPPORTED, f"{CATALOGUE} is no catalogue of voices: {reason}")
