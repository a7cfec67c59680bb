"""Who is in the crowd."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from lipwire_protocol import ErrorCode, LipwireError

__all__ = ["USUAL", "Role", "in_turn", "read_mix"]


class Role(StrEnum):
    IDLE = "idle"
    """Connects, and is there."""
    SPEAKER = "speaker"
    """Has one text after another spoken, and hears each to its end in real time."""
    STREAMER = "streamer"
    """The same, with texts that come in pieces, as from a language model."""
    INTERRUPTER = "interrupter"
    """Interrupts what it hears."""
    LISTENER = "listener"
    """Watches a session that the load test itself speaks in."""
    DROPPER = "dropper"
    """Loses its connection in the middle, and goes on with the session."""
    SLOW = "slow"
    """Stops reading in the middle."""


USUAL: Final[Mapping[Role, int]] = {
    Role.IDLE: 60,
    Role.SPEAKER: 20,
    Role.STREAMER: 10,
    Role.INTERRUPTER: 5,
    Role.DROPPER: 5,
}
"""A day like any other, in percent."""


def read_mix(text: str) -> dict[Role, int]:
    """`idle=90,speaker=10` as proportions. Raises LipwireError for anything else."""
    mix: dict[Role, int] = {}
    for part in text.split(","):
        found = re.fullmatch(r"\s*([a-z]+)\s*=\s*(\d{1,6})\s*", part)
        if found is None or found[1] not in [*Role]:
            raise LipwireError(
                ErrorCode.BAD_MESSAGE,
                f"{part.strip()!r} is no part of a mix; it is like idle=90,speaker=10, "
                f"of {', '.join(Role)}",
            )
        if found[1] in mix:
            raise LipwireError(ErrorCode.BAD_MESSAGE, f"the mix says {found[1]!r} twice")
        mix[Role(found[1])] = int(found[2])
    if not sum(mix.values()):
        raise LipwireError(ErrorCode.BAD_MESSAGE, "the mix has nobody in it")
    return mix


def in_turn(mix: Mapping[Role, int], count: int) -> list[Role]:
    """That many roles in those proportions, spread as evenly as can be: whoever stops counting
    early has the same mix."""
    total = sum(mix.values())
    owed = dict.fromkeys(mix, 0.0)
    roles = []
    for _ in range(count):
        for role, share in mix.items():
            owed[role] += share / total
        role = max(owed, key=lambda each: owed[each])
        owed[role] -= 1
        roles.append(role)
    return roles
