"""The OpenAPI document as a page for people: plain HTML, made here, that needs nothing else."""

import json
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from lipwire_protocol.errors import ErrorCode

from .problems import MEANINGS

__all__ = ["docs_page"]

Schema = Mapping[str, Any]

_HEAD = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Lipwire REST</title>
<link rel="icon" href="/demo/icon.svg">
<link rel="stylesheet" href="/v1/docs.css">
</head>
<body>
"""
_INTRODUCTION = """<p>Everything that is kept, and speech for those who do not stream.
Live speech goes over the WebSocket at <code>/v1/stream</code>.</p>
<pre>curl http://127.0.0.1:8000/v1/lipsync \\
  -H 'Content-Type: application/json' \\
  -d '{"text": "Hello there."}'</pre>
<p>Ids are UUIDs, and one that is not known is answered 404. Lists come in pages: pass the
<code>next</code> of a page as <code>?after=</code> to get the following one. Unknown fields and
parameters are refused, and so is the character U+0000. A body is JSON of at most 64 KiB unless
something else is said. <code>HEAD</code> works wherever <code>GET</code> does. The same for
programs: <a href="/v1/openapi.json">OpenAPI 3.1</a>.</p>
"""


def docs_page(document: Mapping[str, Any]) -> str:
    return "".join(_page(document))


def _page(document: Mapping[str, Any]) -> Iterator[str]:
    tags = {tag["name"]: tag["description"] for tag in document["tags"]}
    schemas = document["components"]["schemas"]
    yield _HEAD
    yield "<nav><a class=home href='/'>Lipwire</a>"
    yield from (f"<a href='#{name}'>{name}</a>" for name in [*tags, "errors", "types"])
    yield f"</nav><main><h1>REST <small>{_text(document['info']['version'])}</small></h1>"
    yield _INTRODUCTION
    for name, about in tags.items():
        yield f"<section id='{name}'><h2>{name}</h2><p>{_text(about)}</p>"
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if name in operation["tags"]:
                    yield from _operation(method, path, operation, schemas)
        yield "</section>"
    yield "<section id=errors><h2>errors</h2><p>Of type <code>application/problem+json</code>, "
    yield f"a {_link('Problem')}. <code>code</code> is one of these:</p><table>"
    yield from (_error(code, meaning) for code, meaning in MEANINGS.items())
    yield "</table></section><section id=types><h2>types</h2>"
    for name, schema in sorted(schemas.items()):
        yield f"<h3 id='type-{name}'>{name}</h3>"
        yield from _fields(schema)
    yield "</section></main></body></html>\n"


def _operation(method: str, path: str, operation: Schema, schemas: Schema) -> Iterator[str]:
    yield f"<details id='{operation['operationId']}'><summary>"
    yield f"<b class={method}>{method.upper()}</b><code>{_text(path)}</code> "
    yield f"<span>{_text(operation['summary'])}</span></summary>"
    if "description" in operation:
        yield f"<p>{_text(operation['description'])}</p>"
    if operation["parameters"]:
        yield "<table>"
        for part in operation["parameters"]:
            yield _row(part["name"], part["schema"], part["in"], part["required"], part)
        yield "</table>"
    if "requestBody" in operation:
        yield f"<p>Send {_contents(operation['requestBody'])}</p>"
    yield "<table>"
    for status, response in operation["responses"].items():
        told = _answer(response) if status < "400" else _text(response["description"])
        yield f"<tr><td><b>{status}</b></td><td>{told}</td></tr>"
    yield f"</table><pre>{_text(_curl(method, path, operation, schemas))}</pre></details>"


def _answer(response: Schema) -> str:
    headers = "".join(f" With <code>{name}</code>." for name in response.get("headers", ()))
    return f"{_text(response['description'])} {_contents(response)}{headers}"


def _row(name: str, schema: Schema, place: str, required: bool, about: Schema) -> str:
    more = [_text(about["description"])] if "description" in about else []
    if schema.get("default") is not None:
        more.append(f"Without it: <code>{_text(json.dumps(schema['default']))}</code>.")
    mark = "" if required else " <i>optional</i>"
    told = f"{_type(schema)}{f' in the {place}' if place else ''}{mark}"
    return f"<tr><td><code>{_text(name)}</code></td><td>{told}</td><td>{' '.join(more)}</td></tr>"


def _fields(schema: Schema) -> Iterator[str]:
    if "description" in schema:
        yield f"<p>{_text(schema['description'])}</p>"
    if "properties" not in schema:
        yield f"<p>{_type(schema)}</p>"
        return
    required = schema.get("required", ())
    yield "<table>"
    for name, part in schema["properties"].items():
        yield _row(name, part, "", name in required, part)
    yield "</table>"


def _contents(holder: Schema) -> str:
    shown = []
    for media_type, content in holder.get("content", {}).items():
        of = f" {_type(content['schema'])}" if "schema" in content else ""
        shown.append(f"<code>{_text(media_type)}</code>{of}")
    return f"{' or '.join(shown)}." if shown else ""


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        return _link(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(map(_type, schema["anyOf"]))
    if "enum" in schema:
        return " ".join(f"<code>{_text(str(value))}</code>" for value in schema["enum"])
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_type(schema['items'])}" if "items" in schema else "list"
    inner = schema.get("additionalProperties")
    if kind == "object" and isinstance(inner, dict) and inner:
        return f"object of {_type(inner)}"
    return f"{_text(schema.get('format', kind))}{_bounds(schema)}"


def _bounds(schema: Schema) -> str:
    low = schema.get("minimum", schema.get("minLength"))
    high = schema.get("maximum", schema.get("maxLength"))
    if low is None and high is None:
        return ""
    if high is None:
        return f" from {low}"
    return f" {'up to' if low is None else f'{low} to'} {high}"


def _link(name: str) -> str:
    return f"<a href='#type-{name}'>{name}</a>"


def _error(code: ErrorCode, meaning: str) -> str:
    status = f"<td>{code.http_status}</td>"
    return f"<tr id='{code}'><td><code>{code}</code></td>{status}<td>{_text(meaning)}</td></tr>"


def _curl(method: str, path: str, operation: Schema, schemas: Schema) -> str:
    verb = "" if method == "get" else f" -X {method.upper()}"
    place = re.sub(r"{(\w+)}", lambda found: f"${found[1].upper()}", path)
    body = ""
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        sent = "--data-binary @file"
        if "schema" in content:
            sent = f"-d '{json.dumps(_example(content['schema'], schemas))}'"
        body = f" \\\n  -H 'Content-Type: {media_type}' {sent}"
        break
    return f"curl{verb} http://localhost:8000{place}{body}"


def _example(schema: Schema, schemas: Schema) -> object:
    """What has to be there, of the right type."""
    if "$ref" in schema:
        return _example(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "properties" in schema:
        parts, required = schema["properties"], schema.get("required", ())
        return {name: _example(parts[name], schemas) for name in required}
    return {"string": "...", "integer": schema.get("minimum", 1), "array": []}.get(
        schema.get("type", ""), {}
    )


def _text(text: str) -> str:
    """With `...` as code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts))
