"""What a text sounds like, with a fake voice; the database is away all the time."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.lipsync.exports.formats import FORMATS
from tests.fakes import WIRE_VOICE, FakeSynthesis
from tests.server.http.speakers import RATE, Speakers, speakers

TEXT = "Hello there. Good bye."
ADDRESSES = ("/v1/phonemes", "/v1/phonemes/timing", "/v1/lipsync/preview")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Speakers]:
    async with speakers(tmp_path, None) as house:
        yield house


async def told(house: Speakers, address: str, **body: Any) -> Any:
    answer = await house.client.post(address, json={"text": TEXT, **body})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_text_is_told_in_phonemes_and_the_words_they_are_of(house: Speakers) -> None:
    heard = await told(house, "/v1/phonemes")
    assert [word["text"] for word in heard["words"]] == ["Hello", "there", "Good", "bye"]
    assert [TEXT[word["begin"] : word["end"]] for word in heard["words"]] == [
        word["text"] for word in heard["words"]
    ]
    symbols = "".join(p["symbol"] for p in heard["phonemes"] if p["word"] == 2)
    assert symbols == "Good"
    assert heard["voice"] == "fake"


async def test_their_times_are_contiguous_samples(house: Speakers) -> None:
    heard = await told(house, "/v1/phonemes/timing")
    assert heard["sample_rate"] == RATE
    at = 0
    for phoneme in heard["phonemes"]:
        assert phoneme["start"] == at
        at += phoneme["count"]
    assert at == heard["samples"] == 2_100


async def test_a_preview_tells_what_the_mouth_does(house: Speakers) -> None:
    seen = await told(house, "/v1/lipsync/preview", weights={"set": "arkit", "fps": 20})
    assert set(seen["visemes"]) == {"oculus"}
    assert sum(shape["count"] for shape in seen["visemes"]["oculus"]) == seen["samples"]
    track = seen["weights"]["arkit"]
    assert track["fps"] == 20
    assert "jawOpen" in track["shapes"]
    assert len(track["frames"]) == -(-seen["samples"] * 20 // RATE)
    assert {len(row) for row in track["frames"]} == {len(track["shapes"])}


async def test_only_the_sets_that_are_asked_for_are_told(house: Speakers) -> None:
    seen = await told(house, "/v1/lipsync/preview", sets=[])
    assert seen["visemes"] == {} and seen["weights"] == {}


@pytest.mark.parametrize("name", ["json", "csv", "srt", "webvtt", "webvtt_words"])
async def test_a_preview_may_be_a_file_for_another_program(house: Speakers, name: str) -> None:
    answer = await house.client.post(f"/v1/lipsync/preview?format={name}", json={"text": TEXT})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(FORMATS[name].mime.partition(";")[0])
    assert "Good" in answer.text
    if name == "json":
        assert json.loads(answer.text)["count"] == 2_100


async def test_a_format_brings_the_weights_that_it_needs(house: Speakers) -> None:
    address = "/v1/lipsync/preview?format=azure_blend_shapes"
    answer = await house.client.post(address, json={"text": TEXT})
    assert answer.status_code == 200
    assert all(json.loads(line) for line in answer.text.splitlines())


async def test_no_sound_is_made_and_nothing_is_stored(house: Speakers) -> None:
    for address in ADDRESSES:
        await told(house, address)
    assert house.synthesis.cancelled == house.synthesis.jobs
    assert house.synthesis.seated == 0


async def test_how_it_is_said_goes_to_the_voice(house: Speakers) -> None:
    await told(
        house,
        "/v1/phonemes",
        text="Hi **Bob**.",
        rate_percent=150,
        seed=3,
        noise_percent=0,
        lexicon={"Bob": "Robert"},
        text_options={"markdown": "strip"},
    )
    (job,) = house.synthesis.jobs
    assert (job.text, job.rate_percent, job.seed, job.noise_percent) == ("Hi Robert.", 150, 3, 0)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    ("body", "status", "code", "detail"),
    [
        ({}, 400, "bad_message", "`text`"),
        ({"text": 7}, 400, "bad_message", "$.text"),
        ({"text": "Hi", "rate_percent": 900}, 400, "bad_message", "$.rate_percent"),
        ({"text": "Hi", "voise": "joe"}, 400, "bad_message", "voise"),
        ({"text": "Hi", "text_options": {"split": "no"}}, 400, "bad_message", "text_options"),
        ({"text": " \n"}, 422, "empty_text", "`text`"),
        ({"text": "... !"}, 422, "empty_text", "nothing to say"),
        ({"text": "x" * 10_001}, 413, "text_limit", "at most 10000"),
        ({"text": "Hi", "voice": "amy"}, 404, "not_found", "there is: fake"),
        ({"text": "Hi", "speaker": "p9"}, 404, "not_found", "one speaker"),
        ({"text": "Hi", "language": "de"}, 422, "unsupported", "speaks en-US"),
    ],
)
async def test_what_cannot_be_is_a_problem_that_says_why(
    house: Speakers, address: str, body: Any, status: int, code: str, detail: str
) -> None:
    answer = await house.client.post(address, json=body)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert detail in problem["detail"]
    assert house.synthesis.seated == 0


async def test_unknown_sets_and_formats_are_refused_with_those_there_are(house: Speakers) -> None:
    answer = await house.client.post(
        "/v1/lipsync/preview", json={"text": TEXT, "sets": ["oculus", "lips"]}
    )
    assert answer.status_code == 404
    assert "'lips'" in answer.json()["detail"] and "rhubarb" in answer.json()["detail"]
    answer = await house.client.post("/v1/lipsync/preview?format=docx", json={"text": TEXT})
    assert answer.status_code == 400
    assert "webvtt_words" in answer.json()["detail"]


async def test_who_comes_when_everybody_speaks_is_told_when_to_come_back(tmp_path: Path) -> None:
    busy = LipwireError(ErrorCode.OVERLOADED, "all speak", retry_after_ms=2_500)
    synthesis = FakeSynthesis(known=[WIRE_VOICE], fail_plan={0}, error=busy)
    async with speakers(tmp_path, None, synthesis) as house:
        answer = await house.client.post("/v1/phonemes", json={"text": TEXT})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "3"
    assert answer.json()["retry_after_ms"] == 2_500
