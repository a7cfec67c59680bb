from pathlib import Path

from lipwire_server.face.movie.draft import Draft


def test_a_file_is_there_when_it_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("older")
    draft = Draft(target)
    draft.path.write_text("newer")
    assert target.read_text() == "older"
    draft.keep()
    draft.drop()
    assert target.read_text() == "newer"
    assert [*tmp_path.iterdir()] == [target]


def test_what_is_dropped_is_gone(tmp_path: Path) -> None:
    draft = Draft(tmp_path / "file")
    draft.drop()
    draft.path.write_text("some of it")
    draft.drop()
    assert not [*tmp_path.iterdir()]
