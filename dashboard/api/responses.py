"""How a route documents itself: the scope it needs, and every problem it may answer with, by code."""

from typing import Any

from dashboard.server.problems import KINDS, MEDIA_TYPE

SCHEME = "key"
OF_EVERY_ROUTE = ("invalid_request", "internal", "busy", "unavailable")
OF_KEYS = ("unauthenticated", "missing_scope", "wrong_workspace", "rate_limited")
OF_BODIES = ("slow_request", "body_too_large", "unsupported_encoding")
_LIMITED = {
    "RateLimit-Limit": "Requests a minute that the key allows; only where the key has a limit.",
    "RateLimit-Remaining": "Requests left in this minute; only where the key has a limit.",
    "RateLimit-Reset": "Seconds until the minute ends; only where the key has a limit.",
}


def reads(scope: str, *codes: str, or_scope: str | None = None) -> dict[str, Any]:
    """Return the arguments of a route that reads: its scope, and its own problems beside those of every route.

    `or_scope`: a second scope that is enough by itself.
    """
    return _documented([scope, *filter(None, [or_scope])], (*OF_KEYS, *codes))


def writes(scope: str, *codes: str) -> dict[str, Any]:
    """Return the arguments of a route that takes a body: as `reads`, with the problems of bodies."""
    return _documented([scope], (*OF_KEYS, *OF_BODIES, *codes))


def open_to_all(*codes: str) -> dict[str, Any]:
    """Return the arguments of a route that needs no key."""
    return _documented([], codes)


def _documented(scopes: list[str], codes: tuple[str, ...]) -> dict[str, Any]:
    return {
        "responses": problems(*OF_EVERY_ROUTE, *codes),
        "openapi_extra": {"security": [{SCHEME: [scope]} for scope in scopes]},
    }


def problems(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Return the answers of a route that are problems: one for each status, with its codes as an enum."""
    by_status: dict[int, list[str]] = {}
    for code in sorted(set(codes)):
        by_status.setdefault(KINDS[code].status, []).append(code)
    return {status: _answer(status, by_status[status]) for status in sorted(by_status)}


def _answer(status: int, codes: list[str]) -> dict[str, Any]:
    one_of_them = {"type": "object", "properties": {"code": {"type": "string", "enum": codes}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/ProblemDocument"}, one_of_them]}
    documented: dict[str, Any] = {
        "description": "; ".join(f"`{code}`: {KINDS[code].title}" for code in codes),
        "content": {MEDIA_TYPE: {"schema": schema}},
    }
    if status in {429, 503}:
        documented["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
        }
    if status == 429:  # noqa: PLR2004
        documented["headers"] |= {
            name: {"description": text, "schema": {"type": "integer"}} for name, text in _LIMITED.items()
        }
    return documented
