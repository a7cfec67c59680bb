"""`/v1/tokens`: short-lived keys, to be given to browsers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

from msgspec import Meta, Struct

from lipwire_protocol.errors import ErrorCode, LipwireError

from ..access.keys import LONGEST_TOKEN, new_token, token_scopes
from ..access.scopes import Scope
from .rest import Body, Call, Operation

__all__ = ["NewToken", "Token", "operations"]

_LONGEST_S = int(LONGEST_TOKEN.total_seconds())


class NewToken(Body):
    """What it is to be good for, and for how long."""

    scopes: Annotated[
        tuple[Scope, ...],
        Meta(
            max_length=len(Scope),
            description=(
                "No more than the key has; when left out, speaking alone, or watching where the "
                "key is for that."
            ),
        ),
    ] = ()
    seconds: Annotated[int, Meta(ge=1, le=_LONGEST_S)] = 300


class Token(Struct, frozen=True, kw_only=True):
    """Whoever has it is let in as with the key."""

    token: str
    scopes: tuple[Scope, ...]
    ends: datetime
    """From then on nobody is let in with it; who is in stays."""


def operations(wall: Callable[[], datetime]) -> list[Operation]:
    async def create(call: Call) -> Token:
        asked: NewToken = call.body
        guest = call.guest
        if guest is None:
            raise LipwireError(
                ErrorCode.UNSUPPORTED, "this server wants no keys: nobody needs a token"
            )
        if guest.by_token:
            raise LipwireError(ErrorCode.FORBIDDEN, "a token makes no tokens: show the key")
        now = wall().replace(microsecond=0)
        ends = now + timedelta(seconds=asked.seconds)
        scopes = token_scopes(asked.scopes, guest.key)
        return Token(token=new_token(guest.key, scopes, now, ends), scopes=scopes, ends=ends)

    return [
        Operation(
            method="POST",
            path="/v1/tokens",
            summary="Make a token for a browser",
            tag="tokens",
            handler=create,
            description=(
                "Keys stay on your server: it asks for a token and hands that to the page, which "
                "sends it in its first message."
            ),
            body=NewToken,
            answer=Token,
            status=201,
            scope=Scope.WATCH,
            errors=(ErrorCode.UNSUPPORTED,),
        )
    ]
