"""What a key for one workspace may do: only requests that name this workspace, and no other one."""

import json
from typing import Any
from uuid import UUID

from starlette.requests import Request

from dashboard.installation import reading
from dashboard.server.problems import Problem
from dashboard.server.threads import threads
from ledger.errors import LedgerError
from ledger.payments import buying

OF_ALL = {"/api/plans"}
"""Paths that say nothing about any workspace."""


async def require_own_workspace(request: Request, workspace_id: str) -> None:
    """Raise Problem unless the request names `workspace_id` and no other workspace.

    A route that names no workspace, such as a search, is refused.
    """
    named = await _named(request)
    if named != {workspace_id} and not (not named and request.url.path in OF_ALL):
        detail = f"This key belongs to the workspace '{workspace_id}': name it, and no other."
        raise Problem("wrong_workspace", detail)


async def _named(request: Request) -> set[Any]:
    """Return the workspaces that a request names in its path, query or body."""
    named: set[Any] = set(request.query_params.getlist("workspace_id"))
    named |= {value for name, value in request.path_params.items() if name == "workspace_id"}
    if "purchase_id" in request.path_params:
        named.add(await threads.run(_owner, str(request.path_params["purchase_id"])))
    if request.method not in {"GET", "DELETE"}:
        named |= _in_body(await _body(request))
    return named


async def _body(request: Request) -> Any:
    try:
        return await request.json()
    except json.JSONDecodeError:
        return None  # the route refuses it


def _in_body(body: Any) -> set[Any]:
    if not isinstance(body, dict):
        return set()
    uses = body.get("uses")
    items = [body, *(uses if isinstance(uses, list) else [])]
    named = [item["workspace_id"] for item in items if isinstance(item, dict) and "workspace_id" in item]
    return {each if isinstance(each, str) else None for each in named}


def _owner(purchase_id: str) -> str | None:
    try:
        with reading() as db:
            return buying.find_purchase(db, UUID(purchase_id)).workspace_id
    except (LedgerError, ValueError):
        return None
