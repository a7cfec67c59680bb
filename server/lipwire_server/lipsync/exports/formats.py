"""Every format in which timing can be written to a file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from lipwire_protocol.errors import ErrorCode, LipwireError

from .azure import FPS, azure_blend_shapes, azure_visemes
from .captions import srt, webvtt, webvtt_words
from .document import document_json
from .moho import moho_dat
from .polly import polly_marks
from .rhubarb import rhubarb_json, rhubarb_tsv, rhubarb_xml
from .tables import table_csv
from .transcript import Transcript

__all__ = ["FORMATS", "Format", "format_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    suffixes: tuple[str, ...]
    """How names of its files end; of two that fit the longer one holds."""
    mime: str
    text: Callable[[Transcript], str]
    visemes: tuple[str, ...] = ()
    """Viseme sets that a transcript must have."""
    weights: tuple[str, int] | None = None
    """Set and frames a second of the weights that a transcript must have."""

    def write(self, transcript: Transcript) -> bytes:
        """The content of a file. Raises `LipwireError` when the transcript lacks what it needs."""
        return self.text(transcript).encode("utf-8", "replace")


FORMATS: Final[Mapping[str, Format]] = {
    "json": Format(suffixes=(".json",), mime="application/json", text=document_json),
    "csv": Format(suffixes=(".csv",), mime="text/csv; charset=utf-8", text=table_csv),
    "webvtt": Format(suffixes=(".vtt",), mime="text/vtt", text=webvtt),
    "webvtt_words": Format(suffixes=(".words.vtt",), mime="text/vtt", text=webvtt_words),
    "srt": Format(suffixes=(".srt",), mime="application/x-subrip", text=srt),
    "rhubarb_tsv": Format(
        suffixes=(".tsv",),
        mime="text/tab-separated-values; charset=utf-8",
        text=rhubarb_tsv,
        visemes=("rhubarb",),
    ),
    "rhubarb_json": Format(
        suffixes=(".rhubarb.json",),
        mime="application/json",
        text=rhubarb_json,
        visemes=("rhubarb",),
    ),
    "rhubarb_xml": Format(
        suffixes=(".xml",), mime="application/xml", text=rhubarb_xml, visemes=("rhubarb",)
    ),
    "moho": Format(
        suffixes=(".dat",),
        mime="text/plain; charset=utf-8",
        text=moho_dat,
        visemes=("preston_blair",),
    ),
    "polly": Format(
        suffixes=(".marks", ".polly.json"),
        mime="application/x-json-stream",
        text=polly_marks,
        visemes=("polly",),
    ),
    "azure_visemes": Format(
        suffixes=(".azure.jsonl",),
        mime="application/x-ndjson",
        text=azure_visemes,
        visemes=("azure",),
    ),
    "azure_blend_shapes": Format(
        suffixes=(".arkit.jsonl",),
        mime="application/x-ndjson",
        text=azure_blend_shapes,
        weights=("arkit", FPS),
    ),
}


def format_of(file_name: str) -> Format:
    """The format that a file's name asks for.

    Raises `LipwireError` (`unsupported`) with all suffixes when it is none of them.
    """
    name = file_name.lower()
    fitting = [
        (len(suffix), key)
        for key, form in FORMATS.items()
        for suffix in form.suffixes
        if name.endswith(suffix)
    ]
    if not fitting:
        known = " ".join(suffix for form in FORMATS.values() for suffix in form.suffixes)
        raise LipwireError(
            ErrorCode.UNSUPPORTED,
            f"timing is not written to {file_name!r}: end it on one of {known}",
        )
    return FORMATS[max(fitting)[1]]
