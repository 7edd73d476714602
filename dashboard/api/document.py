"""The OpenAPI document: what FastAPI derives from the routes, completed so that tools can build on it."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic.json_schema import JsonSchemaMode
from starlette.requests import Request
from starlette.routing import Match

from dashboard import installation
from dashboard.api.events_out import described_events
from dashboard.api.exports import EntryRowResponse
from dashboard.api.responses import SCHEME
from dashboard.api.usage_schemas import BatchedUseRequest
from dashboard.server.problems import ERRORS, KINDS, MEDIA_TYPE

INTRODUCTION = f"""\
Prepaid minutes of workspaces: book what they use, check what is left, sell them more.

**Keys.** Send `Authorization: Bearer KEY`. A key has scopes; each route names the one it needs. A key may expire,
have a limit of requests a minute, and belong to one workspace: then every request names this one and no other. Keys are
secrets of your servers: never send one to a browser or an app. For the same reason there are no CORS headers.

**Retries.** Every request that books minutes or money has an idempotency key, in the header `Idempotency-Key` or the
field `key`. When no answer arrived, send the same request again: it is done once, and the first answer comes back. The
same key with other parameters is refused (409 `key_reused`). Other writes set a state: repeating one changes nothing
more. Only creating a webhook endpoint, rotating its secret, replaying a delivery and opening a page happen each time.

**Errors** are `application/problem+json`, also for unknown paths (404) and methods (405). Programs should look at
`code`; `detail` is for people; `errors` lists every fault of an invalid request. A field or query parameter that is not
documented, or that is sent twice, is refused (422 `invalid_request`). Answers 408, 429, 500 and 503 may be retried with
the same key, after `Retry-After` seconds where given. All codes: [{ERRORS}]({ERRORS}).

**Pages.** Lists have `items` and `next`. Send `next` as `after` to get the next page; it is null on the last one.

**Headers.** Every answer has a `Request-Id`: yours, when you send one (1 to 128 of `A-Z a-z 0-9 _ . : -`). Where the
key has a limit, answers have `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` (seconds). Every route that
answers GET answers HEAD.

**Versions.** `/api/v1/...` is the same as `/api/...`. Within version 1, fields, codes and routes are only added: ignore
what you do not know. CHANGELOG.md lists every change; what goes is marked deprecated for twelve months first.
"""
SCOPES = {
    "usage:write": "book uses and check limits",
    "purchases:write": "buy packages and retry payments",
    "workspaces:write": "create and change workspaces, allocate and cancel plans, grant minutes",
    "webhooks:write": "manage webhook endpoints",
    "balance:read": "read workspaces, balances, statements, plans, packages, purchases and arms, without names and "
    "e-mail addresses of customers",
    "customers:read": "read names and e-mail addresses of customers too",
    "metrics:read": "read metrics",
    "operations:read": "read the figures of operation at `/metrics`",
}
TAGS = {
    "usage": "Book used minutes, check whether a use would be covered.",
    "extra minutes": "Balance, packages and purchases.",
    "workspaces": "Create, find, read and change workspaces; read their statement.",
    "exports": "Everything in bulk, as NDJSON or CSV, resumable.",
    "plans": "List plans, allocate and cancel them.",
    "hold-outs": "Who is shown no offer, so that its effect can be measured.",
    "metrics": "The numbers of the dashboard.",
    "webhook endpoints": "Where events are posted to you: endpoints, secrets, delivery log.",
    "webhooks": "Where Stripe sends its events.",
    "stripe": "Which customer, subscription and prices at Stripe stand for what here.",
    "customer pages": "Hosted checkout, the customer's own page, auto top-up.",
    "health": "Is it alive, and able to work?",
}


def operation_id(route: APIRoute) -> str:
    """Return the name of a route in generated clients: trackMinute."""
    first, *more = route.name.split("_")
    return first + "".join(part.capitalize() for part in more)


@cache
def openapi(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the application."""
    made = get_openapi(
        title=app.title,
        version=app.version,
        description=INTRODUCTION,
        routes=app.routes,
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
        servers=[{"url": installation.settings().public_url or "/", "description": "This server."}],
        license_info={"name": "Apache 2.0", "identifier": "Apache-2.0"},
        contact={"name": "Whoever runs this server"},
    )
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for body in (BatchedUseRequest, EntryRowResponse):  # no route has them as its whole body
        mode: JsonSchemaMode = "validation" if body is BatchedUseRequest else "serialization"
        described = body.model_json_schema(mode=mode, ref_template="#/components/schemas/{model}")
        schemas |= {**described.pop("$defs", {}), body.__name__: described}
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    scopes = "\n".join(f"- `{scope}`: {what}" for scope, what in SCOPES.items())
    components["securitySchemes"] = {
        SCHEME: {"type": "http", "scheme": "bearer", "description": f"Scopes of a key:\n\n{scopes}"}
    }
    described_events(made)
    made = _renamed(made)
    _describe_whole(made)
    for schema in made["components"]["schemas"].values():
        if "properties" in schema and "$ref" not in json.dumps(
            schema["properties"]
        ):  # else its parts have one
            schema["examples"] = [_example(schema, made)]
    _share_problems(made)
    _say_once(made)
    return made


