"""The OpenAPI document: what FastAPI derives from the routes, plus how to sign in and how refusals look."""

from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.routing import Match

from dashboard.api.auth import SCHEME
from dashboard.api.examples import EXAMPLES
from dashboard.api.usage import UseInBatch

INTRODUCTION = """\
Prepaid minutes of workspaces: book what they use, ask what is left, sell them more.

**Keys.** Send `Authorization: Bearer KEY`. A key has scopes; each route names the one it needs.

**Repeats.** Every write has a key of its own, in the header `Idempotency-Key` or the field `key` (1 to 255
characters). When no answer arrived, send the same request again: it is done once, and the first answer comes
back. The same key with another body is refused (409 `key_reused`). Keys belong to one workspace and one kind
of write.

**Refusals** are `application/problem+json`. Programs should look at `code`; `detail` is for people.
A field or query parameter that is not documented, or that stands twice, is refused (422 `invalid_request`).
Answers 408, 429, 500 and 503 may be tried again with the same key, after `Retry-After` seconds where given.
"""
SCOPES = {
    "usage:write": "book uses and check limits",
    "purchases:write": "buy packages and pay again",
    "workspaces:write": "make workspaces and allocate plans",
    "balance:read": "read workspaces, balances, statements, packages, purchases and arms",
    "metrics:read": "read metrics",
}


@cache
def openapi(app: FastAPI) -> dict[str, Any]:
    """Give the OpenAPI 3.1 document of the application."""
    document = get_openapi(
        title=app.title, version=app.version, description=INTRODUCTION, routes=app.routes, tags=_tags()
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas[UseInBatch.__name__] = UseInBatch.model_json_schema()
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for name, example in EXAMPLES.items():
        schemas[name]["examples"] = [example]
    scopes = "\n".join(f"- `{scope}`: {what}" for scope, what in SCOPES.items())
    components["securitySchemes"] = {
        SCHEME: {"type": "http", "scheme": "bearer", "description": f"Scopes of a key:\n\n{scopes}"}
    }
    return document


def allowed_methods(request: Request) -> str:
    """Give the methods that the path of a request does take, for the header `Allow`."""
    methods: set[str] = set()
    for method in ("GET", "POST"):
        scope = {**request.scope, "method": method}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes):
            methods.add(method)
    return ", ".join(sorted(methods))


def _tags() -> list[dict[str, str]]:
    return [
        {"name": "usage", "description": "Book used minutes, ask whether a use would be covered."},
        {"name": "extra minutes", "description": "Balance, packages and purchases."},
        {"name": "workspaces", "description": "Make, find and read workspaces; allocate plans."},
        {"name": "hold-outs", "description": "Who is shown no offer, so that its effect can be measured."},
        {"name": "metrics", "description": "The numbers of the dashboard."},
        {"name": "webhooks", "description": "Where Stripe sends its events."},
        {"name": "health", "description": "Alive, and able to work?"},
    ]
