import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol.errors import ErrorCode, LipwireError
from lipwire_server.speech.voices.catalogue import Catalogue, File, Offer

from .catalogues import JOE, KERSTIN, LESSAC, TUGAO, entry

MD5 = "0123456789abcdef0123456789ABCDEF"
RYAN = ["en_US-ryan-high", "en_US-ryan-low", "en_US-ryan-medium"]
NAMES = [LESSAC, JOE, KERSTIN, TUGAO, *RYAN]


def files(name: str, folder: str = "some/where") -> dict[str, Any]:
    return {
        f"{folder}/{name}.onnx": {"size_bytes": 1000, "md5_digest": MD5},
        f"{folder}/{name}.onnx.json": {"size_bytes": 10, "md5_digest": MD5},
        f"{folder}/MODEL_CARD": {"size_bytes": 5, "md5_digest": MD5},
        f"{folder}/samples/speaker_0.mp3": {"size_bytes": 99, "md5_digest": MD5},
    }


def parse(entries: object) -> Catalogue:
    return Catalogue.parse(json.dumps(entries).encode())


def one(**changes: object) -> Offer | None:
    """What is offered by a changed entry; beside another one, as none at all is an error."""
    raw = entry(LESSAC, files(LESSAC)) | changes
    return parse({JOE: entry(JOE, files(JOE)), LESSAC: raw}).offers.get(LESSAC)


@pytest.fixture
def catalogue() -> Catalogue:
    entries = {name: entry(name, files(name)) for name in NAMES}
    entries[KERSTIN]["aliases"] = ["de-kerstin-low"]
    return parse(entries)


def test_an_offer_has_what_the_catalogue_says() -> None:
    assert one(num_speakers=3, aliases=["lessac"]) == Offer(
        name=LESSAC,
        key=LESSAC,
        language="en_US",
        language_name="English (United States)",
        quality="medium",
        speakers=3,
        aliases=("lessac",),
        model=File(f"some/where/{LESSAC}.onnx", 1000, MD5.lower()),
        config=File(f"some/where/{LESSAC}.onnx.json", 10, MD5.lower()),
        card=File("some/where/MODEL_CARD", 5, MD5.lower()),
    )


def test_a_voice_is_named_like_its_files() -> None:
    offers = parse({"another key": entry(LESSAC, files(LESSAC))}).offers
    assert offers[LESSAC].key == "another key"


@pytest.mark.parametrize(
    "wanted",
    [KERSTIN, "de-kerstin-low", "kerstin", "KERSTIN", "de de kerstin", "DE_DE-kerstin-low"],
)
def test_a_voice_is_found_by_name_alias_or_a_part_that_only_it_has(
    catalogue: Catalogue, wanted: str
) -> None:
    assert catalogue.find(wanted).name == KERSTIN


def test_a_name_goes_before_an_alias_and_both_before_a_part() -> None:
    entries = {name: entry(name, files(name)) for name in (JOE, LESSAC)}
    entries[JOE]["aliases"] = [LESSAC, "medium"]
    catalogue = parse(entries)
    assert catalogue.find(LESSAC).name == LESSAC
    assert catalogue.find("medium").name == JOE


def test_a_part_that_several_have_is_answered_with_them(catalogue: Catalogue) -> None:
    with pytest.raises(LipwireError) as caught:
        catalogue.find("ryan")
    assert all(name in str(caught.value) for name in RYAN)
    assert caught.value.code is ErrorCode.NOT_FOUND


def test_an_answer_does_not_list_a_whole_catalogue() -> None:
    many = [f"en_US-voice{number}-low" for number in range(300)]
    with pytest.raises(LipwireError, match="290 more") as caught:
        parse({name: entry(name, files(name)) for name in many}).find("voice")
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize(
    ("wanted", "meant"), [("lesac", LESSAC), ("kirsten", KERSTIN), ("en_US-jo-medium", JOE)]
)
def test_a_misspelt_name_is_answered_with_a_close_one(
    catalogue: Catalogue, wanted: str, meant: str
) -> None:
    with pytest.raises(LipwireError, match=f"is it .*{meant}"):
        catalogue.find(wanted)


