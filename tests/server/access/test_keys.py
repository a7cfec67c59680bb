from datetime import timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lipwire_protocol import ErrorCode, LipwireError
from lipwire_server.access.keys import (
    Keys,
    hash_of,
    new_key,
    new_token,
    shown_key,
    token_scopes,
)
from lipwire_server.access.scopes import Scope
from tests.server.access.keys import NOW, stored

KEY = stored()
SOON = NOW + timedelta(minutes=5)


def test_every_key_is_another_one_and_hard_to_guess() -> None:
    keys = {new_key() for _ in range(100)}
    assert len(keys) == 100
    assert all(key.startswith("lipwire_") and len(key) > 48 for key in keys)


def test_a_key_is_known_by_its_hash_and_another_one_is_nobodys() -> None:
    keys = Keys([stored(), stored("lipwire_theirs", 2, scopes=("read",))])
    ours, theirs = keys.guest("lipwire_ours", NOW), keys.guest("lipwire_theirs", NOW)
    assert ours is not None and ours.key.name == "key 1" and ours.scopes == set(Scope)
    assert theirs is not None and theirs.scopes == {Scope.READ}
    assert keys.guest("lipwire_nobodys", NOW) is None
    assert keys.guest(hash_of("lipwire_ours").hex(), NOW) is None


def test_a_key_ends_when_it_expires() -> None:
    keys = Keys([stored(expires_at=SOON)])
    assert keys.guest("lipwire_ours", NOW) is not None
    assert keys.guest("lipwire_ours", SOON) is None


def test_a_token_is_good_for_its_scopes_until_it_ends() -> None:
    token = new_token(KEY, [Scope.SPEAK], NOW, SOON)
    guest = Keys([KEY]).guest(token, NOW)
    assert guest is not None
    assert guest.key is KEY and guest.by_token and guest.scopes == {Scope.SPEAK}
    assert Keys([KEY]).guest(token, SOON + timedelta(seconds=30)) is None


def test_a_token_ends_with_its_key() -> None:
    token = new_token(KEY, [Scope.SPEAK], NOW, SOON)
    assert Keys([]).guest(token, NOW) is None
    assert Keys([stored(expires_at=NOW)]).guest(token, NOW) is None


def test_a_token_can_no_more_than_its_key_can_by_now() -> None:
    token = new_token(KEY, [Scope.SPEAK, Scope.READ], NOW, SOON)
    guest = Keys([stored(scopes=("speak",))]).guest(token, NOW)
    assert guest is not None and guest.scopes == {Scope.SPEAK}


def claims(**changed: Any) -> dict[str, Any]:
    whole = {"aud": "lipwire", "exp": SOON, "scopes": ["speak"], **changed}
    return {name: value for name, value in whole.items() if value is not None}


@pytest.mark.parametrize(
    "token",
    [
        jwt.encode(claims(), b"x" * 32, "HS256", headers={"kid": str(KEY.id)}),
        jwt.encode(claims(), None, "none", headers={"kid": str(KEY.id)}),
        jwt.encode(claims(), KEY.token_secret * 2, "HS512", headers={"kid": str(KEY.id)}),
        jwt.encode(claims(), KEY.token_secret, "HS256"),
        jwt.encode(claims(), KEY.token_secret, "HS256", headers={"kid": "1"}),
        *(
            jwt.encode(claims(**changed), KEY.token_secret, "HS256", headers={"kid": str(KEY.id)})
            for changed in (
                {"aud": "elsewhere"},
                {"aud": None},
                {"exp": None},
                {"exp": NOW + timedelta(days=365)},
                {"scopes": None},
                {"scopes": ["everything"]},
                {"scopes": 7},
            )
        ),
    ],
)
def test_a_token_that_was_tampered_with_lets_nobody_in(token: str) -> None:
    assert Keys([KEY]).guest(token, NOW) is None


@given(st.text())
def test_whatever_is_shown_it_is_nobodys(shown: str) -> None:
    assert Keys([KEY]).guest(shown, NOW) is None


def test_a_token_is_for_speaking_unless_more_is_asked_for() -> None:
    assert token_scopes((), KEY) == (Scope.SPEAK,)
    assert token_scopes((Scope.READ,), KEY) == (Scope.READ,)
    assert token_scopes((Scope.WATCH,), stored(scopes=("speak",))) == (Scope.WATCH,)
    assert token_scopes((), stored(scopes=("watch", "read"))) == (Scope.WATCH,)


def test_a_token_cannot_be_better_than_its_key() -> None:
    with pytest.raises(LipwireError, match="cannot write") as caught:
        token_scopes((Scope.WRITE,), stored(scopes=("speak",)))
    assert caught.value.code is ErrorCode.FORBIDDEN


@pytest.mark.parametrize(
    ("header", "key"),
    [("Bearer abc", "abc"), ("bearer  abc ", "abc"), ("Basic abc", None), ("", None)],
)
def test_a_key_stands_in_the_header(header: str, key: str | None) -> None:
    assert shown_key({"authorization": header}) == key


def test_without_a_header_nothing_is_shown() -> None:
    assert shown_key({}) is None


def test_a_token_to_watch_is_made_with_a_key_that_may_speak() -> None:
    key = stored(scopes=("speak",))
    guest = Keys([key]).guest(new_token(key, [Scope.WATCH], NOW, SOON), NOW)
    assert guest is not None and guest.scopes == {Scope.WATCH}
