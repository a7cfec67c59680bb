"""`lipwire voices`: which there are, which could be, and how they come and go."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final, Self, TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Column, Table
from rich.text import Text

from lipwire_protocol import ErrorCode, LipwireError

from .config import Settings
from .printing import PIPED_WIDTH, amount, console_of, plain_table, print_table, printable
from .speech.voices.catalogue import Offer
from .speech.voices.description import Description, describe, licence
from .speech.voices.download import download, fetch_catalogue, leftovers, remove
from .speech.voices.finding import FoundVoice, Origin, survey
from .speech.voices.mirror import open_mirror

__all__ = ["download_voices", "list_voices", "remove_voices", "search_voices"]

_NUMBERS: Final = ("rate", "speakers", "size")
_SPARE: Final = ("licence", "package", "quality", "speakers", "from", "rate")
"""Columns to do without in a narrow terminal. Piper's names end with the quality."""


def list_voices(settings: Settings, out: TextIO, *, as_json: bool = False) -> None:
    """Shows the voices that are here, and what looks like one and is none."""
    found = survey(settings.voices, downloaded=settings.downloads)
    voices = [(found.voices[name], describe(found.voices[name])) for name in sorted(found.voices)]
    problems = [str(problem) for problem in found.problems]
    problems += [description.problem for _, description in voices if description.problem]
    problems += [
        f"the download of {name} broke off after {amount(size)}:"
        f" `lipwire voices download {name}` goes on, `lipwire voices remove {name}` deletes it"
        for name, size in leftovers(settings.downloads).items()
    ]
    if settings.voice not in found.voices:
        problems.append(
            f"the default voice {settings.voice} is not here: `lipwire voices download"
            f" {settings.voice}`, or let LIPWIRE_VOICE name another"
        )
    if as_json:
        told = [_as_json(voice, about, settings.voice) for voice, about in voices]
        _write_json(out, {"voices": told, "problems": problems})
        return
    console = console_of(out)
    _print_rows(console, [_voice_row(voice, about, settings.voice) for voice, about in voices])
    if problems:
        console.print()
    for problem in problems:
        console.print(Text(f"! {printable(problem)}", style="yellow"), soft_wrap=True)


async def search_voices(
    settings: Settings,
    text: str,
    out: TextIO,
    *,
    language: str | None = None,
    as_json: bool = False,
) -> None:
    """Shows what the catalogue offers. Raises `LipwireError`, also when nothing matches."""
    async with open_mirror(settings.catalogue) as mirror:
        catalogue = await fetch_catalogue(mirror)
    offers = catalogue.search(text, language)
    if not offers:
        close = ", ".join(catalogue.close_to(text))
        hint = f"; is it {close}?" if close else "; `lipwire voices search` shows everything"
        raise LipwireError(
            ErrorCode.NOT_FOUND,
            f"none of {len(catalogue.offers)} voices at {mirror.address} matches{hint}",
        )
    here = survey(settings.voices, downloaded=settings.downloads).voices
    if as_json:
        _write_json(out, [_offer_as_json(offer, offer.name in here) for offer in offers])
        return
    console = console_of(out)
    _print_rows(console, [_offer_row(offer, offer.name in here) for offer in offers])
    if console.is_terminal:
        console.print(
            f"\n{len(offers)} of {len(catalogue.offers)} voices; + is here already."
            " `lipwire voices download NAME` brings one.",
            style="dim",
        )


async def download_voices(
    settings: Settings, names: Sequence[str], out: TextIO, err: TextIO, *, force: bool = False
) -> None:
    """Brings voices from the catalogue. Raises `LipwireError`.

    Names that the catalogue does not have are found before anything is downloaded.
    """
    folder = settings.downloads
    try:
        async with open_mirror(settings.catalogue) as mirror:
            catalogue = await fetch_catalogue(mirror)
            for offer in dict.fromkeys(catalogue.find(name) for name in names):
                with _Shown(err) as shown:
                    fetched = await download(offer, mirror, folder, show=shown.show, force=force)
                out.write(f"{_downloaded(offer, folder, fetched)}\n")
                out.flush()
    except asyncio.CancelledError:
        if leftovers(folder):
            err.write("lipwire: stopped; the same command goes on where it was\n")
        raise


def remove_voices(settings: Settings, names: Sequence[str], out: TextIO) -> None:
    """Deletes downloaded voices. Raises `LipwireError` for one that is not downloaded."""
    for name in names:
        if not remove(name, settings.downloads):
            raise _not_downloaded(name, settings)
        out.write(f"{name}: removed\n")


