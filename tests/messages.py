"""A hypothesis strategy for messages, built from their types."""

import enum
import types
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from hypothesis import strategies as st
from msgspec import UNSET, Meta, UnsetType

from lipwire_protocol import MAX_INTEGER


def messages(kinds: tuple[type, ...]) -> st.SearchStrategy[Any]:
    return st.one_of([_struct(kind) for kind in kinds])


def _struct(kind: type) -> st.SearchStrategy[Any]:
    fields = msgspec.structs.fields(kind)
    return st.builds(kind, **{field.name: _value(field.type) for field in fields})


def _value(kind: Any, meta: tuple[Meta, ...] = ()) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _value(arguments[0], (*meta, *arguments[1:]))
    if origin in (Union, types.UnionType):
        return st.one_of([_value(argument) for argument in arguments])
    if origin is tuple and arguments[-1] is ...:
        return st.lists(_value(arguments[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*[_value(argument) for argument in arguments])
    if origin is dict:
        return st.dictionaries(_value(arguments[0]), _value(arguments[1]), max_size=3)
    return _scalar(kind, meta)


def _scalar(kind: Any, meta: tuple[Meta, ...]) -> st.SearchStrategy[Any]:
    def bound(name: str, default: int | None) -> int | None:
        values = [getattr(m, name) for m in meta if getattr(m, name) is not None]
        return values[-1] if values else default

    if kind is int:
        low = bound("ge", -MAX_INTEGER)
        return st.integers(min_value=low, max_value=bound("le", MAX_INTEGER))
    if kind is str:
        characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
        return st.text(characters, min_size=bound("min_length", 0) or 0, max_size=20)
    if kind is bytes:
        return st.binary(max_size=20)
    if kind is bool:
        return st.booleans()
    if kind in (None, type(None)):
        return st.none()
    if kind is UnsetType:
        return st.just(UNSET)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return st.sampled_from(list(kind))
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _struct(kind)
    raise TypeError(f"no strategy for {kind!r}")
