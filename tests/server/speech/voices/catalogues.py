"""A small catalogue in Piper's layout: in a folder, and on a web server that can fail."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.tiny_voice import write_tiny_voice

__all__ = [
    "JOE",
    "KERSTIN",
    "LESSAC",
    "TUGAO",
    "CatalogueServer",
    "entry",
    "serving",
    "write_mirror",
]

LESSAC = "en_US-lessac-medium"
JOE = "en_US-joe-medium"
KERSTIN = "de_DE-kerstin-low"
TUGAO = "pt_PT-tugão-medium"

_LANGUAGES = {
    "de": ("German", "Germany"),
    "en": ("English", "United States"),
    "pt": ("Portuguese", "Portugal"),
}


def entry(name: str, files: dict[str, Any], **more: object) -> dict[str, Any]:
    """What `voices.json` says of a voice."""
    code, speaker, quality = name.split("-")
    family, _, region = code.partition("_")
    language, country = _LANGUAGES[family]
    return {
        "key": name,
        "name": speaker,
        "language": {
            "code": code,
            "family": family,
            "region": region,
            "name_native": language,
            "name_english": language,
            "country_english": country,
        },
        "quality": quality,
        "num_speakers": 1,
        "speaker_id_map": {},
        "files": files,
        "aliases": [],
        **more,
    }


def write_mirror(folder: Path, *names: str) -> Path:
    """Voices below `folder` and the catalogue of them in it."""
    entries = {}
    for name in names or (LESSAC, JOE, KERSTIN, TUGAO):
        code, speaker, quality = name.split("-")
        place = folder / code.partition("_")[0] / code / speaker / quality
        place.mkdir(parents=True)
        write_tiny_voice(place, name)
        (place / "MODEL_CARD").write_text(f"# Model card for {speaker}\n\n* License: CC0\n")
        files = {
            path.relative_to(folder).as_posix(): {
                "size_bytes": path.stat().st_size,
                "md5_digest": hashlib.md5(path.read_bytes()).hexdigest(),
            }
            for path in place.iterdir()
        }
        entries[name] = entry(name, files, aliases=[f"{code.lower().replace('_', '-')}-{speaker}"])
    (folder / "voices.json").write_text(json.dumps(entries), "utf-8")
    return folder


class CatalogueServer:
    """Serves a folder, with ranges, and with what goes wrong on the way."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = ""
        self.asked: list[tuple[str, str | None]] = []
        """Names of the files that were asked for, each with its range."""
        self.breaks: list[int] = []
        """After how many bytes of a model the connection ends, request by request."""
        self.statuses: dict[str, list[int]] = {}
        """Errors to answer with, by the name of a file, request by request."""
        self.instead: dict[str, bytes] = {}
        """Other contents, by the name of a file."""
        self.ranges = True
        self.tells_size = True

    def ranges_of(self, name: str) -> list[str | None]:
        return [wanted for asked, wanted in self.asked if asked == name]

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        path = self.folder / unquote(request.path).lstrip("/")
        wanted = request.headers.get("Range")
        self.asked.append((path.name, wanted))
        statuses = self.statuses.get(path.name)
        if statuses or not path.is_file():
            request.send_error(statuses.pop(0) if statuses else 404)
            return
        content = self.instead.get(path.name, path.read_bytes())
        start = self._start(wanted)
        if start and start >= len(content):
            request.send_error(416)
            return
        request.send_response(206 if start else 200)
        if start:
            last = len(content) - 1
            request.send_header("Content-Range", f"bytes {start}-{last}/{len(content)}")
        rest = content[start:]
        if self.tells_size:
            request.send_header("Content-Length", str(len(rest)))
        request.end_headers()
        if path.suffix == ".onnx" and self.breaks:
            rest = rest[: self.breaks.pop(0)]
        request.wfile.write(rest)

    def _start(self, wanted: str | None) -> int:
        found = re.fullmatch(r"bytes=(\d+)-", wanted or "")
        return int(found[1]) if found and self.ranges else 0


@contextmanager
def serving(folder: Path) -> Iterator[CatalogueServer]:
    server = CatalogueServer(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.answer(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        server.address = f"http://127.0.0.1:{listener.server_address[1]}"
        thread = threading.Thread(target=listener.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown()
            thread.join()
