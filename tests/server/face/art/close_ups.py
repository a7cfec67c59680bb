"""A mouth for tests, and how to see what was drawn."""

from lipwire_protocol.visemes import Oculus
from lipwire_server.face.art.lips import Outlines, outlines
from lipwire_server.face.art.paint import Fills
from lipwire_server.face.art.raster import Pixels, draw
from lipwire_server.face.articulation import HELD, Articulation

__all__ = ["CLOSE_UP", "close_up", "held", "shape"]

CLOSE_UP = (-60, -40, 60, 60)


def held(viseme: Oculus) -> Articulation:
    return Articulation(*HELD[viseme].tolist())


def shape(viseme: Oculus) -> Outlines:
    return outlines(held(viseme), 1.0)


def close_up(parts: Fills) -> Pixels:
    """Of what lies about the middle of the mouth."""
    return draw(parts, CLOSE_UP)