@pytest.mark.parametrize("wanted", ["", " ", "-", "x" * 1_000_000, "../../etc/passwd"])
def test_a_name_that_is_like_no_other_is_answered_in_a_line(
    catalogue: Catalogue, wanted: str
) -> None:
    with pytest.raises(LipwireError, match="voices search") as caught:
        catalogue.find(wanted)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "language", "names"),
    [
        ("", None, sorted(NAMES)),
        ("lessac", None, [LESSAC]),
        ("portug", None, [TUGAO]),
        ("united ryan", None, RYAN),
        ("HIGH", None, RYAN[:1]),
        ("de-kerstin", None, [KERSTIN]),
        ("", "de", [KERSTIN]),
        ("", "de_DE", [KERSTIN]),
        ("", "de-de", [KERSTIN]),
        ("", "german", [KERSTIN]),
        ("", "d", []),
        ("ryan", "de", []),
        ("low", "en", RYAN[1:2]),
    ],
)
def test_a_search_is_for_words_and_languages(
    catalogue: Catalogue, text: str, language: str | None, names: list[str]
) -> None:
    assert [offer.name for offer in catalogue.search(text, language)] == names


@pytest.mark.parametrize(
    "path",
    [
        f"../{LESSAC}.onnx",
        f"some/../../{LESSAC}.onnx",
        f"/etc/{LESSAC}.onnx",
        f"//host/{LESSAC}.onnx",
        f"http://host/{LESSAC}.onnx",
        f"some\\where\\{LESSAC}.onnx",
        f"some//{LESSAC}.onnx",
        f".hidden/{LESSAC}.onnx",
        f"some/where/{LESSAC}.onnx?x",
        f"some/where/{LESSAC}.onnx\n",
        f"some/where/{LESSAC}\x00.onnx",
        f"some/where/{LESSAC}.ONNX",
        "some/where/.onnx",
        f"some/where/{'x' * 101}.onnx",
    ],
)
def test_a_path_that_leads_elsewhere_is_not_offered(path: str) -> None:
    good = {"size_bytes": 1, "md5_digest": MD5}
    assert one(files={path: good, f"{path}.json": good}) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"size_bytes": 0, "md5_digest": MD5},
        {"size_bytes": -1, "md5_digest": MD5},
        {"size_bytes": 1 << 40, "md5_digest": MD5},
        {"size_bytes": "1", "md5_digest": MD5},
        {"size_bytes": 1, "md5_digest": "f00"},
        {"size_bytes": 1, "md5_digest": f"{MD5}\n"},
        {"size_bytes": 1},
        None,
    ],
)
def test_a_file_without_size_or_checksum_is_not_offered(wrong: object) -> None:
    assert one(files=files(LESSAC) | {f"some/where/{LESSAC}.onnx": wrong}) is None


@pytest.mark.parametrize(
    "changes",
    [{"files": {}}, {"files": []}, {"language": None}, {"num_speakers": 0}, {"aliases": [1]}],
)
def test_an_entry_that_is_not_as_it_should_be_is_left_out(changes: dict[str, object]) -> None:
    assert one(**changes) is None


def test_what_is_not_told_is_not_needed() -> None:
    raw = {"language": {"code": "xx"}, "files": files(LESSAC)}
    offer = parse({LESSAC: raw}).offers[LESSAC]
    assert (offer.language_name, offer.quality, offer.speakers) == ("xx", "", 1)


def test_names_in_the_catalogue_cannot_move_the_cursor() -> None:
    offer = one(quality="\x1b[2Jhigh", language={"code": "en", "name_english": "Eng\rlish"})
    assert offer is not None
    assert (offer.quality, offer.language_name) == ("?[2Jhigh", "Eng?lish")


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"[]", b"{}", b'{"a": 1}', b"\xff", b"[" * 100_000, b'{"\xff": 1}']
)
def test_what_is_no_catalogue_is_refused(content: bytes) -> None:
    with pytest.raises(LipwireError, match="no catalogue") as caught:
        Catalogue.parse(content)
    assert caught.value.code is ErrorCode.UNSUPPORTED


texts = st.text("aé./\\-_ \x00\x1b", max_size=20)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*entry(LESSAC, {})]), json_values))
def test_any_entry_is_offered_or_left_out(changes: dict[str, Any]) -> None:
    offer = one(**changes)
    assert offer is None or offer.name == LESSAC


@given(texts)
def test_any_path_is_left_out_or_stays_below(folder: str) -> None:
    offer = one(files=files(LESSAC, folder))
    if offer is not None:
        assert ".." not in offer.model.path.split("/")
        assert not offer.model.path.startswith("/")
