"""What the child makes of pictures; here in this process, without its bounds."""

import io
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from lipwire_server.media.redraw_child import Refusal, redraw


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def redrawn(tmp_path: Path, data: bytes) -> tuple[dict[str, object], Image.Image]:
    (tmp_path / "in").write_bytes(data)
    answer = redraw(str(tmp_path / "in"), str(tmp_path / "out"))
    picture = Image.open(tmp_path / "out")
    picture.load()
    return answer, picture


@pytest.mark.parametrize(
    ("mode", "kind", "result"),
    [
        ("RGB", "PNG", "RGB"),
        ("RGBA", "PNG", "RGBA"),
        ("LA", "PNG", "RGBA"),
        ("L", "PNG", "L"),
        ("1", "PNG", "L"),
        ("P", "PNG", "RGB"),
        ("I;16", "PNG", "L"),
        ("RGB", "JPEG", "RGB"),
        ("L", "JPEG", "L"),
        ("CMYK", "JPEG", "RGB"),
        ("RGBA", "WEBP", "RGBA"),
        ("RGB", "WEBP", "RGB"),
    ],
)
def test_every_kind_of_picture_becomes_a_plain_one_of_its_format(
    tmp_path: Path, mode: str, kind: str, result: str
) -> None:
    data = saved(Image.new(mode, (4, 2)), kind)
    answer, picture = redrawn(tmp_path, data)
    assert answer == {"media_type": f"image/{kind.lower()}", "width": 4, "height": 2}
    assert (picture.format, picture.mode, picture.size) == (kind, result, (4, 2))


def test_colours_and_transparency_stay(tmp_path: Path) -> None:
    original = Image.new("RGBA", (2, 1), (10, 200, 30, 255))
    original.putpixel((1, 0), (1, 2, 3, 0))
    _, picture = redrawn(tmp_path, saved(original, "PNG"))
    assert picture.getpixel((0, 0)) == (10, 200, 30, 255)
    assert picture.getpixel((1, 0)) == (1, 2, 3, 0)


def test_sixteen_bits_of_grey_become_eight(tmp_path: Path) -> None:
    _, picture = redrawn(tmp_path, saved(Image.new("I;16", (1, 1), 0x8000), "PNG"))
    assert picture.getpixel((0, 0)) == 0x80


def test_a_transparent_colour_of_a_palette_becomes_transparent(tmp_path: Path) -> None:
    original = Image.new("P", (2, 1), 0)
    original.putpalette([255, 0, 0, 0, 255, 0])
    original.putpixel((1, 0), 1)
    _, picture = redrawn(tmp_path, saved(original, "PNG", transparency=1))
    assert picture.mode == "RGBA"
    assert [picture.getpixel((x, 0)) for x in (0, 1)] == [(255, 0, 0, 255), (0, 255, 0, 0)]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_nothing_of_its_metadata_is_left(tmp_path: Path, kind: str) -> None:
    text = PngInfo()
    text.add_text("Author", "SECRET")
    exif = Image.Exif()
    exif[0x010E] = "SECRET"
    picture = Image.new("RGB", (4, 2))
    data = saved(picture, kind, exif=exif, icc_profile=b"SECRET" * 30, pnginfo=text)
    data += b"PK\x03\x04<script>SECRET</script>"
    assert b"SECRET" in data
    _, clean = redrawn(tmp_path, data)
    out = (tmp_path / "out").read_bytes()
    assert b"SECRET" not in out and b"script" not in out
    assert not {"exif", "icc_profile", "Author", "comment"} & set(clean.info)


def test_a_picture_that_lies_on_its_side_is_turned(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    answer, picture = redrawn(tmp_path, saved(Image.new("RGB", (4, 2)), "JPEG", exif=exif))
    assert (answer["width"], answer["height"]) == picture.size == (2, 4)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_picture_that_moves_is_refused(tmp_path: Path, kind: str) -> None:
    frames = [Image.new("RGB", (4, 2), (shade, 0, 0)) for shade in (0, 120, 240)]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:])
    with pytest.raises(Refusal, match="moves") as caught:
        redrawn(tmp_path, data)
    assert caught.value.code == "unreadable"


def test_one_with_too_many_pixels_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    data = saved(Image.new("1", (20_000, 10_000)), "PNG")
    assert len(data) < 50_000
    with pytest.raises(Refusal, match="8,388,608 pixels") as caught:
        redrawn(tmp_path, data)
    assert caught.value.code == "message_limit"
