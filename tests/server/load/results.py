"""A load test that was not run, for those who tell of one."""

from datetime import UTC, datetime

from lipwire_server.load.crowd import Moment, Plan, Result
from lipwire_server.load.roles import Role
from lipwire_server.load.tally import Tally

__all__ = ["BEGAN", "SECRET", "TEXT", "result"]

SECRET = "a-key-of-somebody"
TEXT = "What nobody else should read."


BEGAN = datetime(2026, 3, 1, 14, 30, tzinfo=UTC)


def result(*, well: bool = True, cpu_s: float = 1.0) -> Result:
    tally = Tally()
    tally.counts.update({"opened": 9, "tries": 10, "utterances": 40, "drops": 2, "resumed": 2})
    for number in range(200):
        tally.connect_ms.add(5 + number / 10)
        tally.first_sound_ms.add(120 + number, 1_000 + number / 20)
        tally.lead_ms.add(2_000 + 3 * number)
        tally.chunk_late_ms.add(number / 20)
    if not well:
        tally.fault("sound before its timing")
        tally.fault("<script>alert(1)</script>")
        tally.refused["overloaded"] += 3
        tally.gap_ms.add(80)
        tally.counts["lost"] += 1
        tally.counts["lost: 1006"] += 1
    plan = Plan(
        url="ws://127.0.0.1:8000/v1/stream",
        sockets=10,
        ramp_s=2,
        duration_s=10,
        mix={Role.SPEAKER: 9, Role.DROPPER: 1},
        lines=[TEXT],
        token=SECRET,
        voice="<voice>",
    )
    moments = [Moment(n / 2, min(n, 10), tally.glance()) for n in range(21)]
    return Result(plan, tally, moments, cpu_s, began=1_000)
