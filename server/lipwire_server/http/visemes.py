"""`/v1/visemes`: the sets of mouth shapes, and which of them is seen for which sound."""

from typing import Annotated

from msgspec import Meta, Struct

from lipwire_protocol import SETS, WEIGHT_SETS

from ..access.scopes import Scope
from ..lipsync.table import REST, viseme_table
from .rest import Call, Operation

__all__ = ["Visemes", "operations"]


class Visemes(Struct, kw_only=True, frozen=True):
    """The numbers on the wire, by name; and the table from sounds to them."""

    sets: Annotated[
        dict[str, tuple[str, ...]],
        Meta(description="Names of the shapes of every set, by number."),
    ]
    rest: Annotated[dict[str, str], Meta(description="What each set calls a mouth at rest.")]
    weight_sets: Annotated[
        dict[str, tuple[str, ...]],
        Meta(description="Names of what tracks of weights move, in their order."),
    ]
    symbols: Annotated[
        dict[str, dict[str, tuple[str, ...]]],
        Meta(description="Shapes of every sound, by set: two where the mouth moves."),
    ]


def operations() -> list[Operation]:
    async def get(call: Call) -> Visemes:
        return Visemes(sets=SETS, rest=REST, weight_sets=WEIGHT_SETS, symbols=_symbols())

    return [
        Operation(
            method="GET",
            path="/v1/visemes",
            scope=Scope.SPEAK,
            summary="The sets of mouth shapes, and the table from sounds to shapes",
            tag="voices",
            handler=get,
            answer=Visemes,
        )
    ]


def _symbols() -> dict[str, dict[str, tuple[str, ...]]]:
    table = viseme_table()
    return {
        symbol: {
            name: tuple(SETS[name][number] for number in numbers)
            for name, numbers in table.articulation(symbol).numbers.items()
        }
        for symbol in sorted({*table.shapes, *table.joined})
    }
