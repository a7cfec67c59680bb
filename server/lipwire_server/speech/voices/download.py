"""Brings a voice from a catalogue into a folder, whole or not at all."""

import asyncio
import errno
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from lipwire_protocol.errors import ErrorCode, LipwireError

from .catalogue import CATALOGUE, Catalogue, File, Offer
from .config import read_config
from .disk import Partial, alone_in, md5_of, open_partial, sync_folder
from .mirror import Interrupted, Mirror

__all__ = ["Show", "download", "fetch_catalogue", "leftovers", "remove"]


Show = Callable[[str, int, int], None]
"""Called with the name of a file, how many bytes of it are there, and how many it has."""

_TRIES: Final = 5
_LARGEST_TEXT: Final = 16 << 20
_LARGEST_CARD: Final = 1 << 16
_PART: Final = ".part"


async def fetch_catalogue(mirror: Mirror) -> Catalogue:
    """What can be downloaded. Raises `LipwireError`."""
    content = await _read(mirror, CATALOGUE, _LARGEST_TEXT)
    try:
        return Catalogue.parse(content)
    except LipwireError as error:
        raise LipwireError(error.code, f"{mirror.address}/{error}") from error


async def download(
    offer: Offer,
    mirror: Mirror,
    folder: Path,
    *,
    show: Show = lambda name, done, size: None,
    force: bool = False,
    pause_s: float = 1.0,
) -> bool:
    """Puts the voice into `folder`; False when it is already there, whole.

    What has come stays in a `.part` file when this is cancelled or the connection breaks for good;
    another call goes on from there. `pause_s` is what is waited after a broken connection; more
    after every further one. Raises `LipwireError`: also when the voice is none that can be spoken,
    which is known before its model is fetched.
    """
    try:
        return await _download(offer, mirror, folder, show, force, pause_s)
    except OSError as error:
        raise _cannot_write(folder, error, offer) from error


def remove(name: str, folder: Path) -> bool:
    """Deletes all files of a downloaded voice, broken off downloads as well.

    False when there are none. Raises `LipwireError` when they cannot be deleted.
    """
    try:
        with alone_in(folder):
            # The configuration goes first: what has none is not found as a voice.
            files = sorted(_files_of(name, folder), key=lambda path: path.suffix != ".json")
            for path in files:
                path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise LipwireError(
            ErrorCode.BAD_MESSAGE, f"{folder}: {name} cannot be deleted: {error.strerror}"
        ) from error
    return bool(files)


def leftovers(folder: Path) -> dict[str, int]:
    """Voices whose download was broken off, and how many bytes of them have come."""
    found: dict[str, int] = {}
    with suppress(OSError):
        for path in sorted(folder.iterdir()):
            name, model, rest = path.name.rpartition(".onnx.")
            if model and rest.endswith(_PART):
                found[name] = found.get(name, 0) + path.stat().st_size
    return found


def _files_of(name: str, folder: Path) -> list[Path]:
    exact = {f"{name}.onnx", f"{name}.onnx.json", f"{name}.MODEL_CARD"}
    return [
        path
        for path in folder.iterdir()
        if path.name in exact
        or (path.name.startswith(f"{name}.onnx.") and path.name.endswith(_PART))
    ]


async def _download(
    offer: Offer, mirror: Mirror, folder: Path, show: Show, force: bool, pause_s: float
) -> bool:
    model = folder / f"{offer.name}.onnx"
    config = folder / f"{offer.name}.onnx.json"
    # The small one first: it tells whether the other one is worth its time.
    wanted = [(offer.config, config), (offer.model, model)]
    if not force:
        wanted = [(file, target) for file, target in wanted if not _is_whole(target, file)]
    if not wanted:
        return False
    os.makedirs(folder, exist_ok=True)
    with alone_in(folder):
        _check_space(folder, wanted)
        parts: dict[Path, Path] = {}
        for file, target in wanted:
            parts[target] = await _fetch(file, target, mirror, show, pause_s)
            if target == config:
                _check_config(parts[config], config)
        if len(parts) == 2:
            # Neither a new model with an old configuration nor the other way round.
            config.unlink(missing_ok=True)
        for target in (model, config):
            if target in parts:
                os.replace(parts[target], target)
        sync_folder(folder)
        await _fetch_card(offer, mirror, folder)
        for stale in _files_of(offer.name, folder):
            if stale.name.endswith(_PART):
                stale.unlink()
    return True


def _is_whole(path: Path, file: File) -> bool:
    try:
        if path.stat().st_size != file.size:
            return False
        return md5_of(path) == file.md5
    except FileNotFoundError:
        return False


