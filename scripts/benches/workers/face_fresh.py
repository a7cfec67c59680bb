"""Begins as a server does, and ends when it has what it takes to show a face that idles."""

import asyncio
import sys

from benches.face.stage import default_studio, listener_terms
from lipwire_protocol import FrameMode, Sprites
from lipwire_server.session.animation import Animation
from lipwire_server.speech.port import VoiceInfo

_VOICE = VoiceInfo(name="nobody", language="en-US", sample_rate=22_050)


async def main(avatar: str, size: int, fps: int) -> None:
    studio = default_studio()
    terms = listener_terms(studio, _VOICE, avatar, size, fps, FrameMode.SPRITES)
    sent: list[Sprites] = []

    async def send(sprites: Sprites) -> None:
        sent.append(sprites)

    await anext(Animation(terms, studio, send, print).idle_loops())
    assert sent


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
