"""What a face is shown with: the avatars that Lipwire comes with, and the terms of one listener."""

from typing import Final

from lipwire_protocol import FrameMode, Frames, Hello, Limits
from lipwire_server.face.cast import Cast
from lipwire_server.face.packs.finding import find_avatars
from lipwire_server.face.studio import Studio
from lipwire_server.session.terms import Terms, agree
from lipwire_server.speech.port import VoiceInfo

__all__ = ["default_studio", "listener_terms"]

_DEFAULT: Final = "joe"
_PICTURES: Final = 64 << 20
"""Bytes of whole pictures that a server keeps unless it is told otherwise."""


def default_studio() -> Studio:
    """One in which nothing was drawn yet."""
    found = find_avatars().avatars
    makers = {name: avatar.load for name, avatar in found.items()}
    return Studio(makers, _DEFAULT, cache_bytes=_PICTURES)


def listener_terms(
    studio: Studio, voice: VoiceInfo, avatar: str, size: int, fps: int, mode: FrameMode
) -> Terms:
    """Those of a client that asks for frames and for nothing else."""
    cast = Cast(default=avatar, sizes={avatar: studio.avatar(avatar).manifest.size})
    hello = Hello(frames=Frames(mode=mode, size=size, fps=fps), avatar=avatar)
    return agree(hello, (voice,), voice.name, cast, Limits())