def _not_downloaded(name: str, settings: Settings) -> LipwireError:
    found = survey(settings.voices, downloaded=settings.downloads).voices
    voice = found.get(name)
    if voice is None:
        downloaded = [one.name for one in found.values() if one.origin is Origin.DOWNLOAD]
        there = ", ".join(sorted(downloaded)) or "none"
        reason = f"there is no voice {name[:100]!r}; downloaded are: {there}"
    elif voice.origin is Origin.PACKAGE:
        reason = f"{name} is part of the package {voice.package} and stays as long as that does"
    else:
        reason = f"{name} was not downloaded by Lipwire: delete {voice.model} yourself"
    return LipwireError(ErrorCode.NOT_FOUND, reason)


def _downloaded(offer: Offer, folder: Path, fetched: bool) -> str:
    model = folder / f"{offer.name}.onnx"
    if not fetched:
        return f"{offer.name}: already there, whole: {model}"
    terms = printable(licence(model))
    size = amount(offer.size)
    return f"{offer.name}: {size} in {model}{f'; licence: {terms}' if terms else ''}"


class _Shown:
    """Tells how far a download is: a bar in a terminal, elsewhere a line for each file."""

    def __init__(self, err: TextIO) -> None:
        self._err = err
        self._name = ""
        self._bar: Progress | None = None
        if err.isatty():
            self._bar = Progress(
                TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
                BarColumn(bar_width=None),
                DownloadColumn(table_column=Column(no_wrap=True)),
                TransferSpeedColumn(table_column=Column(no_wrap=True)),
                TimeRemainingColumn(compact=True),
                console=Console(file=err),
                transient=True,
                expand=True,
            )
            self._task = self._bar.add_task("", visible=False)

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def show(self, name: str, done: int, size: int) -> None:
        if name != self._name:
            self._name = name
            self._begin(done, size)
        if self._bar is not None:
            self._bar.update(self._task, completed=done)

    def _begin(self, done: int, size: int) -> None:
        if self._bar is not None:
            self._bar.remove_task(self._task)
            self._task = self._bar.add_task(self._name, total=size, completed=done)
        elif done < size:
            where = f"going on at {amount(done)} of" if done else "downloading"
            self._err.write(f"{self._name}: {where} {amount(size)}\n")
            self._err.flush()


def _voice_row(voice: FoundVoice, about: Description, default: str) -> dict[str, str]:
    mark = "!" if about.problem else "*" if voice.name == default else " "
    return {
        "name": f"{mark} {voice.name}",
        "language": about.language,
        "quality": about.quality,
        "rate": f"{about.sample_rate or ''}",
        "speakers": f"{about.speakers or ''}",
        "size": amount(about.size),
        "from": voice.origin.value,
        "package": voice.package or "",
        "licence": about.licence,
    }


def _offer_row(offer: Offer, here: bool) -> dict[str, str]:
    return {
        "name": f"{'+' if here else ' '} {offer.name}",
        "language": offer.language_name,
        "quality": offer.quality,
        "speakers": f"{offer.speakers}",
        "size": amount(offer.size),
    }


def _print_rows(console: Console, rows: Sequence[dict[str, str]]) -> None:
    """A table; columns that do not fit are left out, the least needed first."""
    headings = [*rows[0]] if rows else []
    unbounded = console.options.update(max_width=PIPED_WIDTH)
    for spare in (None, *_SPARE):
        headings = [heading for heading in headings if heading != spare]
        table = _table(headings, rows)
        if console.measure(table, options=unbounded).maximum <= console.width:
            break
    print_table(table, console)


def _table(headings: Sequence[str], rows: Sequence[dict[str, str]]) -> Table:
    table = plain_table()
    for heading in headings:
        table.add_column(
            f"  {heading}" if heading == "name" else heading,
            justify="right" if heading in _NUMBERS else "left",
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(_cell(row[heading]) for heading in headings))
    return table


def _cell(text: str) -> Text:
    """Never read as markup."""
    return Text(printable(text))


def _as_json(voice: FoundVoice, about: Description, default: str) -> dict[str, object]:
    return {
        "name": voice.name,
        "default": voice.name == default,
        **asdict(about),
        "origin": voice.origin.value,
        "package": voice.package,
        "model": str(voice.model),
    }


def _offer_as_json(offer: Offer, here: bool) -> dict[str, object]:
    return {
        "name": offer.name,
        "here": here,
        "language": offer.language.replace("_", "-"),
        "language_name": offer.language_name,
        "quality": offer.quality,
        "speakers": offer.speakers,
        "size": offer.size,
        "aliases": offer.aliases,
    }


def _write_json(out: TextIO, value: object) -> None:
    # Escaped, so that neither the encoding of a terminal nor a strange file name can fail it.
    out.write(f"{json.dumps(value, indent=1)}\n")
