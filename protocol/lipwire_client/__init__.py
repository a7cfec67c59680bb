"""An asyncio client for Lipwire: what the tests and the load tester speak through.

async with connect("ws://127.0.0.1:8000/v1/stream") as session:
    spoken = await session.say("Hello there.")
    samples, words = spoken.audio, spoken.segments[0].words
"""

from .audio import to_pcm_s16le
from .codec import pack, unpack
from .order import OrderChecker
from .place import Place
from .saying import Spoken
from .session import ResumePoint, Session, connect

__all__ = [
    "OrderChecker",
    "Place",
    "ResumePoint",
    "Session",
    "Spoken",
    "connect",
    "pack",
    "to_pcm_s16le",
    "unpack",
]
