"""Lipwire's engine: one utterance at a time with its real windows, or as much as it can make."""

import argparse
import asyncio
import time
from typing import Any

from lipwire_server.speech.scheduler import Scheduler

from benches.workers.engine import open_engine, sample_rate, windows
from benches.workers.loop import Answer, serve, versions
from benches.workers.timing import Stopwatch

_KEPT: list[object] = []


def start() -> tuple[Answer, dict[str, Any]]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, required=True)
    threads = parser.parse_args().threads
    runner = asyncio.Runner()
    engine = open_engine(threads)
    scheduler = runner.run(engine.__aenter__())
    # As long as the process: nobody leaves it, and an engine that is forgotten shuts itself down.
    _KEPT.append(engine)

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        if "seconds" in request:
            return runner.run(saturate(scheduler, request, threads))
        return runner.run(speak(scheduler, request))

    return answer, {"threads": threads, "packages": versions("lipwire", "onnxruntime")}


async def speak(scheduler: Scheduler, request: dict[str, Any]) -> dict[str, Any]:
    watch = Stopwatch()
    async for count in windows(scheduler, request["text"], request["seed"]):
        watch.samples(count)
    return watch.result(sample_rate(scheduler))


async def saturate(scheduler: Scheduler, request: dict[str, Any], threads: int) -> dict[str, Any]:
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
            async for count in windows(scheduler, texts[turn % len(texts)], turn):
                now = time.perf_counter()
                if now >= until:
                    return
                made += count
            turn += speakers

    speakers = 2 * threads
    cpu, begin = time.process_time(), time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(speakers):
            group.create_task(speaker(number))
    wall = time.perf_counter() - begin
    return {
        "audio_s_per_s": made / sample_rate(scheduler) / wall,
        "cores_used": (time.process_time() - cpu) / wall,
    }


if __name__ == "__main__":
    serve(start)
