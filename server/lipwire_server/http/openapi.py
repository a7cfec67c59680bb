"""The OpenAPI 3.1 document of the operations: made of the same rows as their routes."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from lipwire_protocol.errors import ErrorCode

from .bodies import JSON, JSON_TYPES
from .problems import MEANINGS, MEDIA_TYPE, Problem
from .rest import Operation

__all__ = ["openapi"]

Schema = dict[str, Any]

_PLACE = "#/components/schemas/"
_ID: Schema = {"type": "string", "format": "uuid"}
_TAG: Schema = {"type": "string", "examples": ['"3"']}
_TAGS: Schema = {
    "type": "string",
    "pattern": r'^(\*|(W/)?"[!#-~]*"( *, *(W/)?"[!#-~]*")*)$',
    "examples": ['"3"', "*"],
}
_HEADERS = {
    "ETag": {"description": "The version of what is answered.", "schema": _TAG},
    "Location": {"description": "Where it is.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}},
}
_KEY: Schema = {
    "type": "http",
    "scheme": "bearer",
    "description": "A key, or a token made with one; a server may want none (`--access`).",
}
_CONDITIONS = {
    "GET": ("If-None-Match", "Answer 304 if that is still the version."),
    "OTHER": ("If-Match", "Do it only if that is still the version."),
}


def openapi(
    operations: Sequence[Operation], *, version: str, tags: Mapping[str, str]
) -> dict[str, Any]:
    """The document. `tags` are the groups of operations, each with a sentence, in their order."""
    schemas = _Schemas(operations)
    paths: dict[str, dict[str, Schema]] = defaultdict(dict)
    for operation in operations:
        paths[operation.path][operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lipwire",
            "version": version,
            "summary": "Text in, a talking face out.",
            "license": {"name": "GPL-3.0-or-later", "identifier": "GPL-3.0-or-later"},
        },
        "tags": [{"name": name, "description": text} for name, text in tags.items()],
        "paths": dict(paths),
        "components": {
            "schemas": schemas.components,
            "securitySchemes": {"key": _KEY},
        },
    }


class _Schemas:
    """JSON schemas of every type that an operation names."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        types: list[Any] = [Problem]
        for operation in operations:
            named = (operation.query, operation.body, operation.answer, *operation.also.values())
            types += (type for type in named if type is not None)
        made, components = _renamed(
            msgspec.json.schema_components(
                types, schema_hook=_anything, ref_template=_PLACE + "{name}"
            )
        )
        self._of: dict[str, Schema] = {
            repr(type): schema for type, schema in zip(types, made, strict=True)
        }
        queries = {operation.query.__name__ for operation in operations if operation.query}
        self._queries = {name: components[name] for name in components if name in queries}
        self.components = {
            name: schema for name, schema in components.items() if name not in queries
        }

    def of(self, type: Any) -> Schema:
        return self._of[repr(type)]

    def parameters(self, query: type[Struct]) -> list[Schema]:
        schema = self._queries[query.__name__]
        required = schema.get("required", ())
        return [
            _parameter("query", name, _as_text(part), required=name in required)
            for name, part in schema["properties"].items()
        ]


def _renamed(schemas: Any) -> Any:
    """With `PageOfToy` for msgspec's `Page_Toy_`."""
    text = msgspec.json.encode(schemas).decode()
    return msgspec.json.decode(
        re.sub(r'(?<=["/])([A-Z][A-Za-z]+)_([A-Z][A-Za-z]+)_(?=")', r"\1Of\2", text)
    )


def _anything(type: type) -> Schema:
    if type is object:
        return {}
    raise NotImplementedError


def _as_text(schema: Schema) -> Schema:
    """A parameter is there or not; it is never null."""
    if "anyOf" not in schema:
        return schema
    (kept,) = (part for part in schema["anyOf"] if part != {"type": "null"})
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
    return {**kept, **rest}


def _operation(operation: Operation, schemas: _Schemas) -> Schema:
    words = re.findall(r"[a-z0-9]+", operation.path.removeprefix("/v1/").lower())
    made: Schema = {
        "operationId": "_".join((operation.method.lower(), *words)),
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": _parameters(operation, schemas),
        "responses": _responses(operation, schemas),
    }
    if not operation.is_open:
        made["security"] = [{"key": []}, {}]
    if operation.description:
        made["description"] = operation.description
    if operation.body is not None:
        schema = schemas.of(operation.body)
        types = JSON_TYPES if operation.method == "PATCH" else (JSON,)
        content: Schema = {media_type: {"schema": schema} for media_type in types}
        made["requestBody"] = {"required": True, "content": content}
    elif operation.takes:
        content = {media_type: {} for media_type in operation.takes}
        made["requestBody"] = {"required": True, "content": content}
    return made


def _parameters(operation: Operation, schemas: _Schemas) -> list[Schema]:
    parameters = []
    for name in re.findall(r"{(\w+)}", operation.path):
        pattern = operation.keys.get(name)
        schema = _ID if pattern is None else {"type": "string", "pattern": f"^{pattern}$"}
        parameters.append(_parameter("path", name, schema, required=True))
    if operation.query is not None:
        parameters += schemas.parameters(operation.query)
    if operation.tagged:
        name, text = _CONDITIONS["GET" if operation.method == "GET" else "OTHER"]
        parameters.append(_parameter("header", name, {**_TAGS, "description": text}))
    return parameters


def _parameter(place: str, name: str, schema: Schema, *, required: bool = False) -> Schema:
    made: Schema = {"name": name, "in": place, "required": required}
    if "description" in schema:
        made["description"] = schema["description"]
    made["schema"] = {key: value for key, value in schema.items() if key != "description"}
    return made


def _responses(operation: Operation, schemas: _Schemas) -> Schema:
    responses: Schema = {}
    headers = ["Location"] if operation.status in (201, 202) else []
    if operation.tagged and operation.answer is not None:
        headers.append("ETag")
    content: Schema = {media_type: {} for media_type in operation.gives}
    if operation.answer is not None:
        content = {JSON: {"schema": schemas.of(operation.answer)}, **content}
    status = operation.status if content else 204
    responses[str(status)] = _response(
        "Done." if status != 200 else "Here it is.", content, headers
    )
    if operation.tagged and operation.method == "GET":
        responses["304"] = _response("You have it already.", {}, ("ETag",))
    for number, type in operation.also.items():
        responses[str(number)] = _response("Not quite.", {JSON: {"schema": schemas.of(type)}}, ())
    for number, codes in sorted(_by_status(operation).items()):
        responses[str(number)] = _problem(codes, schemas)
    return responses


def _response(text: str, content: Schema, headers: Iterable[str]) -> Schema:
    made: Schema = {"description": text}
    if content:
        made["content"] = content
    if shown := {name: _HEADERS[name] for name in headers}:
        made["headers"] = shown
    return made


def _problem(codes: list[ErrorCode], schemas: _Schemas) -> Schema:
    text = " ".join(f"`{code}`: {MEANINGS[code]}" for code in codes)
    late = ("Retry-After",) if codes[0].http_status in (429, 503) else ()
    return _response(text, {MEDIA_TYPE: {"schema": schemas.of(Problem)}}, late)


def _by_status(operation: Operation) -> dict[int, list[ErrorCode]]:
    codes: dict[int, list[ErrorCode]] = defaultdict(list)
    for code in operation.all_errors:
        codes[code.http_status].append(code)
    return codes
