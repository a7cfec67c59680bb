import pytest

from lipwire_server.media.kinds import HEAD_BYTES, Kind, kind_of


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", Kind.PNG),
        (b"\xff\xd8\xff\xe0........", Kind.JPEG),
        (b"RIFF\0\0\0\0WEBP", Kind.WEBP),
        (b"RIFF\0\0\0\0WAVE", Kind.WAV),
        (b"RIFF\0\0\0\0AVI ", None),
        (b'<svg xmlns="', None),
        (b"<!DOCTYPE ht", None),
        (b"GIF89a......", None),
        (b"%PDF-1.7....", None),
        (b"", None),
    ],
)
def test_the_first_bytes_tell_what_a_file_is(head: bytes, kind: Kind | None) -> None:
    assert len(head) in (0, HEAD_BYTES)
    assert kind_of(head) is kind


def test_pictures_and_sounds_are_told_apart_and_have_names_of_their_kind() -> None:
    assert [kind for kind in Kind if not kind.is_picture] == [Kind.WAV]
    assert all(suffix.startswith(".") for kind in Kind for suffix in kind.suffixes)
