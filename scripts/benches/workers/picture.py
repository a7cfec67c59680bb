"""Draws a sentence: its sound, what is said, and what the mouth does, on one axis of time."""

from base64 import b64decode
from importlib.metadata import version
from io import BytesIO
from typing import Any

import matplotlib
import numpy as np
from PIL import Image

matplotlib.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from benches.workers.loop import Answer, serve

Json = dict[str, Any]

_WIDTH_PX, _DPI = 1600, 160
_INK, _FAINT, _EDGE = "#22262e", "#8a919e", "#ffffff"
_COLOURS = {
    "sil": "#d5d9e0", "PP": "#c8324b", "FF": "#e2725b", "TH": "#e5a24a", "DD": "#bfa53f",
    "kk": "#8fae5d", "CH": "#4f9d69", "SS": "#3d9a94", "nn": "#4aa3c7", "RR": "#3f78b5",
    "aa": "#5459a8", "E": "#7d5bb0", "ih": "#a05cb4", "oh": "#bf5a9d", "ou": "#8c4a77",
}  # fmt: skip
"""By place, from the lips over the tongue to the vowels."""
_DARK = {name for name in _COLOURS if name not in ("sil", "TH", "DD", "kk")}

_STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.edgecolor": _FAINT,
    "axes.linewidth": 0.6,
    "text.color": _INK,
    "axes.labelcolor": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
}


def draw(request: Json) -> None:
    samples = np.frombuffer(b64decode(request["samples"]), "<f4")
    rate, seconds = request["sample_rate"], len(samples) / request["sample_rate"]
    names: list[str] = request["visemes"]
    weights = np.array(request["weights"], float) / 255
    used = [index for index in range(1, len(names)) if weights[:, index].max() > 0.15]
    heights = [0.75, 1.5, 0.27, 0.27, 0.3, 0.23 * len(used) + 0.12]
    with plt.rc_context(_STYLE):
        figure, rows = plt.subplots(
            len(heights),
            sharex=True,
            figsize=(_WIDTH_PX / _DPI, sum(heights) + 1.1),
            gridspec_kw={
                "height_ratios": heights,
                "hspace": 0.07,
                "left": 0.075,
                "right": 0.985,
                "bottom": 0.5 / (sum(heights) + 1.1),
                "top": 1 - 0.42 / (sum(heights) + 1.1),
            },
        )
        wave, spectrum, words, phonemes, visemes, curves = rows
        figure.text(0.075, 1 - 0.24 / (sum(heights) + 1.1), f"“{request['text']}”", size=10.5)
        _wave(wave, samples, rate)
        _spectrum(spectrum, samples, rate)
        _strip(words, "words", [(*span, "#e4e8ef", _INK) for span in request["words"]], 8)
        spans = [(*span, "#f0f2f6", _INK) for span in request["phonemes"]]
        _strip(phonemes, "phonemes", spans, 8)
        events = [
            (name, start, end, _COLOURS[name], "white" if name in _DARK else _INK)
            for name, start, end in request["events"]
        ]
        _strip(visemes, "visemes", events, 7)
        _ridges(curves, np.array(request["times"]), weights, names, used)
        for axes in (wave, spectrum, curves):
            for _, start, end in request["words"]:
                axes.axvline(start, color=_INK, lw=0.4, alpha=0.18, zorder=0.5)
                axes.axvline(end, color=_INK, lw=0.4, alpha=0.18, zorder=0.5)
        curves.set_xlim(0, seconds)
        curves.set_xlabel("seconds", labelpad=2)
        for axes in rows[:-1]:
            axes.tick_params(bottom=False, labelbottom=False)
        drawn = BytesIO()
        figure.savefig(drawn, dpi=_DPI)
        plt.close(figure)
    # 256 colours are plenty, and a third of the bytes.
    Image.open(drawn).convert("RGB").quantize(256).save(request["out"], "PNG", optimize=True)


def _name(axes: Axes, name: str) -> None:
    axes.set_ylabel(name, rotation=0, ha="right", va="center", labelpad=6, size=8)


