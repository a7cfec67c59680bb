"""A page on the real server that has, beside the client, what pages bring themselves: three.js,
three-vrm, TalkingHead, and models."""

import base64
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route

from .page import PATIENCE_MS

__all__ = ["ADAPTERS", "HOST", "Workshop", "example"]

_CLIENT = Path(__file__).parents[2] / "client-js"
_PAGE = Path(__file__).parents[2] / "docs" / "adapters.md"
_HEAD = """<!doctype html><meta charset="utf-8" /><link rel="icon" href="data:," />
<meta name="color-scheme" content="light dark" />
<style>body { margin: 0 }</style>
<script type="importmap">{"imports": {
  "three": "/modules/three/build/three.module.js",
  "three/addons/": "/modules/three/examples/jsm/",
  "@pixiv/three-vrm": "/modules/@pixiv/three-vrm/lib/three-vrm.module.js",
  "@met4citizen/talkinghead": "/modules/@met4citizen/talkinghead/modules/talkinghead.mjs"
}}</script>"""
_MODELS = {"head.glb": ["oculus", "arkit"], "arkit.glb": ["arkit"], "plain.glb": ["plain"]} | {
    "face.vrm": ["vrm"]
}
_SECTION = re.compile(r"^## (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_BLOCK = re.compile(r"^```(js|html)\n(.*?)^```", re.MULTILINE | re.DOTALL)

ADAPTERS = dict(_SECTION.findall(_PAGE.read_text("utf-8")))
"""The sections of docs/adapters.md by their titles."""

HOST = """<div id="host" style="width: 320px; height: 320px"></div>
<canvas width="64" height="64"></canvas><div id="robot"></div>
<button id="talk">Talk</button><button id="save">Save</button>"""
"""The body of a page that the examples find what they look for in."""


def example(section: str) -> str:
    """The code in a section of docs/adapters.md; in none, the one that all of them go on from."""
    text = ADAPTERS[section] if section else _PAGE.read_text("utf-8").split("\n## ")[0]
    ((_, code),) = _BLOCK.findall(text)
    return str(code)


class Workshop:
    def __init__(self, page: Page, server_url: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self._origin = server_url
        self._body = ""
        self._models: dict[str, bytes] = {}
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._note)
        # Of a page that is made up, a browser does not know that it is of this machine, too.
        page.context.grant_permissions(["local-network-access"])
        page.route(f"{server_url}/workshop", self._serve_page)
        page.route(f"{server_url}/modules/**", self._serve_file)
        page.route(f"{server_url}/sources/**", self._serve_file)
        page.route(f"{server_url}/models/**", self._serve_model)

    def open(self, body: str, script: str = "") -> None:
        """Shows a page with this in it; ready when the script, a module, has run."""
        self._body = body
        if script:
            done = "document.documentElement.dataset.state = 'ready';"
            self._body += f"<script type='module'>{script}\n{done}</script>"
        self.page.goto(f"{self._origin}/workshop")
        if script:
            self.page.wait_for_selector("html[data-state=ready]", state="attached")

    def ask(self, expression: str) -> Any:
        return self.page.evaluate(expression)

    def until(self, condition: str) -> None:
        self.page.wait_for_function(condition, polling="raf")

    def _note(self, message: Any) -> None:
        # Rendering in software is told by Chromium as a warning.
        if message.type in ("error", "warning") and "GL Driver Message" not in message.text:
            self.complaints.append(message.text)

    def _serve_page(self, route: Route) -> None:
        route.fulfill(body=f"{_HEAD}<body>{self._body}", content_type="text/html")

    def _serve_file(self, route: Route) -> None:
        _, place, path = urlsplit(route.request.url).path.split("/", 2)
        file = _CLIENT / {"modules": "node_modules", "sources": "."}[place] / path
        route.fulfill(path=file, content_type="text/javascript")

    def _serve_model(self, route: Route) -> None:
        name = urlsplit(route.request.url).path.rpartition("/")[2]
        route.fulfill(body=self._models[name], content_type="model/gltf-binary")

    def make_models(self) -> None:
        """Has the page make the models that `/models/` serves from then on."""
        self.open("")
        for name, sets in _MODELS.items():
            encoded = self.page.evaluate(
                """async (sets) => {
                    const { headGlb } = await import('/sources/test/make-glb.js');
                    const file = new Blob([headGlb({ sets })]);
                    const reader = new FileReader();
                    await new Promise((resolve) => {
                        reader.onload = resolve;
                        reader.readAsDataURL(file);
                    });
                    return reader.result.split(',')[1];
                }""",
                sets,
            )
            self._models[name] = base64.b64decode(encoded)
