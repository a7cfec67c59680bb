"""The bench itself: has a face speak, and works out what its frames cost and how true they are."""

from collections.abc import Callable
from typing import Any, Final

from ..bench import Figure, Json, Outcome, Table
from ..lab import Lab
from ..stats import percentile, spread
from .figures import Performed, added_bytes, closures_seen, drift_samples, mouth_errors_px
from .lines import HELD_OUT, SPEECH, different

__all__ = ["FIGURES", "run"]

_AVATARS: Final = ("joe", "ida")
_SIZE, _SMALL, _FPS = 512, 256, 25
_OTHER_FPS: Final = (24, 60)
"""A frame is no whole number of samples."""
_LISTENERS: Final = 100
_NEUTRAL: Final = "neutral"

FIGURES: Final = (
    Figure("bytes_per_second_warm", "B/s", "what frames add, all sprites sent; joe; at most 2000"),
    Figure("bytes_per_second_warm_ida", "B/s", "the same for ida"),
    Figure("avatar_bytes_512", "B", "all neutral sprites of joe, sent once; at most 400000"),
    Figure("avatar_bytes_512_ida", "B", "the same for ida"),
    Figure("avatar_bytes_256", "B", "the same for joe in small"),
    Figure("emotion_bytes_512", "B", "what the dearest emotion of joe adds, all of it shown"),
    Figure("cpu_ms_per_frame_sprites", "ms", "for one listener, beside the speech; at most 0.05"),
    Figure("full_shared_composed", "", "pictures drawn for each one delivered, all hear the same"),
    Figure("full_shared_cpu_ms_per_frame", "ms", "CPU for each picture delivered"),
    Figure("full_shared_bytes_per_second", "B/s", "pictures of one listener"),
    Figure("full_different_composed", "", "the same, each hears a text of his own"),
    Figure("full_different_cpu_ms_per_frame", "ms", "the same, each hears a text of his own"),
    Figure("full_different_bytes_per_second", "B/s", "the same, each hears a text of his own"),
    Figure("codebook_error_px", "px", "between the mouth meant and the one shown; at most 0.8"),
    Figure("codebook_error_px_p95", "px", "95 % of the frames are no farther off"),
    Figure("drift_samples", "samples", "the farthest that a frame lies from its place; must be 0"),
    Figure("closures_seen", "", "p, b and m with a frame of closed lips; must be 1"),
    Figure("first_sprites_ms_512", "ms", "a fresh process, until all that idles is there"),
    Figure("first_sprites_ms_256", "ms", "the same in small"),
)


def run(lab: Lab) -> Outcome:
    face = lab.system("face")
    if face is None:
        return Outcome(figures=dict.fromkeys((figure.key for figure in FIGURES), None))
    samples: list[Json] = []

    def ask(what: str, **request: Any) -> Json:
        lab.probe()
        answer = face.ask({"do": what, **request})
        samples.append({"asked": {"do": what, **request}, **answer})
        return answer

    found: dict[str, float | None] = {}
    details: Json = {}
    lab.progress("sprites", 0, 5)
    sizes, table = _sprites(ask, details)
    found |= sizes
    lab.progress("speech", 1, 5)
    found |= _speech(ask, details, lab.rounds)
    lab.progress("mouths", 2, 5)
    found |= _mouths(ask)
    lab.progress("pictures", 3, 5)
    found |= _pictures(ask, details)
    lab.progress("fresh processes", 4, 5)
    found |= _fresh(ask, details, lab.rounds)
    return Outcome(
        figures={figure.key: found[figure.key] for figure in FIGURES},
        details=details,
        tables=(table,),
        samples=samples,
    )


_Ask = Callable[..., Json]
_Found = dict[str, float | None]


