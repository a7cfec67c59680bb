"""What can be said to `lipwire doctor`."""

import argparse
import sys
from typing import TextIO

from .config import VARIABLES, Settings
from .doctor import examine
from .observe.waiting import waiting
from .options import add_settings, search_path

__all__ = ["add"]


def add(parser: argparse.ArgumentParser) -> None:
    """`act` of the parsed options is what to do: it is given settings, options and an output."""
    parser.description = (
        "Tries what a server with these settings needs - a voice, the database, the port, the"
        " pages - and says of each whether it is all right. Ends with 1 where something is not."
    )
    add_settings(parser, *VARIABLES)
    parser.set_defaults(act=_doctor)


async def _doctor(settings: Settings, options: argparse.Namespace, out: TextIO) -> int:
    well = True
    findings = examine(settings, search_path())
    while True:
        with waiting(sys.stderr):
            finding = await anext(findings, None)
        if finding is None:
            break
        mark = "ok   " if finding.well else "WRONG"
        out.write(f"{mark} {finding.topic:9} {finding.text}\n")
        out.flush()
        well = well and finding.well
    return 0 if well else 1
