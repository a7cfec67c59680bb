"""What every worker does: say that it is ready, then answer one request after another."""

import json
import os
import sys
import traceback
from collections.abc import Callable
from importlib.metadata import version
from typing import Any, TypeAlias

from benches.ending import end_in_order

__all__ = ["Answer", "serve", "versions"]

Answer: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]


def versions(*packages: str) -> dict[str, str]:
    return {package: version(package) for package in packages}


def serve(start: Callable[[], tuple[Answer, dict[str, Any]]]) -> None:
    """`start` gives the function that answers, and what the worker says of itself.

    Ends with its input, or when it is told to, then with SystemExit.

    Libraries may print: what goes to stdout goes to stderr, and the answers have a pipe of their
    own.
    """
    end_in_order()
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(message: dict[str, Any]) -> None:
        answers.write(json.dumps(message) + "\n")
        answers.flush()

    try:
        answer, about = start()
    except Exception as error:
        traceback.print_exc()
        say({"missing": f"{type(error).__name__}: {error}"})
        return
    say(about)
    for line in sys.stdin:
        try:
            say(answer(json.loads(line)))
        except Exception as error:
            traceback.print_exc()
            say({"failed": f"{type(error).__name__}: {error}"})