def _wave(axes: Axes, samples: Any, rate: int) -> None:
    # As many columns as pixels: the loudest and the lowest sample of each.
    columns = np.array_split(samples, _WIDTH_PX)
    at = (np.arange(_WIDTH_PX) + 0.5) * len(samples) / rate / _WIDTH_PX
    low, high = [c.min() for c in columns], [c.max() for c in columns]
    axes.fill_between(at, low, high, color="#3a4a63", lw=0)
    peak = float(np.abs(samples).max()) or 1.0
    axes.set_ylim(-1.08 * peak, 1.08 * peak)
    axes.set_yticks([])
    _name(axes, "sound")
    _bare(axes)


def _spectrum(axes: Axes, samples: Any, rate: int) -> None:
    size, step = 512, 64
    window = np.hanning(220)
    padded = np.pad(np.append(samples[0], np.diff(samples)), (size // 2, size))
    starts = np.arange(0, len(samples), step)
    pieces = np.stack([padded[at + 146 : at + 366] for at in starts]) * window
    level = 20 * np.log10(np.abs(np.fft.rfft(pieces, size, axis=1)).T + 1e-5)
    top = np.percentile(level, 99.7)
    axes.imshow(
        level,
        origin="lower",
        aspect="auto",
        cmap="Greys",
        vmin=top - 52,
        vmax=top + 6,
        extent=(0, len(samples) / rate, 0, rate / 2000),
        interpolation="bilinear",
        zorder=0,
    )
    axes.set_ylim(0, 8)
    axes.set_yticks([0, 2, 4, 6, 8], ["0", "2", "4", "6", "8 kHz"])
    for tick in axes.get_yticklabels():
        tick.set_size(7)


def _strip(
    axes: Axes, name: str, spans: list[tuple[str, float, float, str, str]], size: float
) -> None:
    """Boxes with a name in each that has room for it."""
    width = axes.get_position().width * _WIDTH_PX
    seconds = max((end for _, _, end, _, _ in spans), default=1.0)
    for text, start, end, colour, ink in spans:
        axes.add_patch(Rectangle((start, 0), end - start, 1, fc=colour, ec=_EDGE, lw=0.8))
        room = (end - start) / seconds * width
        for fitting in (size, size - 1, size - 2):
            if text and 0.66 * fitting * _DPI / 72 * len(text) <= room:
                at = (start + end) / 2
                axes.text(at, 0.47, text, ha="center", va="center", size=fitting, color=ink)
                break
    axes.set_ylim(0, 1)
    axes.set_yticks([])
    _name(axes, name)
    _bare(axes)


def _ridges(axes: Axes, times: Any, weights: Any, names: list[str], used: list[int]) -> None:
    """A row for each viseme that is used; its curve reaches the next row at full weight."""
    for row, index in enumerate(used):
        base = float(len(used) - 1 - row)
        colour = _COLOURS[names[index]]
        curve = base + 0.94 * weights[:, index]
        axes.axhline(base, color=_FAINT, lw=0.35, alpha=0.6, zorder=1)
        axes.fill_between(times, base, curve, color=colour, alpha=0.85, lw=0, zorder=2)
    axes.set_ylim(-0.15, len(used) + 0.1)
    axes.set_yticks([len(used) - 1 - row + 0.35 for row in range(len(used))])
    axes.set_yticklabels([names[index] for index in used], size=7.5)
    for tick, index in zip(axes.get_yticklabels(), used, strict=True):
        tick.set_color(_COLOURS[names[index]])
        tick.set_fontweight("bold")
    axes.tick_params(axis="y", length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


def _bare(axes: Axes) -> None:
    for spine in axes.spines.values():
        spine.set_visible(False)


def start() -> tuple[Answer, Json]:
    def answer(request: Json) -> Json:
        draw(request)
        return {}

    return answer, {"packages": {"matplotlib": version("matplotlib")}}


if __name__ == "__main__":
    serve(start)
