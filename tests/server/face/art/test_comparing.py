import io
import json
from zipfile import ZipFile

from PIL import Image

from lipwire_server.face.art.baking import MANIFEST
from lipwire_server.face.art.comparing import differences


def _pack(change: str = "", shade: int = 200, at: int = 9, margin: int = 1) -> bytes:
    out, picture = io.BytesIO(), io.BytesIO()
    image = Image.new("RGBA", (20 + 2 * margin, 20 + 2 * margin))
    image.paste((shade, 90, 60, 255), (margin, margin, 20 + margin, 20 + margin))
    image.save(picture, "PNG")
    manifest = {
        "format": "avatar-pack/1",
        "name": f"a{change}",
        "title": "A",
        "mouth": {"set": "oculus"},
        "layers": [{"name": "face", "images": [{"file": "face.png", "at": [at, at]}]}],
    }
    with ZipFile(out, "w") as pack:
        pack.writestr(MANIFEST, json.dumps(manifest))
        pack.writestr("face.png", picture.getvalue())
    return out.getvalue()


def test_a_pack_does_not_differ_from_itself() -> None:
    assert list(differences(_pack(), _pack())) == []


def test_what_an_encoder_may_change_is_no_difference() -> None:
    assert list(differences(_pack(), _pack(shade=201))) == []


def test_another_colour_is() -> None:
    (line,) = differences(_pack(), _pack(shade=180))
    assert line.startswith("face.png differs")


def test_another_margin_is_no_difference() -> None:
    assert list(differences(_pack(), _pack(at=8, margin=2))) == []


def test_another_place_is_one() -> None:
    assert len(list(differences(_pack(), _pack(at=12)))) == 1


def test_another_manifest_is_told_alone() -> None:
    assert list(differences(_pack(), _pack(change="b"))) == ["avatar.json differs"]