def _sprites(ask: _Ask, details: Json) -> tuple[_Found, Table]:
    """The bytes of every sprite that an avatar has."""
    asked = [(avatar, size) for avatar in _AVATARS for size in (_SIZE, _SMALL)]
    found: dict[tuple[str, int], dict[str, int]] = {}
    for avatar, size in asked:
        sizes: dict[str, int] = {}
        for sprite in ask("sprites", avatar=avatar, size=size)["sprites"]:
            emotion = sprite["emotion"] or _NEUTRAL
            sizes[emotion] = sizes.get(emotion, 0) + sprite["bytes"]
        found[avatar, size] = sizes
    details["sprite_bytes"] = {f"{avatar} {size}": found[avatar, size] for avatar, size in asked}
    joe = found[_AVATARS[0], _SIZE]
    figures: _Found = {
        "avatar_bytes_512": joe[_NEUTRAL],
        "avatar_bytes_512_ida": found[_AVATARS[1], _SIZE][_NEUTRAL],
        "avatar_bytes_256": found[_AVATARS[0], _SMALL][_NEUTRAL],
        "emotion_bytes_512": max((joe[name] for name in joe if name != _NEUTRAL), default=0),
    }
    table = Table(
        "kB of sprites: all that is neutral, and what each emotion adds",
        ("", *(f"{avatar} {size}" for avatar, size in asked)),
        tuple(
            (emotion, *(f"{found[one].get(emotion, 0) / 1000:.0f}" for one in asked))
            for emotion in joe
        ),
    )
    return figures, table


def _speech(ask: _Ask, details: Json, rounds: int) -> _Found:
    """What frames add to a little speech, in bytes and in CPU time."""
    joe, ida = (
        ask("speak", avatar=avatar, size=_SIZE, fps=_FPS, lines=SPEECH, rounds=turns)
        for avatar, turns in zip(_AVATARS, (rounds, 1), strict=True)
    )
    cost = spread([one["cpu_ms"] / one["frames"] for one in joe["segments"]])
    details["speech_s"] = round(sum(chunk["seconds"] for chunk in joe["chunks"]), 2)
    details["cpu_ms_per_frame_sprites"] = {"low": cost.low, "high": cost.high, "of": cost.count}
    return {
        "bytes_per_second_warm": added_bytes(joe["chunks"]),
        "bytes_per_second_warm_ida": added_bytes(ida["chunks"]),
        "cpu_ms_per_frame_sprites": cost.median,
    }


def _mouths(ask: _Ask) -> _Found:
    """Lines that nothing was made for, and frames that are no whole number of samples."""

    def performed(fps: int) -> Performed:
        told = ask("perform", avatar=_AVATARS[0], size=_SIZE, fps=fps, lines=HELD_OUT)
        return Performed.of(told)

    usual, *others = (performed(fps) for fps in (_FPS, *_OTHER_FPS))
    errors = mouth_errors_px(usual).tolist()
    return {
        "codebook_error_px": sum(errors) / len(errors),
        "codebook_error_px_p95": percentile(errors, 95),
        "drift_samples": max(drift_samples(one) for one in (usual, *others)),
        "closures_seen": closures_seen(usual),
    }


def _pictures(ask: _Ask, details: Json) -> _Found:
    """Whole pictures for a crowd that hears the same, and for one in which nobody does."""
    found: _Found = {}
    for name, lines in (("shared", HELD_OUT[:1]), ("different", different(_LISTENERS))):
        told = ask(
            "pictures", avatar=_AVATARS[0], size=_SMALL, fps=_FPS, lines=lines, listeners=_LISTENERS
        )
        delivered = told["delivered"]
        details[f"full_{name}"] = {key: told[key] for key in ("composed", "delivered", "seconds")}
        found[f"full_{name}_composed"] = told["composed"] / delivered
        found[f"full_{name}_cpu_ms_per_frame"] = told["cpu_ms"] / delivered
        found[f"full_{name}_bytes_per_second"] = told["bytes"] / told["seconds"]
    return found


def _fresh(ask: _Ask, details: Json, rounds: int) -> _Found:
    found: _Found = {}
    for size in (_SIZE, _SMALL):
        taken = [ask("fresh", avatar=_AVATARS[0], size=size, fps=_FPS)["ms"] for _ in range(rounds)]
        times = spread(taken)
        details[f"first_sprites_ms_{size}"] = {"low": times.low, "high": times.high}
        found[f"first_sprites_ms_{size}"] = times.median
    return found
