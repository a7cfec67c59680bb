"""What can be said to `lipwire say`."""

import argparse
import io
import sys
from pathlib import Path
from typing import Final, TextIO

from lipwire_protocol import Codec, ErrorCode, LipwireError, TextOptions, Treatment, Urls

from .config import Settings
from .face.emotions import NAMES
from .options import DOWNLOADS, add_settings
from .saying import STANDARD_OUTPUT, Request, say
from .speech.audio.files import Container
from .speech.text.lexicon_file import read_lexicon

__all__ = ["add"]

_EXAMPLES: Final = """\
examples:
  lipwire say "Hello there." --out hello.wav
  lipwire say "Hello there." --out - | aplay
  lipwire say --file answer.md --markdown --out answer.opus --timing answer.json
  lipwire say "My SQL is rusty." --lexicon words.txt --rate 120 --out sql.wav
  lipwire say '<speak>One<break time="1s"/>two.</speak>' --ssml --out pause.wav
  lipwire say "Your call matters." --codec mulaw --sample-rate 8000 --out call.wav
  lipwire say "Hello there." --movie hello.mp4
  lipwire say "Good news." --movie news.webm --avatar ida --emotion happy --size 256
  lipwire say "Hello there." --movie frames/ --fps 30 --timing hello.json

docs/speech.md and docs/movies.md say more about each of them.
"""

_CLEANED: Final = TextOptions(
    markdown=Treatment.STRIP, emoji=Treatment.STRIP, code=Treatment.STRIP, urls=Urls.HOST
)
"""What `--markdown` is."""


def add(parser: argparse.ArgumentParser) -> None:
    """`act` of the parsed options is what to do: it is given settings, options and an output."""
    parser.description = (
        "Speaks a text into a sound file, a movie, or to a player. Needs no server."
    )
    parser.epilog = _EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("text", nargs="?", help="what to say; - reads standard input")
    source.add_argument("--file", type=Path, help="file with what to say", metavar="FILE")
    _add_reading(parser.add_argument_group("how the text is read"))
    _add_manner(parser.add_argument_group("how it is said"))
    _add_results(parser.add_argument_group("what comes out"))
    _add_movie(parser.add_argument_group("a movie of it"))
    add_settings(parser, "voices", "avatars", "workers", data=DOWNLOADS)
    parser.set_defaults(act=_say)


def _add_reading(group: argparse._ArgumentGroup) -> None:
    markup = group.add_mutually_exclusive_group()
    markup.add_argument(
        "--markdown",
        action="store_true",
        help="say what a reader of the page sees: no marks, no emoji, no blocks of code, and of an"
        " address its host",
    )
    markup.add_argument("--ssml", action="store_true", help="the text is SSML")
    group.add_argument(
        "--lexicon",
        type=Path,
        help="how words are pronounced: a JSON object, or lines of `word = how to say it`",
        metavar="FILE",
    )


def _add_manner(group: argparse._ArgumentGroup) -> None:
    add_settings(group, voice="whose voice (en_US-joe-medium)")
    group.add_argument("--speaker", help="which one, of a voice with several", metavar="NAME")
    for name, default, text in (
        ("rate", 100, "speed in percent, 50 to 200"),
        ("volume", 100, "loudness in percent, 0 to 200; what gets too loud is clipped"),
        ("noise", 100, "how much chance is in the voice, in percent, 0 to 200"),
        ("seed", 0, "another number, another reading"),
    ):
        group.add_argument(
            f"--{name}", type=int, default=default, help=f"{text} ({default})", metavar="N"
        )


def _add_results(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--out",
        type=Path,
        help="sound file: .wav, .opus, .ogg, or .raw for samples alone; - is standard output",
        metavar="FILE",
    )
    group.add_argument(
        "--format", choices=[*Container], help="what the file is, whatever its name", type=Container
    )
    group.add_argument(
        "--codec",
        choices=[codec for codec in Codec if codec is not Codec.OPUS],
        type=Codec,
        help="samples in a .wav or .raw (pcm_s16le)",
    )
    group.add_argument(
        "--sample-rate",
        type=int,
        help="8000 to 48000 (the voice's own; of Opus 48000)",
        metavar="HZ",
    )
    group.add_argument(
        "--timing",
        type=Path,
        help="JSON file with words, phonemes, visemes and marks, in samples of the sound",
        metavar="FILE",
    )


def _add_movie(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--movie",
        type=Path,
        help="a face that says it: .mp4, .webm, .gif or .webp (these two are silent); a folder is"
        " for PNG pictures and speech.wav",
        metavar="FILE",
    )
    group.add_argument("--avatar", help="whose face (joe)", metavar="NAME")
    group.add_argument("--emotion", choices=NAMES, help="how it feels (neutral)")
    group.add_argument(
        "--size", type=int, help="width and height, 64 to 1024 (512; of a GIF 320)", metavar="PX"
    )
    group.add_argument(
        "--fps", type=int, help="pictures in a second, 5 to 60 (25; of a GIF 20)", metavar="N"
    )


async def _say(settings: Settings, options: argparse.Namespace, out: TextIO) -> None:
    is_piped = options.out == STANDARD_OUTPUT
    if is_piped and sys.stdout.isatty():
        raise LipwireError(
            ErrorCode.BAD_MESSAGE,
            "a terminal plays no sound: send it on, for example with `| aplay`, or name a file",
        )
    request = Request(
        text=_text(options),
        reading=_CLEANED if options.markdown else TextOptions(ssml=options.ssml),
        lexicon=read_lexicon(options.lexicon) if options.lexicon else {},
        speaker=options.speaker,
        rate_percent=options.rate,
        volume_percent=options.volume,
        noise_percent=options.noise,
        seed=options.seed,
        out=options.out,
        container=options.format,
        codec=options.codec,
        sample_rate=options.sample_rate,
        timing=options.timing,
        movie=options.movie,
        avatar=options.avatar,
        emotion=options.emotion,
        size=options.size,
        fps=options.fps,
    )
    line = await say(settings, request, stdout=out.buffer, err=sys.stderr)
    (sys.stderr if is_piped else out).write(f"{line}\n")


def _text(options: argparse.Namespace) -> str:
    """What to say. Of text that comes as bytes it does not matter what this machine speaks."""
    if options.file is None and options.text != "-":
        return str(options.text)
    source = options.file or "standard input"
    try:
        data = options.file.read_bytes() if options.file else sys.stdin.buffer.read()
        # Lines end with \n, wherever it was written.
        return io.TextIOWrapper(io.BytesIO(data), "utf-8-sig").read()
    except UnicodeDecodeError as error:
        fault = f"{source} is no UTF-8 text; save it as UTF-8"
        raise LipwireError(ErrorCode.BAD_MESSAGE, fault) from error
    except OSError as error:
        fault = f"cannot read {source}: {error.strerror}"
        raise LipwireError(ErrorCode.BAD_MESSAGE, fault) from error
