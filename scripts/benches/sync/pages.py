"""The pages that the bench opens, over HTTP: a browser lets no other page speak to this machine."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from .avatar import head_glb

__all__ = ["served"]

_TYPES: Final = {".js": "text/javascript", ".mjs": "text/javascript"}
_DOCUMENT: Final = """<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<script type="importmap">{"imports": {
  "three": "/modules/three/build/three.module.js",
  "three/addons/": "/modules/three/examples/jsm/"
}}</script>
<script type="module" src="/bench/%s.js"></script>"""


@contextmanager
def served(folders: Mapping[str, Path]) -> Iterator[str]:
    """The address under which the files of each folder are found by its name.

    `/talkinghead` and the like are pages with the script `/bench/talkinghead.js`.
    """
    known = {name: folder.resolve() for name, folder in folders.items()}

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = _content(known, self.path.lstrip("/"))
            self.send_response(404 if found is None else 200)
            body, kind = found or (b"", "text/plain")
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing: the bench has a table of its own."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _content(folders: Mapping[str, Path], path: str) -> tuple[bytes, str] | None:
    room, _, name = path.partition("/")
    if path == "bench/head.glb":
        return head_glb(), "model/gltf-binary"
    if not name:
        return (_DOCUMENT % room).encode(), "text/html; charset=utf-8"
    folder = folders.get(room)
    if folder is None:
        return None
    file = (folder / name).resolve()
    if not file.is_relative_to(folder) or not file.is_file():
        return None
    return file.read_bytes(), _TYPES.get(file.suffix, "application/octet-stream")
