"""`scripts/bake-avatars` and `scripts/contact-sheet`."""

import io
import json
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from zipfile import ZipFile

import pytest
from PIL import Image
from rich.console import Console

from lipwire_protocol.visemes import SETS
from lipwire_server.face.art.baking import MANIFEST
from lipwire_server.face.emotions import NAMES
from lipwire_server.face.packs.finding import BUILT_IN

SCRIPTS = Path(__file__).parents[2] / "scripts"


def _script(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader = SourceFileLoader(name.replace("-", "_"), str(SCRIPTS / name))
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def _in_short(pack: Path) -> bytes:
    """With one picture of each layer: a whole pack takes ten seconds to compare."""
    out = io.BytesIO()
    with ZipFile(pack) as whole, ZipFile(out, "w") as short:
        manifest = json.loads(whole.read(MANIFEST))
        for layer in manifest["layers"]:
            del layer["images"][1:]
            for image in layer["images"]:
                short.writestr(image["file"], whole.read(image["file"]))
        short.writestr(MANIFEST, json.dumps(manifest))
    return out.getvalue()


@pytest.mark.parametrize(("pack", "fresh"), [("ida", True), ("joe", False)])
def test_a_check_says_whether_a_pack_is_what_was_drawn(
    pack: str, fresh: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script, told = _script("bake-avatars", monkeypatch), io.StringIO()
    (tmp_path / "ida.zip").write_bytes(_in_short(BUILT_IN / "ida.zip"))
    monkeypatch.setattr(script, "BUILT_IN", tmp_path)
    drawn = _in_short(BUILT_IN / f"{pack}.zip")
    assert script.checked("ida", drawn, Console(file=told)) is fresh
    assert ("stale" in told.getvalue()) is not fresh


def test_a_check_misses_a_pack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script, told = _script("bake-avatars", monkeypatch), io.StringIO()
    monkeypatch.setattr(script, "BUILT_IN", tmp_path)
    assert not script.checked("ida", b"", Console(file=told))
    assert "missing" in told.getvalue()


@pytest.mark.parametrize("name", ["bake-avatars", "contact-sheet"])
def test_figures_that_there_are_not_are_refused(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = _script(name, monkeypatch)
    monkeypatch.setattr(sys, "argv", [name, "eve"])
    with pytest.raises(SystemExit) as left:
        script.main()
    assert left.value.code == 2
    assert "there is no eve; there are joe, ida" in capsys.readouterr().err


def test_the_sheet_shows_every_viseme_and_every_emotion(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = {cell.label for cell in _script("contact-sheet", monkeypatch).cells()}
    assert labels >= {*SETS["oculus"], *NAMES, *(f"{name}, aa" for name in NAMES)}


def test_the_sheet_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script, out = _script("contact-sheet", monkeypatch), tmp_path / "new" / "sheet.jpeg"
    monkeypatch.setattr(script, "cells", lambda: iter([script.Cell("aa", script.Oculus.AA)]))
    monkeypatch.setattr(sys, "argv", ["contact-sheet", "ida", "--out", str(out)])
    script.main()
    with Image.open(out) as sheet:
        assert sheet.size == (1536, 512 + 256)
