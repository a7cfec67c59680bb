from pathlib import Path

import pytest

from lipwire_server.__main__ import main
from lipwire_server.access.names import NEARBY
from lipwire_server.config import MEANINGS, VALUES, VARIABLES, Settings, SettingsError

DATA = Path("/default")
GOOD: dict[str, tuple[str, object]] = {
    "data": ("/elsewhere", Path("/elsewhere")),
    "host": ("0.0.0.0", "0.0.0.0"),
    "port": ("0", 0),
    "access": ("keys", "keys"),
    "origins": ("https://a.example, https://b.example", "https://a.example,https://b.example"),
    "per_address": ("0", 0),
    "tls_cert": ("/etc/ssl/a.pem", Path("/etc/ssl/a.pem")),
    "tls_key": ("/etc/ssl/a.key", Path("/etc/ssl/a.key")),
    "database_url": ("postgresql://a@b/c", "postgresql://a@b/c"),
    "pg_bin": ("/usr/lib/postgresql", Path("/usr/lib/postgresql")),
    "pg_user": ("postgres", "postgres"),
    "voice": ("de_DE-eva", "de_DE-eva"),
    "voices": ("~/voices", Path("~/voices").expanduser()),
    "catalogue": ("~/mirror", str(Path("~/mirror").expanduser())),
    "workers": ("3", 3),
    "load_percent": ("50", 50),
    "wait_ms": ("0", 0),
    "cache_mb": ("64", 64),
    "keep_days": ("0", 0),
    "keep_audio_days": ("36500", 36_500),
    "avatar": ("ida", "ida"),
    "avatars": ("/srv/faces", Path("/srv/faces")),
    "full_frames": ("0", 0),
    "pictures_mb": ("16", 16),
    "log_level": ("WARNING", "warning"),
    "log_format": ("json", "json"),
}


def read(**environ: str) -> Settings:
    return Settings.read(environ, DATA)


def test_without_variables_there_are_defaults() -> None:
    assert read() == Settings(data=DATA)
    assert read(PATH="/bin", HOME="/root") == Settings(data=DATA)


def test_every_setting_is_tried_here_and_has_a_meaning() -> None:
    assert set(GOOD) == set(VARIABLES) == set(MEANINGS) == set(VALUES)


@pytest.mark.parametrize("field", GOOD)
def test_every_setting_is_read_from_its_variable(field: str) -> None:
    text, value = GOOD[field]
    settings = read(**{VARIABLES[field]: text})
    assert getattr(settings, field) == value
    others = [name for name in GOOD if name != field]
    defaults = Settings(data=DATA)
    assert all(getattr(settings, name) == getattr(defaults, name) for name in others)


@pytest.mark.parametrize("field", GOOD)
def test_an_empty_variable_is_none(field: str) -> None:
    assert read(**{VARIABLES[field]: ""}) == Settings(data=DATA)


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("LIPWIRE_PORT", "http"),
        ("LIPWIRE_PORT", "-1"),
        ("LIPWIRE_PORT", "65536"),
        ("LIPWIRE_PORT", "80.0"),
        ("LIPWIRE_PORT", "٨٠"),
        ("LIPWIRE_PORT", "9" * 5_000),
        ("LIPWIRE_WORKERS", "0"),
        ("LIPWIRE_WORKERS", "257"),
        ("LIPWIRE_WORKERS", "many"),
        ("LIPWIRE_KEEP_DAYS", "36501"),
        ("LIPWIRE_KEEP_DAYS", "for ever"),
        ("LIPWIRE_KEEP_AUDIO_DAYS", "1.5"),
        ("LIPWIRE_LOG_LEVEL", "loud"),
        ("LIPWIRE_CATALOGUE", "ftp://somewhere"),
        ("DATABASE_URL", "mysql://a:secret@b/c"),
        ("DATABASE_URL", "host=b password=secret"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_by_the_variables_name(
    variable: str, text: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        read(**{variable: text})
    assert variable in str(caught.value)
    assert "secret" not in str(caught.value)


def test_what_was_typed_goes_before_the_environment_and_is_refused_by_the_options_name() -> None:
    environ = {"LIPWIRE_KEEP_DAYS": "many", "LIPWIRE_PORT": "1"}
    settings = Settings.read(environ, DATA, {"keep_days": "2", "port": ""})
    assert (settings.keep_days, settings.port) == (2, 8_000)
    with pytest.raises(SettingsError, match=r"^--keep-days is 'few'; "):
        Settings.read(environ, DATA, {"keep_days": "few"})
    with pytest.raises(SettingsError, match=r"^LIPWIRE_KEEP_DAYS is 'many'"):
        Settings.read(environ, DATA, {"port": "2"})


def test_a_misspelt_variable_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        SettingsError, match=r"LIPWIRE_PROT \(is it LIPWIRE_PORT\?\); there is"
    ) as caught:
        read(LIPWIRE_PROT="80")
    assert all(variable in str(caught.value) for variable in VARIABLES.values())


def test_help_lists_every_variable(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    shown = capsys.readouterr().out
    assert caught.value.code == 0
    assert all(f"  {variable} " in shown for variable in VARIABLES.values())
    assert all(meaning in shown for meaning in MEANINGS.values())


@pytest.mark.parametrize(
    ("host", "access", "locked"),
    [
        ("127.0.0.1", "auto", False),
        ("::1", "auto", False),
        ("localhost", "auto", False),
        ("0.0.0.0", "auto", True),
        ("192.168.0.7", "auto", True),
        ("speech.example", "auto", True),
        ("0.0.0.0", "open", False),
        ("127.0.0.1", "keys", True),
    ],
)
def test_who_can_be_reached_from_elsewhere_wants_keys_unless_told_otherwise(
    host: str, access: str, locked: bool
) -> None:
    assert read(LIPWIRE_HOST=host, LIPWIRE_ACCESS=access).locked is locked


@pytest.mark.parametrize(
    ("host", "access", "origins", "names"),
    [
        ("127.0.0.1", "auto", "", set()),
        ("::1", "open", "https://app.example:8443", {"app.example"}),
        ("127.0.0.1", "keys", "", None),
        ("0.0.0.0", "open", "", {"0.0.0.0", *NEARBY}),
        ("box.example", "open", "https://app.example", {"app.example", "box.example", *NEARBY}),
        ("0.0.0.0", "open", "*", None),
        ("0.0.0.0", "auto", "", None),
        ("127.0.0.1", "auto", "*", None),
    ],
)
def test_who_needs_no_key_at_this_machine_asks_it_by_a_name_of_its_own(
    host: str, access: str, origins: str, names: set[str] | None
) -> None:
    settings = read(LIPWIRE_HOST=host, LIPWIRE_ACCESS=access, LIPWIRE_ORIGINS=origins)
    assert settings.own_names == names