def _renamed(made: dict[str, Any]) -> dict[str, Any]:
    """Return the document with the nouns as names of answers, and without defaults: tools take those as required."""
    text = re.sub(r"\b([A-Z]\w+)Response\b", r"\1", json.dumps(made))
    cleaned: dict[str, Any] = _without(json.loads(text), {"default", "title"})
    cleaned["info"]["title"] = made["info"]["title"]
    return cleaned


def _without(value: Any, names: set[str]) -> Any:
    """Return a schema without these keywords; properties that are called so stay."""
    if isinstance(value, list):
        return [_without(each, names) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: {field: _without(schema, names) for field, schema in each.items()}
        if name in {"properties", "schemas"}
        else _without(each, names)
        for name, each in value.items()
        if name not in names or name in {"examples", "properties"}
    }


def _describe_whole(value: Any) -> None:
    """Move the description of a value that may be null from its one part to the whole, where people read it."""
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _describe_whole(each)
    parts = value.get("anyOf") if isinstance(value, dict) else None
    described = [part for part in parts or () if "description" in part and "$ref" not in part]
    if len(described) == 1 and "description" not in value:
        value |= {
            name: described[0].pop(name) for name in ("description", "examples") if name in described[0]
        }


def _example(schema: dict[str, Any], made: dict[str, Any]) -> Any:
    """Return an example of a schema, put together from those of its fields."""
    if schema.get("examples"):
        return schema["examples"][0]
    if "$ref" in schema:
        return _example(made["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]], made)
    if "anyOf" in schema:
        return _example(schema["anyOf"][0], made)
    if schema.get("type") == "array":
        return [_example(schema["items"], made)]
    if "enum" in schema or "const" in schema:
        return schema.get("const") or schema["enum"][0]
    fields = schema.get("properties", {})
    return {name: _example(field, made) for name, field in fields.items()}


def _share_problems(made: dict[str, Any]) -> None:
    """Name the problems by their codes, and write an answer that several operations have once."""
    schemas, shared = made["components"]["schemas"], made["components"].setdefault("responses", {})
    every = [operation["responses"] for _, _, operation in operations(made)]
    texts = Counter(json.dumps(answer) for answers in every for answer in answers.values())
    for answers in every:
        for status, answer in answers.items():
            if MEDIA_TYPE not in answer.get("content", {}):
                continue
            name, several = _name_of(answer), texts[json.dumps(answer)] > 1
            content = answer["content"][MEDIA_TYPE]
            schemas[f"{name}Problem"] = content["schema"]
            content["schema"] = {"$ref": f"#/components/schemas/{name}Problem"}
            if several:
                shared[name] = answer
                answers[status] = {"$ref": f"#/components/responses/{name}"}


def _say_once(made: dict[str, Any]) -> None:
    """Drop what FastAPI repeats: the description of a parameter in its schema, and the words for 200."""
    for *_, operation in operations(made):
        for parameter in operation.get("parameters", ()):
            parameter.get("schema", {}).pop("description", None)
        for answer in operation["responses"].values():
            if answer.get("description") == "Successful Response":
                answer["description"] = "OK"


def _name_of(answer: dict[str, Any]) -> str:
    codes = re.findall(r"`(\w+)`: ", answer["description"])
    return "Or".join(
        "".join(part.capitalize() for part in code.split("_")) for code in codes if code in KINDS
    )


def operations(made: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield every operation of a document: method, path, operation."""
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def allowed_methods(request: Request) -> str:
    """Return the methods that the path of a request supports, for the header `Allow`."""
    methods: set[str] = set()
    for method in ("DELETE", "GET", "PATCH", "POST", "PUT"):
        scope = {**request.scope, "method": method}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes):
            methods |= {"GET", "HEAD"} if method == "GET" else {method}
    return ", ".join(sorted(methods))
