"""The mouth is there when the sound is: measured in a real browser, by what is played and drawn."""

from collections.abc import Iterator

import numpy as np
import pytest

from benches.sync.network import CLEAN, Network
from benches.sync.stage import Stage, Take, stage
from tests.server_process import ServerProcess

TEXT = "Papa may buy a big map of the moon, and maybe Bob will move the bowl back home."
NEAR_MS = 12
TRIM_MS = 40


@pytest.fixture(scope="module")
def house(server: ServerProcess) -> Iterator[tuple[Stage, str]]:
    with stage() as found:
        yield found, server.stream


def median(take: Take) -> float:
    assert take.match.skews_ms.size > 30
    return float(np.median(take.match.skews_ms))


def undisturbed(
    page: Stage, url: str, way: Network = CLEAN, *, lead_ms: int = 3000, standstills: int = 0
) -> Take:
    """While a machine stands still, an old picture stays, which suits nothing, and the sound may
    run out: that is taken again, twice at most."""
    take = page.take("lipwire", url, TEXT, way, lead_ms=lead_ms)
    for _ in range(2):
        if take.match.lost or len(take.stood_still_at_ms) != standstills:
            take = page.take("lipwire", url, TEXT, way, lead_ms=lead_ms)
    return take


def test_the_mouth_is_on_time_and_a_wrong_trim_is_seen(house: tuple[Stage, str]) -> None:
    page, url = house
    usual = undisturbed(page, url)
    assert abs(median(usual)) <= NEAR_MS
    assert usual.match.lost == 0
    assert usual.stood_still_at_ms == ()

    trimmed = page.take("lipwire", url, TEXT, CLEAN, options={"avOffsetMs": TRIM_MS})
    assert abs(median(trimmed) - median(usual)) == pytest.approx(TRIM_MS, abs=NEAR_MS)


def test_it_is_on_time_again_after_the_sound_broke_off(house: tuple[Stage, str]) -> None:
    page, url = house
    way = Network(hold_after_s=1, hold_ms=1_500)
    take = undisturbed(page, url, way, lead_ms=700, standstills=1)
    (stood_still_at_ms,) = take.stood_still_at_ms
    after = take.match.skews_ms[take.match.at_ms > stood_still_at_ms]
    assert after.size > 30
    assert abs(float(np.median(after))) <= NEAR_MS


def test_a_page_that_is_busy_draws_what_is_heard_when_it_can(house: tuple[Stage, str]) -> None:
    page, url = house
    take = page.take("lipwire", url, TEXT, CLEAN, block_ms=250)
    assert abs(median(take)) <= NEAR_MS
