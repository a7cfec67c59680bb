"""A picture that nobody vouches for, decoded and drawn anew: a program of its own.

It may be led astray by what it reads, so it is bounded in memory, time and what it can write, gets
no environment, and imports nothing of the server. Run with the paths of the picture and of the new
one; answers with a line of JSON.
"""

import json
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS: Final = 8 << 20
"""A screen of 3840 x 2160 fits."""
_MEMORY_BYTES: Final = 768 << 20
"""Of addresses; Python with Pillow and the largest picture takes a fifth."""
_CPU_S: Final = 10
_OUTPUT_BYTES: Final = 64 << 20

_OPTIONS: Final[dict[str, dict[str, object]]] = {
    "JPEG": {"quality": 92},
    "PNG": {"compress_level": 4},
    "WEBP": {"quality": 92, "method": 2},
}


class Refusal(Exception):
    """What the one who sent the picture is told; its class of error comes first."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def redraw(source: str, target: str) -> dict[str, object]:
    """The same picture in the same format, with nothing else in its file."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # We look ourselves, before anything is decoded.
    with Image.open(source, formats=list(_OPTIONS)) as opened:
        kind = opened.format or ""
        width, height = opened.size
        if width * height > MOST_PIXELS:
            text = f"the picture has more than {MOST_PIXELS:,} pixels: make it smaller"
            raise Refusal("message_limit", text)
        if getattr(opened, "n_frames", 1) > 1:
            raise Refusal("unreadable", "the picture moves: save one picture of it")
        opened.load()
        upright: Image.Image = opened
        with suppress(Exception):
            # The one thing in its metadata that is seen; where it cannot be read it says nothing.
            upright = ImageOps.exif_transpose(opened)
        picture = _plain(upright, has_alpha=kind != "JPEG")
    picture.info.clear()
    picture.save(target, kind, **_OPTIONS[kind])
    width, height = picture.size
    return {"media_type": f"image/{kind.lower()}", "width": width, "height": height}


def _plain(picture: "Image", *, has_alpha: bool) -> "Image":
    """Eight bits of each colour; grey stays grey."""
    if picture.mode.startswith(("I", "F")):
        return picture.point(lambda level: level / 256).convert("L")
    if has_alpha and (picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info):
        return picture.convert("RGBA")
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")


def confine() -> None:
    """Bounds on this process, where the system has them."""
    try:
        import resource
    except ImportError:
        return
    bounds = {
        resource.RLIMIT_AS: _MEMORY_BYTES,
        resource.RLIMIT_CPU: _CPU_S,
        resource.RLIMIT_FSIZE: _OUTPUT_BYTES,
        resource.RLIMIT_CORE: 0,
    }
    for kind, bound in bounds.items():
        # macOS does not take all of them.
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (bound, bound))


def main(source: str, target: str) -> None:
    confine()
    try:
        answer = redraw(source, target)
    except Refusal as refusal:
        answer = {"code": refusal.code, "text": str(refusal)}
    except Exception:
        # Whatever Pillow says of it: nothing that anybody could do more about than this.
        answer = {"code": "unreadable", "text": "the picture is damaged: save it again"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:])