def _check_space(folder: Path, wanted: list[tuple[File, Path]]) -> None:
    there = sum(part.stat().st_size for _, target in wanted for part in _parts_of(target))
    needed = sum(file.size for file, _ in wanted) - there
    if shutil.disk_usage(folder).free < needed:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _parts_of(target: Path) -> list[Path]:
    return [
        path
        for path in target.parent.iterdir()
        if path.name.startswith(f"{target.name}.") and path.name.endswith(_PART)
    ]


def _check_config(part: Path, target: Path) -> None:
    try:
        read_config(part.read_bytes(), target)
    except LipwireError:
        part.unlink()
        raise


async def _fetch(file: File, target: Path, mirror: Mirror, show: Show, pause_s: float) -> Path:
    """The finished part file of `target`, of the right size and checksum, safe on the disk."""
    # Named after its content, so that it never goes on with another version of the file.
    path = target.with_name(f"{target.name}.{file.md5[:8]}{_PART}")
    with open_partial(path) as part:
        try:
            await _complete(part, file, target.name, mirror, show, pause_s)
            part.sync()
        except _Wrong as error:
            part.clear()
            raise LipwireError(
                ErrorCode.UNSUPPORTED,
                f"{mirror.address}/{file.path} {error} as the catalogue says; it was not kept:"
                " try again, or use another LIPWIRE_CATALOGUE",
            ) from error
    return path


async def _complete(
    part: Partial, file: File, name: str, mirror: Mirror, show: Show, pause_s: float
) -> None:
    """Fetches what is missing; raises `_Wrong` when the file is another one then."""
    if part.size > file.size:
        part.clear()
    resumed = part.size > 0
    await _fill(part, file, name, mirror, show, pause_s)
    if part.md5 != file.md5 and resumed:
        # What lay there was damaged, or the file there is another one now.
        part.clear()
        await _fill(part, file, name, mirror, show, pause_s)
    if part.md5 != file.md5:
        raise _Wrong(f"has the MD5 {part.md5} and not {file.md5}")


class _Wrong(Exception):
    """The server has another file than the catalogue says."""


async def _fill(
    part: Partial, file: File, name: str, mirror: Mirror, show: Show, pause_s: float
) -> None:
    """Fetches what is missing, again and again where the connection breaks."""
    show(name, part.size, file.size)
    broken = 0
    while part.size < file.size:
        try:
            async with mirror.open(file.path, part.size) as stream:
                if stream.size is not None and stream.size != file.size:
                    raise _Wrong(f"has {stream.size} bytes and not {file.size}")
                if stream.start != part.size:
                    part.clear()
                async for block in stream.blocks:
                    if part.size + len(block) > file.size:
                        raise _Wrong(f"has more than {file.size} bytes, not just as many")
                    part.append(block)
                    show(name, part.size, file.size)
            if part.size < file.size:
                raise Interrupted(
                    f"{mirror.address}/{file.path} ended after {part.size} of {file.size} bytes"
                )
        except Interrupted:
            broken += 1
            if broken == _TRIES:
                raise
            await asyncio.sleep(pause_s * broken)


async def _fetch_card(offer: Offer, mirror: Mirror, folder: Path) -> None:
    """The model card lies beside the voice, so that its licence goes with it."""
    if offer.card is None:
        return
    try:
        content = await _read(mirror, offer.card.path, _LARGEST_CARD)
    except LipwireError:
        # The voice speaks without it.
        return
    (folder / f"{offer.name}.MODEL_CARD").write_bytes(content)


async def _read(mirror: Mirror, path: str, limit: int) -> bytes:
    content = bytearray()
    async with mirror.open(path) as stream:
        async for block in stream.blocks:
            content += block
            if len(content) > limit:
                raise LipwireError(
                    ErrorCode.UNSUPPORTED, f"{mirror.address}/{path} has more than {limit} bytes"
                )
    return bytes(content)


def _cannot_write(folder: Path, error: OSError, offer: Offer) -> LipwireError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return LipwireError(
            ErrorCode.INTERNAL,
            f"the disk of {folder} is full, and {offer.name} takes {offer.size / 1e6:.1f} MB: make"
            " room, or let LIPWIRE_DATA name another folder; the download goes on where it stopped",
        )
    return LipwireError(
        ErrorCode.BAD_MESSAGE,
        f"cannot write into {folder}: {error.strerror or error}; let LIPWIRE_DATA name another"
        " folder or change who may write there",
    )
