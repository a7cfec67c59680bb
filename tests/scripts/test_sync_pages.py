"""What the bench of sync needs of a machine: pages over HTTP, and the packages of the peer."""

import json
import struct
import urllib.error
import urllib.request
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from benches.lab import Missing
from benches.sync.avatar import head_glb
from benches.sync.pages import served
from benches.sync.peer import prepare


def test_files_are_served_by_folder_and_nothing_beside_them(tmp_path: Path) -> None:
    room = tmp_path / "room"
    room.mkdir()
    (room / "here.js").write_text("1")
    (tmp_path / "secret").write_text("2")
    with served({"bench": room}) as address:
        with urllib.request.urlopen(f"{address}/bench/here.js") as answer:
            assert (answer.read(), answer.headers["Content-Type"]) == (b"1", "text/javascript")
        with urllib.request.urlopen(f"{address}/lipwire") as page:
            assert b'src="/bench/lipwire.js"' in page.read()
        for path in ("bench/../secret", "bench/nothing.js", "elsewhere/here.js"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"{address}/{path}")


def test_the_head_is_a_glb_with_the_visemes_and_bones_that_talkinghead_wants() -> None:
    glb = head_glb()
    magic, version, length, text_length, _ = struct.unpack_from("<4sIIII", glb)
    assert (magic, version, length) == (b"glTF", 2, len(glb))
    document = json.loads(glb[20 : 20 + text_length])
    names = document["meshes"][0]["extras"]["targetNames"]
    assert {"viseme_sil", "viseme_PP", "viseme_U", "jawOpen"} <= set(names)
    assert {"Armature", "Head", "LeftEye"} <= {node["name"] for node in document["nodes"]}


class Npm:
    def __init__(self, *, fails: bool = False) -> None:
        self.calls: list[list[str]] = []
        self._fails = fails

    def __call__(self, command: list[str], folder: Path) -> "CompletedProcess[str]":
        self.calls.append(command)
        if self._fails:
            return CompletedProcess(command, 1, "", "npm error\nno network")
        (folder / "node_modules").mkdir()
        return CompletedProcess(command, 0, "", "")


def test_the_peer_is_installed_once_and_without_its_scripts(tmp_path: Path) -> None:
    npm = Npm()
    modules = prepare(tmp_path, npm)
    assert modules == prepare(tmp_path, npm)
    assert modules.is_dir()
    assert len(npm.calls) == 1
    assert "--ignore-scripts" in npm.calls[0]


def test_what_is_out_of_date_is_installed_again(tmp_path: Path) -> None:
    npm = Npm()
    prepare(tmp_path, npm)
    (tmp_path / ".node-peers" / "package.json").write_text("{}")
    prepare(tmp_path, npm)
    assert len(npm.calls) == 2


def test_a_peer_that_cannot_be_installed_is_missing_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(Missing, match="no network"):
        prepare(tmp_path, Npm(fails=True))
    # The next try begins anew.
    prepare(tmp_path, Npm())
