import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lipwire_server.__main__ import main
from tests.server.speech.voices.catalogues import KERSTIN, TUGAO, write_mirror
from tests.tiny_voice import NAME, write_tiny_voice


@pytest.fixture(autouse=True)
def ground(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings from outside."""
    for name in [*os.environ]:
        if name.startswith("LIPWIRE_") or name == "DATABASE_URL":
            monkeypatch.delenv(name)


@pytest.fixture
def voices(tmp_path: Path) -> list[str]:
    write_tiny_voice(tmp_path)
    return ["--voice", NAME, "--voices", str(tmp_path)]


def run(*arguments: str) -> int | str | None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    return caught.value.code


def test_say_writes_a_file_and_a_line(
    voices: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.wav"
    assert run("say", "Hello there.", "--out", str(out), *voices) == 0
    shown = capsys.readouterr()
    assert f"s: {out}\n" in shown.out
    assert shown.err == ""
    assert out.stat().st_size > 1_000


def timing_of(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


def piped(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Standard input as a machine has it that speaks no UTF-8."""
    stdin = io.TextIOWrapper(io.BytesIO(data), "ascii", errors="surrogateescape")
    monkeypatch.setattr(sys, "stdin", stdin)


def test_standard_input_is_utf_8_whatever_the_machine_speaks(
    voices: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timing = tmp_path / "timing.json"
    piped(monkeypatch, "\ufeffUn café.\r\nDeux.".encode())
    assert run("say", "-", "--timing", str(timing), *voices) == 0
    assert timing_of(timing)["text"] == "Un café.\nDeux."


def test_say_reads_a_file(
    voices: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, timing = tmp_path / "text.md", tmp_path / "timing.json"
    source.write_bytes("\ufeffHello **there**. 🎉".encode())
    arguments = ["say", "--file", str(source), "--timing", str(timing), *voices]
    assert run(*arguments, "--markdown") == 0
    assert [word["text"] for word in timing_of(timing)["words"]] == ["Hello", "there"]
    assert timing_of(timing)["text"].startswith("Hello")
    assert run("say", "Hello.", *arguments[1:]) == 2
    assert "not allowed with argument" in capsys.readouterr().err


def test_markup_is_markdown_or_ssml(
    voices: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    timing = tmp_path / "timing.json"
    text = "<speak>Hello <mark name='here'/>there.</speak>"
    assert run("say", text, "--ssml", "--timing", str(timing), *voices) == 0
    assert [mark["name"] for mark in timing_of(timing)["marks"]] == ["here"]
    assert run("say", text, "--ssml", "--markdown", *voices) == 2
    assert "not allowed with argument" in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ['{"SQL": "sequel"}', "# mine\nSQL = sequel\n"], ids=["JSON", "lines"]
)
def test_say_reads_a_lexicon(voices: list[str], tmp_path: Path, text: str) -> None:
    lexicon, plain, taught = (tmp_path / name for name in ("words", "plain.json", "taught.json"))
    lexicon.write_text(text, "utf-8")
    assert run("say", "SQL.", "--timing", str(plain), *voices) == 0
    told = ["--timing", str(taught), "--lexicon", str(lexicon)]
    assert run("say", "SQL.", *told, *voices) == 0
    assert [word["text"] for word in timing_of(taught)["words"]] == ["SQL"]
    assert timing_of(taught)["phonemes"] != timing_of(plain)["phonemes"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"SQL: sequel", 'line 1: there is no "="'),
        (b"a = b\nSQL =", "line 2: nothing follows"),
        (b'{"SQL": 1}', "'SQL' is no text"),
        (b'{"SQL"', "this is no JSON"),
        (b"caf\xe9 = x", "this is no UTF-8"),
        (None, "cannot read"),
    ],
)
def test_a_lexicon_that_is_none_is_one_line_that_says_where(
    voices: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: bytes | None,
    complaint: str,
) -> None:
    lexicon = tmp_path / "words.txt"
    if content is not None:
        lexicon.write_bytes(content)
    assert run("say", "SQL.", "--lexicon", str(lexicon), *voices) == 1
    shown = capsys.readouterr().err
    assert shown.startswith("lipwire: ") and shown.count("\n") == 1
    assert str(lexicon) in shown and complaint in shown


class Output(io.TextIOWrapper):
    """Standard output whose bytes stay: a pipe, or a terminal."""

    def __init__(self, *, is_terminal: bool) -> None:
        self.bytes = io.BytesIO()
        super().__init__(self.bytes, "utf-8")
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


def test_a_terminal_gets_no_sound(
    voices: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Output(is_terminal=True)
    monkeypatch.setattr(sys, "stdout", terminal)
    for form in ("wav", "raw", "opus"):
        assert run("say", "Hello.", "--out", "-", "--format", form, *voices) == 1
        assert "a terminal plays no sound" in capsys.readouterr().err
    assert terminal.bytes.getvalue() == b""


def test_a_pipe_gets_sound_and_nothing_else(
    voices: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe = Output(is_terminal=False)
    monkeypatch.setattr(sys, "stdout", pipe)
    assert run("say", "Hello.", "--out", "-", *voices) == 0
    data = pipe.bytes.getvalue()
    assert data.startswith(b"RIFF") and len(data) > 1_000
    assert b"of speech" not in data
    assert capsys.readouterr().err.endswith("standard output\n")


def test_a_suffix_that_no_sound_has_is_told_before_the_work(
    voices: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "hello.mp3"
    assert run("say", "Hello.", "--out", str(out), *voices) == 1
    shown = capsys.readouterr().err
    assert "hello.mp3 ends with .mp3" in shown and ".opus" in shown and "--format" in shown
    assert not out.exists()
    assert run("say", "Hello.", "--out", str(out), "--format", "wav", *voices) == 0
    assert out.read_bytes().startswith(b"RIFF")


def test_an_error_is_one_line_and_status_1(
    voices: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in (
        ["say", "...", *voices],
        ["say", "Hello.", "--rate", "1000", *voices],
        ["say", "Hello.", "--sample-rate", "7999", *voices],
        ["say", "Hello.", "--speaker", "nobody", *voices],
        ["say", "Hello.", "--out", "a.opus", "--codec", "mulaw", *voices],
        ["say", "Hello.", "--out", "a.opus", "--sample-rate", "22050", *voices],
        ["say", "Hello.", "--timing", "-", *voices],
        ["say", "--file", str(tmp_path / "nowhere"), *voices],
        ["say", "--file", str(tmp_path), *voices],
        ["say", "Hello.", "--out", str(tmp_path / "no" / "where"), *voices],
        ["say", "Hello.", "--voice", "nobody"],
        ["say", "Hello.", "--voices", str(tmp_path / "nowhere")],
        ["serve", "--port", "70000"],
        ["serve", "--host", "not a host"],
        ["serve", "--workers", "0"],
        ["voices", "--voices", str(tmp_path / "nowhere")],
        ["voices", "search", "--catalogue", str(tmp_path / "nowhere")],
        ["voices", "download", "nobody", "--catalogue", str(tmp_path / "nowhere")],
        ["voices", "remove", "nobody", "--data", str(tmp_path / "nowhere")],
    ):
        assert run(*arguments) == 1, arguments
        shown = capsys.readouterr()
        assert shown.out == ""
        assert shown.err.startswith("lipwire: ")
        assert shown.err.count("\n") == 1, shown.err


def test_text_that_is_no_utf_8_is_one_line_that_says_what_to_do(
    voices: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source = tmp_path / "latin.txt"
    source.write_bytes(b"caf\xe9")
    piped(monkeypatch, b"caf\xe9")
    for arguments, name in ((["-"], "standard input"), (["--file", str(source)], str(source))):
        assert run("say", *arguments, *voices) == 1
        expected = f"lipwire: {name} is no UTF-8 text; save it as UTF-8\n"
        assert capsys.readouterr().err == expected


def test_a_misspelt_variable_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIPWIRE_PROT", "1")
    assert run("voices") == 1
    assert "unknown setting LIPWIRE_PROT" in capsys.readouterr().err


def test_options_go_before_the_environment(
    voices: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIPWIRE_VOICE", "nobody")
    assert run("say", "Hello.", *voices) == 0
    capsys.readouterr()
    assert run("say", "Hello.", *voices[2:]) == 1
    assert "nobody" in capsys.readouterr().err


def test_voices_are_listed_with_the_default_one_marked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (NAME, "de_DE-other"):
        write_tiny_voice(tmp_path, name)
    monkeypatch.setenv("LIPWIRE_VOICES", str(tmp_path))
    monkeypatch.setenv("LIPWIRE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LIPWIRE_VOICE", NAME)
    assert run("voices") == 0
    _, *lines = capsys.readouterr().out.splitlines()
    assert [line[:2] for line in lines] == ["  ", "  ", "* "]
    assert [line[2:].split()[0] for line in lines] == ["de_DE-other", "en_US-joe-medium", NAME]


def test_what_is_listed_is_json_wherever_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIPWIRE_DATA", str(tmp_path))
    told = []
    for words in (["--json"], ["--json", "list"], ["list", "--json"]):
        assert run("voices", *words) == 0
        told.append(json.loads(capsys.readouterr().out))
    assert told[0] == told[1] == told[2]
    assert run("voices", "list") == 0
    assert capsys.readouterr().out.startswith("  name")


def test_a_voice_comes_speaks_and_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIPWIRE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LIPWIRE_CATALOGUE", str(write_mirror(tmp_path / "mirror")))
    assert run("voices", "search", "--language", "de") == 0
    assert KERSTIN in capsys.readouterr().out
    assert run("voices", "download", "kerstin") == 0
    assert KERSTIN in capsys.readouterr().out
    assert run("voices", "--voice", KERSTIN) == 0
    assert f"* {KERSTIN}" in capsys.readouterr().out
    assert run("voices", "remove", KERSTIN) == 0
    capsys.readouterr()
    assert run("voices") == 0
    assert KERSTIN not in capsys.readouterr().out


def test_nothing_is_wrong_with_a_terminal_of_few_letters_and_a_reader_that_stops_early(
    tmp_path: Path,
) -> None:
    mirror = write_mirror(tmp_path / "mirror", TUGAO)
    command = [sys.executable, "-m", "lipwire_server", "voices", "search"]
    environ = os.environ | {
        "LIPWIRE_CATALOGUE": str(mirror),
        "LIPWIRE_DATA": str(tmp_path / "data"),
        "PYTHONIOENCODING": "ascii",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    shown = subprocess.run(command, env=environ, capture_output=True)
    assert b"pt_PT-tug?o-medium" in shown.stdout
    reading, writing = os.pipe()
    os.close(reading)
    cut = subprocess.run(command, env=environ, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (shown.stderr, cut.stderr) == (b"", b"")
    assert (shown.returncode, cut.returncode) == (0, 0)


def test_options_before_a_command_within_a_command_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIPWIRE_DATA", str(tmp_path / "data"))
    mirror = write_mirror(tmp_path / "mirror", KERSTIN)
    assert run("voices", "--catalogue", str(mirror), "--json", "search") == 0
    assert [offer["name"] for offer in json.loads(capsys.readouterr().out)] == [KERSTIN]


@pytest.mark.parametrize(
    "arguments",
    [
        ["sing"],
        ["serve", "--prot", "1"],
        ["say"],
        ["say", "Hello.", "--format", "mp3"],
        ["say", "Hello.", "--codec", "opus"],
        ["say", "Hello.", "--rate", "fast"],
        ["voices", "sing"],
        ["voices", "download"],
        ["voices", "remove"],
    ],
    ids=str,
)
def test_arguments_that_make_no_sense_show_the_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    assert "usage: lipwire" in capsys.readouterr().err


def test_help_says_what_a_command_does_and_what_its_values_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for command in ("serve", "say", "voices", "avatar", "db", "keys", "top", "load", "doctor"):
        assert run(command, "--help") == 0
        usage, about, *_ = capsys.readouterr().out.split("\n\n")
        assert usage.startswith(f"usage: lipwire {command} ") and "VALUE" not in usage
        assert about.endswith(".")


def test_help_of_a_command_without_a_server_says_nothing_of_sessions(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for command in ("say", "voices", "avatar"):
        assert run(command, "--help") == 0
        shown = capsys.readouterr().out
        assert "--avatars FOLDER" in shown or "--voices FOLDER" in shown
        assert "session" not in shown


def test_a_value_that_was_typed_is_refused_by_the_options_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("voices", "--catalogue", "ftp://x") == 1
    assert capsys.readouterr().err.startswith("lipwire: --catalogue is 'ftp://x'; ")


def test_without_a_command_the_help_is_seen_beside_what_comes_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("--help") == 0
    helped = capsys.readouterr().out
    assert run() == 2
    assert capsys.readouterr() == ("", helped)


def test_the_version_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out.startswith("lipwire ")


def test_an_account_without_a_home_keeps_its_data_where_all_can(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def homeless(name: str) -> Path:
        raise RuntimeError("could not determine the home directory")

    monkeypatch.setattr("platformdirs.user_data_path", homeless)
    monkeypatch.setattr("os.geteuid", lambda: 54_321)
    assert run("--help") == 0
    assert "sessions are kept in /var/lib/lipwire." in capsys.readouterr().out
