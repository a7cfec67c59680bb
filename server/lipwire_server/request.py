"""What `lipwire say` is asked for, and what of it cannot be."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lipwire_protocol import (
    MAX_INTEGER,
    AudioFormat,
    Codec,
    ErrorCode,
    Flow,
    FlowMode,
    FrameMode,
    Frames,
    Hello,
    LipwireError,
    TextOptions,
    Timing,
)

from .face.emotions import NAMES
from .face.movie.kinds import DEFAULTS, Kind, Look, kind_of
from .speech.audio.files import Container, container_of, session_rate

__all__ = ["STANDARD_OUTPUT", "Request", "check", "hello", "look_of", "sound_of", "wrong"]

STANDARD_OUTPUT: Final = Path("-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be said, how, and into what."""

    text: str
    reading: TextOptions = field(default_factory=TextOptions)
    lexicon: dict[str, str] = field(default_factory=dict)
    speaker: str | None = None
    rate_percent: int = 100
    volume_percent: int = 100
    noise_percent: int = 100
    seed: int = 0
    out: Path | None = None
    """`STANDARD_OUTPUT` is one of them."""
    container: Container | None = None
    """What `out` is; without it, what its name says."""
    codec: Codec | None = None
    """Of the samples in it, where the container leaves a choice."""
    sample_rate: int | None = None
    timing: Path | None = None
    movie: Path | None = None
    avatar: str | None = None
    """Of the movie, like what follows."""
    emotion: str | None = None
    size: int | None = None
    fps: int | None = None


def sound_of(request: Request) -> tuple[Container, Codec]:
    """What `out` is, and the samples in it."""
    if request.container is not None:
        container = request.container
    elif request.out is None or request.out == STANDARD_OUTPUT:
        container = Container.WAV
    else:
        container = container_of(request.out)
    if container is Container.OPUS:
        return container, Codec.OPUS
    return container, request.codec or Codec.PCM_S16LE


def look_of(request: Request) -> Look | None:
    """The pictures of the movie, if there is to be one."""
    if request.movie is None:
        return None
    usual = DEFAULTS[kind_of(request.movie)]
    return Look(request.size or usual.size, request.fps or usual.fps)


def hello(request: Request) -> Hello:
    """What a session is asked for."""
    container, codec = sound_of(request)
    if codec is Codec.OPUS or request.movie is not None:
        # These are made of samples, here and from the first one to the last.
        codec = Codec.PCM_F32LE
    look = look_of(request)
    frames = Frames(mode=FrameMode.SPRITES, size=look.size, fps=look.fps) if look else Frames()
    return Hello(
        speaker=request.speaker,
        rate_percent=request.rate_percent,
        volume_percent=request.volume_percent,
        noise_percent=request.noise_percent,
        lexicon=request.lexicon,
        seed=request.seed,
        audio=AudioFormat(codec=codec, sample_rate=session_rate(container, request.sample_rate)),
        timing=Timing(words=True, phonemes=True),
        frames=frames,
        avatar=request.avatar,
        flow=Flow(mode=FlowMode.OFF),
        text=request.reading,
        persist=False,
    )


# What can be known to be wrong before the work


def check(request: Request) -> None:
    """Raises LipwireError for what cannot be done."""
    for option, value, low, high in (
        ("--rate", request.rate_percent, 50, 200),
        ("--volume", request.volume_percent, 0, 200),
        ("--noise", request.noise_percent, 0, 200),
        ("--seed", request.seed, 0, MAX_INTEGER),
        ("--sample-rate", request.sample_rate, 8_000, 48_000),
        ("--size", request.size, 64, 1_024),
        ("--fps", request.fps, 5, 60),
    ):
        if value is not None and not low <= value <= high:
            raise wrong(f"{option} is {value}; it is a number in {low}..{high}")
    _check_sound(request)
    _check_movie(request)
    _check_places(request)


def _check_sound(request: Request) -> None:
    container, _ = sound_of(request)
    if container is Container.OPUS and request.codec is not None:
        raise wrong(f"an Opus file holds Opus, not {request.codec}: leave --codec out")
    session_rate(container, request.sample_rate)


def _check_movie(request: Request) -> None:
    look = look_of(request)
    if look is None or request.movie is None:
        for option in ("avatar", "emotion", "size", "fps"):
            if getattr(request, option) is not None:
                raise wrong(f"--{option} is for --movie, which was not asked for")
        return
    kind = kind_of(request.movie)
    if look.size % 2 and kind.even:
        raise wrong(f"--size is {look.size}; of a .{kind} it is even")
    if look.fps > kind.fastest:
        raise wrong(f"--fps is {look.fps}; of a .{kind} it is {kind.fastest} at most")
    if request.emotion is not None and request.emotion not in NAMES:
        known = ", ".join(NAMES)
        text = f"no emotion named {request.emotion!r}; there is: {known}"
        raise LipwireError(ErrorCode.NOT_FOUND, text)


def _check_places(request: Request) -> None:
    for option, path in (("--timing", request.timing), ("--movie", request.movie)):
        if path == STANDARD_OUTPUT:
            raise wrong(f"{option} writes a file; standard output is for sound")
    paths = (request.out, request.timing, request.movie)
    files = [path for path in paths if path is not None and path != STANDARD_OUTPUT]
    for path in files:
        is_movie = path is request.movie
        if not (_can_be_movie(path) if is_movie else _can_be_file(path)):
            raise wrong(f"cannot write {path}: {_why_not(path)}")
    if len(files) > len({path.absolute() for path in files}):
        raise wrong("two of --out, --timing and --movie are the same file")


def _can_be_file(path: Path) -> bool:
    return not path.is_dir() and path.absolute().parent.is_dir()


def _can_be_movie(path: Path) -> bool:
    if kind_of(path) is Kind.PNG:
        folder = (path.parent if path.suffix else path).absolute()
        return folder.is_dir() or (not folder.exists() and folder.parent.is_dir())
    # It is moved there, which would replace a pipe or a device.
    return _can_be_file(path) and (path.is_file() or not path.exists())


def _why_not(path: Path) -> str:
    if path.is_dir():
        return "it is a folder"
    parent = path.absolute().parent
    if parent.is_dir():
        return "something else is there"
    return f"there is no folder {parent}; make it first"


def wrong(text: str) -> LipwireError:
    return LipwireError(ErrorCode.BAD_MESSAGE, text)
