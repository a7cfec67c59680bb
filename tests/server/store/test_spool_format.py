import tempfile
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stored_records import NOW, SESSION, every_kind, said

from lipwire_server.store.records import Record, SessionEnded
from lipwire_server.store.spool_format import (
    HEADER_BYTES,
    UnreadableError,
    decode,
    frame,
    frames,
    header,
    target_of,
)

TARGET = b"a database, 16 b"


STORED = (
    "66000000f5d0007d92a673706565636886a26964d92430303030303030302d303030302d303030302d30303030"
    "2d303030303030303030303031a873657175656e636507a66e756d626572c0a97574746572616e636500a47465"
    "7874a86120736563726574a769735f6c617374c2"
)
"""What a disk may hold since the first version: never change it."""


def payloads(data: bytes) -> list[bytes | None]:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        return [payload for payload, _ in frames(file.fileno(), 0, len(data))]


@pytest.mark.parametrize("record", every_kind(), ids=lambda record: type(record).__name__)
def test_every_record_comes_back_as_it_was(record: Record) -> None:
    [payload] = payloads(frame(record))
    assert payload is not None
    assert decode(payload) == record


def test_every_kind_of_record_can_be_written_down() -> None:
    assert {type(record) for record in every_kind()} == set(get_args(Record))


def test_what_the_first_version_wrote_is_read_for_ever() -> None:
    [payload] = payloads(bytes.fromhex(STORED))
    assert payload is not None
    assert decode(payload) == said(7)


def test_a_record_of_an_earlier_version_lacks_what_was_added_since() -> None:
    ended = {"id": str(SESSION), "close_code": 1000, "ended_at": NOW}
    assert decode(msgspec.msgpack.encode(("session_ended", ended))) == SessionEnded(
        id=SESSION, close_code=1000, ended_at=NOW, epoch=0
    )


def test_fields_that_a_later_version_added_are_passed_over() -> None:
    [payload] = payloads(frame(said(1)))
    assert payload is not None
    name, fields = msgspec.msgpack.decode(payload)
    assert decode(msgspec.msgpack.encode((name, {**fields, "mood": 1}))) == said(1)


@pytest.mark.parametrize(
    "payload",
    [b"", b"\xff", b"\xc1", msgspec.msgpack.encode(("mood", {})), msgspec.msgpack.encode(1)],
)
def test_what_is_no_record_of_this_version_is_told(payload: bytes) -> None:
    with pytest.raises(UnreadableError):
        decode(payload)


def test_an_unknown_record_is_not_quoted() -> None:
    with pytest.raises(UnreadableError) as caught:
        decode(msgspec.msgpack.encode(("speech", {"text": "a secret"})))
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_file_says_what_it_is_and_whose() -> None:
    assert len(header(TARGET)) == HEADER_BYTES
    assert target_of(header(TARGET)) == TARGET
    with pytest.raises(UnreadableError, match="no file of the spool"):
        target_of(b"x" * HEADER_BYTES)
    later = header(TARGET).replace(b"\1\0\0\0", b"\2\0\0\0", 1)
    with pytest.raises(UnreadableError, match="its format is 2, and this version reads 1"):
        target_of(later)


@given(cut=st.integers(0, 400))
def test_a_tail_that_was_torn_off_costs_only_itself(cut: int) -> None:
    whole = [frame(said(number)) for number in range(4)]
    data = b"".join(whole)
    kept = data[: max(0, len(data) - cut)]
    complete, end = 0, 0
    while complete < len(whole) and end + len(whole[complete]) <= len(kept):
        end += len(whole[complete])
        complete += 1
    read = payloads(kept)
    assert [decode(payload) for payload in read if payload] == [said(n) for n in range(complete)]


@given(at=st.integers(0), bit=st.integers(0, 7))
def test_a_flipped_bit_is_noticed(at: int, bit: int) -> None:
    data = bytearray(b"".join(frame(said(number)) for number in range(3)))
    data[at % len(data)] ^= 1 << bit
    read = [decode(payload) for payload in payloads(bytes(data)) if payload]
    assert len(read) < 3
    assert all(record in [said(0), said(1), said(2)] for record in read)


@given(st.binary(max_size=300))
def test_noise_has_no_records(data: bytes) -> None:
    assert not any(payloads(data))


def test_zeros_that_a_crash_left_are_no_records() -> None:
    assert payloads(frame(said(0)) + bytes(4096)) == payloads(frame(said(0)))


def test_a_length_beyond_the_file_reads_nothing_of_it() -> None:
    assert payloads(b"\xff\xff\xff\x7f\0\0\0\0" + b"x" * 100) == []
