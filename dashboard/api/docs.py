"""The interface described: as OpenAPI for programs, as one page that loads nothing else for people."""

import json
from collections.abc import Iterator
from functools import cache
from html import escape
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from dashboard.api import document
from dashboard.server.problems import DOCS, KINDS

router = APIRouter(prefix="/api", include_in_schema=False)
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@router.get("")
@router.get("/")
async def index() -> Response:
    """Show the way to the page for people."""
    return RedirectResponse(DOCS)


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """Give the OpenAPI document."""
    return Response(json.dumps(document.openapi(request.app)), media_type="application/json")


@router.get("/docs")
async def docs(request: Request) -> Response:
    """Give the page for people."""
    headers = {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"}
    return HTMLResponse(_page(request.app), headers=headers)


@cache
def _page(app: FastAPI) -> str:
    described = document.openapi(app)
    style = files("dashboard.api").joinpath("docs.css").read_text("utf-8")
    body = "\n".join(
        [
            f"<h1>{escape(described['info']['title'])}: HTTP interface</h1>",
            _prose(described["info"]["description"]),
            '<p>For programs: <a href="openapi.json">openapi.json</a> (OpenAPI 3.1).</p>',
            _contents(described),
            *_operations(described),
            _refusals(),
            _schemas(described),
        ]
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width, initial-scale=1"><title>HTTP interface</title>'
        f"<style>{style}</style></head><body><main>{body}</main></body></html>"
    )


def _each(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def _contents(described: dict[str, Any]) -> str:
    rows = "".join(
        f'<li><a href="#{escape(operation["operationId"])}"><code>{method} {escape(path)}</code></a> '
        f"{escape(operation['summary'])}</li>"
        for method, path, operation in _each(described)
    )
    return f"<h2>Routes</h2><ul class=routes>{rows}</ul>"


def _operations(described: dict[str, Any]) -> Iterator[str]:
    for method, path, operation in _each(described):
        scopes = [
            scope for need in operation.get("security", []) for given in need.values() for scope in given
        ]
        needed = f"Scope <code>{escape(scopes[0])}</code>" if scopes else "No key needed"
        heading = f'<span class="{method.lower()}">{method}</span> <code>{escape(path)}</code>'
        yield (
            f'<section id="{escape(operation["operationId"])}"><h2>{heading}</h2><p class=needs>{needed}</p>'
            f"{_prose(operation.get('description', ''))}{_parameters(operation)}"
            f"{_body(described, operation)}{_answers(described, operation)}</section>"
        )


def _parameters(operation: dict[str, Any]) -> str:
    rows = []
    for each in operation.get("parameters", []):
        meaning = each.get("description") or each["schema"].get("description", "")
        needed = " *" if each.get("required") else ""
        rows.append(
            f"<tr><td><code>{escape(each['name'])}</code>{needed}<td>{each['in']}"
            f"<td>{_type(each['schema'])}<td>{_inline(meaning)}"
        )
    return _table("Parameters (* needed)", ("name", "in", "type", "meaning"), rows)


def _body(described: dict[str, Any], operation: dict[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    return "".join(
        f"<h3>Body</h3><p>{escape(media)}: {_type(kind['schema'])}</p>{_example(described, kind['schema'])}"
        for media, kind in content.items()
    )


def _answers(described: dict[str, Any], operation: dict[str, Any]) -> str:
    rows, examples = [], []
    for status, answer in operation["responses"].items():
        shapes = [kind["schema"] for kind in answer.get("content", {}).values() if kind.get("schema")]
        kinds = ", ".join(map(_type, shapes))
        rows.append(f"<tr><td>{escape(status)}<td>{kinds}<td>{_inline(answer['description'])}")
        examples += [_example(described, shape) for shape in shapes if status.startswith("2")]
    return _table("Answers", ("status", "shape", "meaning"), rows) + "".join(examples)


def _example(described: dict[str, Any], schema: dict[str, Any]) -> str:
    """Give the example of a named shape, or of the one a choice begins with."""
    named = schema if "$ref" in schema else schema.get("anyOf", [{}])[0]
    name = named.get("$ref", "").rsplit("/", 1)[-1]
    examples = described["components"]["schemas"].get(name, {}).get("examples", [])
    return f"<pre>{escape(json.dumps(examples[0], indent=2))}</pre>" if examples else ""


def _refusals() -> str:
    rows = [
        f'<tr id="{code}"><td>{kind.status}<td><code>{code}</code><td>{escape(kind.title)}.'
        for code, kind in sorted(KINDS.items(), key=lambda each: (each[1].status, each[0]))
    ]
    return _table("Refusals", ("status", "code", "meaning"), rows)


def _schemas(described: dict[str, Any]) -> str:
    shown = []
    for name, schema in sorted(described["components"]["schemas"].items()):
        needed = schema.get("required", [])
        rows = [
            f"<tr><td><code>{escape(field)}</code>{' *' if field in needed else ''}<td>{_type(kind)}"
            f"<td>{_inline(kind.get('description', ''))}"
            for field, kind in schema.get("properties", {}).items()
        ]
        table = _table("", ("field", "type", "meaning"), rows)
        shown.append(
            f'<section id="schema-{escape(name)}"><h3>{escape(name)}</h3>'
            f"{_prose(schema.get('description', ''))}{table}</section>"
        )
    return f"<h2>Shapes</h2>{''.join(shown)}"


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].rsplit("/", 1)[1])
        return f'<a href="#schema-{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_type(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema['items'])}"
    if "enum" in schema or "const" in schema:
        return " | ".join(
            f"<code>{escape(str(each))}</code>" for each in schema.get("enum", [schema.get("const")])
        )
    bounds = [f"{word} {schema[name]:,}" for name, word in _BOUNDS.items() if name in schema]
    kind = escape(str(schema.get("format") or schema.get("type") or "anything"))
    return f"{kind} ({', '.join(bounds)})" if bounds else kind


_BOUNDS = {
    "minimum": "from",
    "maximum": "to",
    "minLength": "at least",
    "maxLength": "at most",
    "minItems": "at least",
    "maxItems": "at most",
}


def _table(title: str, heads: tuple[str, ...], rows: list[str]) -> str:
    if not rows:
        return ""
    head = "".join(f"<th>{name}" for name in heads)
    heading = f"<h3>{title}</h3>" if title else ""
    return f"{heading}<div class=wide><table><tr>{head}{''.join(rows)}</table></div>"


def _prose(text: str) -> str:
    return "".join(f"<p>{_inline(part)}</p>" for part in text.split("\n\n") if part.strip())


def _inline(text: str) -> str:
    """Give HTML of one paragraph with `code` and **strong** words."""
    for mark, tag in (("`", "code"), ("**", "strong")):
        parts = (text if mark == "**" else escape(text)).split(mark)
        text = "".join(
            part if place % 2 == 0 else f"<{tag}>{part}</{tag}>" for place, part in enumerate(parts)
        )
    return text
