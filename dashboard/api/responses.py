"""How refusals stand in the OpenAPI document: every status a route may answer, with its codes."""

from typing import Any

from dashboard.server.problems import KINDS, MEDIA_TYPE

PROBLEM = {"$ref": "#/components/schemas/ProblemDocument"}
OF_EVERY_KEYED_ROUTE = (401, 403, 408, 413, 415, 422, 429, 500, 503)
OF_EVERY_ROUTE = (422, 500, 503)


def problems(*statuses: int, keyed: bool = True) -> dict[int | str, dict[str, Any]]:
    """Document these refusals and those that every route has. `keyed`: the route needs a key."""
    every = OF_EVERY_KEYED_ROUTE if keyed else OF_EVERY_ROUTE
    return {status: _documented(status) for status in sorted({*statuses, *every})}


def _documented(status: int) -> dict[str, Any]:
    codes = [code for code, kind in KINDS.items() if kind.status == status]
    documented: dict[str, Any] = {
        "description": "; ".join(f"`{code}`: {KINDS[code].title}" for code in codes),
        "content": {MEDIA_TYPE: {"schema": PROBLEM}},
    }
    if status in {429, 503}:
        documented["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
        }
    return documented
