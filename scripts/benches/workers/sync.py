"""A page in a real browser that speaks and draws: Lipwire's own client, or TalkingHead."""

import argparse
import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benches.sync.network import Network
from benches.sync.peer import prepare
from benches.sync.stage import stage
from benches.workers.loop import Answer, serve, versions

_PEER = ("@met4citizen/talkinghead", "three")
ROOT = Path(__file__).parents[3]


def start(house: ExitStack) -> tuple[Answer, dict[str, Any]]:
    """`house` has what is open until the worker ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("system", choices=("lipwire", "talkinghead"))
    system = parser.parse_args().system
    modules = prepare(ROOT) if system == "talkinghead" else None
    page = house.enter_context(stage(modules))

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        if request["do"] == "end":
            house.close()
            return {}
        take = page.take(
            system,
            request["url"],
            request["text"],
            Network(**request["network"]),
            lead_ms=request["lead_ms"],
            block_ms=request["block_ms"],
        )
        return {
            "skews_ms": take.match.skews_ms.round(1).tolist(),
            "heard_ms": take.match.at_ms.round(1).tolist(),
            "lost": take.match.lost,
            "looked_at": take.match.counted,
            "pictures": take.pictures,
            "breaks_ms": [round(one) for one in take.stood_still_at_ms],
        }

    about: dict[str, Any] = {"browser": page.version, "packages": versions("lipwire", "playwright")}
    if modules is not None:
        about["peer"] = {name: _version(modules / name) for name in _PEER}
    return answer, about


def _version(package: Path) -> str:
    return str(json.loads((package / "package.json").read_text())["version"])


if __name__ == "__main__":
    with ExitStack() as house:
        serve(lambda: start(house))
