"""`/v1/faces`: whose face can be shown, and in which moods."""

from typing import Annotated

from msgspec import Meta, Struct

from ..access.scopes import Scope
from ..face.cast import Cast
from ..face.emotions import NAMES
from .rest import Call, Operation

__all__ = ["Face", "Faces", "operations"]


class Face(Struct, kw_only=True, frozen=True):
    name: Annotated[str, Meta(description="What `hello.avatar` asks for it by.")]
    title: Annotated[str, Meta(description="How it is shown to people.")]
    size: Annotated[int, Meta(description="Width of the largest pictures of it.")]


class Faces(Struct, kw_only=True, frozen=True):
    default: str
    emotions: Annotated[tuple[str, ...], Meta(description="What `pose.emotion` may be.")]
    faces: tuple[Face, ...]


def operations(cast: Cast) -> list[Operation]:
    async def listed(call: Call) -> Faces:
        faces = tuple(
            Face(name=name, title=cast.titles.get(name, name), size=size)
            for name, size in cast.sizes.items()
        )
        return Faces(default=cast.default, emotions=NAMES, faces=faces)

    return [
        Operation(
            method="GET",
            path="/v1/faces",
            scope=Scope.SPEAK,
            summary="Whose face can be shown, and in which moods",
            tag="voices",
            handler=listed,
            answer=Faces,
        )
    ]
