"""`/v1/voices`: who can speak."""

from msgspec import Struct

from ..access.scopes import Scope
from ..speech.port import Synthesis, VoiceInfo
from .rest import Call, Operation

__all__ = ["Voices", "operations"]


class Voices(Struct, kw_only=True, frozen=True):
    default: str
    voices: tuple[VoiceInfo, ...]


def operations(synthesis: Synthesis, default: str) -> list[Operation]:
    async def listed(call: Call) -> Voices:
        return Voices(default=default, voices=synthesis.voices())

    return [
        Operation(
            method="GET",
            path="/v1/voices",
            scope=Scope.SPEAK,
            summary="Who can speak, and in which sets their mouths are told",
            tag="voices",
            handler=listed,
            answer=Voices,
        )
    ]
