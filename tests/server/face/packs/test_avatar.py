from lipwire_server.face.packs.avatar import Avatar
from tests.tiny_avatar import tiny_avatar


def test_equal_avatars_have_equal_keys() -> None:
    avatar = tiny_avatar()
    turned = dict(reversed([*avatar.files.items()]))
    assert Avatar.of(avatar.manifest, turned).key == avatar.key
    assert tiny_avatar(pivot=(32.0, 46.0)).key == avatar.key
    assert len(avatar.key) == 32


def test_another_title_or_another_picture_is_another_avatar() -> None:
    avatar = tiny_avatar()
    name = next(iter(avatar.files))
    others = [
        tiny_avatar(title="Somebody else"),
        Avatar.of(avatar.manifest, {**avatar.files, name: b"other"}),
        Avatar.of(avatar.manifest, {f"{name}2": avatar.files[name]}),
    ]
    assert len({avatar.key, *(other.key for other in others)}) == 4
