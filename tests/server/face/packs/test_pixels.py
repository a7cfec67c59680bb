import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps, PngImagePlugin

from lipwire_protocol import LipwireError
from lipwire_server.face.packs.pixels import SIDE, cleaned, decoded, encoded, extent

COLOUR = (200, 30, 60, 255)


def saved(picture: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def plain(mode: str = "RGBA", size: tuple[int, int] = (20, 10)) -> Image.Image:
    return Image.new("RGBA", size, COLOUR).convert(mode)


def png_head(width: int, height: int) -> bytes:
    """A PNG that says how large it is, and has no pixels."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunks = ((head[4:], head[:4]), (b"", b"IDAT"), (b"", b"IEND"))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
        for content, kind in chunks
    )


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("PNG", "L"),
    ("PNG", "1"), ("PNG", "LA"), ("PNG", "I;16"), ("WEBP", "RGB"), ("JPEG", "RGB"),
    ("JPEG", "CMYK")])  # fmt: skip
def test_pictures_of_every_kind_become_rgba(kind: str, mode: str) -> None:
    picture = Image.new("I;16", (20, 10), 60_000) if mode == "I;16" else plain(mode)
    data = saved(picture, kind)
    assert extent("a", data) == (20, 10)
    assert decoded("a", data).mode == "RGBA"
    assert decoded("a", data).size == (20, 10)


def test_what_it_is_counts_and_not_its_name() -> None:
    assert extent("a.png", saved(plain("RGB"), "JPEG")) == (20, 10)
    for data in (saved(plain("P"), "GIF"), saved(plain(), "TIFF"), b"<svg/>", b""):
        with pytest.raises(LipwireError, match=r"a\.png is no PNG, WebP or JPEG"):
            decoded("a.png", data)


def test_cleaning_keeps_pixels_and_nothing_else() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "secret")
    data = saved(plain(), pnginfo=notes) + b"secret behind the end"
    clean = cleaned("a.png", data)
    assert b"secret" in data
    assert b"secret" not in clean
    assert decoded("a", clean).tobytes() == plain().tobytes()


def test_encoding_loses_nothing_that_is_seen() -> None:
    picture = plain()
    picture.putpixel((3, 3), (10, 20, 30, 128))
    assert decoded("a", encoded(picture)).tobytes() == picture.tobytes()


@pytest.mark.parametrize(
    "size", [(SIDE + 1, 1), (1, SIDE + 1), (12_000, 12_000), (60_000, 60_000), (2**31 - 1, 1)]
)
def test_a_picture_that_is_too_large_is_never_decoded(size: tuple[int, int]) -> None:
    for look in (extent, decoded):
        with pytest.raises(LipwireError, match="larger than 2048 x 2048"):
            look("a.png", png_head(*size))


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_moves_is_refused(kind: str) -> None:
    others = [Image.new("RGBA", (20, 10), (0, 0, 0, 255))]
    data = saved(plain(), kind, save_all=True, append_images=others)
    with pytest.raises(LipwireError, match="moves: save one picture"):
        decoded("a.png", data)


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGBA"), ("WEBP", "RGBA"), ("JPEG", "RGB")])
def test_a_part_of_a_picture_is_damaged(kind: str, mode: str) -> None:
    data = saved(plain(mode, (200, 100)), kind)
    with pytest.raises(LipwireError, match=r"a\.png"):
        decoded("a.png", data[: len(data) * 2 // 3])


def photograph(kind: str, turned: int, *, order: str = "<") -> bytes:
    """Red on the left and blue on the right, as the sensor had it."""
    picture = plain("RGB")
    picture.paste((0, 0, 255), (10, 0, 20, 10))
    field = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, turned, 0)
    head = struct.pack(f"{order}HI", 42, 8) + struct.pack(f"{order}H", 1)
    mark = b"II" if order == "<" else b"MM"
    return saved(picture, kind, exif=b"Exif\0\0" + mark + head + field + bytes(4))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("turned", range(10))
def test_a_photograph_is_upright(kind: str, order: str, turned: int) -> None:
    data = photograph(kind, turned, order=order)
    upright = decoded("a", data)
    with Image.open(io.BytesIO(data)) as opened:
        expected = ImageOps.exif_transpose(opened).convert("RGBA")
    assert upright.tobytes() == expected.tobytes()
    assert upright.size == extent("a", data) == ((10, 20) if 5 <= turned <= 8 else (20, 10))
    assert decoded("a", cleaned("a", data)).tobytes() == expected.tobytes()


@given(st.binary(max_size=80))
def test_notes_that_nobody_can_read_turn_nothing(notes: bytes) -> None:
    data = saved(plain("RGB"), "PNG", exif=b"Exif\0\0MM" + notes)
    assert decoded("a", data).size == extent("a", data)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["PNG", "WEBP", "JPEG"]), st.data())
def test_damage_is_an_error_that_names_the_file(kind: str, data: st.DataObject) -> None:
    content = bytearray(saved(plain("RGB"), kind))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        assert decoded("a.png", bytes(content)).mode == "RGBA"
    except LipwireError as error:
        assert "a.png" in str(error)
