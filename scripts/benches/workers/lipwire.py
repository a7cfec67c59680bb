"""Lipwire's engine: one utterance at a time with its real windows, or as much as it can make."""

import argparse
import asyncio
import time
from contextlib import aclosing
from pathlib import Path
from typing import Any

from benches.workers.engine import open_engine, sample_rate, windows
from benches.workers.loop import Answer, serve, versions
from benches.workers.timing import Stopwatch
from lipwire_server.speech.port import Synthesis

_KEPT: list[object] = []


def start() -> tuple[Answer, dict[str, Any]]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True)
    arguments = parser.parse_args()
    threads = arguments.threads
    runner = asyncio.Runner()
    opened = open_engine(threads, arguments.data)
    engine = runner.run(opened.__aenter__())
    # As long as the process: nobody leaves it, and an engine that is forgotten shuts itself down.
    _KEPT.append(opened)

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        if "seconds" in request:
            return runner.run(saturate(engine, request, threads))
        return runner.run(speak(engine, request))

    return answer, {"threads": threads, "packages": versions("lipwire", "onnxruntime")}


async def speak(engine: Synthesis, request: dict[str, Any]) -> dict[str, Any]:
    watch = Stopwatch()
    async for count in windows(engine, request["text"], request["seed"]):
        watch.samples(count)
    return watch.result(sample_rate(engine))


async def saturate(engine: Synthesis, request: dict[str, Any], threads: int) -> dict[str, Any]:
    """Audio per second when every worker always has something to do and nothing else runs.

    Each of several speakers says its texts one after another and waits for nobody.
    """
    texts: list[str] = request["texts"]
    made = 0
    until = time.perf_counter() + request["seconds"]

    async def speaker(first: int) -> None:
        nonlocal made
        turn = first
        while time.perf_counter() < until:
            async with aclosing(windows(engine, texts[turn % len(texts)], turn)) as speech:
                async for count in speech:
                    if time.perf_counter() >= until:
                        return
                    made += count
            turn += speakers

    speakers = 2 * threads
    cpu, begin = time.process_time(), time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(speakers):
            group.create_task(speaker(number))
    return {
        "audio_s_per_s": made / sample_rate(engine) / request["seconds"],
        "cores_used": (time.process_time() - cpu) / (time.perf_counter() - begin),
    }


if __name__ == "__main__":
    serve(start)
