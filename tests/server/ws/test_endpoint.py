import pytest

from lipwire_protocol import JSON, MSGPACK, Hello, Ready
from tests.server.ws.peer import connected

pytestmark = pytest.mark.virtual_time


@pytest.mark.parametrize(
    ("offers", "accepted"),
    [
        (["lipwire.v1"], "lipwire.v1"),
        (["lipwire.v1.json"], "lipwire.v1.json"),
        (["lipwire.v1.json", "lipwire.v1"], "lipwire.v1"),
        (["graphql-ws", "lipwire.v1"], "lipwire.v1"),
        ([], None),
    ],
)
async def test_the_preferred_of_the_known_subprotocols_is_accepted(
    offers: list[str], accepted: str | None
) -> None:
    format_ = JSON if accepted == JSON.subprotocol else MSGPACK
    async with connected(format_, offers=offers) as peer:
        peer.say(Hello())
        await peer.hears(Ready)
        assert peer.accepted is not None
        assert peer.accepted["subprotocol"] == accepted
        assert len(peer.connections) == 1


async def test_who_offers_only_unknown_subprotocols_is_refused() -> None:
    async with connected(offers=["graphql-ws", "lipwire.v2"]) as peer:
        await peer.serving
        assert peer.accepted is None
        assert peer.closed == 1000  # before the handshake this is a 403
        assert len(peer.connections) == 0
